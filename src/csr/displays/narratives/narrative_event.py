"""What a narrative says of one adverse event: what is recorded, each sentence with its source."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Passage, Sentence
from csr.displays.tables.analysis_grade import fmt_grade
from csr.displays.tables.listing_cells import Record, in_order, said
from csr.displays.tables.subject_records import (
    UNTOLD,
    BySubject,
    amount,
    date_of,
    key_of,
    keys_of,
    not_told,
    period_of,
    sentence,
    several,
)
from csr.params import Params
from csr.params.narratives import Narratives
from csr.results import Needs, reads, reads_either, reads_if_there

CRITERIA = {
    "AESDTH": "death",
    "AESLIFE": "life-threatening",
    "AESHOSP": "hospitalisation",
    "AESDISAB": "disability",
    "AESCONG": "congenital anomaly",
    "AESMIE": "other medically important event",
}
WORST = (("ATOXGRL", "ATOXDSCL"), ("ATOXGRH", "ATOXDSCH"))


def tell_event(event: Record, reasons: list[str], subjects: BySubject) -> Passage:
    """The passage of one event, headed by its term and why it is told."""
    name = said(event, "AEDECOD") or said(event, "AETERM") or "Adverse event without a term"
    source = key_of("adae", event, "AESEQ")
    told = [
        *sentence(_beginning(event, name), source),
        *sentence(_seriousness(event), source),
        *sentence(_relationship(event, subjects), source),
        *sentence(_action(event), source),
        *sentence(_limiting(event), source),
        *_episode(event, subjects),
        *_medication(event, subjects),
        *_laboratory(event, subjects),
        *sentence(_outcome(event, subjects), source),
    ]
    return Passage(f"{name} ({'; '.join(reasons)})", tuple(told))


def _beginning(event: Record, name: str) -> str:
    when = date_of(event, "ASTDT", "ASTDTF")
    days = [f"study day {said(event, 'ASTDY')}"] if said(event, "ASTDY") else []
    if said(event, "AINFDY") and said(event, "AINFN") not in ("", "0"):
        days.append(f"{said(event, 'AINFDY')} days after infusion {said(event, 'AINFN')}")
    began = f"On {when} ({', '.join(days)})" if when and days else f"On {when}" if when else ""
    reported = said(event, "AETERM")
    as_reported = f" (reported as “{reported}”)" if reported.casefold() != name.casefold() else ""
    grade, severity = fmt_grade(event), said(event, "AESEV").lower()
    graded = f", grade {grade}" if grade else f", {severity}" if severity else ""
    if not graded and {"AETOXGR", "AESEV"} & set(event):
        graded = ", grade not recorded"
    text = f"{began}, {name}" if began else f"On a date that was not recorded, {name}"
    return f"{text}{as_reported} began{graded}."


def _seriousness(event: Record) -> str:
    if "AESER" not in event:
        return ""
    if said(event, "AESER") != "Y":
        return "It was not serious." if said(event, "AESER") == "N" else ""
    met = [words for column, words in CRITERIA.items() if said(event, column) == "Y"]
    if not met and not set(CRITERIA) <= set(event):
        return "It was serious."
    return f"It was serious ({several(met, 'criterion not recorded')})."


def _relationship(event: Record, subjects: BySubject) -> str:
    columns = {c: what for c, what in _relations(subjects.params).items() if c in event}
    if not columns:
        return ""
    said_of = [f"to {what}: {said(event, c)}" for c, what in columns.items() if said(event, c)]
    return f"Relationship {'; '.join(said_of)}." if said_of else "Relationship was not recorded."


def _relations(params: Params) -> dict[str, str]:
    """The reported relationship → what it is to."""
    if params.protocol is None:
        return {"AEREL": "the study treatment"}
    rules = params.protocol.adverse_events
    return {
        reported: rules.components.get(derived, "the study treatment").lower()
        for derived, reported in rules.relationship.items()
    }


def _action(event: Record) -> str:
    action = said(event, "AEACN")
    return f"Action taken with the study treatment: {action}." if action else ""


def _limiting(event: Record) -> str:
    if said(event, "ADLTFL") != "Y":
        return ""
    rule = said(event, "ADLTRULE")
    return "It is a dose-limiting toxicity" + (f" ({rule})." if rule else ".")


def _episode(event: Record, subjects: BySubject) -> list[Sentence]:
    """The episode of CRS or ICANS that the event belongs to."""
    episodes = [
        e
        for e in subjects.records("adce", said(event, "USUBJID"))
        if said(event, "ACESEQ")
        and said(e, "ACAT1") == said(event, "ASYNDR")
        and said(e, "CESEQ") == said(event, "ACESEQ")
    ]
    told = []
    for episode in episodes:
        grade = said(episode, "ATOXGRA")
        by = f"grade {grade} from its components" if grade else "not gradable from its components"
        given = [
            words
            for column, words in (
                ("TOCIFL", "tocilizumab"),
                ("STERFL", "corticosteroids"),
                ("VASOFL", "vasopressors"),
                ("ICUFL", "intensive care"),
            )
            if said(episode, column) == "Y"
        ]
        text = (
            f"By ASTCT criteria the episode was {by}; recorded treatment: {several(given, 'none')}."
        )
        told += sentence(text, key_of("adce", episode, "CESEQ"))
    return told


def _medication(event: Record, subjects: BySubject) -> list[Sentence]:
    before = pd.Timedelta(days=_rules(subjects).medication_days)
    own = subjects.frame("adcm", said(event, "USUBJID"))
    if own.empty or pd.isna(event["ASTDT"]):
        return []
    begun = own[own["ASTDT"] >= event["ASTDT"] - before]
    if not pd.isna(event.get("AENDT")):
        begun = begun[begun["ASTDT"] <= event["AENDT"]]
    records: list[Record] = list(in_order(begun, "ASTDT", "CMSEQ").to_dict("records"))
    if not records:
        return []
    told = [_drug(record) for record in records]
    text = f"Medication begun during the event: {several(told)}."
    return sentence(text, keys_of("adcm", records, "CMSEQ"))


def _drug(record: Record) -> str:
    name = said(record, "CMDECOD") or said(record, "CMTRT")
    indication = said(record, "CMINDC") or "indication not recorded"
    details = [indication] if "CMINDC" in record else []
    return f"{name} ({', '.join([*details, period_of(record)])})"


def _laboratory(event: Record, subjects: BySubject) -> list[Sentence]:
    own = subjects.frame("adlb", said(event, "USUBJID"))
    if own.empty or pd.isna(event["ASTDT"]):
        return []
    during = own[own["ADT"] >= event["ASTDT"]]
    if not pd.isna(event.get("AENDT")):
        during = during[during["ADT"] <= event["AENDT"]]
    records: list[Record] = []
    told = []
    for grade, term in WORST:
        graded = pd.to_numeric(during[grade], errors="coerce")
        high = during[graded >= _rules(subjects).laboratory_grade]
        worst = high.assign(order=graded).sort_values(["order", "ADT"], ascending=[False, True])
        for record in worst.groupby(term, sort=False).head(1).to_dict("records"):
            number = f"{said(record, 'AQUAL')}{amount(record.get('AVAL'))}"
            value = f"{number} {said(record, 'AVALU')}".strip()
            told.append(
                f"{said(record, term)} grade {said(record, grade)} ({value} on "
                f"{date_of(record, 'ADT')})"
            )
            records.append(record)
    if not told:
        return []
    text = f"Worst laboratory results of grade {_rules(subjects).laboratory_grade} or more: "
    return sentence(f"{text}{several(told)}.", keys_of("adlb", records, "LBSEQ"))


def _outcome(event: Record, subjects: BySubject) -> str:
    outcome, end = said(event, "AEOUT"), date_of(event, "AENDT", "AENDTF")
    if not end:
        cut = subjects.params.cut.cutoff
        after = f"; outcome: {outcome or 'blank'}" if "AEOUT" in event else ""
        return f"It had no recorded end at the data cut-off, {cut}{after}."
    days = said(event, "ADURN")
    lasted = f", after {days} day{'' if days == '1' else 's'}" if days else ""
    after = f"; outcome: {outcome or 'not recorded'}" if "AEOUT" in event else ""
    return f"It ended on {end}{lasted}{after}."


def told_event_needs(params: Params) -> Needs:
    """What the passage of an event is told from."""
    optional = (
        *("AETERM", "ASTDTF", "ASTDY", "AINFDY", "AINFN", "AENDTF", "ADURN", "AEOUT"),
        *("AESER", "AEACN", "ADLTFL", "ADLTRULE", "ACESEQ", "ASYNDR", "AGRADE"),
        *(*CRITERIA, *_relations(params)),
    )
    event = reads("adae", "USUBJID", "AESEQ", "AEDECOD", "ASTDT", "AENDT", **not_told(*optional))
    severity = params.conventions.severity
    event += reads("adae", **not_told(severity)) + reads_either("adae", ["AETOXGR"], ["AESEV"], [])
    syndrome = ("TOCIFL", "STERFL", "VASOFL", "ICUFL")
    toxicity = reads_if_there(
        "adce", UNTOLD, "USUBJID", "ACAT1", "CESEQ", "ASTDT", "ATOXGRA", *syndrome
    )
    drugs = reads_if_there(
        "adcm",
        UNTOLD,
        *("USUBJID", "ASTDT"),
        **not_told("CMDECOD", "CMTRT", "CMINDC", "CMSEQ", "ASTDTF", "AENDT", "AENDTF"),
    )
    laboratory = reads_if_there(
        "adlb",
        UNTOLD,
        *("USUBJID", "ADT", "AVAL", "ATOXGRL", "ATOXDSCL", "ATOXGRH", "ATOXDSCH"),
        **not_told("AQUAL", "AVALU", "LBSEQ"),
    )
    return event + toxicity + drugs + laboratory


def _rules(subjects: BySubject) -> Narratives:
    return subjects.params.narratives or Narratives()
