"""ADTTE: the time-to-event endpoints of the trial, each declared once.

PFS, DOR, DDC and TTP are given under the protocol's primary strategy for new anticancer therapy
and, each under its own name, under both ICH E9(R1) strategies:

    …TP   treatment policy: events count whatever therapy came between
    …CNS  censored at the last adequate assessment before new therapy (FDA's tables)
    PFSNT new therapy is an event;  PFSGAP gaps are ignored;  PFSCLN clinical progression counts
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.survival_facts import facts_by_subject
from csr.derive.time_to_event import (
    APHERESIS,
    CLINICAL_PROGRESSION,
    CLINICAL_PROGRESSION_SEEN,
    DEATH,
    DEATH_WITHOUT_PROGRESSION,
    FIRST_BENEFIT,
    FIRST_INFUSION,
    FIRST_RESPONSE,
    LAST_ADEQUATE_ASSESSMENT,
    LAST_KNOWN_ALIVE,
    LEFT_STUDY,
    MISSED_VISITS,
    NEW_THERAPY,
    NEW_THERAPY_STARTS,
    NO_BASELINE,
    PROGRESSION,
    RESPONSE,
    START_OF_CLOCK,
    UNDATED_PROGRESSION,
    Facts,
    Time,
    TimeToEvent,
    answer,
)
from csr.params.protocol import Protocol, Strategy

PFS = TimeToEvent(
    paramcd="PFS",
    param="Progression-Free Survival",
    start=FIRST_INFUSION,
    events=(PROGRESSION, DEATH),
    censors=(
        NO_BASELINE,
        NEW_THERAPY,
        MISSED_VISITS,
        UNDATED_PROGRESSION,
        CLINICAL_PROGRESSION,
        LEFT_STUDY,
        LAST_ADEQUATE_ASSESSMENT,
        START_OF_CLOCK,
    ),
)
DOR = TimeToEvent(
    paramcd="DOR",
    param="Duration of Response",
    start=FIRST_RESPONSE,
    events=(PROGRESSION, DEATH),
    censors=tuple(c for c in PFS.censors if c is not NO_BASELINE),
)
DDC = replace(DOR, paramcd="DDC", param="Duration of Disease Control", start=FIRST_BENEFIT)
TTP = TimeToEvent(
    paramcd="TTP",
    param="Time to Progression",
    start=FIRST_INFUSION,
    events=(PROGRESSION,),
    censors=(
        NO_BASELINE,
        NEW_THERAPY,
        MISSED_VISITS,
        UNDATED_PROGRESSION,
        DEATH_WITHOUT_PROGRESSION,
        CLINICAL_PROGRESSION,
        LEFT_STUDY,
        LAST_ADEQUATE_ASSESSMENT,
        START_OF_CLOCK,
    ),
)
TTR = TimeToEvent(
    paramcd="TTR",
    param="Time to Response (confirmed responders)",
    start=FIRST_INFUSION,
    events=(RESPONSE,),
    censors=(),
    among=lambda facts: facts.t0 is not None and facts.response is not None,
)
OS = TimeToEvent(
    paramcd="OS",
    param="Overall Survival",
    start=FIRST_INFUSION,
    events=(DEATH,),
    censors=(LAST_KNOWN_ALIVE, START_OF_CLOCK),
)
PFS_GAPS_IGNORED = TimeToEvent(
    paramcd="PFSGAP",
    param="Progression-Free Survival (treatment policy, gaps ignored)",
    start=FIRST_INFUSION,
    events=(PROGRESSION, DEATH),
    censors=(
        UNDATED_PROGRESSION,
        CLINICAL_PROGRESSION,
        LEFT_STUDY,
        LAST_ADEQUATE_ASSESSMENT,
        START_OF_CLOCK,
    ),
    source="METHODS §4 (EMA anticancer guideline, appendix 1: events count regardless)",
)
PFS_FROM_APHERESIS = replace(
    PFS_GAPS_IGNORED,
    paramcd="PFSAPH",
    param="Progression-Free Survival from Apheresis (treatment policy, gaps ignored)",
    start=APHERESIS,
    among=lambda facts: facts.apheresis is not None,
)
OS_FROM_APHERESIS = replace(
    OS,
    paramcd="OSAPH",
    param="Overall Survival from Apheresis",
    start=APHERESIS,
    among=lambda facts: facts.apheresis is not None,
)


def under(endpoint: TimeToEvent, strategy: Strategy, suffix: str, label: str) -> TimeToEvent:
    """The endpoint under a strategy for new anticancer therapy."""
    without = tuple(c for c in endpoint.censors if c is not NEW_THERAPY)
    named = replace(
        endpoint, paramcd=endpoint.paramcd + suffix, param=f"{endpoint.param} ({label})"
    )
    if strategy == "treatment-policy":
        return replace(named, censors=without)
    if strategy == "event":
        return replace(named, censors=without, events=(*endpoint.events, NEW_THERAPY_STARTS))
    return named


LABELS: dict[Strategy, str] = {
    "treatment-policy": "treatment policy",
    "censor": "censored at new therapy",
    "event": "new therapy is an event",
}


def endpoints(protocol: Protocol) -> tuple[TimeToEvent, ...]:
    """Every endpoint of ADTTE, in its order; PFSCLN where the protocol names such progression."""
    rules = protocol.time_to_event
    ddc = replace(
        DDC,
        start=FIRST_BENEFIT if rules.ddc_start == "first-benefit" else FIRST_INFUSION,
        among=lambda facts: facts.benefit is not None,
    )
    primary = rules.new_therapy
    by_strategy = [
        under(endpoint, strategy, suffix, LABELS[strategy])
        for endpoint in (PFS, DOR, ddc, TTP)
        for strategy, suffix in ((primary, ""), ("treatment-policy", "TP"), ("censor", "CNS"))
    ]
    sensitivity = [under(PFS, "event", "NT", LABELS["event"]), PFS_GAPS_IGNORED]
    if protocol.clinical_progression is not None:
        sensitivity.append(_with_clinical_progression(by_strategy[0]))
    return (*by_strategy, *sensitivity, TTR, OS, OS_FROM_APHERESIS, PFS_FROM_APHERESIS)


def _with_clinical_progression(pfs: TimeToEvent) -> TimeToEvent:
    return replace(
        pfs,
        paramcd="PFSCLN",
        param=f"{PFS.param} (clinical progression is an event)",
        events=(*pfs.events, CLINICAL_PROGRESSION_SEEN),
        censors=tuple(c for c in pfs.censors if c is not CLINICAL_PROGRESSION),
    )


def derive_adtte(adsl: pd.DataFrame, adrs: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """How long until each event, and whether it was seen or censored, and why.

    One row per subject and endpoint that is the subject's (no response: no DOR). AVAL days, end -
    start + 1; CNSR 0 event, 1 censored; STARTDT, ADT; EVNTDESC the event, or why censored; CNSDTDSC
    what the censoring date is; SRCDOM, SRCVAR, SRCSEQ the ADaM record of ADT; RSEVAL whose
    assessments. PFS and DOR by the other evaluators of ADRS come with the evaluator's initials at
    the end of PARAMCD. Source: METHODS §4; words of admiral (derive_param_tte).
    """
    declared = endpoints(protocol)
    main = protocol.response.evaluator
    rows = _rows(declared, facts_by_subject(adsl, adrs, protocol, main), main)
    for other in sorted(set(adrs["RSEVAL"]) - {main}):
        also = tuple(_by_evaluator(e, other) for e in declared if e.paramcd in ("PFS", "DOR"))
        rows += _rows(also, facts_by_subject(adsl, adrs, protocol, other), other)
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(TYPES)
    frame = merge_core(frame, adsl)
    frame["ASEQ"] = frame.groupby("USUBJID").cumcount().add(1).astype(float)
    return frame


def _by_evaluator(endpoint: TimeToEvent, evaluator: str) -> TimeToEvent:
    initials = "".join(word[0] for word in evaluator.split())
    return replace(
        endpoint,
        paramcd=endpoint.paramcd + initials,
        param=f"{endpoint.param} ({evaluator.lower()})",
    )


def _rows(
    declared: tuple[TimeToEvent, ...], facts: dict[str, Facts], evaluator: str
) -> list[dict[str, Any]]:
    rows = []
    for subject, known in facts.items():
        for endpoint in declared:
            time = answer(endpoint, known)
            if time is not None:
                rows.append(_row(subject, endpoint, time, evaluator))
    return rows


def _row(subject: str, endpoint: TimeToEvent, time: Time, evaluator: str) -> dict[str, Any]:
    return {
        "USUBJID": subject,
        "PARAMCD": endpoint.paramcd,
        "PARAM": endpoint.param,
        "RSEVAL": evaluator,
        "STARTDT": time.start.date,
        "ADT": time.end.date,
        "AVAL": time.days,
        "AVALU": "DAYS",
        "CNSR": time.censored,
        "EVNTDESC": time.description,
        "CNSDTDSC": time.dated_at,
        "SRCDOM": time.end.dataset,
        "SRCVAR": time.end.variable,
        "SRCSEQ": time.end.sequence,
    }


COLUMNS = (
    "USUBJID",
    "PARAMCD",
    "PARAM",
    "RSEVAL",
    "STARTDT",
    "ADT",
    "AVAL",
    "AVALU",
    "CNSR",
    "EVNTDESC",
    "CNSDTDSC",
    "SRCDOM",
    "SRCVAR",
    "SRCSEQ",
)
TYPES = {
    "STARTDT": "datetime64[ns]",
    "ADT": "datetime64[ns]",
    "AVAL": float,
    "CNSR": float,
    "SRCSEQ": float,
}
