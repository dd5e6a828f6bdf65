"""ADPC: one row per sample of the kinetics: when, how much, and whether the analysis uses it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import study_day
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusions
from csr.derive.pc_results import find_results, read_results
from csr.derive.pc_times import (
    AFTER_DEPLETION,
    NOT_POSSIBLE,
    PARTIAL,
    days_since,
    depletion_moments,
    infusion_moments,
    place_samples,
    sample_times,
)
from csr.derive.sources import NOTHING, Sdtm, number, select_records, text
from csr.derive.visit_names import read_visits
from csr.errors import Finding
from csr.params.kinetics import Kinetics
from csr.params.protocol import Protocol

KEYS = ("USUBJID", "PCSEQ")
GROUP = ["USUBJID", "PCSPEC", "AINFN"]
EARLIER = "an earlier sample before the infusion; the last one is used"
REPLICATE = "replicate; its sample is in the analysis as {how}"
HOW = {"mean": "their mean", "geometric-mean": "their geometric mean", "first": "the first one"}
DTYPE = {"mean": "AVERAGE", "geometric-mean": "GEOMETRIC MEAN"}


def derive_adpc(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, rules: Kinetics) -> Derived:
    """Every sample of the analyte, its infusion and time, and why it is not used where it is not.

    One row per record of PC that params select, and one (DTYPE) per sample measured in replicate.
    AINFN: the infusion whose profile it is of; ARELTM: actual days since that infusion, negative
    before it; NRELTM: planned days. AVAL NaN where BLQ. ANL01FL Y: in the analysis, else REASEXC
    says why not. PREDOSFL Y: before the infusion (for a further infusion, what was left of the
    former). REPFL Y: measured in replicate. Source: METHODS §6.
    """
    records = select_records(sdtm, rules.records)
    account = open_account("ADPC", "PC", sdtm.get(rules.records.domain, NOTHING))
    account.leave_out(
        sdtm.get(rules.records.domain, NOTHING).index.difference(records.index),
        "not named in the params (kinetics.records)",
    )
    if "PCTESTCD" not in records:
        records = records.assign(PCTESTCD="")
    visits = read_visits(_visit_text(records), rules.visit_day_of_infusion)
    when = sample_times(text(records, "PCDTC"))
    samples = records.join(when).join(visits)
    placed = place_samples(
        samples,
        days_since(samples, infusion_moments(sdtm, protocol, rules)),
        days_since(samples, depletion_moments(sdtm, protocol)),
        rules,
    )
    read = read_results(records, rules)
    kept = records.assign(**read, **placed[["AINFN", "ARELTM", "PREDOSFL"]])
    kept["REASEXC"] = read["REASEXC"].where(read["REASEXC"] != "", placed["why"])
    kept["ADT"] = when["at"].dt.normalize()
    kept = with_visits(kept, visits, _elapsed(records))
    kept = kept.assign(PARAMCD=text(records, "PCTESTCD"), PARAM=_param(records, rules))
    kept = kept.assign(PCSPEC=text(records, "PCSPEC"), PCSEQ=number(records, "PCSEQ"))
    adpc = complete_samples(kept, rules)
    adpc = merge_core(adpc, adsl)
    account.settle_by(records, ("USUBJID", "PCTESTCD", "PCSEQ"), adpc)
    adpc["ADY"] = study_day(adpc["ADT"], adpc["TRTSDT"])
    last = adpc["AINFN"].where(adpc["PREDOSFL"] != "Y", adpc["AINFN"] - 1)
    days = infusions(sdtm, protocol).groupby(["USUBJID", "AINFN"])["ASTDT"].min()
    since = adpc["ADT"] - _looked_up(days, adpc["USUBJID"], last)
    adpc = adpc.assign(
        TRTA=text(adpc, "TRT01A"), AINFDY=since.dt.days.astype(float),
        ONTRTFL=(last > 0).map({True: "Y", False: ""}),
    )  # fmt: skip
    missing = [] if rules.records.domain in sdtm else [NO_DOMAIN]
    return Derived(adpc, [*missing, *_findings(kept, rules)])


def _looked_up(days: pd.Series, who: pd.Series, number_of: pd.Series) -> pd.Series:
    wanted = pd.MultiIndex.from_arrays([who, number_of])
    return pd.Series(pd.to_datetime(days.reindex(wanted).to_numpy()), index=who.index)


def _visit_text(records: pd.DataFrame) -> pd.Series:
    """The visit with its time point: `DAY 0 PRE-DOSE`; the time point only says pre or post."""
    point = text(records, "PCTPT")
    side = point.where(point.str.contains(r"\b(?:pre|post)", case=False, regex=True), "")
    return (text(records, "VISIT") + " " + side).str.strip()


def _param(records: pd.DataFrame, rules: Kinetics) -> pd.Series:
    name = text(records, "PCTEST").replace("", rules.analyte)
    return name + f" ({rules.units})"


def _elapsed(records: pd.DataFrame) -> pd.Series:
    """Planned days since the infusion where PCELTM says them (P10D, P2W, PT12H)."""
    parts = text(records, "PCELTM").str.extract(r"^(-?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?.*)?$")
    amounts = parts[[1, 2, 3]].apply(pd.to_numeric)
    days = amounts.mul([7.0, 1.0, 1 / 24]).sum(axis=1, min_count=1)
    return days.where(parts[0] != "-", -days)


def with_visits(kept: pd.DataFrame, visits: pd.DataFrame, elapsed: pd.Series) -> pd.DataFrame:
    """AVISIT, AVISITN and NRELTM.

    The last sample before an infusion is `Pre-dose` whatever its visit. A visit counted from the
    first infusion (Week 8) of a sample after a further one keeps its name; its planned days are
    those since its own infusion where the data say them (PCELTM), else the whole days since it.
    """
    own = (kept["AINFN"] <= 1) | (visits["infusion"] == kept["AINFN"])
    since = elapsed.where(elapsed.notna(), kept["ARELTM"].clip(lower=0).round())
    planned = visits["day"].where(own, since)
    return kept.assign(AVISIT=visits["name"], AVISITN=visits["day"], NRELTM=planned.fillna(elapsed))


def complete_samples(samples: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """With replicates combined, the last sample before each infusion found, ANL01FL and ASEQ.

    `samples` has USUBJID, PCSPEC, PCSEQ and what `read_results` and `place_samples` give. Sorted by
    subject, specimen, infusion and time.
    """
    frame = samples.assign(REPFL="", DTYPE="")
    frame = _combine_replicates(frame, rules)
    usable = frame[frame["REASEXC"] == ""]
    before = usable[usable["PREDOSFL"] == "Y"].sort_values([*GROUP, "ARELTM", "PCSEQ"])
    last = before.groupby(GROUP).tail(1)
    frame.loc[before.index.difference(last.index), "REASEXC"] = EARLIER
    frame.loc[last.index, "AVISIT"] = "Pre-dose"
    frame.loc[last.index, "AVISITN"] = -0.5
    frame.loc[last.index, "NRELTM"] = 0.0
    frame["ANL01FL"] = (frame["REASEXC"] == "").map({True: "Y", False: ""})
    order = [*GROUP, "ARELTM", "PREDOSFL", "PCSEQ", "DTYPE"]
    ascending = [True] * 4 + [False, True, True]
    frame = frame.sort_values(order, ascending=ascending, kind="stable", na_position="last")
    return frame.assign(ASEQ=frame.groupby("USUBJID").cumcount() + 1.0)


def _combine_replicates(frame: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """A row with DTYPE per sample with several usable results, or the first of them.

    Where half or more of the results are BLQ the sample is; else those that are not are averaged.
    """
    usable = frame[frame["REASEXC"] == ""]
    by = [*GROUP, "ARELTM", "PREDOSFL"]
    size = usable.groupby(by)["PCSEQ"].transform("size")
    several = usable[size > 1].sort_values([*by, "PCSEQ"])
    if several.empty:
        return frame
    frame = frame.copy()
    frame.loc[several.index, "REPFL"] = "Y"
    left = several
    if rules.replicates == "first":
        left = several[several.duplicated(by)]
    frame.loc[left.index, "REASEXC"] = REPLICATE.format(how=HOW[rules.replicates])
    if rules.replicates == "first":
        return frame
    groups = several.groupby(by, sort=False)
    start = frame.index.max() + 1
    one = groups.head(1).assign(REPFL="Y", DTYPE=DTYPE[rules.replicates])
    several = several.assign(
        LOGVAL=np.log(several["AVAL"]), BLQ=several["BLQFL"] == "Y", LOD=several["LODFL"] == "Y"
    )
    groups = several.groupby(by, sort=False)
    mean = groups["AVAL"].mean() if rules.replicates == "mean" else np.exp(groups["LOGVAL"].mean())
    blq, lod = groups["BLQ"].mean() >= 0.5, groups["LOD"].mean() >= 0.5
    value = mean.mask(blq).to_numpy()
    words = np.where(lod, "<LOD", np.where(blq, "BLQ", [f"{v:.10g}" for v in mean]))
    one = one.assign(
        AVAL=value, AVALC=words.astype(object), BLQFL=np.where(blq, "Y", ""),
        LODFL=np.where(lod, "Y", ""),
    )  # fmt: skip
    one.index = pd.RangeIndex(start, start + len(one))
    return pd.concat([frame, one])


def _findings(kept: pd.DataFrame, rules: Kinetics) -> list[Finding]:
    frame = kept.assign(PCSEQ=number(kept, "PCSEQ"), PCDTC=text(kept, "PCDTC"))
    dates = frame["REASEXC"].isin([NOT_POSSIBLE, PARTIAL])
    undated = frame["REASEXC"] == "no date"
    return [
        *find_results(frame, KEYS, "PC"),
        *find_rows(frame[dates], BAD_DATE, KEYS, "PCDTC"),
        *find_rows(frame[undated], BAD_DATE, KEYS, "PCDTC"),
        *find_rows(frame[frame["REASEXC"] == AFTER_DEPLETION], NO_INFUSION, KEYS, "PCDTC"),
        *_nothing_of_main(frame, rules),
        *find_several_analytes(frame, "PC", "PCTESTCD", "name one in kinetics.records"),
    ]


def find_several_analytes(
    frame: pd.DataFrame, dataset: str, column: str, action: str
) -> list[Finding]:
    """An error where the samples are of several analytes: their profiles would be mixed."""
    codes = sorted(set(text(frame, column)) - {""})
    if len(codes) <= 1:
        return []
    message = f"kinetics are of one analyte, but the samples are of {', '.join(codes)}"
    return [Finding("error", dataset, column, "several-analytes", message, action)]


def _nothing_of_main(frame: pd.DataFrame, rules: Kinetics) -> list[Finding]:
    specimens = set(text(frame, "PCSPEC"))
    if rules.main_specimen in specimens or frame.empty:
        return []
    message = f"no record of the main specimen '{rules.main_specimen}'; the kinetics will be empty"
    action = f"correct kinetics.main_specimen; there are {', '.join(sorted(specimens))}"
    return [Finding("error", "PC", "PCSPEC", "main-specimen", message, action)]


BAD_DATE = Finding(
    "warning",
    "PC",
    "PCDTC",
    "sample-date",
    "date of the sample is missing, not complete or not possible; left out of the kinetics",
    "complete the date in the source",
)
NO_DOMAIN = Finding(
    "warning",
    "PC",
    "",
    "no-domain",
    "params declare kinetics, but their samples were not transferred; nobody has any",
    "transfer the domain, or leave kinetics out of params",
)
NO_INFUSION = Finding(
    "warning",
    "PC",
    "PCDTC",
    "no-infusion",
    "taken after lymphodepletion for a further infusion that is not recorded; left out",
    "check the exposure records",
)
