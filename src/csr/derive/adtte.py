"""ADTTE: the times of the declared endpoints, each with its reason (`csr.params.time_to_event`).

PFS, DOR, DDC and TTP are given under the protocol's primary strategy for new anticancer therapy
and, each under its own name, under both ICH E9(R1) strategies:

    …TP   treatment policy: events count whatever therapy came between
    …CNS  censored at the last adequate assessment before new therapy (FDA's tables)
    PFSNT new therapy is an event;  PFSGAP gaps are ignored;  PFSCLN clinical progression counts

The study's own endpoints come after those, in the order declared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.survival_facts import facts_by_subject
from csr.derive.time_to_event import Facts, Time, answer
from csr.errors import DataError, Finding
from csr.params.protocol import Protocol
from csr.params.time_to_event import TimeToEvent, by_evaluator, library_endpoints, with_variants


def derive_adtte(
    adsl: pd.DataFrame, adrs: pd.DataFrame, protocol: Protocol, own: Sequence[TimeToEvent] = ()
) -> pd.DataFrame:
    """How long until each event, and whether it was seen or censored, and why.

    One row per subject and endpoint that is the subject's (no response: no DOR). `own`: endpoints
    of the study's own. AVAL days, end - start + 1; CNSR 0 event, 1 censored; STARTDT, ADT; EVNTDESC
    the event, or why censored; CNSDTDSC what the censoring date is; SRCDOM, SRCVAR, SRCSEQ the ADaM
    record of ADT; RSEVAL whose assessments. Those declared by `evaluators` come by the other
    evaluators of ADRS too, with the evaluator's initials at the end of PARAMCD. Source: METHODS §4;
    words of admiral (derive_param_tte). Raises DataError where two endpoints have one PARAMCD.
    """
    clinical = protocol.clinical_progression is not None
    begun = adsl["TRTSDT"].notna() | adsl["APHDT"].notna()
    open_account("ADTTE", "ADSL", adsl).keep(adsl, begun, "neither treated nor apheresed")
    library = library_endpoints(protocol.time_to_event, clinical_progression=clinical)
    theirs = tuple(e for one in own for e in with_variants(one))
    main = protocol.response.evaluator
    evaluators = (main, *sorted(set(adrs["RSEVAL"]) - {main}))
    facts = {who: facts_by_subject(adsl, adrs, protocol, who) for who in evaluators}
    asked = [*_by_evaluators(library, evaluators), *_by_evaluators(theirs, evaluators)]
    _told_apart([endpoint for declared, _ in asked for endpoint in declared])
    rows = [row for declared, who in asked for row in _rows(declared, facts[who], who)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(TYPES)
    frame = merge_core(frame, adsl)
    frame["ASEQ"] = frame.groupby("USUBJID").cumcount().add(1).astype(float)
    return frame


def find_unseen(own: Sequence[TimeToEvent], protocol: Protocol) -> list[Finding]:
    """A warning for each event of an own endpoint that the protocol gives no way to see."""
    seen = {
        "new-therapy": bool(protocol.new_therapy) or protocol.reinfusion_is_new_therapy,
        "clinical-progression": protocol.clinical_progression is not None,
    }
    return [
        Finding(
            "warning",
            "ADTTE",
            "PARAMCD",
            "event-never-seen",
            f"{event} is an event of {endpoint.paramcd}, and the protocol names no records of it",
            f"say under protocol.{event.replace('-', '_')} which records are one",
        )
        for one in own
        for endpoint in with_variants(one)
        for event in endpoint.events
        if not seen.get(event, True)
    ]


def _by_evaluators(
    declared: tuple[TimeToEvent, ...], evaluators: tuple[str, ...]
) -> list[tuple[tuple[TimeToEvent, ...], str]]:
    """The endpoints by the main evaluator, then by each other those that are declared so."""
    main, *others = evaluators
    also = [e for e in declared if e.evaluators]
    return [(declared, main), *((tuple(by_evaluator(e, o) for e in also), o) for o in others)]


def _told_apart(endpoints: list[TimeToEvent]) -> None:
    counts = Counter(endpoint.paramcd for endpoint in endpoints)
    if twice := sorted(code for code, n in counts.items() if n > 1):
        raise DataError(
            f"ADTTE: two endpoints, or one by two evaluators, have the PARAMCD {', '.join(twice)}."
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
        "PARAM": endpoint.described,
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
