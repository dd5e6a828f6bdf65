"""Components of CRS and ICANS episodes: the grade they give, from which day, and for how long.

Source: Lee 2019; METHODS §5, §10.12.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.findings import find_rows
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.derive.units import read_in_unit
from csr.errors import Finding
from csr.params.cell_toxicity import CellToxicity
from csr.standards.astct import components_of, fever_of, grade_components, worse

KEYS = ("USUBJID", "FASEQ")
# A temperature without any unit is in degrees Celsius where all can only be that.
LOWEST, HIGHEST = 25.0, 45.0
AGREE = 0.2
Recorded = tuple[str, str, pd.Timestamp]


@dataclass(frozen=True)
class Graded:
    """What the components of an episode give: grade ("" none, and `why`), and by day.

    `reached`: the first day the grade was recorded (NaT not known). `days`: recorded day → grade.
    """

    grade: str = ""
    why: str = ""
    reached: pd.Timestamp = pd.NaT
    days: dict[pd.Timestamp, int] = field(default_factory=dict)


class Components:
    """The components on record, by subject and link, and what was found wrong with them."""

    def __init__(self, sdtm: Sdtm, rules: CellToxicity) -> None:
        records = select_records(sdtm, rules.components)
        records = records[done(records, "FA")]
        code = text(records, "FATESTCD").str.upper()
        result = _results(records)
        self.findings: list[Finding] = []
        for component, unit in fever_of().items():
            which = code == component
            result, found = _in_degrees(records, result, which, unit)
            self.findings += found
        day = earliest_day(text(records, "FADTC"))
        day = day.where(imputation_flag(text(records, "FADTC")) == "")
        link = text(records, f"FA{rules.link}")
        self._found: dict[tuple[str, str], list[Recorded]] = {}
        columns = (records["USUBJID"], link, code, result, day)
        for who, linked, test, value, at in zip(*columns, strict=True):
            self._found.setdefault((str(who), str(linked)), []).append((test, str(value), at))

    def of(self, who: str, links: tuple[str, ...]) -> list[Recorded]:
        """What is linked to one of these of the subject."""
        return [c for link in links for c in self._found.get((who, link), [])]


def _results(records: pd.DataFrame) -> pd.Series:
    standard = text(records, "FASTRESC").astype(str)
    return standard.where(standard != "", text(records, "FAORRES").astype(str))


def _in_degrees(
    records: pd.DataFrame, result: pd.Series, which: pd.Series, to: str
) -> tuple[pd.Series, list[Finding]]:
    """The temperatures in the unit of the table; blank where the unit can't be told."""
    own = records[which]
    if own.empty:
        return result, []
    value = number(own, "FASTRESC").where(text(own, "FASTRESU") != "")
    unit = text(own, "FASTRESU")
    original = number(own, "FAORRES")
    by_original = value.isna() & original.notna() & (text(own, "FAORRESU") != "")
    value = value.mask(by_original, original)
    unit = unit.mask(by_original, text(own, "FAORRESU"))
    plain = pd.to_numeric(result[which], errors="coerce").astype(float)
    value = value.where(value.notna(), plain)
    kind = pd.Series("temperature", index=own.index)
    sure = bool(plain.dropna().between(LOWEST, HIGHEST).all())
    read = read_in_unit(value, unit, to, kind, assumed=to if sure else "")
    recorded = read_in_unit(original, text(own, "FAORRESU"), to, kind)
    at_odds = (read.value - recorded.value).abs() > AGREE
    lost = read.lost | at_odds
    degrees = read.value.map("{:.10g}".format).where(read.value.notna() & ~lost, "")
    words = degrees.where(value.notna(), result[which])
    finding = Finding(
        "warning",
        "FA",
        "FAORRESU",
        "temperature-unit",
        "the unit of the temperature is missing or unknown, or result and standardised result "
        "differ; it is not used",
        "give FASTRESU or FAORRESU",
    )
    shown = own.assign(FASEQ=number(own, "FASEQ"), shown=result[which])[lost]
    return result.mask(which, words.reindex(result.index)), find_rows(shown, finding, KEYS, "shown")


def grade_recorded(syndrome: str, recorded: list[Recorded], fever_waived: bool) -> Graded:
    """The grade of the worst of each component, and the grade of each day with components.

    Of a day the components recorded on it count; fever is that of the episode.
    """
    if not components_of(syndrome):
        return Graded(why="taken as reported")
    worst = _worst(syndrome, recorded)
    grade, why = grade_components(syndrome, worst, fever_waived)
    if grade is None:
        return Graded(why=why)
    fever = {c: worst.get(c, "") for c in fever_of() if c in components_of(syndrome)}
    days: dict[pd.Timestamp, int] = {}
    for day in sorted({at for _, _, at in recorded if not pd.isna(at)}):
        own = _worst(syndrome, [r for r in recorded if r[2] == day]) | fever
        known, _ = grade_components(syndrome, own, fever_waived)
        if known is not None:
            days[day] = known
    reached = next((day for day, known in days.items() if known == grade), pd.NaT)
    return Graded(str(grade), "", reached, days)


def _worst(syndrome: str, recorded: list[Recorded]) -> dict[str, str]:
    worst: dict[str, str] = {}
    for component, value, _ in recorded:
        worst[component] = worse(syndrome, component, worst.get(component, ""), value)
    return worst


def days_at(
    graded: Graded, grade: int, start: pd.Timestamp, end: pd.Timestamp
) -> tuple[float, float]:
    """Days of [start, end] at the grade or a higher one: at least, and at most.

    A recorded grade holds to the day before the next record. Before the first nothing is known,
    nor after the last where it is of this grade.
    """
    days = [(day, known) for day, known in graded.days.items() if start <= day <= end]
    whole = float((end - start).days + 1)
    if not days:
        return (1.0 if graded.grade and int(graded.grade) >= grade else 0.0), whole
    least = 0.0
    for (day, known), (following, _) in pairwise(days):
        least += (following - day).days if known >= grade else 0
    most = least + (days[0][0] - start).days
    if days[-1][1] >= grade:
        least, most = least + 1, most + (end - days[-1][0]).days + 1
    return least, min(most, whole)
