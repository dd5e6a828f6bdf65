"""RECIST 1.1 applied to the measurements: what each timepoint's response should be.

The recorded responses (RS) stay what the analyses use; `csr.derive.recist_findings` compares.
Source: Eisenhauer 2009, §4.3 and tables 1 and 2; METHODS §3.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.lesion_groups import NEW, NON_TARGET, group_of, lesion_group, lesion_id
from csr.derive.sources import NOTHING, Sdtm, accepted, done, evaluator, text
from csr.derive.timepoints import SERIES, TIMEPOINT, Timepoints, find_timepoints
from csr.params.protocol import Protocol

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
    """CR all gone; PD any unequivocal progression; NE where one is not known; else neither.

    `states`: one a lesion; `expected`: how many lesions there were at baseline.
    """
    if any(state.startswith("UNEQUIVOCAL") for state in states):
        return "PD"
    known = [state for state in states if state in (*GONE, "PRESENT")]
    if len(known) < expected:
        return "NE"
    return "CR" if all(state in GONE for state in known) else "NON-CR/NON-PD"


def derive_timepoints(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    adtr: pd.DataFrame,
    protocol: Protocol,
    timepoints: Timepoints | None = None,
) -> pd.DataFrame:
    """What RECIST 1.1 gives at each timepoint after baseline.

    One row per subject, evaluator (EVAL) and timepoint (ASMTN) with tumour records (also NOT DONE):
    VISITNUM, TRGRESP, NTRGRESP ("" where the subject had no such lesion at baseline), NEWLPROG
    (Y/N), OVRLRESP, and the sums behind the target response (AVAL, BASE, NADIR in mm, PCHG, CHGNAD,
    PCHGNAD, LSEXP, LSASS), missing where no target lesion was measured; RSROWS, the rows of RS at
    that timepoint. Target lesions missing: NE, unless PD. After CR any lesion that is there again
    is PD; BACK: it is a non-target one.
    """
    known = timepoints or find_timepoints(sdtm, adsl, protocol)
    records = _tumour_records(sdtm, known)
    treated = adsl.loc[adsl["TRTSDT"].notna(), "USUBJID"]
    after = known.points[(known.points["PERIOD"] > 0) & known.points["USUBJID"].isin(treated)]
    seen = records[TIMEPOINT].drop_duplicates()
    visits = after[[*TIMEPOINT, "VISITNUM"]].merge(seen, on=TIMEPOINT)
    visits = visits.sort_values(TIMEPOINT, kind="stable").reset_index(drop=True)
    visits = _with_target(visits, adtr)
    visits = _with_non_target(visits, records)
    visits["NEWLPROG"] = _new_lesions(visits, records)
    visits = _with_overall(visits)
    return _with_rows_of_rs(visits, sdtm, known)


def _with_overall(visits: pd.DataFrame) -> pd.DataFrame:
    """OVRLRESP in order of time, and BACK: a non-target lesion is there again after CR, so PD."""
    had_cr: set[tuple[str, str]] = set()
    overall, back = [], []
    for row in visits.to_dict("records"):
        series = (row["USUBJID"], row["EVAL"])
        again = series in had_cr and row["NTRGRESP"] == "NON-CR/NON-PD"
        response = overall_response(row["TRGRESP"], row["NTRGRESP"], row["NEWLPROG"] == "Y")
        response = "PD" if again else response
        if response == "CR":
            had_cr.add(series)
        overall.append(response)
        back.append(again)
    return visits.assign(OVRLRESP=overall, BACK=back)


def _tumour_records(sdtm: Sdtm, known: Timepoints) -> pd.DataFrame:
    """TR records that stand for their evaluator, and new lesions of TU that TR does not hold."""
    lesions, found = sdtm.get("tr", NOTHING), sdtm.get("tu", NOTHING)
    measured = _columns(lesions, "TR", lesion_group(lesions, sdtm), text(lesions, "TRSTRESC"))
    measured = measured.assign(test=text(lesions, "TRTESTCD"), ASMTN=known.of["tr"])
    named = _columns(found, "TU", group_of(text(found, "TUSTRESC")), _present(found))
    named = named.assign(test="TUMSTATE", ASMTN=known.of["tu"])
    named = named[named["group"] == NEW]
    both = pd.concat(
        [measured[accepted(lesions, "TR")], named[accepted(found, "TU")[named.index]]],
        ignore_index=True,
    )
    both = both.merge(known.points[[*TIMEPOINT, "PERIOD"]], on=TIMEPOINT, how="left")
    of_new = both["group"] == NEW
    return both[~(of_new & both.duplicated([*TIMEPOINT, "lesion"]))]


def _present(found: pd.DataFrame) -> pd.Series:
    return pd.Series("PRESENT", index=found.index, dtype=object)


def _columns(frame: pd.DataFrame, prefix: str, group: pd.Series, state: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "EVAL": evaluator(frame, prefix),
            "group": group,
            "lesion": lesion_id(frame, prefix),
            "state": state.astype(str).str.strip().str.upper().where(done(frame, prefix), ""),
        }
    )


def _with_target(visits: pd.DataFrame, adtr: pd.DataFrame) -> pd.DataFrame:
    sums = adtr.rename(columns={"TREVAL": "EVAL"})
    columns = ["TRGRESP", "AVAL", "BASE", "NADIR", "PCHG", "CHGNAD", "PCHGNAD", "LSEXP", "LSASS"]
    merged = visits.merge(sums[[*TIMEPOINT, *columns]], on=TIMEPOINT, how="left")
    had_targets = sums[SERIES].drop_duplicates().assign(had=True)
    merged = merged.merge(had_targets, on=SERIES, how="left")
    measured = merged["TRGRESP"].fillna("")
    merged["TRGRESP"] = measured.where((measured != "") | merged["had"].isna(), "NE")
    return merged.drop(columns="had")


def _with_non_target(visits: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """By lesion: recorded twice, the state that is worst counts once."""
    states = records[(records["group"] == NON_TARGET) & (records["test"] == "TUMSTATE")]
    at_baseline = states[states["PERIOD"] == 0]
    lesions = at_baseline.groupby(SERIES)["lesion"].agg(set).rename("lesions").reset_index()
    worst = states.assign(rank=states["state"].map(_badness)).sort_values(
        [*TIMEPOINT, "lesion", "rank", "state"], kind="stable"
    )
    once = worst.drop_duplicates([*TIMEPOINT, "lesion"])
    seen: dict[tuple, dict[str, str]] = {}
    for row in once.to_dict("records"):
        of = seen.setdefault(tuple(row[c] for c in TIMEPOINT), {})
        of[row["lesion"]] = row["state"]
    merged = visits.merge(lesions, on=SERIES, how="left")
    merged["NTRGRESP"] = [
        _non_target(seen.get(key, {}), expected) if isinstance(expected, set) else ""
        for *key_parts, expected in zip(*(merged[c] for c in (*TIMEPOINT, "lesions")), strict=True)
        for key in (tuple(key_parts),)
    ]
    return merged.drop(columns="lesions")


def _badness(state: str) -> int:
    """Of several states recorded of a lesion the first of these counts; "" is none."""
    if state.startswith("UNEQUIVOCAL"):
        return 0
    return 1 if state == "PRESENT" else 2 if state in GONE else 3 if state else 4


def _non_target(states: dict[str, str], expected: set[str]) -> str:
    """The response of the lesions expected, and of others where they progressed for sure."""
    other = [state for lesion, state in states.items() if lesion not in expected]
    known = [states.get(lesion, "") for lesion in sorted(expected)]
    worse = [state for state in other if state.startswith("UNEQUIVOCAL")]
    return non_target_response([*known, *worse], len(expected))


def _new_lesions(visits: pd.DataFrame, records: pd.DataFrame) -> pd.Series:
    """Y where a new lesion is there unequivocally; one that is equivocal is not PD (§4.3.5)."""
    new = records[(records["group"] == NEW) & (records["test"] == "TUMSTATE")]
    certain = new["state"].str.startswith("UNEQUIVOCAL") | (new["state"] == "PRESENT")
    there = new.loc[certain, TIMEPOINT].drop_duplicates().assign(new="Y")
    return visits.merge(there, on=TIMEPOINT, how="left")["new"].fillna("N")


def _with_rows_of_rs(visits: pd.DataFrame, sdtm: Sdtm, known: Timepoints) -> pd.DataFrame:
    frame = sdtm.get("rs", NOTHING)
    placed = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "EVAL": evaluator(frame, "RS"),
            "ASMTN": known.of["rs"],
            "row": frame.index,
        }
    ).dropna(subset=["ASMTN"])
    rows = placed.groupby(TIMEPOINT)["row"].agg(tuple).rename("RSROWS").reset_index()
    merged = visits.merge(rows, on=TIMEPOINT, how="left")
    merged["RSROWS"] = [r if isinstance(r, tuple) else () for r in merged["RSROWS"]]
    return merged
