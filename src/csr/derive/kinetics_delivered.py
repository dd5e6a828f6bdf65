"""A delivered ADPC, completed: infusions, times, limits and flags that it does not bring itself."""

from __future__ import annotations

import pandas as pd

from csr.derive.adpc import KEYS, complete_samples, find_several_analytes, with_visits
from csr.derive.adpp import derive_adpp
from csr.derive.adsl import merge_core
from csr.derive.findings import find_rows
from csr.derive.kinetics import flag_kinetics
from csr.derive.pc_results import find_results, read_results
from csr.derive.pc_times import place_samples
from csr.derive.sources import number, text
from csr.derive.visit_names import read_visits
from csr.errors import Finding
from csr.params.kinetics import Kinetics

NO_TIME = "no time since the infusion"
UNKNOWN = "the time of the infusion that the visit names is not known"
AFTER_UNKNOWN = "after an infusion whose time is not known"
NOT_CHOSEN = "not chosen for analysis in the data (ANL01FL)"
SKIPPED = ("AINFN", "ARELTM", "NRELTM", "AVISIT", "AVISITN", "AVAL", "AVALC", "AVALU", "BLQFL")


def complete_kinetics(
    adam: dict[str, pd.DataFrame], rules: Kinetics
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """ADPC as `derive_adpc` would give it, ADPP, and PKFL in ADSL, from a delivered ADPC.

    Needs AVAL (or AVALC), PCSPEC, VISIT (or AVISIT) and the time: ARELTM with AINFN, or AFRLT (days
    since the first infusion), where `Day 0 (2)` tells when a further infusion was.
    ADSL's PKFL and a delivered ADPP stay. Without a time, PCSPEC or a visit nothing is
    completed: a finding, and displays of the kinetics are left out by name.
    """
    adsl, source = adam["adsl"], adam["adpc"].reset_index(drop=True)
    timed = {"ARELTM", "AINFN"} <= set(source) or "AFRLT" in source
    if wrong := _lacking(source, timed):
        return adam, wrong
    if "PCSEQ" not in source:
        source["PCSEQ"] = source.groupby("USUBJID").cumcount() + 1.0
    names = text(source, "VISIT" if "VISIT" in source else "AVISIT").str.strip()
    visits = read_visits(names, rules.visit_day_of_infusion)
    in_name = text(source, "PARAM").str.extract(r"\(([^()]*)\)\s*$")[0].fillna("")
    unit = text(source, "AVALU").replace("", pd.NA).fillna(in_name)
    records = source.assign(AVALU=unit).rename(columns=_AS_RECORDED)
    records = records.drop(columns="LLOQ", errors="ignore")
    read = read_results(records.assign(PCLLOQ=number(source, "LLOQ")), rules)
    known = {"ARELTM", "AINFN"} <= set(source)
    placed = _as_delivered(source, visits) if known else _placed(source, visits, rules)
    chosen = text(source, "ANL01FL").eq("Y") | ("ANL01FL" not in source)
    why = read["REASEXC"].where(read["REASEXC"] != "", placed["why"])
    why = why.mask((why == "") & ~chosen, NOT_CHOSEN)
    kept = source.drop(columns=[c for c in SKIPPED if c in source]).assign(**read)
    kept = kept.assign(**placed[["AINFN", "ARELTM", "PREDOSFL"]], REASEXC=why)
    nowhere = pd.Series(float("nan"), index=kept.index)
    kept = with_visits(kept, visits, number(source, "NRELTM") if known else nowhere)
    kept["PARAM"] = text(source, "PARAM").replace("", f"{rules.analyte} ({rules.units})")
    adpc = merge_core(complete_samples(kept, rules), adsl)
    adpc["TRTA"] = text(adpc, "TRT01A")
    adsl = flag_kinetics(adsl, adpc, rules)
    whole = adam | {"adsl": adsl, "adpc": adpc}
    if "adpp" not in adam:
        whole["adpp"] = derive_adpp(adpc, _infused(adsl, adpc), adsl, rules)
    flags = adsl.set_index("USUBJID")["PKFL"]
    for name in ("adpc", "adpp"):
        whole[name] = whole[name].assign(PKFL=whole[name]["USUBJID"].map(flags))
    return whole, [*find_results(kept, KEYS, "ADPC"), *_findings(kept)]


_AS_RECORDED = {"AVAL": "PCSTRESN", "AVALC": "PCSTRESC", "AVALU": "PCSTRESU"}


def _lacking(source: pd.DataFrame, timed: bool) -> list[Finding]:
    found = []
    for there, column, what in (
        (timed, "ARELTM", "the times: ARELTM with AINFN, or AFRLT, in days"),
        ("PCSPEC" in source, "PCSPEC", "the specimen"),
        (not {"AVISIT", "VISIT"}.isdisjoint(source), "AVISIT", "the visit"),
    ):
        if not there:
            message = f"the kinetics need {what}; not analysed"
            action = "map it under data.datasets.adpc in params"
            found.append(Finding("warning", "ADPC", column, "missing-column", message, action))
    return found + find_several_analytes(source, "ADPC", "PARAMCD", "deliver one analyte")


def _as_delivered(source: pd.DataFrame, visits: pd.DataFrame) -> pd.DataFrame:
    time, infusion = number(source, "ARELTM"), number(source, "AINFN")
    before = (time < 0) | ((time == 0) & (visits["side"] == "pre"))
    before |= text(source, "PREDOSFL") == "Y"
    why = pd.Series("", index=source.index, dtype=object)
    why[time.isna() | infusion.isna() | (infusion < 1)] = NO_TIME
    flag = before.map({True: "Y", False: ""})
    return pd.DataFrame({"AINFN": infusion, "ARELTM": time, "PREDOSFL": flag, "why": why})


def _placed(source: pd.DataFrame, visits: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """By the time since the first infusion, and the infusions that visits name."""
    samples = source[["USUBJID"]].join(visits).assign(time=number(source, "AFRLT"))
    begun = samples["infusion"].notna() & (samples["infusion"] > 1) & (visits["day"] == 0)
    starts = samples[begun].groupby(["USUBJID", "infusion"])["time"].min().rename("start")
    starts = starts.rename_axis(["USUBJID", "AINFN"]).reset_index()
    first = pd.DataFrame({"USUBJID": samples["USUBJID"].unique(), "AINFN": 1.0, "start": 0.0})
    own = samples.assign(row=samples.index)[["row", "USUBJID", "time"]]
    pairs = own.merge(pd.concat([first, starts]), on="USUBJID")
    pairs["days"] = pairs["time"] - pairs["start"]
    samples["why"] = _no_start(samples, starts)
    nothing = pd.DataFrame({"row": [], "days": []})
    placed = place_samples(samples, pairs.assign(exact=False), nothing, rules)
    lost = placed["why"].isin([UNKNOWN, AFTER_UNKNOWN])
    placed.loc[lost, ["AINFN", "ARELTM"]] = float("nan")
    placed.loc[lost, "PREDOSFL"] = ""
    return placed


def _no_start(samples: pd.DataFrame, starts: pd.DataFrame) -> pd.Series:
    """Samples of an infusion, or after one, of which no visit tells the time."""
    known = pd.MultiIndex.from_frame(starts[["USUBJID", "AINFN"]])
    own = pd.MultiIndex.from_frame(samples[["USUBJID", "infusion"]])
    unknown = (samples["infusion"] > 1) & ~own.isin(known)
    since = samples[unknown].groupby("USUBJID")["time"].min()
    after = samples["time"] > samples["USUBJID"].map(since)
    why = pd.Series("", index=samples.index, dtype=object)
    why[after] = AFTER_UNKNOWN
    why[unknown] = UNKNOWN
    why[samples["time"].isna()] = NO_TIME
    return why


def _infused(adsl: pd.DataFrame, adpc: pd.DataFrame) -> pd.DataFrame:
    """Every treated subject's first infusion, and those that samples are of."""
    treated = adsl.loc[text(adsl, "SAFFL") == "Y", ["USUBJID"]].assign(AINFN=1.0)
    sampled = adpc.loc[adpc["ANL01FL"] == "Y", ["USUBJID", "AINFN"]]
    return pd.concat([treated, sampled]).drop_duplicates()


def _findings(kept: pd.DataFrame) -> list[Finding]:
    lost = kept["REASEXC"].isin([NO_TIME, UNKNOWN, AFTER_UNKNOWN])
    return find_rows(kept[lost], TIME, KEYS, "REASEXC")


TIME = Finding(
    "warning",
    "ADPC",
    "ARELTM",
    "sample-time",
    "time since the infusion is not known; left out of the kinetics",
    "deliver ARELTM and AINFN",
)
