"""From SDTM, through the data cut, to ADaM: the stages before the analyses, in their order."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from csr.cut import cut_sdtm, declared_rules, fixed_days_cut
from csr.derive.adae import derive_adae
from csr.derive.adce import Decided, derive_adce
from csr.derive.adex import derive_adex, find_amounts
from csr.derive.adis import derive_adis
from csr.derive.adlb import derive_adlb
from csr.derive.adltf import derive_adltf
from csr.derive.admfg import derive_admfg
from csr.derive.adrs import derive_adrs
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import sums_of_diameters
from csr.derive.adtte import derive_adtte, find_unseen
from csr.derive.advs import derive_adecog, derive_adeg, derive_advs
from csr.derive.background import derive_adcm, derive_addv, derive_admh
from csr.derive.decisions import grades_decided
from csr.derive.dlt import flag_dlt
from csr.derive.dose_units import with_dose_unit
from csr.derive.infusions import given, infusion_table
from csr.derive.kinetics import analysed_samples, derive_kinetics
from csr.derive.recist import derive_timepoints
from csr.derive.recist_findings import find_differences
from csr.derive.timepoints import find_timepoints
from csr.derive.toxicity_link import with_analysis_grades
from csr.errors import Finding, ParamsError
from csr.params import Params
from csr.params.protocol import Protocol
from csr.read.check import check_datasets
from csr.read.decisions import read_decisions
from csr.read.supp import join_supp
from csr.results import Adam

SUPP = "supp"
MEASURED = (
    ("vs", "advs", derive_advs),
    ("eg", "adeg", derive_adeg),
    ("qs", "adecog", derive_adecog),
)


@dataclass(frozen=True)
class FromSdtm:
    """ADaM of a cut, what was found on the way, and the accounts of the cut: those that may be
    printed, and those that tell of deaths after it."""

    adam: Adam
    findings: list[Finding]
    printed: dict[str, pd.DataFrame]
    restricted: dict[str, pd.DataFrame]


def adam_from_sdtm(sdtm: Adam, params: Params, base: Path) -> FromSdtm:
    """Cuts SDTM, joins SUPP--, and derives ADaM by the params' protocol.

    `sdtm` as `check_datasets` gives it, without errors. Findings are of the cut data only: what
    became known after the cut-off is not in any of them.
    """
    if params.protocol is None:
        raise ValueError("SDTM needs a protocol")
    rules = declared_rules(params.cut_rules)
    cut = cut_sdtm(sdtm, cutoff=_cutoff(sdtm, params, base), rules=rules)
    checked, found = check_datasets(cut.sdtm, standard="sdtm", cutoff=params.cut.cutoff)
    joined, orphans = _join(checked)
    known = () if params.decisions is None else read_decisions(base / params.decisions)
    adam, derived = _derive(joined, params, params.protocol, grades_decided(known))
    findings = [*cut.findings, *found, *orphans, *derived]
    printed = {"cut_counts": cut.printed_counts, "cut_resets": cut.printed_resets}
    return FromSdtm(adam, findings, printed, {"cut_counts": cut.counts, "cut_resets": cut.resets})


def _cutoff(sdtm: Adam, params: Params, base: Path) -> dt.date | dict[str, dt.date]:
    """The cut-off of the cut, or one per subject where params ask for it, never a later one."""
    cut = params.cut
    if cut.days_from_first_dose is None and cut.subject_dates is None:
        return cut.cutoff
    everyone = dict.fromkeys(sdtm["dm"]["USUBJID"], cut.cutoff)
    own: list[dict[str, dt.date]] = []
    if cut.days_from_first_dose is not None:
        own.append(dict(fixed_days_cut(sdtm, cut.days_from_first_dose, cutoff=cut.cutoff)))
    if cut.subject_dates is not None:
        own.append(_read_dates(base / cut.subject_dates))
    return {who: min([day, *(o[who] for o in own if who in o)]) for who, day in everyone.items()}


def _read_dates(path: Path) -> dict[str, dt.date]:
    """A cut-off per subject, from a CSV with the columns USUBJID and CUTOFF; a blank one is that of
    the cut."""
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        pairs = list(zip(table["USUBJID"], table["CUTOFF"].str.strip(), strict=True))
    except (OSError, KeyError, ValueError) as error:
        raise ParamsError(
            f"{path}: needs the columns USUBJID and CUTOFF (YYYY-MM-DD); {error}"
        ) from None
    dates: dict[str, dt.date] = {}
    for line, (subject, day) in enumerate(pairs, 2):
        try:
            dates |= {subject: dt.date.fromisoformat(day)} if day else {}
        except ValueError:
            raise ParamsError(
                f"{path}, line {line}: '{day}' is no date; CUTOFF is YYYY-MM-DD, or blank for the "
                "cut-off of the cut"
            ) from None
    return dates


def with_qualifiers(sdtm: Adam) -> Adam:
    """SDTM with each SUPP-- dataset as columns of its domain as well."""
    return _join(sdtm)[0]


def _join(sdtm: Adam) -> tuple[Adam, list[Finding]]:
    """Each SUPP-- dataset as columns of its domain; the SUPP-- datasets stay beside them."""
    joined, findings = dict(sdtm), []
    for name in sorted(n for n in sdtm if n.startswith(SUPP)):
        parent = name.removeprefix(SUPP)
        if parent in joined:
            joined[parent], found = join_supp(joined[parent], sdtm[name])
            findings += found
    return joined, findings


def _derive(
    sdtm: Adam, params: Params, protocol: Protocol, grades: Decided
) -> tuple[Adam, list[Finding]]:
    """Every ADaM dataset whose source domains are there; `grades` of episodes that were decided."""
    last = pd.Timestamp(params.cut.cutoff)
    dlt = params.endpoints.dlt
    planned = tuple(dose.planned for dose in dlt.doses) if dlt is not None else ()
    doses = given(sdtm, protocol.exposure.study_treatment)
    protocol, unclear = with_dose_unit(doses, protocol, planned)
    adsl, findings = derive_adsl(sdtm, protocol, last)
    findings = [*unclear, *findings, *find_amounts(sdtm, protocol)]
    adam: Adam = {"adsl": adsl, "adex": derive_adex(sdtm, adsl, protocol)}
    adam |= _background(sdtm, adsl, protocol, last)
    if protocol.manufacturing is not None:
        adam["admfg"], found = derive_admfg(sdtm, adsl, protocol)
        findings = [*findings, *found]
    if "ae" in sdtm:
        adam["adae"], found = derive_adae(sdtm, adsl, protocol, last)
        findings = [*findings, *found]
    adam, found = _episodes(sdtm, adam, protocol, last, grades)
    findings = [*findings, *found]
    if "ae" in sdtm and dlt is not None:
        infused = infusion_table(sdtm, protocol)
        adam["adsl"], adam["adae"], found = flag_dlt(adsl, adam["adae"], dlt, last, infused)
        findings = [*findings, *found]
    known = find_timepoints(sdtm, adsl, protocol)
    if "rs" in sdtm:
        adam["adrs"], found = derive_adrs(sdtm, adsl, protocol, known)
        findings = [*findings, *found]
        own = params.endpoints.time_to_event
        adam["adtte"] = derive_adtte(adsl, adam["adrs"], protocol, own)
        findings = [*findings, *find_unseen(own, protocol)]
    if "tr" in sdtm:
        adam["adtr"], found = sums_of_diameters(sdtm, adsl, protocol, known)
        timepoints = derive_timepoints(sdtm, adsl, adam["adtr"], protocol, known)
        findings = [*findings, *found, *find_differences(sdtm, timepoints)]
    if params.kinetics is not None:
        more, found = derive_kinetics(sdtm, adam["adsl"], protocol, params.kinetics)
        adam, findings = adam | more, [*findings, *found]
    samples = analysed_samples(adam.get("adpc"), params.kinetics)
    measured, found = _measurements(sdtm, adam["adsl"], params, protocol, samples)
    return adam | measured, [*findings, *found]


def _measurements(
    sdtm: Adam, adsl: pd.DataFrame, params: Params, protocol: Protocol,
    samples: pd.DataFrame | None,
) -> tuple[Adam, list[Finding]]:  # fmt: skip
    """What was measured, where it was transferred and params say how it is analysed."""
    adam: Adam = {}
    findings: list[Finding] = []
    if "lb" in sdtm and params.laboratory is not None:
        adam["adlb"], findings = derive_adlb(sdtm, adsl, params.laboratory, protocol)
    last = pd.Timestamp(params.cut.cutoff)
    if params.long_term is not None and params.long_term.contacts.domain in sdtm:
        adam["adltf"] = derive_adltf(sdtm, adsl, params.long_term, last, samples)
    if "is" in sdtm and params.kinetics is not None:
        adam["adis"], found = derive_adis(sdtm, adsl, protocol)
        findings = [*findings, *found]
    if (rules := params.measurements) is not None:
        for domain, name, derive in MEASURED:
            if domain in sdtm:
                adam[name], found = derive(sdtm, adsl, rules, protocol)
                findings = [*findings, *found]
    return adam, findings


def _episodes(
    sdtm: Adam, adam: Adam, protocol: Protocol, cutoff: pd.Timestamp, grades: Decided
) -> tuple[Adam, list[Finding]]:
    """ADCE where params declare syndromes, and their analysis grade in ADAE."""
    rules = protocol.cell_toxicity
    if "ce" not in sdtm or rules is None:
        return adam, []
    episodes, findings = derive_adce(sdtm, adam["adsl"], rules, protocol, cutoff, grades)
    adam = adam | {"adce": episodes}
    if "adae" in adam:
        adam, found = with_analysis_grades(adam, sdtm, rules, cutoff)
        findings = [*findings, *found]
    return adam | {
        "adce": adam["adce"].drop(columns=["LINKS", "CESEQS"], errors="ignore")
    }, findings


def _background(sdtm: Adam, adsl: pd.DataFrame, protocol: Protocol, cutoff: pd.Timestamp) -> Adam:
    """Medical history, medication and deviations, those that were transferred."""
    adam: Adam = {}
    if "mh" in sdtm:
        adam["admh"] = derive_admh(sdtm, adsl)
    if "cm" in sdtm:
        adam["adcm"] = derive_adcm(sdtm, adsl, protocol, cutoff)
    if "dv" in sdtm:
        adam["addv"] = derive_addv(sdtm, adsl)
    return adam
