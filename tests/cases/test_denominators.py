"""The cases of denominators, windows and missing dates: what csr gave, and what is right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML
from tests.small_study import adae, adsl

from csr.derive.adpp import derive_adpp
from csr.derive.nca import NO_PRE_DOSE, NO_SAMPLE
from csr.derive.sources import select_records
from csr.displays.model import Figure, Table
from csr.endpoints.adverse_events.ae_by_grade import AE_BY_SOC_PT_GRADE
from csr.endpoints.adverse_events.ae_by_term import AE_BY_SOC_PT
from csr.endpoints.adverse_events.ae_common import AE_COMMON
from csr.endpoints.adverse_events.ae_incidence import CUMULATIVE_INCIDENCE, SEVERE
from csr.endpoints.adverse_events.ae_incidence import UNDATED as NO_CURVE
from csr.endpoints.adverse_events.ae_of_interest import INFECTIONS, PERIOD
from csr.endpoints.adverse_events.ae_rates import AE_EXPOSURE_ADJUSTED, UNDATED
from csr.endpoints.adverse_events.ae_strata import AE_BY_PERIOD, ANY, ANY_EVENT, answer_by_period
from csr.endpoints.adverse_events.observation import observed_until, window_complete
from csr.endpoints.kinetics.persistence_rate import AGAIN, FIRST, FOUND, PERSISTENCE_AT
from csr.endpoints.long_term.delayed_events import DELAYED, DELAYED_ENTERED
from csr.params import Params
from csr.params.file import read_params
from csr.params.groups import Population
from csr.params.kinetics import Kinetics
from csr.params.long_term import LongTerm
from csr.params.parts import Records
from csr.pipeline.data import Checked, check_data
from csr.results import Adam, Analysis
from csr.stats.binomial import proportion_interval
from csr.terms import spelled

Read = Callable[..., tuple[Params, Checked]]
DAY_29, DAY_183 = "Day 29 to day 182", "Day 183 to day 365"
AFTER = {"Infusion to day 28": 3.0, DAY_29: 4.0, DAY_183: 5.0, "After day 365": 6.0}


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Read:
    """Reads one case of `files`, with keys of its params changed (`conventions.x`)."""

    def read(name: str, changed: dict[str, Any] | None = None) -> tuple[Params, Checked]:
        folder = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(shared / "cases" / "files" / name / "input", folder)
        file = folder / "params.yaml"
        yaml = YAML()
        tree = yaml.load(file)
        for path, value in (changed or {}).items():
            *parents, last = path.split(".")
            place = tree
            for key in parents:
                place = place.setdefault(key, {})
            place[last] = value
        yaml.dump(tree, file)
        params = read_params(file)
        return params, check_data(params, folder)

    return read


def values(analysis: Analysis, adam: Adam, params: Params) -> dict[str, float]:
    """result → value."""
    found = analysis.run(adam, params).results
    return dict(zip(found["result"], found["value"], strict=True))


def rate(stat: str, term: str = ANY, soc: str = ANY) -> str:
    return f"ae-exposure-adjusted/TRTA=*/AEBODSYS={soc}/AEDECOD={term}/{stat}"


def test_no_last_contact_date(case: Read) -> None:
    """Got: 0.30 person-years, 329 per 100, incidence 100 % at day 100. Right: 8.3 %: overall
    survival says that they were seen on day 143: 11 × 143 + 100 days = 4.58 person-years."""
    params, checked = case("no-last-contact-date")
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("years")] == pytest.approx((11 * 143 + 100) / 365.25)
    curve = values(CUMULATIVE_INCIDENCE, checked.adam, params)
    share = curve[f"cumulative-incidence/TRTA=*/OUTCOME={SEVERE}/TIME=100/incidence"]
    assert share == pytest.approx(100 / 12)


def test_no_last_contact_date_watched_to_the_cutoff(case: Read) -> None:
    """Right where params say so: 11 × 172 + 100 days = 5.45 person-years, 18.3 per 100."""
    params, checked = case("no-last-contact-date", {"conventions.ongoing_to_cutoff": True})
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("years")] == pytest.approx((11 * 172 + 100) / 365.25)
    assert round(found[rate("rate")], 1) == 18.3


def test_no_last_contact_date_anywhere(case: Read) -> None:
    """Right without any day on which they were seen: a finding, and nothing is estimable."""
    params, checked = case("no-last-contact-date")
    adam = {"adsl": checked.adam["adsl"].drop(columns="LSTOBSDT"), "adae": checked.adam["adae"]}
    rates = AE_EXPOSURE_ADJUSTED.run(adam, params).results.set_index("result")
    assert rates.loc[[rate("years"), rate("rate")], "value"].isna().all()
    assert rates.loc[rate("rate"), "reason"].startswith("12 subject(s)")
    curves = CUMULATIVE_INCIDENCE.run(adam, params).results
    assert not (curves["level3"].notna()).any()
    assert curves.loc[curves["stat"] == "incidence", "value"].isna().all()


def test_no_last_contact_date_is_found(case: Read, tmp_path: Path) -> None:
    """Right: a warning, with the twelve subjects; events and exposure alone are no contact."""
    only = {"data.datasets": {n: {"file": f"{n}.csv"} for n in ("adsl", "adae")}, "endpoints": {}}
    _, checked = case("no-last-contact-date", only)
    found = [f for f in checked.findings if f.check == "last-seen"]
    assert [(f.severity, f.count) for f in found] == [("warning", 12)]


def test_ae_without_start_date(case: Read) -> None:
    """Got: every event on the first day, 36,525 per 100 person-years. Right: in no rate and no
    curve, in the counts of subjects, with their number."""
    params, checked = case("ae-without-start-date")
    n = len(checked.adam["adae"])
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("events")] == 0
    assert found[rate("rate")] == 0
    assert found[rate("undated", UNDATED)] == n
    severe = int(checked.adam["adae"]["AETOXGR"].isin(["3", "4", "5"]).sum())
    curve = values(CUMULATIVE_INCIDENCE, checked.adam, params)
    assert curve[f"cumulative-incidence/TRTA=*/OUTCOME={NO_CURVE}/undated"] == severe
    assert curve[f"cumulative-incidence/TRTA=*/OUTCOME={SEVERE}/events"] == 0
    assert [f.count for f in checked.findings if f.check == "no-start"] == [n]


def late_study() -> tuple[Adam, Params]:
    """Twelve subjects treated on 2024-01-01, cut-off 2026-06-30; by hand: who was seen how long."""
    seen = [10, 28, 29, 100, 182, 183, 183, 200, 365, 366, 400, None]
    t0 = pd.Timestamp("2024-01-01")
    people = adsl().assign(TRTSDT=t0, TRTEDT=t0, DTHFL="", EOSSTT="ONGOING", DCSREAS="")
    people["LSTALVDT"] = [t0 + pd.Timedelta(days=d) if d is not None else pd.NaT for d in seen]
    events = adae(["PNEUMONIA"] * 3).assign(AEBODSYS="INFECTIONS")
    day = pd.Series([5, 190, 300])
    events["USUBJID"] = [people["USUBJID"][i] for i in (0, 3, 7)]
    events["ASTDT"] = t0 + pd.to_timedelta(day, unit="D")
    names = pd.Series(["Infusion to day 28", DAY_183, DAY_183])
    events = events.assign(APERIODC=names, APERIOD=names.map(AFTER))
    params = Params.model_validate(
        {
            "study": {"id": "LATE", "title": "Late"},
            "cut": {
                "id": "c", "label": "C", "cutoff": "2026-06-30", "transfer": "2026-07-01",
                "report_date": "2026-07-02",
            },
            "data": {"folder": ".", "datasets": {"adsl": {"file": "adsl.csv"}}},
            "treatment": {"levels": [{"value": "Dose 1", "label": "1"},
                                     {"value": "Dose 2", "label": "2"}]},
            "aesi": {"Infection": {"AEBODSYS": ["Infections"]}},
            "safety": {"infections": "Infection"},
        }
    )  # fmt: skip
    return {"adsl": people, "adae": events}, params


def test_period_is_of_those_watched_to_its_first_day() -> None:
    """Got: every period over everyone treated. Right, by hand: to day 183 or later were seen six
    (183, 183, 200, 365, 366, 400), and one more has an event in it; of the last nothing is known,
    so that neither its group nor all can be counted."""
    adam, params = late_study()
    known = {**adam, "adsl": adam["adsl"][:11]}
    found = answer_by_period(known, params).results.set_index("result")["value"]

    def at(group: str, period: str, stat: str) -> float:
        path = f"PERIOD={period}/CATEGORY={ANY_EVENT}/AEBODSYS={ANY}/AEDECOD={ANY}"
        return float(found[f"ae-by-period/TRTA={group}/{path}/{stat}"])

    assert [at("*", "Infusion to day 28", s) for s in ("n", "N")] == [1, 11]
    assert [at("*", DAY_183, s) for s in ("n", "N", "pct")] == [2, 7, pytest.approx(200 / 7)]
    assert [at("Dose 1", DAY_183, s) for s in ("n", "N")] == [1, 2]
    found = answer_by_period(adam, params).results.set_index("result")["value"]
    assert at("Dose 1", DAY_183, "N") == 2
    assert pd.isna(at("Dose 2", DAY_183, "N"))
    assert pd.isna(at("*", DAY_183, "pct"))
    assert at("*", DAY_183, "n") == 2


def test_infections_by_period_have_the_same_denominator() -> None:
    """The sibling: the periods of the table of infections."""
    adam, params = late_study()
    found = values(INFECTIONS, {**adam, "adsl": adam["adsl"][:11]}, params)
    late = f"infections/TRTA=*/CATEGORY={PERIOD}{DAY_183}/TERM=*"
    assert [found[f"{late}/{s}"] for s in ("n", "N")] == [2, 7]
    assert found["infections/TRTA=*/CATEGORY=Any event/TERM=*/N"] == 11


def test_window_complete_and_end_of_observation() -> None:
    """By hand: seven of the twelve were seen to day 182; one has no last day."""
    adam, params = late_study()
    assert int(window_complete(adam["adsl"], params, 182).sum()) == 7
    assert observed_until(adam["adsl"], params).isna().tolist() == [False] * 11 + [True]


def kinetics(*profiles: tuple[str, int, list[tuple[float, float | None]]], **rules: Any) -> Adam:
    """ADPC and ADPP of profiles by hand: subject, infusion, (day since it; copies, None BLQ)."""
    columns = ["USUBJID", "AINFN", "ARELTM", "AVAL"]
    rows = [(who, float(n), day, v) for who, n, own in profiles for day, v in own]
    adpc = pd.DataFrame(rows, columns=columns).astype({"AVAL": float})
    adpc = adpc.assign(
        PCSPEC="BLOOD", ANL01FL="Y", REASEXC="", ASEQ=range(1, len(adpc) + 1),
        BLQFL=adpc["AVAL"].isna().map({True: "Y", False: ""}),
        PREDOSFL=(adpc["ARELTM"] < 0).map({True: "Y", False: ""}),
    )  # fmt: skip
    who = list(dict.fromkeys(p[0] for p in profiles))
    people = pd.DataFrame({"USUBJID": who, "TRT01A": "Dose 1", "TRT01P": "Dose 1", "SAFFL": "Y"})
    infused = adpc[["USUBJID", "AINFN"]].drop_duplicates()
    adpp = derive_adpp(adpc, infused, people, Kinetics.model_validate(rules))
    return {"adsl": people.assign(PKFL="Y"), "adpc": adpc, "adpp": adpp}


def area(adam: Adam, code: str, infusion: int = 1) -> tuple[float, str, str]:
    own = adam["adpp"]
    own = own[(own["PARAMCD"] == code) & (own["AINFN"] == infusion)].iloc[0]
    return own["AVAL"], own["PPREASND"], own["CRIT1FL"]


def test_a_zero_before_the_first_infusion_changes_nothing() -> None:
    """Got: the area began at the first sample. Right, by hand (linear): C(T0) = 0, so that the
    triangle to day 7 (7 × 700 / 2) is in it, with or without a delivered zero of day −1."""
    curve: list[tuple[float, float | None]] = [(7.0, 700.0), (14.0, 350.0), (28.0, 70.0)]
    without = kinetics(("A", 1, curve), auc="linear")
    with_zero = kinetics(("A", 1, [(-1.0, None), *curve]), auc="linear")
    by_hand = 7 * 700 / 2 + 7 * 525 + 14 * 210
    assert area(without, "AUC28") == (pytest.approx(by_hand), "", "Y")
    assert area(with_zero, "AUC28") == (pytest.approx(by_hand), "", "")
    assert area(without, "AUCLST")[0] == area(with_zero, "AUCLST")[0]
    assert area(without, "AUC0_7")[0] == pytest.approx(2450)


def test_a_later_infusion_needs_its_pre_dose_sample() -> None:
    """Got: the area began at the first sample of the infusion. Right: not estimable."""
    curve: list[tuple[float, float | None]] = [(7.0, 700.0), (14.0, 350.0), (28.0, 70.0)]
    adam = kinetics(("A", 1, curve), ("A", 2, curve), ("B", 1, curve), auc="linear")
    assert area(adam, "AUC28", 2)[:2] == (pytest.approx(float("nan"), nan_ok=True), NO_PRE_DOSE)
    adam = kinetics(("A", 1, curve), ("A", 2, [(-1.0, 100.0), *curve]), auc="linear")
    by_hand = 7 * 400 + 7 * 525 + 14 * 210
    assert area(adam, "AUC28", 2)[0] == pytest.approx(by_hand)


def test_no_area_without_a_sample_in_it() -> None:
    """Got: 0 between days 7 and 28 where the only (BLQ) samples are of days 1 and 4. Right: not
    estimable; what is BLQ throughout is 0 where it was sampled (METHODS §6)."""
    blq: list[tuple[float, float | None]] = [(1.0, None), (4.0, None)]
    adam = kinetics(("A", 1, blq), partial_aucs=[[0, 7], [7, 28]])
    assert area(adam, "AUC7_28")[1] == NO_SAMPLE
    assert area(adam, "AUC0_7")[:2] == (0.0, "")
    late: list[tuple[float, float | None]] = [(1.0, 50.0), (40.0, 60.0)]
    adam = kinetics(("A", 1, late), partial_aucs=[[7, 28]])
    assert area(adam, "AUC7_28")[1] == NO_SAMPLE
    adam = kinetics(("A", 1, [(7.0, 700.0)]))
    assert area(adam, "AUCLST")[1] == "fewer than two samples"


def test_loss_is_so_many_results_below_the_limit_in_a_row() -> None:
    """By hand: one BLQ between two quantifiable results is no loss where two in a row are asked
    for; fewer than that at the end of follow-up: not lost."""
    curve = [(7.0, 700.0), (14.0, None), (28.0, 90.0), (56.0, None), (84.0, None), (112.0, None)]
    ends_open = [(7.0, 700.0), (28.0, None)]
    profiles = (("A", 1, curve), ("B", 1, ends_open))
    for n, lost in ((1, [14.0, 28.0]), (2, [56.0, None]), (3, [56.0, None])):
        adpp = kinetics(*profiles, undetectable=n)["adpp"]
        found = adpp.loc[adpp["PARAMCD"] == "FBLQ", "AVAL"]
        assert [None if pd.isna(v) else v for v in found] == lost


def test_persistence_at_26_weeks_has_one_rule() -> None:
    """Got: the earliest sample of a window of 45 days, whoever was infused again. Right, by hand:
    nearest to day 182 within 28 days, the later of two as near, before any further infusion."""
    adam = kinetics(
        ("A", 1, [(10.0, 900.0), (150.0, 80.0), (180.0, None), (190.0, 70.0)]),  # 180: BLQ
        ("B", 1, [(10.0, 900.0), (172.0, None), (192.0, 60.0)]),  # as near: the later, found
        ("C", 1, [(10.0, 900.0), (150.0, 60.0), (215.0, 60.0)]),  # none in the window
        ("D", 1, [(10.0, 900.0)]), ("D", 2, [(-2.0, None), (20.0, 500.0)]),  # day 168 and 190
        ("E", 1, [(10.0, 900.0)]), ("E", 2, [(-2.0, 40.0), (60.0, 500.0)]),  # day 118 and 180
        ("F", 1, [(10.0, 900.0), (154.0, 55.0)]),  # the first day of the window
    )  # fmt: skip
    start = {"D": 170.0, "E": 120.0}
    adpc = adam["adpc"]
    adpc["AFRLT"] = adpc["ARELTM"] + adpc["USUBJID"].map(start).where(adpc["AINFN"] == 2, 0.0)
    params = late_study()[1].model_copy(update={"kinetics": Kinetics()})
    populations = {**params.populations, "kinetics": Population(label="K", flag="PKFL")}
    params = params.model_copy(update={"populations": populations})
    found = values(PERSISTENCE_AT, adam, params)

    def at(state: str, result: str, stat: str) -> float:
        return found[f"persistence-at-day/TRTA=*/STATE={state}/RESULT={result}/{stat}"]

    assert at("Kinetics set", "*", "N") == 6
    assert [at(FIRST, FOUND, s) for s in ("n", "N", "pct")] == [2, 4, 50]
    low, high = proportion_interval(2, 4)
    assert [at(FIRST, FOUND, s) for s in ("lcl", "ucl")] == [100 * low, 100 * high]
    assert [at(AGAIN, FOUND, s) for s in ("n", "N")] == [1, 1]


def counts_by_term(adam: Adam, params: Params) -> dict[tuple[str, str], float]:
    """(class, term) → subjects, of all groups."""
    found = AE_BY_SOC_PT.run(adam, params).results
    own = found[(found["stat"] == "n") & found["level1"].isna() & found["level3"].notna()]
    return dict(zip(zip(own["level2"], own["level3"], strict=True), own["value"], strict=True))


def test_ae_uncoded_and_case(shared: Path, tmp_path: Path) -> None:
    """Got: a line for NAUSEA and one for Nausea, and a class and term with an empty label. Right:
    one term with 2 subjects, and what is not coded under a label."""
    folder = tmp_path / "case"
    shutil.copytree(shared / "cases" / "endpoints" / "ae-uncoded-and-case", folder)
    params = read_params(folder / "params.yaml")
    found = counts_by_term(check_data(params, folder).adam, params)
    assert found == {
        ("General disorders", "Nausea"): 2,
        ("Not coded", "Not coded"): 1,
    }


def test_aedecod_missing(case: Read) -> None:
    """Got: a line with an empty label. Right: 'Not coded'."""
    params, checked = case("aedecod-missing")
    found = counts_by_term(checked.adam, params)
    assert {term for _, term in found} == {"Not coded"}
    assert sum(found.values()) == 12


def test_terms_are_folded_in_every_table() -> None:
    """The siblings: tables by grade, of common terms, rates, periods, infections; a group of
    special interest; and what a select of records by a word of the params takes."""
    adam, params = late_study()
    terms = ["Pneumonia", "PNEUMONIA", "pneumonia "]
    adam["adae"] = adam["adae"].assign(AEDECOD=terms, AEBODSYS=["Infections", "INFECTIONS", ""])
    adam["adsl"] = adam["adsl"][:11]
    for analysis in (AE_BY_SOC_PT_GRADE, AE_COMMON, AE_EXPOSURE_ADJUSTED, AE_BY_PERIOD, INFECTIONS):
        levels = analysis.run(adam, params).results[["level2", "level3", "level4", "level5"]]
        seen = set(levels.to_numpy().ravel()) & {
            *terms,
            "Infections",
            "INFECTIONS",
            "",
            "pneumonia",
        }
        assert seen <= {"Pneumonia", "Infections"}
        assert seen >= {"Pneumonia"}
    records = Records(domain="ae", where={"AEDECOD": ("pneumonia",)})
    assert len(select_records({"ae": adam["adae"]}, records)) == 3
    assert spelled(pd.Series(["", "ÉPISTAXIS", "Épistaxis", None])).tolist() == [
        "Not coded", "Épistaxis", "Épistaxis", "Not coded"
    ]  # fmt: skip


def drawings(params: Params, checked: Checked) -> dict[str, Table | Figure]:
    """Every display of the report that is drawn from the data, by name."""
    outputs = {n: a.run(checked.adam, params) for n, a in checked.plan.analyses.items()}
    drawn = {}
    for display in (p.display for p in checked.plan.displays):
        if not display.analyses:
            continue
        results = pd.concat([outputs[a.name].results for a in display.analyses])
        drawn[display.name] = display.draw(results, display.of(checked.adam, params), params)
    return drawn


def test_zero_treated(case: Read) -> None:
    """Got: (N=NE), "Safety Analysis Set NE", "Mean restricted to NE months". Right: 0, or nothing
    to observe; and no time "not reached" by nobody."""
    params, checked = case("zero-treated-NE")
    assert not checked.errors
    for name, drawing in drawings(params, checked).items():
        columns = drawing.columns if isinstance(drawing, Table) else ()
        assert not [c.label for c in columns if "NE" in c.label], name
    sets = drawings(params, checked)["analysis-sets"]
    assert isinstance(sets, Table)
    assert ("Safety Analysis Set", "0", "0", "0") in [line.cells for line in sets.lines]
    survival = drawings(params, checked)["os-summary"]
    assert isinstance(survival, Table)
    assert not [line for line in survival.lines if "NE months" in line.cells[0]]
    for analysis in checked.plan.analyses.values():
        reasons = analysis.run(checked.adam, params).results["reason"]
        assert not reasons.str.contains("not reached", na=False).any()


def test_early_cut_before_landmark(case: Read) -> None:
    """Got: the chapter stopped, no report. Right: it says that nobody was at risk at day 84."""
    params, checked = case("early-cut-before-landmark")
    figure = drawings(params, checked)["survival-by-response"]
    assert isinstance(figure, Figure)
    assert figure.notes == ("Nobody was alive and followed at the landmark, day 84.",)


def test_delayed_events_count_from_the_infusion_or_from_entry() -> None:
    """Got: the long-term set from the first infusion, so that the time before entry, in which
    nobody of the set could die, was in its rate. Right, by hand, of eight years in all."""
    people = pd.DataFrame(
        {
            "USUBJID": ["A", "B", "C"],
            "TRT01A": "Dose 1",
            "TRT01P": "Dose 1",
            "SAFFL": "Y",
            "LTFUFL": ["Y", "Y", "N"],
            "TRTSDT": pd.Timestamp("2020-01-01"),
            "LTFUSDT": pd.to_datetime(["2021-01-01", "2021-01-01", None]),
            "DTHDT": pd.to_datetime([None, None, "2020-12-31"]),
            "LSTALVDT": pd.to_datetime(["2022-12-31", "2022-12-31", "2020-12-01"]),
        }
    )
    events = pd.DataFrame(
        {
            "USUBJID": ["A", "C", "B"],
            "AESEQ": [1, 1, 1],
            "AELATCAT": ["INFECTION", "Infection", "INFECTION"],
            "ASTDT": pd.to_datetime(["2021-12-31", "2020-06-30", None]),
        }
    )
    delayed = {"Infection": {"AELATCAT": ("INFECTION",)}}
    params = late_study()[1]
    longer = {**params.populations, "long-term": Population(label="LTFU", flag="LTFUFL")}
    update = {"populations": longer, "long_term": LongTerm(delayed=delayed)}
    params = params.model_copy(update=update)
    adam = {"adsl": people, "adae": events}
    whole, entered = (values(a, adam, params) for a in (DELAYED, DELAYED_ENTERED))
    at = "TRTA=*/CATEGORY=Infection"
    # A: 2020-01-01 to 2021-12-31, 731 days; B to 2022-12-31, 1096; C to 2020-06-30, 182.
    assert whole[f"delayed-ae/{at}/years"] == pytest.approx((731 + 1096 + 182) / 365.25)
    assert [whole[f"delayed-ae/{at}/{s}"] for s in ("N", "events")] == [3, 2]
    # From entry: A 365 days to the event, B 730.
    assert entered[f"delayed-ae-entered/{at}/years"] == pytest.approx((365 + 730) / 365.25)
    assert [entered[f"delayed-ae-entered/{at}/{s}"] for s in ("N", "events")] == [2, 1]
    assert whole["delayed-ae/TRTA=*/CATEGORY=(without a date)/undated"] == 1
    adam["adsl"] = people.assign(LSTALVDT=pd.NaT)
    assert pd.isna(values(DELAYED, adam, params)[f"delayed-ae/{at}/rate"])
