"""Survival and deaths by year on six subjects, worked by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.property.test_results_reduce import check

from csr.displays.catalogue import all_displays, place, plan_report
from csr.displays.model import Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.long_term.long_term import DEATHS_BY_YEAR, SURVIVAL_BY_YEAR
from csr.params import Params

YEAR = 365.25
# Subject: days, dead, entered long-term follow-up, cause.
SUBJECTS = {
    "1": (100, 1, "N", "ADVERSE EVENT"),
    "2": (200, 1, "Y", "DISEASE PROGRESSION"),
    "3": (1 * YEAR, 1, "Y", "DISEASE PROGRESSION"),  # on the last day of year 1: in year 1
    "4": (1 * YEAR + 1, 1, "Y", ""),  # a day later: in year 2
    "5": (3.5 * YEAR, 1, "Y", "CARDIOVASCULAR DISEASE"),  # after the last year
    "6": (2 * YEAR, 0, "Y", ""),  # censored at 2 years: at risk there
}
RAW = {
    "study": {"id": "S", "title": "T"},
    "cut": {
        "id": "c",
        "label": "c",
        "cutoff": "2024-01-01",
        "transfer": "2024-01-01",
        "report_date": "2024-01-01",
    },
    "data": {"folder": "f", "datasets": {"adsl": {"file": "adsl.csv"}}},
    "treatment": {"levels": [{"value": "A", "label": "A"}]},
    "populations": {
        "safety": {"label": "Treated", "flag": "SAFFL"},
        "long-term": {"label": "Long-term", "flag": "LTFUFL"},
    },
    "endpoints": {"os": {"paramcd": "OS"}},
    "long_term": {"years": 3},
    "report": {"template": "long-term"},
}


def params(**changes: object) -> Params:
    return Params.model_validate(RAW | changes)


def adam() -> dict[str, pd.DataFrame]:
    days, dead, entered, cause = zip(*SUBJECTS.values(), strict=True)
    adsl = pd.DataFrame(
        {"USUBJID": list(SUBJECTS), "SAFFL": "Y", "LTFUFL": entered, "DTHCAUS": cause}
    ).assign(TRT01A="A", TRT01P="A")
    adtte = pd.DataFrame(
        {"USUBJID": list(SUBJECTS), "PARAMCD": "OS", "AVAL": days, "CNSR": [1 - d for d in dead]}
    )
    return {"adsl": adsl, "adtte": adtte}


def test_survival_at_the_end_of_each_year() -> None:
    found = Lookup.of(SURVIVAL_BY_YEAR.answer(adam(), params()).results, "survival-by-year")
    # Treated: 5/6 · 4/5 · 3/4 = 1/2 at 1 year (subject 3 died on it, and was at risk), then 1/3.
    # Long-term: 4/5 · 3/4 = 3/5, then 2/5.
    for name, surv, risk in (("safety", (50, 100 / 3), (4, 2)), ("long-term", (60, 40), (4, 2))):
        for year in (1, 2):
            assert found.value("surv", name, str(year)) == pytest.approx(surv[year - 1])
            assert found.value("n_risk", name, str(year)) == risk[year - 1]
        assert found.value("n_risk", name, "3") == 1


def test_deaths_by_year_and_cause() -> None:
    found = Lookup.of(DEATHS_BY_YEAR.answer(adam(), params()).results, "deaths-by-year")
    years = ("1", "2", "3", "After year 3")
    assert [found.value("n", "safety", y, None) for y in years] == [3, 1, 0, 1]
    assert [found.value("n", "long-term", y, None) for y in years] == [2, 1, 0, 1]
    assert found.value("n", "safety", "1", "DISEASE PROGRESSION") == 2
    assert found.value("n", "long-term", "1", "ADVERSE EVENT") == 0
    assert found.value("n", "safety", "2", "Not recorded") == 1


def test_the_table_as_printed() -> None:
    outputs = [a.answer(adam(), params()) for a in (SURVIVAL_BY_YEAR, DEATHS_BY_YEAR)]
    results = pd.concat([o.results for o in outputs], ignore_index=True)
    display = next(d for d in all_displays() if d.name == "survival-by-year")
    table = place(display, "14.5.1", results, adam(), params()).drawing
    assert isinstance(table, Table)
    lines = [(c[0], c[1], c[2].split(" ")[0], c[3], c[4], c[6]) for c in map(cells, table.lines)]
    assert lines == [
        ("1", "4", "60.0", "2", "4", "3"),
        ("Adverse event", "", "", "0", "", "1"),
        ("Disease progression", "", "", "2", "", "2"),
        ("2", "2", "40.0", "1", "2", "1"),
        ("Not recorded", "", "", "1", "", "1"),
        ("3", "1", "40.0", "0", "1", "0"),
        ("After year 3", "", "", "1", "", "1"),
        ("Cardiovascular disease", "", "", "1", "", "1"),
    ]


def cells(line: object) -> tuple[str, ...]:
    found: tuple[str, ...] = line.cells  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize("analysis", [SURVIVAL_BY_YEAR, DEATHS_BY_YEAR], ids=lambda a: a.name)
def test_every_number_reduces_from_its_rows(analysis: object) -> None:
    output = analysis.answer(adam(), params())  # type: ignore[attr-defined]
    assert output.results["result"].is_unique
    for _, line in output.results.iterrows():
        check(output, line, params())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"long_term": None}, "params declare no long_term"),
        (
            {"populations": {"safety": {"label": "Treated", "flag": "SAFFL"}}},
            "params declare no population long-term",
        ),
    ],
)
def test_left_out_where_params_do_not_ask_for_it(changes: dict[str, object], why: str) -> None:
    left_out = plan_report(params(**changes), {"adsl": (), "adtte": ()}).left_out
    assert left_out["survival-by-year"] == why
    assert left_out["os-long-term"] == why


def test_subjects_without_records_give_no_survival_and_no_error() -> None:
    empty = {name: frame.iloc[:0] for name, frame in adam().items()}
    found = Lookup.of(SURVIVAL_BY_YEAR.answer(empty, params()).results, "survival-by-year")
    assert found.value("n", "safety", None) == 0
    assert found.reason("surv", "safety", "1") == "no subjects"
    deaths = Lookup.of(DEATHS_BY_YEAR.answer(empty, params()).results, "deaths-by-year")
    assert deaths.value("n", "safety", "1", None) == 0
