"""Recorded responses (RS) against RECIST 1.1 applied to the measurements: findings, each explained.

A difference never replaces what was recorded: the analyses use RS as the evaluator gave it.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.adtr import FUZZ, PD_MM, PD_PERCENT
from csr.derive.findings import find_rows
from csr.derive.recist import overall_response
from csr.derive.sources import NOTHING, Sdtm, accepted, done, evaluator, number, text
from csr.derive.timepoints import TIMEPOINT
from csr.errors import Finding

KEYS = ("USUBJID", "RSSEQ")
PARTS = ("TRGRESP", "NTRGRESP", "NEWLPROG", "OVRLRESP")
NOT_MEASURED = "no target lesion was measured at the timepoint: NE"
LESION_MISSING = "a target lesion was not measured and the rest do not prove PD: NE"
FROM_NADIR = "the sum is 20 % and 5 mm or more above its nadir: PD"
BACK_AFTER_CR = "after CR a lesion is there again: PD"
ALL_GONE = "all target lesions are gone, lymph nodes below 10 mm: CR"
TWICE = "the response was recorded twice at one timepoint, and not alike"
THRESHOLD = "the sum does not meet the threshold of the recorded response"
NON_TARGET = "the non-target lesions' states give another response"
NEW_LESION = "the new lesions recorded in TU and TR say otherwise"
OWN_PARTS = "the overall response does not follow from the recorded target, non-target, new lesion"
FOLLOWS = "the overall response follows a part that differs from the measurements"


def compare_recorded(sdtm: Sdtm, timepoints: pd.DataFrame) -> pd.DataFrame:
    """The recorded responses that RECIST 1.1 would not give, one row per record of RS.

    The index is that of RS. RSTESTCD, `recorded`, `derived`, and `why`: the rule that explains the
    difference. Records of evaluators or timepoints without measurements are not compared.
    """
    recorded = _recorded(sdtm, timepoints)
    if recorded.empty or timepoints.empty:
        return recorded.assign(derived="", why="").iloc[0:0]
    answers = recorded.groupby([*TIMEPOINT, "RSTESTCD"])["recorded"].transform("nunique")
    recorded = recorded.assign(twice=answers > 1)
    parts = recorded.pivot_table(
        index=TIMEPOINT, columns="RSTESTCD", values="recorded", aggfunc="first"
    ).reindex(columns=list(PARTS))
    said = parts.add_prefix("said_").reset_index()
    paired = recorded.reset_index(names="row").merge(timepoints, on=TIMEPOINT, how="inner")
    paired = paired.merge(said, on=TIMEPOINT, how="left").set_index("row")
    paired["derived"] = [row[row["RSTESTCD"]] for row in paired.to_dict("records")]
    different = paired[(paired["derived"] != "") & (paired["derived"] != paired["recorded"])]
    whys = [_why(row) for row in different.to_dict("records")]
    return different.assign(why=whys)


def find_differences(sdtm: Sdtm, timepoints: pd.DataFrame) -> list[Finding]:
    """A finding per kind of response and rule, with every record it is about."""
    different = compare_recorded(sdtm, timepoints)
    findings: list[Finding] = []
    for (test, why), rows in different.groupby(["RSTESTCD", "why"], sort=True):
        found = Finding(
            "warning",
            "RS",
            "RSSTRESC",
            f"recist-{test.lower()}",
            f"{test} is not what RECIST 1.1 gives: {why}; the recorded response is used",
            "query the evaluator",
        )
        findings += find_rows(rows, found, KEYS, "recorded")
    return findings


def _recorded(sdtm: Sdtm, timepoints: pd.DataFrame) -> pd.DataFrame:
    """The responses of RS that stand, with the number of their timepoint."""
    frame = sdtm.get("rs", NOTHING)
    keep = accepted(frame, "RS") & done(frame, "RS") & text(frame, "RSTESTCD").isin(PARTS)
    pairs = zip(timepoints["ASMTN"], timepoints["RSROWS"], strict=True)
    placed = {row: asmtn for asmtn, rows in pairs for row in rows}
    frame = frame[keep & frame.index.isin(placed)]
    said = text(frame, "RSSTRESC").str.upper()
    is_new = text(frame, "RSTESTCD") == "NEWLPROG"
    certain = said.isin(["Y", "UNEQUIVOCAL", "PD"]).map({True: "Y", False: "N"})
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "EVAL": evaluator(frame, "RS"),
            "ASMTN": pd.Series(placed, dtype=float).reindex(frame.index),
            "RSSEQ": number(frame, "RSSEQ"),
            "RSTESTCD": text(frame, "RSTESTCD"),
            "recorded": said.mask(is_new, certain),
        }
    )


def _why(row: dict) -> str:
    """The rule that explains a difference."""
    if row["twice"]:
        return TWICE
    if row["RSTESTCD"] == "TRGRESP":
        return _why_target(row)
    if row["RSTESTCD"] == "NTRGRESP":
        return NON_TARGET
    if row["RSTESTCD"] == "NEWLPROG":
        return NEW_LESION
    target, non_target, new = (
        said if isinstance(said, str) else ""
        for said in (row["said_TRGRESP"], row["said_NTRGRESP"], row["said_NEWLPROG"])
    )
    if row["BACK"] and row["derived"] == "PD":
        return BACK_AFTER_CR
    implied = overall_response(target, non_target, new == "Y")
    return FOLLOWS if implied in ("", row["recorded"]) else OWN_PARTS


def _why_target(row: dict) -> str:
    if pd.isna(row["AVAL"]):
        return NOT_MEASURED
    grown = row["CHGNAD"] >= PD_MM - FUZZ and not row["PCHGNAD"] < PD_PERCENT - FUZZ
    rules = {"PD": FROM_NADIR if grown else BACK_AFTER_CR, "NE": LESION_MISSING, "CR": ALL_GONE}
    return rules.get(row["derived"], THRESHOLD)
