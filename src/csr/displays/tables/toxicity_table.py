"""The table CRS and ICANS share: grades, treatment, onset and duration, by infusion."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_line,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.adverse_events.cell_toxicity import (
    ANY,
    BY_INFUSION,
    DOSES,
    DURATION,
    GIVEN,
    GRADE,
    GRADES,
    NO_GRADE,
    ONGOING,
    ONSET,
    SEVERE,
    SUMMARIES,
    episode_needs,
    episodes_of,
)
from csr.params import Params
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_count, fmt_n_percent, fmt_number

HOW = {
    "components": "decided, else from the recorded components, where those give none as reported",
    "reported": "decided, else as reported",
    "higher": "decided, else the higher of that from the recorded components and the reported one",
}
FOOTNOTES = (
    "Analysis grades by ASTCT (Lee 2019), each subject at the maximum.",
    "Onset: first episode, days from the latest infusion (its day is 0). Duration: episodes that "
    "ended, first and last day included.",
)


def toxicity_needs(params: Params) -> Needs:
    """What the footnote on grades reads."""
    lost = "how many grades are not the reported ones is not said"
    return episode_needs(params) + reads("adce", ATOXGR=lost)


def _differing(adam: Adam, params: Params, syndrome: str) -> tuple[str, ...]:
    """How many episodes have another grade than the reported one."""
    _, own = episodes_of(adam, params, syndrome)
    if "ATOXGR" not in own:
        return ()
    differ = fmt_count(int((own["AGRADE"] != own["ATOXGR"]).sum()))
    rules = params.protocol.cell_toxicity if params.protocol else None
    how = HOW[rules.grade] if rules else "as delivered"
    return (
        f"Analysis grade: {how}; in {differ} of {fmt_count(len(own))} episodes it is not the "
        "reported one.",
    )


def draw_toxicity(results: pd.DataFrame, adam: Adam, params: Params, syndrome: str) -> Table:
    """A column per group: who had it and how severe, what was given, when and how long."""
    found = Lookup.of(results, SUMMARIES[syndrome].name)
    columns = group_columns(params, found, ANY)
    lines = [count_line(params, found, f"Any {syndrome}", ANY)]
    if not found.value("n", None, ANY):
        return Table(columns, ())
    lines.append(heading_line("Maximum grade", columns))
    for grade in (*GRADES, NO_GRADE):
        if grade != NO_GRADE or found.value("n", None, GRADE + NO_GRADE):
            label = f"Grade {grade}" if grade in GRADES else "Not graded"
            lines.append(count_line(params, found, label, GRADE + grade, indent=1))
    lines += [
        count_line(params, found, "Grade 3 or more", SEVERE),
        heading_line("Treatment during the episode", columns),
        *(
            count_line(params, found, name, name, indent=1)
            for name in GIVEN
            if found.value("n", None, name) is not None
        ),
        heading_line("Episodes", columns),
        _range(params, found, "Onset (day), median (range)", ONSET),
        _range(params, found, "Duration (days), median (range)", DURATION),
        _range(params, found, "Tocilizumab doses, median (range)", DOSES),
        _counts(params, found, "Not ended", ONGOING),
        *_by_infusion(results, params, syndrome, len(columns)),
    ]
    notes = _differing(adam, params, syndrome)
    wide = len(columns) > PORTRAIT_COLUMNS
    return Table(columns, tuple(lines), landscape=wide, notes=notes)


def _range(params: Params, found: Lookup, label: str, category: str) -> Line:
    cells = []
    for group in group_levels(params):
        middle, low, high = (found.value(s, group, category) for s in ("median", "min", "max"))
        n = found.value("events", group, category)
        shown = f"{fmt_number(middle, 1)} ({fmt_count(low)}, {fmt_count(high)})"
        cells.append(shown if n else "–")
    return Line((label, *cells), indent=1)


def _counts(params: Params, found: Lookup, label: str, category: str) -> Line:
    values = (found.value("events", group, category) for group in group_levels(params))
    return Line((label, *(fmt_count(v) for v in values)), indent=1)


def _by_infusion(results: pd.DataFrame, params: Params, syndrome: str, width: int) -> list[Line]:
    found = Lookup.of(results, BY_INFUSION[syndrome].name)
    lines = [Line(("By infusion, of those who had it", *[""] * (width - 1)), heading=True)]
    for number in found.levels_at(1):
        cells = []
        for group in group_levels(params):
            n, total = (found.value(stat, group, number) for stat in ("n", "N"))
            percent = found.value("pct", group, number)
            shown = fmt_n_percent(n, percent, params.conventions.percent_decimals)
            cells.append(f"{shown} / {fmt_count(total)}" if total else "–")
        lines.append(Line((f"Infusion {number}", *cells), indent=1))
    return lines
