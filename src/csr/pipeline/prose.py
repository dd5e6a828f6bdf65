"""What needs all results: the numbers quoted in prose, and which prose the report holds.

Prose stands in `reports/parts/*.md` with `{{< var … >}}` for every number; a part is taken when
the analyses it speaks of were made. The numbers go to `reports/variables.yml`, formatted here once;
escaping is the renderer's (`csr.render.metadata`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from csr.derive.time_to_event import CENSORS
from csr.displays.appendix.conventions import said
from csr.displays.dose_escalation.escalation_decisions import last_word
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.dlt import rules_of
from csr.endpoints.long_term.long_term import years_of
from csr.params import Params
from csr.params.conventions import Conventions
from csr.params.time_to_event import DDC, EVENT_WORDS, SINCE, TimeToEvent, in_sentence
from csr.rounding import fmt_count, fmt_interval, fmt_n_percent, fmt_number, fmt_percent

# Stands for any analysis of a time-to-event endpoint.
TIMES = "time-to-event"


@dataclass(frozen=True)
class Part:
    """A piece of prose and the analysis it needs ("" for none)."""

    file: str
    analysis: str = ""


SYNOPSIS = (
    Part("synopsis-study"),
    Part("synopsis-changes", "changed-since"),
    Part("synopsis-subjects", "analysis-sets"),
    Part("synopsis-dlt", "mtd"),
    Part("synopsis-response", "response-summary"),
    Part("synopsis-pfs", "pfs"),
    Part("synopsis-os", "os"),
    Part("synopsis-long-term", "survival-by-year"),
    Part("synopsis-safety", "ae-overview"),
)
METHODS = (
    Part("methods-general"),
    Part("methods-response", "response-summary"),
    Part("methods-survival-pfs", "pfs"),
    Part("methods-survival", "censoring-reasons"),
    Part("methods-endpoints", TIMES),
    Part("methods-long-term", "survival-by-year"),
    Part("methods-dlt", "dlt-summary"),
    Part("methods-safety", "ae-overview"),
    Part("methods-toxicity", "crs-summary"),
    Part("methods-laboratory", "lab-shift-grade"),
    Part("methods-kinetics", "kinetics-parameters"),
)

AE_LINES = {
    "any": "Any TEAE",
    "related": "Related TEAE",
    "grade3": "Severe or grade ≥ 3 TEAE",
    "serious": "Serious TEAE",
    "fatal": "Fatal TEAE",
}


NOT_AVAILABLE = "not available"
LINK = re.compile(r"\[([^\]]+)\]\(#([a-z0-9-]+)\)")


def join_parts(folder: Path, parts: tuple[Part, ...], made: set[str], displays: set[str]) -> str:
    """The prose of the parts whose analysis was made, one after the other.

    A link to a display that the report does not hold becomes plain text.
    """
    texts = [
        (folder / f"{part.file}.md").read_text(encoding="utf-8").strip()
        for part in parts
        if not part.analysis or part.analysis in made
    ]
    joined = "\n\n".join(texts) + "\n"
    return LINK.sub(lambda m: m[0] if m[2] in displays else m[1], joined)


def variables_of(
    params: Params, results: pd.DataFrame, unmade: Collection[str] = ()
) -> dict[str, Any]:
    """The quoted values as a tree of plain text.

    Those of an analysis that could not be made (`unmade`) are "not available".
    """
    made = set(results["analysis"])
    tree: dict[str, Any] = {
        "study": _texts(params.study.model_dump()),
        "cut": _texts(params.cut.model_dump(mode="json")),
        "convention": _conventions(params.conventions),
        "meddra": params.data.meddra_version,
        "groups": ", ".join(level.label for level in params.treatment.levels),
    }
    quoted: dict[str, Callable[[Params, pd.DataFrame], dict[str, Any]]] = {
        "analysis-sets": _sets,
        "response-summary": _response,
        "pfs": lambda p, r: _survival(p, r, "pfs"),
        "os": lambda p, r: _survival(p, r, "os"),
        "ae-overview": _adverse_events,
        "survival-by-year": _long_term,
        "dlt-summary": _dlt,
        "mtd": _mtd,
        "kinetics-parameters": lambda p, r: _kinetics(p),
        "lab-shift-grade": lambda p, r: _laboratory(p),
        "crs-summary": lambda p, r: _toxicity(p),
    }
    for analysis, quote in quoted.items():
        if analysis in made:
            tree[analysis.replace("-", "_")] = quote(params, results)
        elif analysis in unmade:
            tree[analysis.replace("-", "_")] = _not_available(quote(params, results))
    if shown := shown_times(params, made | {*unmade}):
        tree["time_to_event"] = {"declared": " ".join(_declaration(e, params) for e in shown)}
    if (strategy := params.endpoints.strategy("pfs")) and "pfs" in tree:
        tree["pfs"]["strategy"] = strategy
    if params.endpoints.bor is not None and "response_summary" in tree:
        tree["response_summary"]["evaluator"] = params.endpoints.bor.evaluator.lower()
    return tree


def shown_times(params: Params, made: Collection[str]) -> tuple[TimeToEvent, ...]:
    """The time-to-event endpoints the report shows: those whose analysis was made."""
    return tuple(e for e in params.endpoints.declared if e.name in made)


def _declaration(endpoint: TimeToEvent, params: Params) -> str:
    """`Event-free survival: from first dose to …; censored, in this order: ….`"""
    own = endpoint in params.endpoints.time_to_event
    if not endpoint.events:
        return f"{endpoint.label}: as delivered (ADTTE, PARAMCD {endpoint.paramcd})."
    since, rules = endpoint.said_start, params.protocol and params.protocol.time_to_event
    if endpoint.name == DDC.name and rules and rules.ddc_start == "T0":
        since = SINCE["first-infusion"]
    events = endpoint.said_events
    if params.endpoints.unconfirmed_responders:
        events = events.replace(EVENT_WORDS["response"], "response")
    text = f"{endpoint.label}: from {since} to {events}"
    reasons = [CENSORS[name].description for name in endpoint.censors if name != "start"]
    if own and params.protocol and reasons:
        text += f"; censored, in this order: {', '.join(map(in_sentence, reasons))}"
    return f"{text}."


def _not_available(tree: dict[str, Any]) -> dict[str, Any]:
    return {
        key: _not_available(value) if isinstance(value, dict) else NOT_AVAILABLE
        for key, value in tree.items()
    }


def _conventions(conventions: Conventions) -> dict[str, str]:
    values = {name: said(getattr(conventions, name)) for name in Conventions.model_fields}
    values["conf_level"] = fmt_percent(100 * conventions.conf_level, 0)
    return values


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {key: said(value) for key, value in values.items()}


def _sets(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found = Lookup.of(results, "analysis-sets")
    sizes = {
        name: fmt_count(found.value("n", None, name, "Included")) for name in params.populations
    }
    parts = [
        f"{level.label}: {fmt_count(found.value('n', level.value, 'safety', 'Included'))}"
        for level in params.treatment.levels
    ]
    everyone = fmt_count(found.value("N", None, "safety", "Included"))
    return {**sizes, "all": everyone, "safety_by_group": ", ".join(parts)}


def _response(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found = Lookup.of(results, "response-summary")
    name = "efficacy" if "efficacy" in params.populations else "safety"
    return {
        "population": params.population(name).label,
        "N": fmt_count(found.value("N", None, name, "ORR")),
        "orr": _rate(found, params, name, "ORR"),
        "dcr": _rate(found, params, name, "DCR"),
    }


def _rate(found: Lookup, params: Params, name: str, item: str) -> str:
    decimals = params.conventions.percent_decimals
    share = fmt_percent(found.value("pct", None, name, item), decimals)
    limits = fmt_interval(
        found.value("lcl", None, name, item), found.value("ucl", None, name, item), decimals
    )
    n, total = found.value("n", None, name, item), found.value("N", None, name, item)
    return f"{share}% {limits}, {fmt_count(n)} of {fmt_count(total)} subjects"


def _survival(params: Params, results: pd.DataFrame, analysis: str) -> dict[str, Any]:
    found = Lookup.of(results, analysis)
    return {
        "events": fmt_count(found.value("events", None, None)),
        "n": fmt_count(found.value("n", None, None)),
        "median": _median(found, None),
        "median_by_group": "; ".join(
            f"{level.label}: {_median(found, level.value)}" for level in params.treatment.levels
        ),
    }


def _dlt(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found, rules = Lookup.of(results, "dlt-summary"), rules_of(params)

    def n(item: str, dose: str | None = None) -> str:
        return fmt_count(found.value("n", dose, None, item))

    return {
        "dlt": n("DLT"),
        "evaluable": n("EVALUABLE"),
        "pending": n("PENDING"),
        "by_dose": ", ".join(
            f"{dose.label}: {n('DLT', dose.value)} of {n('EVALUABLE', dose.value)}"
            for dose in rules.doses
        ),
        "rule": rules.rule.upper(),
        "window": fmt_count(rules.window_days),
        "fraction": fmt_percent(100 * rules.dose_fraction, 0),
        "target": fmt_percent(100 * rules.target, 0),
    }


def _long_term(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found, decimals = Lookup.of(results, "survival-by-year"), params.conventions.percent_decimals
    rates = []
    for year in (y for y in (1, 2, 5, 10, 15) if y in years_of(params)):
        surv, low, high = (found.value(s, "safety", str(year)) for s in ("surv", "lcl", "ucl"))
        if surv is not None and not pd.isna(surv):
            limits = fmt_interval(low, high, decimals)
            rates.append(f"{fmt_percent(surv, decimals)}% {limits} at year {year}")
    return {
        "years": fmt_count(years_of(params)[-1]),
        "entered": fmt_count(found.value("N", "long-term", None)),
        "treated": fmt_count(found.value("N", "safety", None)),
        "survival": ", ".join(rates) or "not estimable",
    }


def _mtd(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found, rules = Lookup.of(results, "mtd"), rules_of(params)
    place = found.value("mtd", None, None)
    reason = found.reason("mtd", None, None)
    verdict = reason or rules.label(int(place or 1) - 1)
    if rules.closed is not None:
        verdict = f"{verdict}. {last_word(rules.closed).rstrip('.')}"
    return {"verdict": verdict}


def _kinetics(params: Params) -> dict[str, Any]:
    rules = params.kinetics
    if rules is None:
        return {}
    below, fit = rules.below_limit, rules.terminal
    last = f"the last {fit.points} samples after the peak"
    best = f"the best adjusted R² of fits to the last {fit.points} or more samples after the peak"
    return {
        "analyte": rules.analyte,
        "units": rules.units,
        "specimen": rules.main_specimen,
        "auc": rules.auc.replace("-", " "),
        "window": said(rules.window_days),
        "before": said(below.before),
        "between": said(below.between),
        "after": said(below.after),
        "replicates": rules.replicates.replace("-", " "),
        "terminal": best if fit.rule == "best-fit" else last,
        "span": said(fit.span),
        "r2adj": said(fit.r2adj),
    }


def _median(found: Lookup, group: str | None) -> str:
    median = fmt_number(found.value("median", group, None), 1)
    low, high = found.value("median_lcl", group, None), found.value("median_ucl", group, None)
    return f"{'not reached' if median == 'NE' else f'{median} months'} {fmt_interval(low, high, 1)}"


def _adverse_events(params: Params, results: pd.DataFrame) -> dict[str, Any]:
    found = Lookup.of(results, "ae-overview")
    groups = [(level.label, level.value) for level in params.treatment.levels]
    return {
        key: {
            "total": _count(found, params, line, None),
            "by_group": ", ".join(
                f"{label}: {_count(found, params, line, value)}" for label, value in groups
            ),
        }
        for key, line in AE_LINES.items()
    }


def _count(found: Lookup, params: Params, line: str, group: str | None) -> str:
    if found.reason("n", group, line):
        return "not recorded"
    n, share = found.value("n", group, line), found.value("pct", group, line)
    text = fmt_n_percent(n, share, params.conventions.percent_decimals)
    return text.replace(")", "%)")


def _laboratory(params: Params) -> dict[str, Any]:
    rules = params.laboratory
    return {} if rules is None else {"baseline": rules.baseline, "version": rules.ctcae}


def _toxicity(params: Params) -> dict[str, Any]:
    rules = params.protocol.cell_toxicity if params.protocol else None
    if rules is None:
        return {"grade": "as delivered", "gap": "as delivered"}
    by = {
        "components": "from their components, where those give none as reported",
        "reported": "as reported",
        "higher": "the higher of the one from their components and the reported one",
    }
    days = fmt_count(rules.merge_gap_days)
    return {
        "grade": by[rules.grade],
        "gap": f"those of one infusion less than {days} days apart are one",
    }
