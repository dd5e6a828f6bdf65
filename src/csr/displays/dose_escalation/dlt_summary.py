"""Table of dose-limiting toxicity by dose and cohort."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import LABEL_WIDTH, Level, Lookup, heading_line
from csr.endpoints.dose_escalation.dlt import (
    DLT,
    DLT_SUMMARY,
    EVALUABLE,
    NOT_EVALUABLE,
    PENDING,
    TREATED,
    rules_of,
)
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_n_percent, fmt_number, fmt_percent

TO_REPLACE = ", to be replaced"
COUNTS = (
    (TREATED, "Treated"),
    (EVALUABLE, "DLT-evaluable"),
    (PENDING, "DLT observation pending"),
    (NOT_EVALUABLE, f"Not evaluable{TO_REPLACE}"),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A column per dose and one for all; the rate with its intervals; then every cohort."""
    found, rules = Lookup.of(results, DLT_SUMMARY.name), rules_of(params)
    doses: list[Level] = [*rules.values, None]
    labels = [dose.label for dose in rules.doses] + [params.treatment.total]
    columns = (Column("", "left", LABEL_WIDTH), *(Column(label) for label in labels))
    lines = [
        Line((_said(label, rules), *(fmt_count(found.value("n", d, None, item)) for d in doses)))
        for item, label in COUNTS
    ]
    lines += _rates(found, doses, params)
    lines.append(heading_line("By cohort: DLT / DLT-evaluable", columns))
    lines += [_cohort(found, doses, cohort) for cohort in found.levels_at(1)]
    return Table(columns, tuple(lines))


def _said(label: str, rules: DoseEscalation) -> str:
    """Nobody is to be replaced in an escalation that is closed."""
    return label if rules.closed is None else label.removesuffix(TO_REPLACE)


def _rates(found: Lookup, doses: list[Level], params: Params) -> list[Line]:
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    target = fmt_percent(100 * rules_of(params).target, 0)

    def cells(text: str, low: str, high: str) -> list[str]:
        return [
            f"{_percent(found, text, d, params)}{_interval(found, low, high, d, params)}"
            for d in doses
        ]

    counts = [_count(found, d, params) for d in doses]
    above = [
        fmt_number(found.value("prob_above", d, None, DLT), 3)
        if found.value("n", d, None, EVALUABLE)
        else "–"
        for d in doses
    ]
    return [
        Line(("DLT, n (% of the evaluable)", *counts), heading=True),
        Line((f"{level}% CI (%)", *cells("", "lcl", "ucl")), indent=1),
        Line(
            (f"Bayesian mean and {level}% interval (%)", *cells("post_mean", *POSTERIOR)), indent=1
        ),
        Line((f"P(DLT rate > {target}%)", *above), indent=1),
    ]


POSTERIOR = ("post_lcl", "post_ucl")


def _count(found: Lookup, dose: Level, params: Params) -> str:
    n, share = found.value("n", dose, None, DLT), found.value("pct", dose, None, DLT)
    return fmt_n_percent(n, share, params.conventions.percent_decimals)


def _percent(found: Lookup, stat: str, dose: Level, params: Params) -> str:
    if not stat or not found.value("n", dose, None, EVALUABLE):
        return ""
    value = found.value(stat, dose, None, DLT)
    return fmt_percent(value, params.conventions.percent_decimals) + " "


def _interval(found: Lookup, low: str, high: str, dose: Level, params: Params) -> str:
    if not found.value("n", dose, None, EVALUABLE):
        return "–"
    lower, upper = (found.value(stat, dose, None, DLT) for stat in (low, high))
    return fmt_interval(lower, upper, params.conventions.percent_decimals)


def _cohort(found: Lookup, doses: list[Level], cohort: str) -> Line:
    cells = []
    for dose in doses[:-1]:
        n = found.value("n", dose, cohort, EVALUABLE)
        if n is None:
            cells.append("")
            continue
        pending = found.value("n", dose, cohort, PENDING)
        more = f", {fmt_count(pending)} pending" if pending else ""
        cells.append(f"{fmt_count(found.value('n', dose, cohort, DLT))} / {fmt_count(n)}{more}")
    return Line((f"Cohort {cohort}", *cells, ""), indent=1)


DISPLAY = Display(
    name="dlt-summary",
    kind="table",
    section="14.3.0",
    order=10,
    title="Dose-limiting toxicity by dose and cohort",
    population="",
    audience=frozenset({"open", "closed"}),
    analyses=(DLT_SUMMARY,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Subjects of the dose escalation, at the dose received. DLT-evaluable: received enough of "
        "the planned first dose, and had a DLT or completed the DLT window. Pending subjects are "
        "in no rate and never count as free of DLT. Bayesian: Beta prior of the params, "
        "equal-tailed interval.",
    ),
    source="ADSL, ADAE",
)
