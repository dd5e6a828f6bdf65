"""What a reader must see first of a diff: the table "Changed since the earlier data cut"."""

from __future__ import annotations

import pandas as pd

from csr.compare.causes import CHANGED, CORRECTED
from csr.compare.corrections import REMOVED
from csr.compare.difference import Diff
from csr.compare.natural_keys import ALL, natural_key
from csr.compare.page import TOTAL, fmt_subjects
from csr.compare.told import ABSENT, fmt_causes, fmt_value

DERIVED = r"AREL|.*(DY|FL|DOM|VAR)$"
COLUMNS = ("what", "before", "now", "cause", "subjects")
HEADLINES = ("n", "events", "median")
# Told line by line; of the others, how many numbers changed.
TOLD = ("disposition", "ae-overview", "response-summary", "pfs", "os")
SHOWN_SUBJECTS = 2


def changes_since(diff: Diff) -> pd.DataFrame:
    """One line per headline number that changed, of the pooled column, and per corrected value.

    Columns: what, before, now, cause, subjects (all text). A line with only `what` is a heading.
    """
    lines: list[tuple[str, ...]] = [
        ("Data cut-off", str(diff.old.cut.cutoff), str(diff.new.cut.cutoff), "", "")
    ]
    lines += _records(diff)
    pooled = diff.numbers[(diff.numbers["group"] == "") & ~diff.numbers["curve"].astype(bool)]
    for analysis in _told(diff):
        own = pooled[(pooled["analysis"] == analysis) & pooled["stat"].isin(HEADLINES)]
        if len(own):
            lines.append((f"{analysis}, {TOTAL.lower()}", "", "", "", ""))
            lines += dict.fromkeys(_headlines(own))
    lines += [*_others(diff), *_corrected(diff)]
    return pd.DataFrame(lines, columns=list(COLUMNS), dtype=object)


def _told(diff: Diff) -> tuple[str, ...]:
    """The analyses told line by line: headlines, and the endpoints of the study's own."""
    return (*TOLD, *(e.name for e in diff.new.endpoints.time_to_event))


def _records(diff: Diff) -> list[tuple[str, ...]]:
    moved = diff.records[diff.records[["added", "removed", "corrected"]].sum(axis=1) > 0]
    if moved.empty:
        return []
    lines: list[tuple[str, ...]] = [("Records", "", "", "", "")]
    for r in moved.to_dict("records"):
        said = [f"{r[k]} {k}" for k in ("added", "removed", "corrected") if r[k]]
        lines.append((r["dataset"], str(r["before"]), str(r["now"]), ", ".join(said), ""))
    return lines


def _others(diff: Diff) -> list[tuple[str, ...]]:
    own = diff.numbers[~diff.numbers["analysis"].isin(_told(diff))]
    if own.empty:
        return []
    lines: list[tuple[str, ...]] = [("Other analyses: how many numbers changed", "", "", "", "")]
    for analysis, numbers in own.groupby("analysis", sort=False):
        lines.append((str(analysis), "", str(len(numbers)), _causes_of(numbers), ""))
    return lines


def _headlines(own: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (
            f"{line['what'] or 'All'}: {line['stat']}",
            fmt_value(line["old"], line["in_old"]),
            fmt_value(line["new"], line["in_new"]),
            fmt_causes(line["causes"]),
            fmt_subjects(line["subjects"], SHOWN_SUBJECTS),
        )
        for line in own.to_dict("records")
    ]


def _causes_of(own: pd.DataFrame) -> str:
    return ", ".join(dict.fromkeys(cause for causes in own["causes"] for cause in causes))


def _corrected(diff: Diff) -> list[tuple[str, ...]]:
    wrong = diff.corrections
    if wrong.empty:
        return []
    own, cause, heading = wrong, CHANGED, "Changed records"
    if diff.new.data.standard == "sdtm":  # only what was recorded: what csr derives of it follows
        recorded = wrong["dataset"].map(lambda d: ALL not in natural_key(d.lower()).derived)
        own = wrong[recorded & ~wrong["column"].str.match(DERIVED)]
        cause, heading = CORRECTED, "Corrected records"
    lines: list[tuple[str, ...]] = [(heading, "", "", "", "")]
    for line in own.to_dict("records"):
        values = (line["old"] or ABSENT, line["new"] or ABSENT)
        gone = line["column"] == REMOVED
        named = ", ".join(part for part in (line["dataset"], line["record"]) if part)
        lines.append(
            (
                f"{named}: {line['column']}",
                *(("", "") if gone else values),
                cause,
                line["subject"],
            )
        )
    return lines
