"""DM, SUPPDM, SE, SV, DS, DD, SS and DV of one subject, as known."""

from __future__ import annotations

from csr.demo.enrolment import COHORT_LABELS
from csr.demo.known import PENDING_TEXT, Known
from csr.demo.planted_records import bags_of
from csr.demo.truth import Deviation, Subject
from csr.demo.variables import Row
from csr.demo.visit_table import epoch
from csr.demo.when import When, iso

FACT_LABELS = {
    "TUMTYPE": "Tumour Type",
    "LAUREN": "Lauren Classification",
    "CLDN182": "Claudin18.2 Expression",
    "CLDNHSC": "Claudin18.2 H-Score",
    "STAGE": "Stage at Screening",
    "PERITMET": "Peritoneal Metastasis",
    "METSITES": "Metastatic Sites",
    "PRLINES": "Number of Prior Lines",
    "ECOGBL": "ECOG at Screening",
    "PRODSPEC": "Product Specification",
}


def rows(subject: Subject, known: Known) -> dict[str, list[Row]]:
    """The records of these domains that exist on the day."""
    return {
        "dm": [_demographics(subject, known)],
        "suppdm": _supplement(subject, known),
        "se": _elements(subject, known),
        "sv": _visits(subject, known),
        "ds": _disposition(subject, known),
        "dd": _death_details(subject, known),
        "ss": _contacts(subject, known),
        "dv": _deviations(subject, known),
    }


def _demographics(subject: Subject, known: Known) -> Row:
    exposed = [d.start for d in subject.doses] + [i.day for i in subject.infusions]
    began = min(exposed, default=None)
    last = _last_exposure(subject, known)
    start = known.day(subject.first_infusion)
    died = known.death(subject)
    return {
        "SUBJID": f"{subject.number:04d}",
        "RFSTDTC": start,
        "RFENDTC": last if start else "",
        "RFXSTDTC": known.day(began),
        "RFXENDTC": last,
        "RFICDTC": iso(subject.consent),
        "DTHDTC": subject.death.when.text if died and subject.death else "",
        "DTHFL": "Y" if died else "",
        "SITEID": subject.site,
        "INVNAM": subject.investigator,
        "AGE": subject.age,
        "AGEU": "YEARS",
        "SEX": subject.sex,
        "RACE": "ASIAN",
        "ETHNIC": "NOT HISPANIC OR LATINO",
        "COUNTRY": "CHN",
        "DMDTC": iso(subject.consent),
        **_arm(subject, known, bool(known.day(began))),
    }


def _last_exposure(subject: Subject, known: Known) -> str:
    days = [day for d in subject.doses for day in (d.start, d.end)]
    days += [day for i in subject.infusions for day, _ in bags_of(i)]
    given = [day for day in days if day <= known.on]
    return iso(max(given)) if given else ""


def _arm(subject: Subject, known: Known, treated: bool) -> Row:
    """An arm is assigned with enrolment, and actual with the first treatment."""
    failed = subject.phase == "SCREENING"
    settled = subject.departure[0] if failed and subject.departure else subject.enrolled
    if settled is None or settled > known.on:
        return {}
    if failed or subject.arm is None:
        return {"ARMNRS": "SCREEN FAILURE"}
    planned: Row = {"ARMCD": subject.arm.code, "ARM": subject.arm.label}
    if not treated:
        return {**planned, "ARMNRS": "ASSIGNED, NOT TREATED"}
    return {**planned, "ACTARMCD": subject.arm.code, "ACTARM": subject.arm.label}


def supplement(domain: str, key: tuple[str, str], name: str, label: str, value: str) -> Row:
    """One SUPP-- record; `key` is IDVAR and IDVARVAL."""
    return {
        "RDOMAIN": domain,
        "IDVAR": key[0],
        "IDVARVAL": key[1],
        "QNAM": name,
        "QLABEL": label,
        "QVAL": value,
        "QORIG": "CRF",
    }


def _supplement(subject: Subject, known: Known) -> list[Row]:
    values = {name: (FACT_LABELS[name], value) for name, value in subject.facts.items()}
    if subject.arm:
        values |= {
            "PHASE": ("Part of the Study", subject.phase),
            "COHORT": ("Cohort", COHORT_LABELS[subject.arm.cohort]),
            "PLANDOSE": ("Planned Dose (Cells)", f"{subject.arm.dose:.0f}"),
        }
    if subject.escalation_cohort:
        values["ESCCOH"] = ("Escalation Cohort", subject.escalation_cohort)
    if subject.replaces:
        values["REPLACES"] = ("Replaces Subject", subject.replaces)
    if known.death(subject):
        values["DTHPLACE"] = ("Place of Death", "HOSPITAL" if subject.number % 2 else "HOME")
    return [supplement("DM", ("", ""), n, label, v) for n, (label, v) in values.items()]


def _elements(subject: Subject, known: Known) -> list[Row]:
    starts = [("SCRN", "SCREENING", subject.consent)]
    if subject.apheresis is not None:
        starts.append(("APH", "APHERESIS AND BRIDGING", subject.apheresis))
    chemotherapy = [d.start for d in subject.doses if d.category == "CHEMOTHERAPY"]
    if chemotherapy:
        starts.append(("CHEMO", "FIRST-LINE CHEMOTHERAPY", min(chemotherapy)))
    if subject.first_infusion is not None:
        first = subject.first_infusion
        starts.append(("LD", "LYMPHODEPLETION", first - 5))
        starts.append(("INF", "INFUSION AND DLT OBSERVATION", first))
        starts.append(("FU", "FOLLOW-UP", first + 29))
    last = subject.seen_until()
    starts = [s for s in starts if s[2] < last or s[0] == "SCRN"]
    ends = [When(s[2]) for s in starts[1:]]
    died = subject.death is not None and subject.death.when.day <= last
    ends.append(subject.death.when if died and subject.death else When(last))
    rows: list[Row] = []
    for order, ((code, element, start), end) in enumerate(zip(starts, ends, strict=True), start=1):
        if start <= known.on:
            rows.append(
                {"SESEQ": order, "ETCD": code, "ELEMENT": element, "TAETORD": order,
                 "EPOCH": epoch(subject, start), "SESTDTC": iso(start), "SEENDTC": known.end(end)}
            )  # fmt: skip
    return rows


def _visits(subject: Subject, known: Known) -> list[Row]:
    return [
        {
            "VISITNUM": visit.number,
            "VISIT": visit.name,
            "EPOCH": epoch(subject, visit.start),
            "SVSTDTC": iso(visit.start),
            "SVENDTC": known.day(visit.end),
        }
        for visit in subject.visits
        if visit.start <= known.on
    ]


def _disposition(subject: Subject, known: Known) -> list[Row]:
    rows: list[Row] = []
    for sequence, milestone in enumerate(subject.milestones, start=1):
        death_unknown = milestone.decod == "DEATH" and subject.death is None
        if milestone.when.known(known.on) and not death_unknown:
            rows.append(
                {
                    "DSSEQ": sequence,
                    "DSTERM": milestone.term,
                    "DSDECOD": milestone.decod,
                    "DSCAT": milestone.category,
                    "DSSCAT": milestone.subcategory,
                    "EPOCH": epoch(subject, milestone.when.day),
                    "DSSTDTC": milestone.when.text,
                }
            )
    return rows


def _death_details(subject: Subject, known: Known) -> list[Row]:
    if subject.death is None or not known.death(subject):
        return []
    notified = known.day(subject.death.notified)
    details = (
        ("PRCDTH", "Primary Cause of Death", subject.death.cause),
        ("DTHCLASS", "Class of the Cause of Death", subject.death.cause_class),
    )
    return [
        {"DDSEQ": i, "DDTESTCD": code, "DDTEST": name, "DDORRES": value, "DDSTRESC": value,
         "DDDTC": notified}
        for i, (code, name, value) in enumerate(details, start=1)
    ]  # fmt: skip


def _contacts(subject: Subject, known: Known) -> list[Row]:
    rows: list[Row] = []
    for sequence, contact in enumerate(subject.contacts, start=1):
        death_unknown = contact.status == "DEAD" and subject.death is None
        if contact.day > known.on or death_unknown:
            continue
        rows.append(
            {"SSSEQ": sequence, "SSTESTCD": "SURVSTAT", "SSTEST": "Survival Status",
             "SSORRES": contact.status, "SSSTRESC": contact.status, "VISITNUM": contact.number,
             "VISIT": contact.name, "EPOCH": epoch(subject, contact.day),
             "SSDTC": iso(contact.day)}
        )  # fmt: skip
    return rows


def _deviations(subject: Subject, known: Known) -> list[Row]:
    return [
        {
            "DVSEQ": sequence,
            "DVTERM": _deviation_text(deviation, known),
            "DVDECOD": deviation.decod,
            "DVCAT": deviation.category,
            "DVSCAT": "IMPORTANT" if deviation.important else "NOT IMPORTANT",
            "EPOCH": epoch(subject, deviation.day),
            "DVSTDTC": iso(deviation.day),
        }
        for sequence, deviation in enumerate(subject.deviations, start=1)
        if deviation.day <= known.on
    ]


def _deviation_text(deviation: Deviation, known: Known) -> str:
    """The text with the day it was made up for; a day still to come is not told."""
    if deviation.made_up is None:
        return deviation.term
    return f"{deviation.term}, MADE UP FOR ON {known.day(deviation.made_up) or PENDING_TEXT}"
