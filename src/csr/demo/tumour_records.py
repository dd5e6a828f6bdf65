"""TU, TR and RS records of all scans: lesions, their sizes, and the responses of both readers."""

from __future__ import annotations

import pandas as pd

from csr.demo.truth import Scan, Subject
from csr.demo.tumour_habits import as_sites_write
from csr.demo.tumours import INDEPENDENT, INVESTIGATOR, LOCATIONS, READERS
from csr.demo.visit_table import epoch, finish
from csr.demo.when import iso

SHORT = {INVESTIGATOR: "INV", INDEPENDENT: "IND"}
READER_ID = {INVESTIGATOR: "", INDEPENDENT: "RADIOLOGIST 1"}
RESPONSES = {
    "TRGRESP": "Target Response",
    "NTRGRESP": "Non-target Response",
    "NEWLPROG": "New Lesion Progression",
    "OVRLRESP": "Overall Response",
}
Record = dict[str, object]


def tumour_tables(
    subjects: list[Subject], study: str, *, tidy: bool = False
) -> dict[str, pd.DataFrame]:
    """The three datasets as finally recorded, with the helper columns of findings."""
    records: dict[str, list[Record]] = {"tu": [], "tr": [], "rs": []}
    for index, subject in enumerate(subjects):
        for position, scan in enumerate(subject.scans):
            for reader in READERS:
                base = _base(index, subject, scan)
                if position == 0:
                    records["tu"] += _targets(subject, scan, reader, base)
                records["tu"] += _new_lesion(scan, reader, base)
                records["tr"] += _sizes(subject, scan, reader, base)
                records["rs"] += _responses(scan, reader, base)
    written = records if tidy else as_sites_write(records, subjects)
    return {
        name: finish(pd.DataFrame(rows), subjects, name.upper(), study)
        for name, rows in written.items()
    }


def _base(index: int, subject: Subject, scan: Scan) -> Record:
    visit = scan.visit
    return {
        "_subject": index,
        "_day": scan.day,
        "VISITNUM": visit.number,
        "VISIT": visit.name,
        "EPOCH": epoch(subject, scan.day),
    }


def _on(base: Record, domain: str, day: int, reader: str) -> Record:
    return {
        **base,
        "_day": day,
        f"{domain}DTC": iso(day),
        f"{domain}EVAL": reader,
        f"{domain}EVALID": READER_ID[reader],
    }


def _link(reader: str, kind: str, number: int) -> str:
    return f"{SHORT[reader]}-{kind}{number:02d}"


def _group(scan: Scan, reader: str) -> str:
    return f"{SHORT[reader]}-{scan.visit.number:g}"


def _targets(subject: Subject, scan: Scan, reader: str, base: Record) -> list[Record]:
    number = len(scan.sizes[reader])
    found = [
        _lesion(scan, reader, base, _link(reader, "T", i + 1), "TARGET", _location(subject, i))
        for i in range(number)
    ]
    if subject.non_target:
        found.append(
            _lesion(scan, reader, base, _link(reader, "NT", 1), "NON-TARGET", "PERITONEUM")
        )
    return found


def _location(subject: Subject, lesion: int) -> str:
    return LOCATIONS[(subject.number + lesion) % len(LOCATIONS)]


def _lesion(scan: Scan, reader: str, base: Record, link: str, kind: str, location: str) -> Record:
    return {
        **_on(base, "TU", scan.day, reader),
        "TULNKID": link,
        "TUTESTCD": "TUMIDENT",
        "TUTEST": "Tumor Identification",
        "TUORRES": kind,
        "TUSTRESC": kind,
        "TULOC": location,
        "TUMETHOD": "CT SCAN",
    }


def _sees_new(scan: Scan, reader: str) -> bool:
    return scan.responses.get(reader, {}).get("NEWLPROG") == "Y"


def _new_lesion(scan: Scan, reader: str, base: Record) -> list[Record]:
    if not _sees_new(scan, reader):
        return []
    link = f"{SHORT[reader]}-NEW{scan.visit.number:g}"
    return [_lesion(scan, reader, base, link, "NEW", "LIVER")]


def _sizes(subject: Subject, scan: Scan, reader: str, base: Record) -> list[Record]:
    found = []
    for i, size in enumerate(scan.sizes[reader]):
        measured = None if scan.not_evaluable and i == 0 else size
        link = _link(reader, "T", i + 1)
        code, name = ("LPERP", "Longest Perpendicular")
        if _location(subject, i) != "LYMPH NODE":
            code, name = ("LDIAM", "Longest Diameter")
        found.append(_size(scan, reader, base, "TARGET", link, code, name, measured))
    if not scan.not_evaluable:
        total = float(sum(scan.sizes[reader]))
        found.append(_size(scan, reader, base, "TARGET", "", "SUMDIAM", "Sum of Diameter", total))
    if subject.non_target:
        found.append(_state(scan, reader, base, "NON-TARGET", _link(reader, "NT", 1)))
    if _sees_new(scan, reader):
        found.append(_state(scan, reader, base, "NEW", f"{SHORT[reader]}-NEW{scan.visit.number:g}"))
    return found


def _size(
    scan: Scan,
    reader: str,
    base: Record,
    group: str,
    link: str,
    code: str,
    name: str,
    size: float | None,
) -> Record:
    result = "" if size is None else f"{size:g}"
    unit = "" if size is None else "mm"
    return {
        **_on(base, "TR", scan.day, reader),
        "TRGRPID": group,
        "TRLNKID": link,
        "TRLNKGRP": _group(scan, reader),
        "TRTESTCD": code,
        "TRTEST": name,
        "TRORRES": result,
        "TRORRESU": unit,
        "TRSTRESC": result,
        "TRSTRESN": float("nan") if size is None else size,
        "TRSTRESU": unit,
        "TRSTAT": "NOT DONE" if size is None else "",
        "TRREASND": "IMAGE NOT EVALUABLE" if size is None else "",
    }


def _state(scan: Scan, reader: str, base: Record, group: str, link: str) -> Record:
    words = "PRESENT"
    if group == "NEW":
        words = "UNEQUIVOCAL"
    elif scan.non_target_pd:
        words = "UNEQUIVOCAL PROGRESSION"
    elif scan.ratio == 0:
        words = "ABSENT"
    return {
        **_on(base, "TR", scan.last_day, reader),
        "TRGRPID": group,
        "TRLNKID": link,
        "TRLNKGRP": _group(scan, reader),
        "TRTESTCD": "TUMSTATE",
        "TRTEST": "Tumor State",
        "TRORRES": words,
        "TRSTRESC": words,
    }


def _responses(scan: Scan, reader: str, base: Record) -> list[Record]:
    return [
        {
            **_on(base, "RS", scan.last_day, reader),
            "RSLNKGRP": _group(scan, reader),
            "RSTESTCD": code,
            "RSTEST": RESPONSES[code],
            "RSCAT": "RECIST 1.1",
            "RSORRES": value,
            "RSSTRESC": value,
        }
        for code, value in scan.responses.get(reader, {}).items()
    ]
