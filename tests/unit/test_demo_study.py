"""The simulated study: its design, its rates against the published ones, and its planted cases.

Targets: Qi et al., Nat Med 2024 (98 treated; rates.yaml says which figures are recalled and not
read): ORR 38.8 %, DCR 91.8 %, median PFS 4.4 and OS 8.8 months, CRS 96.9 % all of grade 1-2,
gastric mucosal injury 8.2 %. One simulated study of 98 scatters around them; the
tolerances are about two standard errors of a study of that size.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import numpy as np
import pandas as pd
import pytest

from csr.demo.escalation import decide, simulate_escalation
from csr.demo.rates import read_rates
from csr.demo.scripts import SCRIPTS
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.truth import Subject, Truth
from csr.demo.tumours import overall_response, target_response
from csr.demo.write import SEED
from csr.errors import UsageError
from csr.read.check import check_datasets
from csr.stats.survival import kaplan_meier, quantile_time

MONTH = 30.4375


@lru_cache(maxsize=1)
def truth() -> Truth:
    return simulate_study(SEED, 115)


def treated() -> list[Subject]:
    return [s for s in truth().subjects if s.infusions]


@lru_cache(maxsize=4)
def at_transfer(number: int) -> dict[str, pd.DataFrame]:
    day = dt.date.fromordinal(truth().cuts[number].transfer)
    return write_state(truth(), day, entered_by=day)


def median_months(days: list[int], events: list[bool]) -> float:
    curve = kaplan_meier(np.array(days), np.array(events))
    return quantile_time(curve, 0.5).time / MONTH


def responses(subject: Subject) -> list[tuple[int, str]]:
    start, stop = subject.planned_infusion, subject.new_therapy or 10**7
    read = [
        (s.day, s.responses["INVESTIGATOR"]["OVRLRESP"])
        for s in subject.scans
        if start <= s.day <= stop
    ]
    ends = [i for i, (_, response) in enumerate(read) if response == "PD"]
    return read[: ends[0] + 1] if ends else read


def is_confirmed(subject: Subject) -> bool:
    good = [day for day, response in responses(subject) if response in ("CR", "PR")]
    return bool(good) and good[-1] - good[0] >= 28


def is_controlled(subject: Subject) -> bool:
    late = [d for d, r in responses(subject) if r in ("CR", "PR", "SD")]
    return any(day - subject.planned_infusion >= 42 for day in late)


def test_ninety_eight_of_115_enrolled_are_treated() -> None:
    enrolled = [s for s in truth().subjects if s.phase != "SCREENING"]
    assert len(enrolled) == 115
    assert len(treated()) == 98
    reasons = {s.arm_status for s in enrolled if not s.infusions}
    assert {"MANUFACTURING FAILURE", "WITHDRAWAL BY SUBJECT"} <= reasons


def test_response_rates_are_near_the_published_ones() -> None:
    number = len(treated())
    assert sum(map(is_confirmed, treated())) / number == pytest.approx(0.388, abs=0.10)
    assert sum(map(is_controlled, treated())) / number == pytest.approx(0.918, abs=0.06)


def test_median_survival_times_are_near_the_published_ones() -> None:
    deaths = [s.death.when.day if s.death else None for s in treated()]
    start = [s.planned_infusion for s in treated()]
    overall = [(d or s.seen_until()) - t for d, s, t in zip(deaths, treated(), start, strict=True)]
    assert median_months(overall, [d is not None for d in deaths]) == pytest.approx(8.8, abs=1.5)
    last = [max([d for d, _ in responses(s)] or [s.planned_infusion]) for s in treated()]
    ends = [s.progression or d or e for s, d, e in zip(treated(), deaths, last, strict=True)]
    events = [bool(s.progression or d) for s, d in zip(treated(), deaths, strict=True)]
    free = [end - t for end, t in zip(ends, start, strict=True)]
    assert median_months(free, events) == pytest.approx(4.4, abs=0.8)


def test_cytokine_release_syndrome_is_common_and_mild() -> None:
    worst = [max([e.grade or 0 for e in s.events if e.aesi == "CRS"], default=0) for s in treated()]
    assert sum(g > 0 for g in worst) / len(worst) == pytest.approx(0.969, abs=0.04)
    assert sum(g >= 3 for g in worst) <= 4
    injured = [any(e.aesi == "GASTRIC MUCOSAL INJURY" for e in s.events) for s in treated()]
    assert sum(injured) / len(injured) == pytest.approx(0.082, abs=0.055)


def test_every_planted_case_is_there_once() -> None:
    cases = [s.case for s in truth().subjects if s.case]
    assert sorted(cases) == sorted(
        [s.case for s in SCRIPTS] + ["death inside the DLT window, replaced"]
    )


@pytest.mark.parametrize(
    ("evaluable", "dlts", "top", "decision"),
    [
        (3, 0, False, "escalate"),
        (3, 1, False, "expand"),
        (6, 1, False, "escalate"),
        (3, 2, False, "de-escalate"),
        (6, 2, True, "de-escalate"),
        (3, 0, True, "expand"),
        (6, 0, True, "stop"),
        (6, 1, True, "stop"),
    ],
)
def test_three_plus_three_decides_as_methods_says(
    evaluable: int, dlts: int, top: bool, decision: str
) -> None:
    """METHODS §2."""
    assert decide(evaluable, dlts, top) == decision


@pytest.mark.parametrize("seed", range(20))
def test_the_escalation_follows_its_own_rule(seed: int) -> None:
    """A cohort starts only when the DLT window of all before it has closed."""
    slots = simulate_escalation(np.random.default_rng(seed), read_rates())
    assert sum(s.replaces is not None for s in slots) == sum(not s.evaluable for s in slots) == 1
    for slot in slots:
        before = [s.infusion for s in slots if s.cohort < slot.cohort]
        assert all(day + 28 < slot.infusion for day in before)
    for level in {s.level for s in slots} - {max(s.level for s in slots)}:
        evaluable = [s for s in slots if s.level == level and s.evaluable]
        assert len(evaluable) in (3, 6)


def test_the_safety_board_sees_an_escalation_in_progress() -> None:
    """One subject replaced, one whose DLT window is still open, one DLT, and nothing later."""
    board = truth().cuts[0]
    sdtm = write_state(truth(), dt.date.fromordinal(board.cutoff))
    dm, supp = sdtm["dm"], sdtm["suppdm"]
    infused = dm[dm["RFSTDTC"] != ""]
    days = [board.cutoff - dt.date.fromisoformat(d).toordinal() for d in infused["RFSTDTC"]]
    assert sum(day < 28 for day in days) == 1
    replaced = supp.loc[supp["QNAM"] == "REPLACES", "QVAL"]
    assert list(dm.loc[dm["USUBJID"].isin(replaced), "DTHFL"]) == ["Y"]
    assert (sdtm["suppae"]["QNAM"] == "AEDLT").sum() == 1
    assert set(infused["ARMCD"]) == {"MONO250", "MONO375"}


def test_transfers_correct_the_ones_before() -> None:
    before, after = at_transfer(1)["ae"], at_transfer(2)["ae"]
    both = before.merge(after, on=["USUBJID", "AESEQ"], how="left", suffixes=("", "_LATER"))
    gone = both["AEDECOD_LATER"].isna()
    assert gone.sum() == 1, "one record is withdrawn"
    known = both[~gone & (both["AETOXGR"] != "")]
    assert (known["AETOXGR"] != known["AETOXGR_LATER"]).sum() >= 3
    assert ((both["AEOUT"] != both["AEOUT_LATER"]) & ~gone).sum() >= 3


def test_a_death_is_entered_after_the_interim_transfer() -> None:
    late = [s for s in truth().subjects if s.death and s.death.entered_on > s.death.notified]
    assert len(late) == 1
    assert late[0].death is not None
    assert late[0].death.when.day <= truth().cuts[1].cutoff
    flags = [
        at_transfer(n)["dm"].set_index("USUBJID").loc[late[0].usubjid, "DTHFL"] for n in (1, 2)
    ]
    assert flags == ["", "Y"]
    assert late[0].usubjid not in set(at_transfer(1)["dd"]["USUBJID"])


def test_the_last_transfer_is_the_final_record() -> None:
    final = write_state(truth(), dt.date.fromordinal(truth().cuts[3].transfer))
    for name, frame in at_transfer(3).items():
        pd.testing.assert_frame_equal(frame, final[name])


@pytest.mark.parametrize("number", range(4))
def test_each_transfer_holds_what_csr_needs_of_sdtm(number: int) -> None:
    """Keys, required values, codes, dates and order, by csr's own specification of SDTM.

    All but the one event that nobody has coded, which is planted.
    """
    _, findings = check_datasets(at_transfer(number), standard="sdtm")
    uncoded = {("AE.AEDECOD", "missing-value", 1), ("AE.AEBODSYS", "missing-value", 1)}
    found = {(f.where(), f.check, f.count) for f in findings if f.severity != "note"}
    assert found == (uncoded if (at_transfer(number)["ae"]["AEDECOD"] == "").any() else set())


def test_the_kinetics_cases_are_what_they_are_called() -> None:
    pc = at_transfer(3)["pc"]
    cases = {s.case: s for s in truth().subjects if s.case}
    of = {case: pc[pc["USUBJID"] == s.usubjid] for case, s in cases.items()}
    assert set(of["all samples BLQ"]["PCSTRESC"]) == {"BLQ"}
    between = of["BLQ between quantifiable values"]["PCSTRESN"].notna().to_numpy()
    first, last = np.flatnonzero(between)[[0, -1]]
    assert not between[first:last].all()
    fast = of["fast clearing before day 28"]
    late = fast["PCDY"] >= 15
    assert fast.loc[~late, "PCSTRESN"].max() > 500
    assert fast.loc[late, "PCSTRESN"].isna().all()
    again = of["second infusion with residual copies and CRS after it"]
    pre_dose = again[(again["VISIT"] == "INFUSION 2 DAY 0") & (again["PCTPT"] == "PRE-DOSE")]
    assert pre_dose["PCSTRESN"].min() > 50
    episodes = [e.episode for e in cases[again_case()].events if e.episode]
    assert episodes == ["CRS1", "CRS2"]


def again_case() -> str:
    return "second infusion with residual copies and CRS after it"


def test_untidy_records_are_in_the_data() -> None:
    final = at_transfer(3)
    ae, lb = final["ae"], final["lb"]
    assert (ae["AETOXGR"] == "").any()
    assert (ae["AEREL"] == "").any()
    assert (ae["AESTDTC"].str.len() == 7).any()
    assert ae["AETERM"].str.contains("细胞因子释放综合征").any()
    assert set(lb.loc[lb["LBTESTCD"] == "HGB", "LBORRESU"]) == {"g/L", "g/dL"}
    assert (final["dm"]["DTHDTC"].str.len() == 7).any()
    assert final["ss"]["SSDTC"].max() > "2036"
    assert (final["ss"]["SSSTRESC"] == "UNKNOWN").any()
    assert final["pc"]["PCREPNUM"].eq(2).any()
    assert final["sv"]["VISIT"].str.startswith("UNSCHEDULED").any()


def test_reported_responses_follow_from_the_lesions() -> None:
    """Every sum of diameters, read by RECIST 1.1, gives the target response on record."""
    tidy = simulate_study(SEED, 115, tidy=True)
    final = write_state(tidy, dt.date.fromordinal(tidy.cuts[3].transfer))
    sums = final["tr"][final["tr"]["TRTESTCD"] == "SUMDIAM"]
    keys = ["USUBJID", "TRLNKGRP"]
    read = final["rs"][final["rs"]["RSTESTCD"] == "TRGRESP"].rename(columns={"RSLNKGRP": keys[1]})
    both = read.merge(sums[[*keys, "TRSTRESN"]], on=keys)
    before = sums[sums["TRDY"] < 0].groupby(["USUBJID", "TREVAL"])["TRSTRESN"].last()
    index = pd.MultiIndex.from_frame(both[["USUBJID", "RSEVAL"]])
    share = both["TRSTRESN"].to_numpy() / before.reindex(index).to_numpy()
    assert (share[(both["RSSTRESC"] == "PR").to_numpy()] <= 0.7).all()
    assert (share[(both["RSSTRESC"] == "SD").to_numpy()] > 0.7).all()
    assert (both.loc[both["RSSTRESC"] == "CR", "TRSTRESN"] == 0).all()


@pytest.mark.parametrize(
    ("total", "baseline", "nadir", "response"),
    [
        (70.0, 100.0, 100.0, "PR"),
        (71.0, 100.0, 100.0, "SD"),
        (0.0, 100.0, 50.0, "CR"),
        (60.0, 100.0, 50.0, "PD"),
        (24.0, 100.0, 20.0, "PR"),
        (4.0, 100.0, 0.0, "PR"),
        (5.0, 100.0, 0.0, "PD"),
    ],
)
def test_target_response_by_recist(
    total: float, baseline: float, nadir: float, response: str
) -> None:
    """METHODS §3: PR from 30 % below baseline, PD from 20 % and 5 mm above the nadir."""
    assert target_response(total, baseline, nadir, missing=False) == response


def test_overall_response_by_recist() -> None:
    assert overall_response("CR", "NON-CR/NON-PD", new=False) == "PR"
    assert overall_response("PR", "NON-CR/NON-PD", new=True) == "PD"
    assert overall_response("NE", "PD", new=False) == "PD"


def test_a_number_of_subjects_that_is_not_offered_is_refused() -> None:
    with pytest.raises(UsageError, match="--subjects 20: must be 60 to 2000"):
        simulate_study(SEED, 20)
