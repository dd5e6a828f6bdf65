"""AE, SUPPAE, CE, FA, MH and RELREC of one subject, as known."""

from __future__ import annotations

from csr.demo.known import Known, event_ended
from csr.demo.state_subject import supplement
from csr.demo.truth import AdverseEvent, Subject
from csr.demo.variables import Row
from csr.demo.visit_table import epoch
from csr.demo.when import iso

ONGOING = "NOT RECOVERED/NOT RESOLVED"


def rows(subject: Subject, known: Known) -> dict[str, list[Row]]:
    """The records of these domains that exist on the day."""
    events = [e for e in subject.events if _exists(e, known)]
    episodes = [e for e in events if e.episode]
    return {
        "ae": [_event(subject, e, known) for e in events],
        "suppae": [r for e in events for r in _event_details(subject, e, known)],
        "ce": [_episode(subject, e, known) for e in episodes],
        "fa": _components(subject, known),
        "mh": _history(subject, known),
        "relrec": [r for e in episodes for r in _relations(subject, e, known)],
    }


def _exists(event: AdverseEvent, known: Known) -> bool:
    if not known.started(event.onset, event.end) or not known.entered(event.entered_on):
        return False
    return event.withdrawn_on is None or not known.corrected(event.withdrawn_on)


def _event(subject: Subject, event: AdverseEvent, known: Known) -> Row:
    ended = event_ended(event, subject, known)
    fatal = event.fatal and ended
    serious = event.hospitalised or event.life_threatening or event.important or fatal
    row: Row = {
        "AESEQ": event.sequence,
        "AEGRPID": event.group,
        "AETERM": event.term,
        "AEDECOD": event.decod,
        "AEBODSYS": event.soc,
        "AESOC": event.soc,
        "AESER": _flag(serious),
        "AEACN": event.action,
        "AEREL": event.cart,
        "AEOUT": event.outcome if ended else ONGOING,
        "AESDTH": "Y" if fatal else "",
        "AESHOSP": _flag(event.hospitalised),
        "AESLIFE": _flag(event.life_threatening),
        "AESMIE": _flag(event.important),
        "AECONTRT": _flag(event.treated),
        "AETOXGR": _grade(event, fatal),
        "EPOCH": epoch(subject, event.onset.day),
        "AESTDTC": event.onset.text,
        "AEENDTC": event.end.text if ended and event.end else "",
        "AEDUR": _duration(event) if ended else "",
        "AEENRF": "" if ended else "ONGOING",
        "AESTRTPT": "BEFORE" if event.before else "",
        "AESTTPT": event.before,
    }
    uncorrected = {c: v for c, v, day in event.earlier if not known.corrected(day)}
    return row | uncorrected


def _flag(yes: bool) -> str:
    return "Y" if yes else "N"


def _grade(event: AdverseEvent, fatal: bool) -> str:
    """Grade 5 is not known before the death; what the grade was then nobody recorded."""
    if event.grade is None or (event.grade == 5 and not fatal):
        return ""
    return str(event.grade)


def _duration(event: AdverseEvent) -> str:
    exact = event.end and event.onset.precision == "day" and event.end.precision == "day"
    return f"P{event.end.day - event.onset.day + 1}D" if event.end and exact else ""


def _event_details(subject: Subject, event: AdverseEvent, known: Known) -> list[Row]:
    values = [
        ("AERELLD", "Causality to Lymphodepletion", event.lymphodepletion),
        ("AERELPD1", "Causality to PD-1 Antibody", event.pd1),
        ("AERELCTX", "Causality to Chemotherapy", event.chemotherapy),
        ("AEDLT", "Dose-Limiting Toxicity", "Y" if event.dlt else ""),
        ("AEAESI", "Adverse Event of Special Interest", event.aesi),
        ("AELATCAT", "Delayed Adverse Event Category", event.late_category),
        ("AETRANSG", "Transgene in the Malignant Cells", event.transgene),
        ("AEDISDTC", "Date of Hospital Discharge", _discharge(subject, event, known)),
    ]
    key = ("AESEQ", str(event.sequence))
    return [supplement("AE", key, name, label, value) for name, label, value in values if value]


def _discharge(subject: Subject, event: AdverseEvent, known: Known) -> str:
    """Hospital stays end with the event; those that end with a death have no discharge."""
    stayed = event.hospitalised and not event.fatal and event.end is not None
    if not stayed or event.end is None or event.end.precision != "day":
        return ""
    return known.day(event.end.day)


def _episode(subject: Subject, event: AdverseEvent, known: Known) -> Row:
    ended = event_ended(event, subject, known)
    return {
        "CESEQ": _episode_number(subject, event),
        "CELNKID": event.episode,
        "CETERM": event.decod.upper(),
        "CEDECOD": event.decod,
        "CECAT": event.aesi,
        "CETOXGR": _grade(event, False),
        "EPOCH": epoch(subject, event.onset.day),
        "CESTDTC": event.onset.text,
        "CEENDTC": event.end.text if ended and event.end else "",
        "CEENRF": "" if ended else "ONGOING",
    }


def _episode_number(subject: Subject, event: AdverseEvent) -> int:
    return [e.episode for e in subject.events if e.episode].index(event.episode) + 1


def _components(subject: Subject, known: Known) -> list[Row]:
    found: list[Row] = []
    sequence = 0
    for event in subject.events:
        for component in event.components:
            sequence += 1
            if component.day > known.on:
                continue
            number = _as_number(component.result)
            found.append(
                {"FASEQ": sequence, "FALNKID": event.episode, "FATESTCD": component.test,
                 "FATEST": component.name, "FAOBJ": event.decod.upper(),
                 "FACAT": f"{event.aesi} COMPONENTS", "FAORRES": component.result,
                 "FAORRESU": component.unit, "FASTRESC": component.result, "FASTRESN": number,
                 "FASTRESU": component.unit, "EPOCH": epoch(subject, component.day),
                 "FADTC": iso(component.day)}
            )  # fmt: skip
    return found


def _as_number(text: str) -> float:
    return float(text) if text.replace(".", "", 1).isdigit() else float("nan")


def _history(subject: Subject, known: Known) -> list[Row]:
    return [
        {
            "MHSEQ": sequence,
            "MHTERM": condition.term,
            "MHDECOD": condition.decod,
            "MHCAT": condition.category,
            "MHBODSYS": condition.soc,
            "MHSTDTC": condition.start.text,
            "MHENDTC": known.end(condition.end),
            "MHENRF": "" if known.ended(condition.end) else "ONGOING",
        }
        for sequence, condition in enumerate(subject.history, start=1)
        if known.started(condition.start, condition.end)
    ]


def _relations(subject: Subject, event: AdverseEvent, known: Known) -> list[Row]:
    """The adverse event, the clinical event of the episode, and what was given for it."""
    related = [("AE", "AESEQ", event.sequence)]
    related.append(("CE", "CESEQ", _episode_number(subject, event)))
    related += [
        ("CM", "CMSEQ", m.sequence)
        for m in subject.medications
        if m.link == event.episode and known.started(m.start, m.end)
    ]
    return [
        {"RDOMAIN": domain, "IDVAR": variable, "IDVARVAL": str(value), "RELID": event.episode}
        for domain, variable, value in related
    ]


def dataset_relations(study: str) -> list[Row]:
    """Whole datasets that belong together: lesions, responses, components of an episode."""
    pairs = (
        ("TUTR", ("TU", "TULNKID", "ONE"), ("TR", "TRLNKID", "MANY")),
        ("TRRS", ("TR", "TRLNKGRP", "MANY"), ("RS", "RSLNKGRP", "MANY")),
        ("CEFA", ("CE", "CELNKID", "ONE"), ("FA", "FALNKID", "MANY")),
    )
    return [
        {"STUDYID": study, "RDOMAIN": domain, "USUBJID": "", "IDVAR": variable, "IDVARVAL": "",
         "RELTYPE": kind, "RELID": relation}
        for relation, *sides in pairs
        for domain, variable, kind in sides
    ]  # fmt: skip
