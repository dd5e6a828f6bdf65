"""What a narrative says of a subject: background, treatment, response and how it ended."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Passage, Sentence
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import Record, group_label, said
from csr.displays.tables.subject_records import (
    UNTOLD,
    BySubject,
    amount,
    date_of,
    keys_of,
    not_told,
    period_of,
    sentence,
    several,
)
from csr.endpoints.populations import subject_needs
from csr.params import Params
from csr.results import Needs, reads, reads_if_there

SEXES = {"F": "female", "M": "male"}


def facts_of(
    subject: Record, reasons: list[str], subjects: BySubject
) -> tuple[tuple[str, str], ...]:
    """The head of the page: group, treatment, why there is a narrative."""
    params = subjects.params
    facts = [
        ("Group", group_label(subject, params)),
        ("First / last infusion", " / ".join(date_of(subject, c) for c in ("TRTSDT", "TRTEDT"))),
        ("Narrative because of", "; ".join(reasons)),
        ("Data cut-off", str(params.cut.cutoff)),
    ]
    return tuple((name, text) for name, text in facts if text)


def tell_background(subject: Record, subjects: BySubject) -> Passage:
    """Age, sex, race; medical history; medication that ended before the first infusion."""
    who = said(subject, "USUBJID")
    age = said(subject, "AGE")
    words = [f"{age}-year-old" if age else "", SEXES.get(said(subject, "SEX"), ""), "subject"]
    race = as_words(said(subject, "RACE"))
    site = said(subject, "SITEID")
    text = f"{' '.join(w for w in words if w)}{f' ({race})' if race else ''}"
    text = f"{text[:1].upper()}{text[1:]}{f', site {site}' if site else ''}."
    history = subjects.records("admh", who, "MHSEQ")
    past = [_history(r) for r in history]
    before = [r for r in subjects.records("adcm", who) if _ended_before(r)]
    drugs = [f"{said(r, 'CMDECOD') or said(r, 'CMTRT')} ({period_of(r)})" for r in before]
    told = [
        Sentence(text, "ADSL"),
        *sentence(
            f"Medical history: {several(past)}." if past else "", keys_of("admh", history, "MHSEQ")
        ),
        *sentence(
            f"Medication that ended before the first infusion: {several(drugs)}." if drugs else "",
            keys_of("adcm", before, "CMSEQ"),
        ),
    ]
    return Passage("Background", tuple(told))


def _history(record: Record) -> str:
    term = said(record, "MHDECOD") or said(record, "MHTERM")
    since = said(record, "MHSTDTC")
    ongoing = said(record, "MHENRF") == "ONGOING"
    details = [f"since {since}" if since else "", "ongoing" if ongoing else ""]
    words = ", ".join(d for d in details if d)
    return f"{term} ({words})" if words else term


def _ended_before(record: Record) -> bool:
    return said(record, "PREFL") == "Y" and record.get("ONTRTFL", "Y") != "Y"


def tell_treatment(subject: Record, subjects: BySubject) -> Passage:
    """Every exposure in order of time, one sentence per component."""
    if "adex" not in subjects.datasets:
        return Passage("Treatment", ())
    records = [
        r
        for r in subjects.records("adex", said(subject, "USUBJID"))
        if said(r, "PARAMCD") in ("", "DOSE") and date_of(r, "ASTDT")
    ]
    by_component: dict[str, list[Record]] = {}
    for record in records:
        by_component.setdefault(said(record, "PARCAT1"), []).append(record)
    told = []
    for component, own in by_component.items():
        doses = several([_dose(r) for r in own])
        name = as_words(component) or "Exposure"
        told += sentence(f"{name}: {doses}.", keys_of("adex", own, "EXSEQ"))
    return Passage("Treatment", tuple(told) or (Sentence("No exposure is recorded."),))


def _dose(record: Record) -> str:
    number = said(record, "AINFN")
    name = said(record, "EXTRT") or said(record, "PARAM")
    dose = f"{amount(record.get('AVAL'))} {said(record, 'AVALU')}".strip()
    infusion = f"infusion {number}, " if number else ""
    return f"{infusion}{name}{f' {dose}' if dose else ''} ({period_of(record)})"


def tell_outcome(subject: Record, subjects: BySubject) -> Passage:
    """Best response, progression, new therapy, and death or the last contact."""
    who, params = said(subject, "USUBJID"), subjects.params
    told: list[Sentence] = []
    bor = params.endpoints.bor
    if bor is not None:
        for record in subjects.responses(who, bor.paramcd, bor.evaluator)[:1]:
            text = f"Best overall response: {said(record, 'AVALC')}."
            told += sentence(text, f"ADRS {bor.paramcd}")
    told += _progression(who, subjects)
    started = date_of(subject, "NACTDT", "NACTDTF")
    told += sentence(
        f"New anticancer therapy began on {started}." if started else "", "ADSL NACTDT"
    )
    told += _end(subject, subjects)
    return Passage("Response and outcome", tuple(told))


def _progression(who: str, subjects: BySubject) -> list[Sentence]:
    endpoint = subjects.params.endpoints.of("pfs")
    if endpoint is None:
        return []
    for record in subjects.records("adtte", who, "ADT"):
        if said(record, "PARAMCD") == endpoint.paramcd and said(record, "CNSR") == "0":
            event, when = said(record, "EVNTDESC"), date_of(record, "ADT")
            text = f"Progression-free survival ended with an event ({event or 'not described'})"
            return sentence(
                f"{text} on {when}." if when else f"{text}.", f"ADTTE {endpoint.paramcd}"
            )
    return []


def _end(subject: Record, subjects: BySubject) -> list[Sentence]:
    died = date_of(subject, "DTHDT", "DTHDTF")
    if said(subject, "DTHFL") == "Y":
        cause = said(subject, "DTHCAUS") or "not recorded"
        of = f" Cause of death: {cause}." if "DTHCAUS" in subject else ""
        since = _days_between(subject, "TRTEDT", "DTHDT")
        after = f", {since} days after the last infusion" if since else ""
        when = f" on {died}" if died else " on a date that was not recorded"
        when = when if "DTHDT" in subject else ""
        return sentence(f"The subject died{when}{after}.{of}", "ADSL")
    alive = date_of(subject, "LSTALVDT")
    return sentence(f"The subject was last known to be alive on {alive}." if alive else "", "ADSL")


def told_subject_needs(params: Params) -> Needs:
    """What is told of a subject beside the events."""
    subject = reads(
        "adsl",
        "DTHFL",
        **not_told(
            *("AGE", "SEX", "RACE", "SITEID", "TRTSDT", "TRTEDT", "NACTDT", "NACTDTF"),
            *("DTHDT", "DTHDTF", "DTHCAUS", "LSTALVDT"),
        ),
    )
    history = reads_if_there(
        "admh", UNTOLD, "USUBJID", **not_told("MHDECOD", "MHTERM", "MHSTDTC", "MHENRF", "MHSEQ")
    )
    before = Needs(optional={("adcm", c): UNTOLD for c in ("PREFL", "ONTRTFL")})
    given = reads_if_there(
        "adex",
        UNTOLD,
        *("USUBJID", "ASTDT", "AVAL"),
        **not_told(
            *("PARAMCD", "PARCAT1", "PARAM", "EXTRT", "AINFN", "AVALU", "EXSEQ"),
            *("ASTDTF", "AENDT", "AENDTF"),
        ),
    )
    return subject_needs(params, "safety") + subject + history + before + given + _ends(params)


def _ends(params: Params) -> Needs:
    """Response and progression, of the endpoints that params declare."""
    found = Needs()
    if params.endpoints.bor is not None:
        evaluator = not_told("RSEVAL")
        found += reads_if_there("adrs", UNTOLD, "USUBJID", "PARAMCD", "AVALC", **evaluator)
    if params.endpoints.of("pfs") is not None:
        event = ("USUBJID", "PARAMCD", "CNSR", "EVNTDESC")
        found += reads_if_there("adtte", UNTOLD, *event, **not_told("ADT"))
    return found


def _days_between(record: Record, start: str, end: str) -> str:
    first, last = record.get(start), record.get(end)
    if not isinstance(first, pd.Timestamp) or not isinstance(last, pd.Timestamp):
        return ""
    return "" if pd.isna(first) or pd.isna(last) else str((last - first).days)
