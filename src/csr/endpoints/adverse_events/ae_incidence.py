"""When events came: cumulative incidence of the first one, death without it competing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    counted_from_needs,
    emergent_events,
    event_needs,
    is_grade_at_least_3,
    severity_needs,
    severity_of,
    why_unusable,
)
from csr.endpoints.adverse_events.aesi_groups import (
    groups_needs,
    groups_of_interest,
    ways_to_groups,
)
from csr.endpoints.adverse_events.observation import (
    UNSEEN,
    first_starts,
    observation_needs,
    observed_from,
    observed_until,
    undated,
)
from csr.endpoints.incidence_comparison import add_gray_tests
from csr.params import Params
from csr.results import (
    COUNTED,
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_either,
)
from csr.stats.incidence import cumulative_incidence, incidence_interval

NAME = "cumulative-incidence"
ITEM = "OUTCOME"
SEVERE, SERIOUS = "Severe or grade ≥ 3", "Serious"
UNDATED = "(without a date)"  # stands for the outcome of events that are in no curve
AALEN_JOHANSEN = "Aalen-Johansen"
NO_INTERVAL = "no interval where nobody or everybody has had the event"


def answer(adam: Adam, params: Params) -> Output:
    """For each outcome and group the curve of its first event, in days from the first infusion.

    Outcomes: severe and serious events, and the groups of special interest. One counted row per
    subject and outcome: value, the day of the first event, death or end of observation, day 1 being
    the first day; event, 1 the outcome, 2 death before it, 0 neither. `incidence` in percent with
    its limits and `n_risk` at each TIME at which something happened; `N`, `events`, `competing` of
    each curve; `gray_p` where params name a reference. An event without a date is in no curve: it
    is counted under UNDATED. Where a subject of the group has no last day of observation, there is
    no curve (METHODS §10.19).
    """
    subjects, events = emergent_events(adam, params)
    outcomes = _outcomes(events, params)
    of_any = pd.concat([pd.Series(False, events.index), *outcomes.values()], axis=1).any(axis=1)
    without = events[of_any & undated(events)].assign(**{ITEM: UNDATED})
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *_times(subjects, events, params),
        counted_rows(without, "ADAE", ["TRTA", ITEM], "AESEQ"),
    )
    out = ResultList(NAME, "safety")
    counted = rows[rows["role"] == COUNTED]
    for outcome in outcomes:
        own = counted[counted[ITEM] == outcome]
        for level in (*params.treatment.values, None):
            group = own if level is None else own[own["TRTA"] == level]
            _add_curve(out, (("TRTA", level), (ITEM, outcome)), group, params)
        add_gray_tests(out, own, subjects, params, (ITEM, outcome))
    for level in (*params.treatment.values, None):
        n = len(without if level is None else without[without["TRTA"] == level])
        where: Groups = (("TRTA", level), (ITEM, UNDATED))
        out.add(where, "undated", n, method="events without a start date")
    return Output(rows, out.frame())


def _outcomes(events: pd.DataFrame, params: Params) -> dict[str, pd.Series]:
    found = {}
    if not why_unusable(events, [severity_of(events, params)]):
        found[SEVERE] = is_grade_at_least_3(events, params)
    if not why_unusable(events, ["AESER"]):
        found[SERIOUS] = events["AESER"] == "Y"
    return found | groups_of_interest(events, params)


def _times(subjects: pd.DataFrame, events: pd.DataFrame, params: Params) -> list[pd.DataFrame]:
    began = observed_from(subjects, params)
    until = observed_until(subjects, params)
    parts = []
    for outcome, which in _outcomes(events, params).items():
        firsts = first_starts(events[which], subjects, [], params).set_index("USUBJID")["START"]
        start = subjects["USUBJID"].map(firsts)
        end = start.where(start.notna(), until)
        cause = (until >= subjects["DTHDT"]).map({True: 2.0, False: 0.0}).mask(start.notna(), 1.0)
        days = (end - began).dt.days + 1.0
        rows = subjects[["USUBJID", "TRTA"]].assign(
            role=COUNTED, SRCDOM="ADSL", SRCKEY="", value=days, event=cause, **{ITEM: outcome}
        )
        rows.loc[start.notna(), "SRCDOM"] = "ADAE"
        parts.append(rows)
    return parts


def _add_curve(out: ResultList, where: Groups, own: pd.DataFrame, params: Params) -> None:
    out.add(where, "N", own["USUBJID"].nunique(), method="subjects in the population")
    out.add(where, "events", int((own["event"] == 1).sum()), method="subjects with the outcome")
    out.add(where, "competing", int((own["event"] == 2).sum()), method="deaths without it")
    if unseen := int(own["value"].isna().sum()):
        why = UNSEEN.format(n=unseen)
        out.add((*where, ("TIME", None)), "incidence", None, unit="%", reason=why)
        return
    curve = cumulative_incidence(own["value"], own["event"].astype(int))
    level, kind = params.conventions.conf_level, params.conventions.km_interval
    limits = incidence_interval(curve, level, kind)
    for i, time in enumerate(curve.time):
        at: Groups = (*where, ("TIME", f"{time:g}"))
        share = 100 * float(curve.incidence[i])
        out.add(at, "incidence", share, unit="%", method=AALEN_JOHANSEN)
        for stat, limit in zip(("incidence_lcl", "incidence_ucl"), limits, strict=True):
            value = 100 * float(limit[i])
            why = NO_INTERVAL if np.isnan(value) else ""
            out.add(at, stat, value, unit="%", method=f"{AALEN_JOHANSEN}, {kind}", reason=why)
        out.add(at, "n_risk", int(curve.n_risk[i]), method=AALEN_JOHANSEN)


def needs(params: Params) -> Needs:
    """The events and their start, what tells one outcome at least, observation, and deaths."""
    severity = params.conventions.severity
    return (
        event_needs(params, AESER=f"the curve '{SERIOUS}' is left out")
        + counted_from_needs()
        + severity_needs(params, f"the curve '{SEVERE}' is left out")
        + groups_needs(params)
        + reads_either("adae", [severity], ["AESER"], *ways_to_groups(params))
        + observation_needs(params)
        + reads("adsl", "DTHDT")
    )


CUMULATIVE_INCIDENCE = Analysis(NAME, answer, source="METHODS §5", needs=needs)
