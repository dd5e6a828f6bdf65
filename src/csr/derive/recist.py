"""RECIST 1.1 applied to the measurements: what each timepoint's response should be.

The recorded responses (RS) stay what the analyses use; `csr.derive.recist_findings` compares.
Source: Eisenhauer 2009, §4.3 and tables 1 and 2; METHODS §3.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day
from csr.derive.sources import Sdtm, accepted, done, evaluator, number, text
from csr.derive.tumour_baseline import baseline_limit
from csr.params.protocol import Protocol

NOTHING = pd.DataFrame({"USUBJID": pd.Series(dtype=object)})
SERIES = ["USUBJID", "EVAL"]
TIMEPOINT = [*SERIES, "VISITNUM"]
GONE = ("ABSENT", "NORMAL")


def overall_response(target: str, non_target: str, new_lesion: bool) -> str:
    """The response of a timepoint from its parts; "" where there are no such lesions.

    PD by any part; CR where all target and non-target lesions are gone; PR and SD by the target
    lesions; NE where the targets are. Without target lesions the non-target response. "" where
    there are neither.
    """
    if new_lesion or "PD" in (target, non_target):
        return "PD"
    if target == "CR":
        return "CR" if non_target in ("CR", "") else "PR"
    return target or non_target


def non_target_response(states: list[str], expected: int) -> str:
    """CR all gone; PD any unequivocal progression; NE where one is not known; else neither."""
    if any(state.startswith("UNEQUIVOCAL") for state in states):
        return "PD"
    known = [state for state in states if state in (*GONE, "PRESENT")]
    if len(known) < expected:
        return "NE"
    return "CR" if all(state in GONE for state in known) else "NON-CR/NON-PD"


def derive_timepoints(
    sdtm: Sdtm, adsl: pd.DataFrame, adtr: pd.DataFrame, protocol: Protocol
) -> pd.DataFrame:
    """What RECIST 1.1 gives at each timepoint after baseline.

    One row per subject, evaluator (EVAL) and visit with tumour records (also NOT DONE): TRGRESP,
    NTRGRESP ("" where the subject had no such lesion at baseline), NEWLPROG (Y/N), OVRLRESP, and
    the sums behind the target response (AVAL, BASE, NADIR in mm, PCHG, CHGNAD, PCHGNAD, LSEXP,
    LSASS), missing where no target lesion was measured. Target lesions missing: NE, unless PD.
    """
    records = _tumour_records(sdtm)
    limit = records["USUBJID"].map(baseline_limit(adsl, protocol))
    before = records["day"] <= limit
    visits = records.loc[~before & limit.notna(), TIMEPOINT].dropna().drop_duplicates()
    visits = _with_target(visits, adtr)
    visits = _with_non_target(visits, records, before)
    visits["NEWLPROG"] = _new_lesions(visits, records)
    parts = zip(visits["TRGRESP"], visits["NTRGRESP"], visits["NEWLPROG"], strict=True)
    visits["OVRLRESP"] = [overall_response(t, n, new == "Y") for t, n, new in parts]
    return visits.sort_values(TIMEPOINT, kind="stable").reset_index(drop=True)


def _tumour_records(sdtm: Sdtm) -> pd.DataFrame:
    """TR records that stand for their evaluator, and new lesions of TU that TR does not hold."""
    lesions, found = sdtm.get("tr", NOTHING), sdtm.get("tu", NOTHING)
    measured = _columns(lesions, "TR", text(lesions, "TRGRPID"), text(lesions, "TRSTRESC"))
    measured["test"] = text(lesions[accepted(lesions, "TR")], "TRTESTCD")
    named = _columns(found, "TU", text(found, "TUSTRESC"), pd.Series("PRESENT", found.index))
    named = named[named["group"] == "NEW"].assign(test="TUMSTATE")
    both = pd.concat([measured, named], ignore_index=True)
    once = ["USUBJID", "EVAL", "VISITNUM", "lesion"]
    is_new = both["group"] == "NEW"
    return both[~(is_new & both.duplicated(once))]


def _columns(frame: pd.DataFrame, prefix: str, group: pd.Series, state: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "EVAL": evaluator(frame, prefix),
            "VISITNUM": number(frame, "VISITNUM"),
            "day": earliest_day(text(frame, f"{prefix}DTC")),
            "group": group.str.upper(),
            "lesion": text(frame, f"{prefix}LNKID"),
            "state": state.str.upper().where(done(frame, prefix), ""),
        }
    )
    return rows[accepted(frame, prefix)]


def _with_target(visits: pd.DataFrame, adtr: pd.DataFrame) -> pd.DataFrame:
    sums = adtr.rename(columns={"TREVAL": "EVAL", "AVISITN": "VISITNUM"})
    columns = ["TRGRESP", "AVAL", "BASE", "NADIR", "PCHG", "CHGNAD", "PCHGNAD", "LSEXP", "LSASS"]
    merged = visits.merge(sums[[*TIMEPOINT, *columns]], on=TIMEPOINT, how="left")
    had_targets = sums[SERIES].drop_duplicates().assign(had=True)
    merged = merged.merge(had_targets, on=SERIES, how="left")
    measured = merged["TRGRESP"].fillna("")
    merged["TRGRESP"] = measured.where((measured != "") | merged["had"].isna(), "NE")
    return merged.drop(columns="had")


def _with_non_target(
    visits: pd.DataFrame, records: pd.DataFrame, before: pd.Series
) -> pd.DataFrame:
    states = records[(records["group"] == "NON-TARGET") & (records["test"] == "TUMSTATE")]
    at_baseline = states[before[states.index]]
    expected = at_baseline.groupby(SERIES)["lesion"].nunique().rename("expected").reset_index()
    seen = states.groupby(TIMEPOINT)["state"].agg(list).rename("states").reset_index()
    merged = visits.merge(expected, on=SERIES, how="left").merge(seen, on=TIMEPOINT, how="left")
    merged["NTRGRESP"] = [
        "" if pd.isna(n) else non_target_response(s if isinstance(s, list) else [], int(n))
        for s, n in zip(merged["states"], merged["expected"], strict=True)
    ]
    return merged.drop(columns=["states", "expected"])


def _new_lesions(visits: pd.DataFrame, records: pd.DataFrame) -> pd.Series:
    """Y where a new lesion is there unequivocally; one that is equivocal is not PD (§4.3.5)."""
    new = records[(records["group"] == "NEW") & (records["test"] == "TUMSTATE")]
    certain = new["state"].str.startswith("UNEQUIVOCAL") | (new["state"] == "PRESENT")
    there = new.loc[certain, TIMEPOINT].drop_duplicates().assign(new="Y")
    return visits.merge(there, on=TIMEPOINT, how="left")["new"].fillna("N")
