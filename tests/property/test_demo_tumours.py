"""The demonstration's scans, written as sites write them, against the truth they were made from.

Sums, overall responses and their dates of every subject and reader; the truth never looks at
`csr.derive`. Which habits are planted: docs/demo-study.md.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import pandas as pd

from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.truth import Scan, Subject, Truth
from csr.demo.tumours import READERS
from csr.demo.write import SEED
from csr.derive.adrs import derive_adrs
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import sums_of_diameters
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Exposure, Protocol, TimeToEventRules
from csr.read.check import check_datasets

CUTOFF = dt.date(2040, 1, 1)
PROTOCOL = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex", where={"EXCAT": ("CAR-T INFUSION",)})),
    time_to_event=TimeToEventRules(new_therapy="censor"),
)


@cache
def study() -> tuple[Truth, dict[str, pd.DataFrame]]:
    truth = simulate_study(SEED, 115)
    written = write_state(truth, dt.date.fromordinal(truth.cuts[-1].transfer))
    wanted = {name: written[name] for name in ("dm", "ex", "ds", "tu", "tr", "rs")}
    return truth, check_datasets(wanted, standard="sdtm", cutoff=CUTOFF)[0]


@cache
def derived() -> tuple[pd.DataFrame, pd.DataFrame, list[Finding]]:
    sdtm = study()[1]
    adsl = derive_adsl(sdtm, PROTOCOL, pd.Timestamp(CUTOFF)).frame
    adtr, found = sums_of_diameters(sdtm, adsl, PROTOCOL)
    adrs, more = derive_adrs(sdtm, adsl, PROTOCOL)
    return adtr, adrs, [*found, *more]


def treated() -> list[Subject]:
    return [s for s in study()[0].subjects if s.infusions]


def after(subject: Subject) -> list[Scan]:
    return [s for s in subject.scans if s.day >= subject.planned_infusion]


def test_each_habit_is_there() -> None:
    sdtm = study()[1]
    tr, tu, rs = sdtm["tr"], sdtm["tu"], sdtm["rs"]
    assert {"mm", "cm"} <= set(tr["TRSTRESU"])
    assert {"TARGET", "Target"} <= set(tr["TRGRPID"])
    assert {"LYMPH NODE", "Mediastinal lymph node"} <= set(tu["TULOC"])
    assert "TOO SMALL TO MEASURE" in set(tr["TRSTRESC"])
    assert tr["TRLNKID"].str.fullmatch(r".*T01\.[12]").any()
    assert {"INV-T01", "T01"} <= set(tr["TRLNKID"])
    assert (rs["VISITNUM"] == 99).sum() > 2
    assert rs["VISITNUM"].isna().any()
    assert (tr["VISITNUM"] == 3.1).any()
    overall = rs[rs["RSTESTCD"] == "OVRLRESP"]
    assert overall.duplicated(["USUBJID", "RSEVAL", "RSDTC", "RSSTRESC"]).sum() == len(READERS)


def test_every_sum_is_the_truth() -> None:
    """mm, exactly: baseline and every later scan at which all lesions were measured."""
    adtr = derived()[0]
    complete = adtr[adtr["ANL01FL"] == "Y"]
    for subject in treated():
        for reader in READERS:
            own = complete[
                (complete["USUBJID"] == subject.usubjid) & (complete["TREVAL"] == reader)
            ]
            expected = [sum(s.sizes[reader]) for s in subject.scans if not s.not_evaluable]
            found = [round(value, 6) for value in own.sort_values("ASMTN")["AVAL"]]
            assert found == expected, subject.usubjid


def test_every_overall_response_and_its_date_is_the_truth() -> None:
    """PD on the first day of its scans, anything else on the last."""
    adrs = derived()[1].query("PARAMCD == 'OVR'")
    for subject in treated():
        for reader in READERS:
            own = adrs[(adrs["USUBJID"] == subject.usubjid) & (adrs["RSEVAL"] == reader)]
            found = list(zip(own["AVALC"], own["ADT"], strict=True))
            assert found == [expected(subject, scan, reader) for scan in after(subject)]


def expected(subject: Subject, scan: Scan, reader: str) -> tuple[str, pd.Timestamp]:
    response = scan.responses[reader]["OVRLRESP"]
    stated = subject.non_target or scan.responses[reader]["NEWLPROG"] == "Y"
    measured = len(scan.sizes[reader]) > scan.not_evaluable
    days = [scan.day] * measured + [scan.last_day] * stated or [scan.last_day]
    day = min(days) if response == "PD" else max(days)
    return response, pd.Timestamp(dt.date.fromordinal(day))


def test_no_habit_is_a_finding() -> None:
    """What can be read without doubt needs no word; CR then PR and disagreement are the truth's."""
    assert {f.check for f in derived()[2]} <= {"cr-then-pr", "baseline-age"}
