"""Which adverse events are treatment-emergent: begun on treatment, or worse on it (METHODS §10.10).

An event begun before treatment is emergent where it was not over by then and became worse than the
grade in force when treatment began: by its initial grade (a column of AE or SUPPAE that params
name), or as a later line of one AEGRPID worse than the last line begun before. Grades are compared
as numbers, severities (MILD to FATAL) as their grades.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.moments import AFTER, BEFORE
from csr.derive.sources import text
from csr.errors import Finding
from csr.params.protocol import AdverseEvents

KEYS = ("USUBJID", "AESEQ")
SEVERITIES = {"MILD": 1.0, "MODERATE": 2.0, "SEVERE": 3.0, "LIFE THREATENING": 4.0, "FATAL": 5.0}


def with_change(events: pd.DataFrame, rules: AdverseEvents) -> pd.DataFrame:
    """AWORSFL Y: begun before treatment, worse on it, on a line of its own from before: it counts
    on the day treatment began. ACONTFL Y: a later line of an event begun before, not worse.

    `events` has BEGUN and OVER, BEFORE, AFTER or "" against the start of treatment. Working column
    NOINIT: why it can't be told whether it became worse.
    """
    rank = rank_of(text(events, "AETOXGR").where(text(events, "AETOXGR") != "", _severity(events)))
    initial = rank_of(text(events, rules.initial_grade))
    before, line = _former_line(events, rank)
    running = (events["BEGUN"] == BEFORE) & (events["OVER"] != BEFORE)
    worse = running & (rank > initial)
    later = line & (events["BEGUN"] == AFTER)
    continued = later & ~(rank > before)
    in_lines = events["USUBJID"].isin(events.loc[line, "USUBJID"]) & _in_lines(events)
    could = running & ~in_lines & ~(rank <= 1) & (initial.isna() | rank.isna())
    untold = could | (later & (rank.isna() | before.isna()))
    return events.assign(
        AWORSFL=worse.map({True: "Y", False: ""}),
        ACONTFL=continued.map({True: "Y", False: ""}),
        NOINIT=untold,
    )


def rank_of(values: pd.Series) -> pd.Series:
    """A grade, or a severity in words, as a number; missing for anything else."""
    words = values.astype(str).str.strip().str.upper()
    named = words.str.replace("-", " ").map(SEVERITIES)
    return pd.to_numeric(words, errors="coerce").astype(float).fillna(named)


def _severity(events: pd.DataFrame) -> pd.Series:
    return text(events, "AESEV")


def _group(events: pd.DataFrame) -> pd.Series:
    return text(events, "AEGRPID").astype(str).str.strip()


def _in_lines(events: pd.DataFrame) -> pd.Series:
    """Events of several lines of one AEGRPID."""
    group = _group(events)
    size = group.groupby([events["USUBJID"], group]).transform("size")
    return (group != "") & (size > 1)


def _former_line(events: pd.DataFrame, rank: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The grade of the event's last line begun before treatment, and which have such a line."""
    group = _group(events)
    mine = (group != "") & (events["BEGUN"] == BEFORE)
    lines = events[mine].assign(rank=rank[mine], group=group[mine])
    order = ["USUBJID", "group", "ASTDT", "AESEQ"]
    lines = lines.sort_values(order, kind="stable", na_position="first")
    last = lines.groupby(["USUBJID", "group"]).tail(1).set_index(["USUBJID", "group"])["rank"]
    keys = pd.MultiIndex.from_arrays([events["USUBJID"], group])
    grade = pd.Series(last.reindex(keys).to_numpy(), index=events.index, dtype=float)
    return grade, pd.Series(keys.isin(last.index), index=events.index)


def find_unknown_change(events: pd.DataFrame, rules: AdverseEvents) -> list[Finding]:
    """Events running when treatment began of which it can't be told whether they became worse."""
    finding = Finding(
        "warning",
        "AE",
        rules.initial_grade,
        "initial-grade",
        "begun before treatment and not over by then, without the grades that tell whether it "
        "became worse: not counted as treatment-emergent",
        "give the grade at the start (protocol.adverse_events.initial_grade), or lines by grade "
        "with AEGRPID",
    )
    wrong = events[events["NOINIT"] & events["TRTSDT"].notna()]
    return find_rows(wrong, finding, KEYS, "AESTDTC" if "AESTDTC" in wrong else None)
