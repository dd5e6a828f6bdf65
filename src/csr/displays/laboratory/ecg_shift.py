"""Table: shift of QTcF and of the interpretation of the ECG."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, count_cells, heading_line
from csr.displays.tables.shift_table import draw_shift
from csr.endpoints.laboratory.measurements import (
    ABNORMAL_ONLY,
    ECG_SHIFT,
    INTERPRETATION,
    QTC,
    QTC_CHANGE,
    QTC_RISE,
)
from csr.endpoints.laboratory.shift import MISSING
from csr.params import Params
from csr.results import Adam, Needs

SHORT = {
    "NORMAL": "Normal",
    "ABNORMAL, NOT CLINICALLY SIGNIFICANT": "Abnormal, not significant",
    "ABNORMAL": "Abnormal",
    "ABNORMAL, CLINICALLY SIGNIFICANT": "Abnormal, significant",
}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """QTcF by the bounds of ICH E14 and its rise, then the interpretation; pooled."""
    found = Lookup.of(results, ECG_SHIFT.name)
    columns = (Column("At baseline", "left", 2.6), *(Column(label) for label in ("",) * 5))
    lines: list[Line] = []
    told = {level for key in found.values for level in key[2:4]}
    read = tuple(x for x in INTERPRETATION if x != ABNORMAL_ONLY or x in told)
    for term, order in (("QTcF", QTC), ("Interpretation", read)):
        if term not in found.levels_at(1):
            continue
        own = Lookup({k: v for k, v in found.values.items() if k[1] in (term, None)}, found.reasons)
        block = draw_shift(own, params, order, term, SHORT)
        heads = [SHORT.get(level, level) for level in (*order, MISSING)]
        heads += [""] * (len(columns) - 1 - len(heads))
        lines.append(Line((f"{term}: worst after baseline →", *heads), heading=True))
        width = len(columns)
        lines += [_padded(line, width) for line in block.lines[1:]]
    rise = Lookup.of(results, QTC_RISE.name)
    if rise.values:
        lines.append(heading_line("QTcF: rise over baseline, any time", columns))
    for name in QTC_CHANGE if rise.values else ():
        total = list(count_cells(params, rise, name))[-1]
        lines.append(Line((name, total, *[""] * (len(columns) - 2)), indent=1))
    return Table(columns, tuple(lines), landscape=True)


def _padded(line: Line, width: int) -> Line:
    cells = (*line.cells, *[""] * (width - len(line.cells)))
    return Line(cells, indent=line.indent)


DISPLAY = Display(
    name="ecg-shift",
    kind="table",
    section="14.3.5",
    order=30,
    title="ECG at baseline against the worst after it",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(ECG_SHIFT, QTC_RISE),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "QTcF: QT interval corrected by Fridericia's formula, bounds of ICH E14. Subjects of all "
        "groups, n (%) of the analysis set; those by group are in the results.",
    ),
    source="ADEG",
)
