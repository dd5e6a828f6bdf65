"""EX, SUPPEX, PR and CM of one subject, as known."""

from __future__ import annotations

from csr.demo.known import Known
from csr.demo.planted_records import bags_of
from csr.demo.state_subject import supplement
from csr.demo.truth import Dose, Infusion, Medication, Subject
from csr.demo.variables import Row
from csr.demo.visit_table import epoch
from csr.demo.when import iso

CELLS = "CAR-CLDN18.2 T CELLS"


def rows(subject: Subject, known: Known) -> dict[str, list[Row]]:
    """The records of these domains that exist on the day."""
    exposure = _exposure(subject, known)
    return {
        "ex": exposure,
        "suppex": _infusion_details(subject, exposure),
        "pr": _procedures(subject, known),
        "cm": _medications(subject, known),
    }


def _exposure(subject: Subject, known: Known) -> list[Row]:
    given: list[tuple[int, Row, int]] = [(d.start, _dose(d), d.end) for d in subject.doses]
    given += [
        (day, _infusion(i, cells), day) for i in subject.infusions for day, cells in bags_of(i)
    ]
    given.sort(key=lambda g: g[0])
    return [
        {
            **row,
            "EXSEQ": sequence,
            "EPOCH": epoch(subject, start),
            "EXSTDTC": iso(start),
            "EXENDTC": known.day(end),
        }
        for sequence, (start, row, end) in enumerate(given, start=1)
        if start <= known.on
    ]


def _infusion(infusion: Infusion, cells: float) -> Row:
    return {
        "EXTRT": CELLS,
        "EXCAT": "CAR-T INFUSION",
        "EXDOSE": cells / 1e6 if infusion.in_millions else cells,
        "EXDOSU": "10^6 CELLS" if infusion.in_millions else "CELLS",
        "EXDOSFRM": "INJECTION, SUSPENSION",
        "EXDOSFRQ": "ONCE",
        "EXROUTE": "INTRAVENOUS",
        "EXLOT": infusion.lot,
    }


def _dose(dose: Dose) -> Row:
    return {
        "EXTRT": dose.treatment,
        "EXCAT": dose.category,
        "EXDOSE": dose.amount,
        "EXDOSU": dose.unit,
        "EXDOSFRM": "CAPSULE" if dose.route == "ORAL" else "INJECTION",
        "EXDOSFRQ": dose.frequency,
        "EXROUTE": dose.route,
    }


def _infusion_details(subject: Subject, exposure: list[Row]) -> list[Row]:
    by_lot = {infusion.lot: infusion for infusion in subject.infusions}
    found: list[Row] = []
    for row in exposure:
        infusion = by_lot.get(str(row.get("EXLOT", "")))
        if infusion is None:
            continue
        key = ("EXSEQ", str(row["EXSEQ"]))
        values = (
            ("EXINFNUM", "Infusion Number", str(infusion.number)),
            ("EXPLDOSE", "Planned Dose (Cells)", f"{infusion.planned:.0f}"),
            ("EXVIAB", "Viability (%)", f"{infusion.viability:.1f}"),
            ("EXTRANS", "Transduction Efficiency (%)", f"{infusion.transduction:.1f}"),
        )
        found += [supplement("EX", key, name, label, value) for name, label, value in values]
    return found


def _procedures(subject: Subject, known: Known) -> list[Row]:
    return [
        {
            "PRSEQ": sequence,
            "PRTRT": procedure.term,
            "PRCAT": procedure.category,
            "EPOCH": epoch(subject, procedure.start),
            "PRSTDTC": iso(procedure.start),
            "PRENDTC": known.day(procedure.end),
        }
        for sequence, procedure in enumerate(subject.procedures, start=1)
        if procedure.start <= known.on
    ]


def _medications(subject: Subject, known: Known) -> list[Row]:
    return [
        _medication(subject, medication, known)
        for medication in subject.medications
        if known.started(medication.start, medication.end)
    ]


def _medication(subject: Subject, medication: Medication, known: Known) -> Row:
    ended = known.ended(medication.end)
    last_seen = min(known.on, subject.seen_until())
    return {
        "CMSEQ": medication.sequence,
        "CMTRT": medication.term,
        "CMDECOD": medication.decod,
        "CMCAT": medication.category,
        "CMINDC": medication.reason,
        "CMCLAS": medication.atc,
        "CMDOSE": medication.dose,
        "CMDOSU": medication.unit,
        "EPOCH": epoch(subject, medication.start.day),
        "CMSTDTC": medication.start.text,
        "CMENDTC": known.end(medication.end),
        "CMENRTPT": "" if ended else "ONGOING",
        "CMENTPT": "" if ended else iso(last_seen),
    }
