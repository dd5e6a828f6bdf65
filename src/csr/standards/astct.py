"""CRS and ICANS graded from their components by the ASTCT consensus (Lee 2019)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csr.standards.yaml_tables import read_table

HIGHEST = 4  # grade 5 is death due to the syndrome, which no component says
FEVER = "no temperature of 38.0 °C or more"


def components_of(syndrome: str) -> tuple[str, ...]:
    """The components that grade a syndrome ("CRS", "ICANS"), fever first; none for another."""
    table = read_table("astct_2019.yaml").get(syndrome, {})
    fever = (table["fever"]["component"],) if "fever" in table else ()
    return (*fever, *table.get("components", {}))


def fever_of() -> dict[str, str]:
    """The components that are temperatures, each with the unit the table compares it in."""
    tables = [t for t in read_table("astct_2019.yaml").values() if "fever" in t]
    return {t["fever"]["component"]: t["fever"]["unit"] for t in tables}


def grade_components(
    syndrome: str, results: Mapping[str, str], fever_waived: bool = False
) -> tuple[int | None, str]:
    """The grade 0 to 4 and "", or None and why the components do not give one.

    `results` has what was recorded by component code, the worst of the episode each; codes as in
    astct_2019.yaml, case does not matter. CRS needs a fever, unless it is waived: after an
    antipyretic, tocilizumab or corticosteroid the others grade alone. A component that was not
    recorded leaves the grade open unless another gives the highest. Grade 5 is for the caller, who
    knows of a death.
    """
    table = read_table("astct_2019.yaml").get(syndrome)
    if table is None:
        return None, f"ASTCT 2019 has no grades of {syndrome}"
    needs_fever = "fever" in table and not fever_waived
    if needs_fever and (why := _without_fever(table["fever"], results)):
        return None, why
    grades: list[int] = []
    open_ = []
    for component, values in table["components"].items():
        text = results.get(component, "").strip().upper()
        if not text:
            open_.append(f"{component} not recorded")
            continue
        grade = _grade_of(values, text)
        if grade is None:
            open_.append(f"{component}: '{text}' is no known result")
        else:
            grades.append(grade)
    worst = max(grades, default=0)
    if open_ and worst < HIGHEST:
        return None, "; ".join(open_)
    return worst, ""


def _without_fever(fever: Mapping[str, Any], results: Mapping[str, str]) -> str:
    text = results.get(fever["component"], "").strip()
    if not text:
        return f"{fever['component']} not recorded"
    try:
        return "" if float(text) >= fever["least"] else FEVER
    except ValueError:
        return f"{fever['component']}: '{text}' is no number"


def _grade_of(values: Mapping[str, Any], text: str) -> int | None:
    if "results" in values:
        found = values["results"].get(text)
        return None if found is None else int(found)
    try:
        score = float(text)
    except ValueError:
        return None
    if not 0 <= score <= 10:
        return None
    return next(int(step["grade"]) for step in values["scores"] if score >= step["least"])


def worse(syndrome: str, component: str, one: str, other: str) -> str:
    """The worse of two results of a component; of the records of an episode the worst counts."""
    if not one or not other:
        return one or other
    table = read_table("astct_2019.yaml").get(syndrome, {})
    if component == table.get("fever", {}).get("component"):
        return max((one, other), key=_number)
    values = table.get("components", {}).get(component, {"results": {}})
    grades = [_grade_of(values, text.strip().upper()) for text in (one, other)]
    if None in grades:
        return one if grades[0] is None else other
    return other if int(grades[1] or 0) > int(grades[0] or 0) else one


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("-inf")
