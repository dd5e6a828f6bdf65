"""Laboratory values over the days after the first infusion: cytokines by CRS, lymphocytes."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.by_visit import BOUND
from csr.endpoints.laboratory.laboratory import (
    SIGNS,
    TESTS,
    result_needs,
    results_of,
    rules_of,
    text_of,
    unasked,
    with_test,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.standards.units import conversion
from csr.stats.summary import describe

LAST_CYTOKINE_DAY, LAST_LYMPHOCYTE_DAY = 35, 365
NO_CRS = "No CRS"
LYMPHOCYTES = "LYM"
COUNTS = "10^9/L"
LEAST = 3  # subjects a point of a figure needs
STATS = ("median", "q1", "q3")


def _course(out: ResultList, own: pd.DataFrame, items: tuple[str, ...], params: Params) -> None:
    """n, median and quartiles at each combination of the items that was seen, in its order."""
    for levels, group in own.groupby(list(items), sort=False):
        names = levels if isinstance(levels, tuple) else (levels,)
        where: Groups = tuple(zip(items, (str(x) for x in names), strict=True))
        found = describe(group["value"].to_numpy(), kind=params.conventions.quantile_type)
        out.add(where, "n", group["USUBJID"].nunique(), method="subjects with a value")
        for stat in STATS:
            out.add(where, stat, getattr(found, stat))


def _after_first(records: pd.DataFrame, last: int) -> pd.DataFrame:
    """Results from before the first infusion (day 0) to its last day that counts, by visit.

    DAY is the visit's median day from the infusion, as text. Results after a second infusion are
    not in.
    """
    before = records["ABLFL"] == "Y"
    after = (records["AINFN"] == 1) & (records["AINFDY"] <= last)
    own = records[before | after]
    day = own["AINFDY"].where(~before.loc[own.index], -1.0).astype(float)
    own = own.assign(day=day, value=own["AVAL"])
    planned = own.groupby("AVISIT")["day"].transform("median").round()
    return own.assign(DAY=planned.map("{:g}".format)).sort_values(["PARAMCD", "day"], kind="stable")


def answer_cytokines(adam: Adam, params: Params) -> Output:
    """Median and quartiles of the cytokines by day and maximum grade of CRS after infusion 1."""
    subjects, records = results_of(adam, params)
    names = rules_of(params).tests
    tests = [names.get(code, code) for code in rules_of(params).cytokines]
    every = with_test(records, params)
    own = _after_first(every[every["TESTCD"].isin(tests)], LAST_CYTOKINE_DAY)
    worst = _worst_crs(adam)
    grade = own["USUBJID"].map(worst).fillna(NO_CRS)
    own = own.assign(CRS=grade.map(lambda g: g if g == NO_CRS else f"Grade {g}"))
    own = _enough(own, ["PARAM", "CRS", "DAY"])
    items = ("PARAM", "CRS", "DAY")
    bounds = own[text_of(own, "AQUAL") != ""].assign(CRS=BOUND)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADLB", [*items, "value"], _key(own)),
        counted_rows(bounds, "ADLB", ["PARAM", "CRS", "value"], _key(own)),
    )
    out = ResultList("cytokines", "safety")
    _course(out, own, items, params)
    for test in own["PARAM"].unique():
        n = bounds.loc[bounds["PARAM"] == test, "USUBJID"].nunique()
        where: Groups = (("PARAM", str(test)), ("CRS", BOUND), ("DAY", None))
        out.add(where, "n", n, method="subjects with a value that is below or above it only")
    return Output(rows, out.frame())


def _to_counts(unit: str) -> float:
    """Factor to the unit of the figure; a unit that is none of cells keeps the result out."""
    found = conversion(unit, COUNTS)
    return float("nan") if found is None else found.factor


def _worst_crs(adam: Adam) -> pd.Series:
    """The maximum grade of CRS after the first infusion, by subject."""
    own = adam["adce"]
    own = own[(own["ACAT1"] == "CRS") & (own["AINFN"] == 1) & (own["AGRADE"] != "")]
    return own.groupby("USUBJID")["AGRADE"].max()


def _enough(own: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """One value per subject and visit, at points that have enough subjects."""
    once = own.drop_duplicates(["USUBJID", *by], keep="last")
    return once[once.groupby(by)["USUBJID"].transform("nunique") >= LEAST]


def _key(frame: pd.DataFrame) -> str:
    return "LBSEQ" if "LBSEQ" in frame else ""


def answer_lymphocytes(adam: Adam, params: Params) -> Output:
    """Median and quartiles of the lymphocyte count by day after the first infusion, by group."""
    subjects, records = results_of(adam, params)
    every = with_test(records, params)
    own = _after_first(every[every["TESTCD"] == LYMPHOCYTES], LAST_LYMPHOCYTE_DAY)
    own = own.assign(value=own["AVAL"] * text_of(own, "AVALU").map(_to_counts))
    own = own[own["value"].notna()]
    own = _enough(own, ["TRTA", "DAY"])
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADLB", ["TRTA", "DAY", "value"], _key(own)),
    )
    out = ResultList("lymphocyte-recovery", "safety")
    _course(out, own, ("TRTA", "DAY"), params)
    return Output(rows, out.frame())


def course_needs(params: Params) -> Needs:
    """Results that count, by the days since the infusion."""
    days = ("ABLFL", "AINFN", "AINFDY", "AVISIT")
    return result_needs(params) + reads("adlb", "PARAMCD", "AVAL", *days, **TESTS, **SIGNS)


def cytokine_needs(params: Params) -> Needs:
    """The course of the tests, and the grades of CRS by which they are told apart."""
    crs = reads("adce", "USUBJID", "ACAT1", "AINFN", "AGRADE")
    return course_needs(params) + reads("adlb", "PARAM") + crs


def lymphocyte_needs(params: Params) -> Needs:
    """The course of the count, and its unit."""
    return course_needs(params) + reads("adlb", "AVALU")


CYTOKINES = Analysis(
    "cytokines",
    answer_cytokines,
    "METHODS §5",
    unasked=unasked,
    needs=cytokine_needs,
)
LYMPHOCYTE_RECOVERY = Analysis(
    "lymphocyte-recovery",
    answer_lymphocytes,
    "METHODS §5",
    unasked=unasked,
    needs=lymphocyte_needs,
)
