"""Narratives: a page for each subject who died or had a serious, dose-limiting or special event."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Page, Pages
from csr.displays.narratives.narrative_event import tell_event, told_event_needs
from csr.displays.narratives.narrative_text import (
    facts_of,
    tell_background,
    tell_outcome,
    tell_treatment,
    told_subject_needs,
)
from csr.displays.tables.listing_cells import Record, said
from csr.displays.tables.subject_records import BySubject
from csr.endpoints.narratives.narratives import (
    DIED,
    NARRATIVES,
    narrative_deaths,
    narrative_events,
    narrative_needs,
)
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Pages:
    """The subjects in their order; events in the order they began."""
    subjects = BySubject.of(adam, params)
    reasons, events = reasons_of(adam, params)
    safety = subjects_in(adam, params, "safety").sort_values("USUBJID")
    chosen = safety[safety["USUBJID"].isin(reasons)].to_dict("records")
    return Pages(tuple(_page(r, reasons, events, subjects) for r in chosen))


def reasons_of(adam: Adam, params: Params) -> tuple[dict[str, list[str]], pd.DataFrame]:
    """Why each subject has a narrative, and the events told in it with their reasons."""
    events = narrative_events(adam, params)
    reasons = {str(who): [DIED] for who in narrative_deaths(adam, params)["USUBJID"]}
    for who, reason in events[["USUBJID", "REASON"]].drop_duplicates().itertuples(index=False):
        reasons.setdefault(str(who), []).append(str(reason))
    return reasons, events


def _page(
    record: Record, reasons: dict[str, list[str]], events: pd.DataFrame, subjects: BySubject
) -> Page:
    who = said(record, "USUBJID")
    own = events[events["USUBJID"] == who]
    order = [c for c in ("ASTDT", "AESEQ") if c in own]
    told = []
    for _, same in own.sort_values(order, kind="stable").groupby(order, sort=False, dropna=False):
        event: Record = same.iloc[0].to_dict()
        told.append(tell_event(event, [r.lower() for r in same["REASON"]], subjects))
    passages = (
        tell_background(record, subjects),
        tell_treatment(record, subjects),
        *told,
        tell_outcome(record, subjects),
    )
    return Page(
        f"Subject {who}",
        facts_of(record, reasons[who], subjects),
        tuple(passage for passage in passages if passage.sentences),
    )


def needs(params: Params) -> Needs:
    """Who has a narrative, and what it tells."""
    return narrative_needs(params) + told_event_needs(params) + told_subject_needs(params)


DISPLAY = Display(
    name="narratives",
    kind="listing",
    section="14.3.3",
    order=20,
    title="Narratives",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(NARRATIVES,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Sentences are assembled from the data as recorded, as a draft for the medical writer; "
        "nothing is inferred. In brackets: dataset and sequence number of the records.",
        "[D], [M] after a date: day, or day and month, imputed. Study day 1 is the day of the "
        "first infusion.",
    ),
    source="ADSL, ADAE, ADEX, ADCM, ADMH, ADLB, ADRS, ADTTE",
)
