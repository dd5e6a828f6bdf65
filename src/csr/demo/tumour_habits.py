"""How sites write scans down: each habit of real data once, on top of the same scans.

The truth stays what it was; only the records differ. docs/demo-study.md says which there are, and
`tests/property/test_demo_tumours.py` holds csr to the truth.
"""

from __future__ import annotations

from collections.abc import Callable

from csr.demo.truth import Scan, Subject
from csr.demo.tumours import INDEPENDENT, INVESTIGATOR
from csr.demo.when import iso

Record = dict[str, object]
Tables = dict[str, list[Record]]
# Sites that measure in cm; write groups and places in small letters; give both readers' lesions
# the same numbers; give no links.
IN_CM, SMALL_LETTERS, ALIKE, WITHOUT_LINKS = "02", "03", "04", "05"
UNSCHEDULED = {"VISITNUM": 99.0, "VISIT": "UNSCHEDULED"}
TOO_SMALL_MM = 5.0
BASELINE = "BASELINE"


def as_sites_write(records: Tables, subjects: list[Subject]) -> Tables:
    """The records of TU, TR and RS as the sites have them."""
    for domain, rows in records.items():
        for row in rows:
            _by_site(domain.upper(), row, subjects[int(str(row["_subject"]))].site)
    taken: set[int] = set()
    for has, habit in HABITS:
        found = (i for i, s in enumerate(subjects) if i not in taken and has(s))
        index = next(found, None)
        if index is not None:
            taken.add(index)
            records = habit(records, index, subjects[index])
    return records


def _by_site(domain: str, row: Record, site: str) -> None:
    of_lesion = domain == "TR" and row["TRTESTCD"] != "SUMDIAM"
    if of_lesion and row.get("TRSTRESN") == TOO_SMALL_MM:
        row |= {"TRORRES": "TOO SMALL TO MEASURE", "TRSTRESC": "TOO SMALL TO MEASURE"}
        row |= {"TRSTRESN": float("nan"), "TRORRESU": "", "TRSTRESU": ""}
    if domain == "TR" and site == IN_CM and row.get("TRSTRESU") == "mm":
        size = float(str(row["TRSTRESN"])) / 10
        row |= {"TRORRES": f"{size:g}", "TRSTRESC": f"{size:g}", "TRSTRESN": size}
        row |= {"TRORRESU": "cm", "TRSTRESU": "cm"}
    if site == SMALL_LETTERS:
        for column in ("TRGRPID", "TUORRES", "TUSTRESC"):
            row |= {column: str(row[column]).capitalize()} if column in row else {}
        if row.get("TULOC") == "LYMPH NODE":
            row["TULOC"] = "Mediastinal lymph node"
    if site == ALIKE and f"{domain}LNKID" in row:
        row[f"{domain}LNKID"] = str(row[f"{domain}LNKID"]).partition("-")[2]
    if site == WITHOUT_LINKS:
        _unlink(domain, row)


def _unlink(domain: str, row: Record) -> None:
    """Without the link of its timepoint; the site's own sum and target response keep theirs."""
    if row.get(f"{domain}TESTCD") not in ("SUMDIAM", "TRGRESP"):
        row.pop(f"{domain}LNKGRP", None)


def _after(subject: Subject) -> list[Scan]:
    return [s for s in subject.scans if s.day >= subject.planned_infusion]


def _plain(subject: Subject) -> bool:
    """Whether a subject is of no script and has three scans after the infusion, all readable."""
    after = _after(subject)
    readable = not any(s.not_evaluable for s in subject.scans)
    return not subject.case and len(after) >= 3 and readable


def _several(subject: Subject) -> bool:
    return _plain(subject) and min(len(s) for s in _after(subject)[0].sizes.values()) > 1


def _large(subject: Subject) -> bool:
    last = _after(subject)[-1].sizes.values() if _plain(subject) else ()
    return bool(last) and min(sizes[0] for sizes in last) >= 10


def _unreadable(subject: Subject) -> bool:
    return not subject.case and any(s.not_evaluable for s in _after(subject))


def _of(row: Record, index: int, scan: Scan) -> bool:
    return row["_subject"] == index and row["VISIT"] == scan.visit.name


def _under(visit: Record, which: slice) -> Callable[[Tables, int, Subject], Tables]:
    """Some of the scans under another visit, and without links."""

    def habit(records: Tables, index: int, subject: Subject) -> Tables:
        scans = _after(subject)[which]
        for domain, rows in records.items():
            for row in rows:
                if any(_of(row, index, scan) for scan in scans):
                    _unlink(domain.upper(), row)
                    row |= visit
        return records

    return habit


def _ne_twice(records: Tables, index: int, subject: Subject) -> Tables:
    """The overall response of a scan that could not be read, recorded twice."""
    scan = next(s for s in _after(subject) if s.not_evaluable)
    again = [dict(row) for row in records["rs"] if _of(row, index, scan)]
    return {**records, "rs": [*records["rs"], *again]}


def _split(records: Tables, index: int, subject: Subject) -> Tables:
    """The first lesion of the last scan, measured in two fragments."""
    scan = _after(subject)[-1]
    made: list[Record] = []
    for row in records["tr"]:
        lesion = str(row.get("TRLNKID", ""))
        first = lesion.endswith("T01") and not lesion.endswith("NT01")
        if not (_of(row, index, scan) and first):
            made.append(row)
            continue
        size = float(str(row["TRSTRESN"]))
        for part, own in ((".1", size // 2), (".2", size - size // 2)):
            text = f"{own:g}"
            more = {"TRLNKID": lesion + part, "TRORRES": text, "TRSTRESC": text, "TRSTRESN": own}
            made.append({**row, **more})
    return {**records, "tr": made}


def _baseline_in_two(records: Tables, index: int, subject: Subject) -> Tables:
    """The last lesion of the baseline, scanned a day after the others under its own visit."""
    [scan] = [s for s in subject.scans if s.visit.name == BASELINE]
    last = {reader: f"T{len(scan.sizes[reader]):02d}" for reader in (INVESTIGATOR, INDEPENDENT)}
    for domain in ("tu", "tr"):
        prefix = domain.upper()
        for row in records[domain]:
            lesion = str(row.get(f"{prefix}LNKID", ""))
            own = last[str(row[f"{prefix}EVAL"])]
            if _of(row, index, scan) and lesion.endswith(own) and not lesion.endswith(f"N{own}"):
                row |= {"VISITNUM": 3.1, "VISIT": "BASELINE 2", "_day": scan.day + 1}
                row[f"{prefix}DTC"] = iso(scan.day + 1)
    return records


HABITS: tuple[tuple[Callable[[Subject], bool], Callable[[Tables, int, Subject], Tables]], ...] = (
    (_plain, _under(UNSCHEDULED, slice(0, 2))),
    (_plain, _under({"VISITNUM": float("nan"), "VISIT": "UNSCHEDULED"}, slice(1, 2))),
    (_unreadable, _ne_twice),
    (lambda s: _large(s) and s.site not in (IN_CM,), _split),
    (_several, _baseline_in_two),
)
