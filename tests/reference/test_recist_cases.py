"""Best overall response against worked examples of METHODS §3 and of admiralonco.

Expected values are exact (categories and dates). Sources: tests/reference/data/SOURCES-derive.md.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from csr.derive.response import (
    Assessment,
    Best,
    Course,
    best_overall_response,
    cr_then_pr,
    read_cr_then_pr,
)
from csr.params.protocol import Response

DATA = Path(__file__).parent / "data"


def cases(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def assessments(text: str) -> tuple[Assessment, ...]:
    """`28:PR 56:CR` as assessments."""
    pairs = (part.split(":") for part in text.split())
    return tuple(
        Assessment(response, int(day), int(day), i) for i, (day, response) in enumerate(pairs)
    )


def course(case: dict[str, str], rules: Response) -> Course:
    therapy = case.get("new_therapy_day")
    seen = read_cr_then_pr(assessments(case["assessments"]), rules)
    return Course(seen, new_therapy=int(therapy) if therapy else None)


METHODS_CASES = cases("recist_bor_cases.csv")


@pytest.mark.parametrize("case", METHODS_CASES, ids=lambda c: c["case"])
def test_worked_examples_of_methods(case: dict[str, str]) -> None:
    rules = Response()
    seen = course(case, rules)
    assert best_overall_response(seen, rules, confirmed=True).response == case["confirmed_bor"]
    assert best_overall_response(seen, rules, confirmed=False).response == case["unconfirmed_bor"]


def test_all_fourteen_examples_were_read() -> None:
    assert len(METHODS_CASES) == 14


def case_no(number: str) -> dict[str, str]:
    return next(c for c in METHODS_CASES if c["case"] == number)


def confirmed(number: str, rules: Response) -> Best:
    return best_overall_response(course(case_no(number), rules), rules, confirmed=True)


def test_case_13_is_pr_where_the_protocol_accepts_sd_between() -> None:
    """The note of case 13 in recist_bor_cases.csv."""
    assert confirmed("13", Response(accept_sd=True)).response == "PR"


def test_case_14_is_queried_and_read_as_the_protocol_says() -> None:
    """The note of case 14; RECIST 1.1 footnote: PD, or the CR was really PR."""
    assert [a.first for a in cr_then_pr(assessments(case_no("14")["assessments"]))] == [56, 84]
    assert confirmed("14", Response(cr_then_pr="as-pd")).response == "PD"
    as_pr = confirmed("14", Response(cr_then_pr="as-pr"))
    assert (as_pr.response, as_pr.given_by.first, as_pr.confirmed_by.first) == ("PR", 28, 56)


def test_case_20_is_early_death_where_the_subject_died_on_day_40() -> None:
    """The note of case 20."""
    rules = Response()
    died = Course(assessments("28:SD"), death=40)
    assert best_overall_response(died, rules, confirmed=True).reason == "early death"
    assert confirmed("20", rules).reason == "response seen too early"


def test_case_17_is_ne_because_of_new_therapy_and_same_day_is_the_protocols() -> None:
    assert confirmed("17", Response()).reason == "new anticancer therapy"
    same_day = Course(assessments("28:PR 56:PR"), new_therapy=56)
    kept, dropped = Response(), Response(same_day_new_therapy="dropped")
    assert best_overall_response(same_day, kept, confirmed=True).response == "PR"
    assert best_overall_response(same_day, dropped, confirmed=True).response == "NE"


ADMIRALONCO = cases("admiralonco_confirmed_bor_cases.csv")


@pytest.mark.parametrize("case", ADMIRALONCO, ids=lambda c: f"{c['test']}-{c['subject']}")
def test_examples_of_admiralonco(case: dict[str, str]) -> None:
    """admiralonco's own expected values, apart from CR followed by PR (`deviation` says why)."""
    rules = Response(
        min_sd_days=28,
        confirmation_days=int(case["confirmation_days"]),
        ne_allowed=int(case["ne_allowed"]),
        accept_sd=case["accept_sd"] == "Y",
    )
    best = best_overall_response(course(case, rules), rules, confirmed=True)
    expected = case["csr_bor"] or case["admiralonco_bor"]
    day = case["csr_day"] or case["admiralonco_day"]
    assert best.response == expected
    assert best.given_by.first == int(day)
