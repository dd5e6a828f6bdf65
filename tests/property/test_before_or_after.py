"""A sweep: no sample taken after the infusion is its baseline, in any domain (METHODS §10.9).

Each domain gets a sample of the day before and one of the infusion's day, moved over the day in
steps, with and without times, offsets and planned time points. The baseline is the later one that
was before, and what was after it counts as such, in every domain alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest

from csr.derive.adis import derive_adis
from csr.derive.adlb import derive_adlb
from csr.derive.adpc import derive_adpc
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import derive_adtr
from csr.derive.advs import derive_adecog, derive_adeg, derive_advs
from csr.derive.tumour_baseline import tumour_baseline
from csr.params.kinetics import Kinetics
from csr.params.laboratory import Laboratory
from csr.params.measurements import MeasurementRules
from csr.params.parts import Records
from csr.params.protocol import Characteristic, Exposure, Protocol, TimeToEventRules

CHARACTERISTIC = Characteristic(records=Records(domain="qs"), value="QSSTRESC", date="QSDTC")
PROTOCOL = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex", where={"EXCAT": ("CAR-T",)})),
    time_to_event=TimeToEventRules(new_therapy="censor"),
    characteristics={"BASEVAL": CHARACTERISTIC},
)
MEASURED = MeasurementRules(baseline="infusion", ecog=Records(domain="qs"))
CUTOFF = pd.Timestamp("2024-12-31")
T0 = "2024-03-10"
TIMES = ("", "T00:01", "T09:59", "T10:00", "T10:01", "T23:59")
# An infusion without a time, with one, and with one and its offset.
INFUSIONS = (T0, f"{T0}T10:00", f"{T0}T10:00+08:00")
POINTS = ("", "PRE-DOSE", "POST-DOSE")
CASES = tuple(itertools.product(TIMES, INFUSIONS, POINTS))
ADSL_COLUMNS = {
    "STUDYID": "S",
    "SITEID": "1",
    "ARM": "A",
    "ARMCD": "A",
    "ACTARM": "A",
    "RFICDTC": "",
}


def subject(case: int) -> str:
    return f"S{case:03d}"


def is_before(time: str, infusion: str, point: str) -> bool:
    """Said again, plainly: both with a time, else the planned time point, else before."""
    if time and "T" in infusion:
        return time[1:] <= "10:00" if point != "POST-DOSE" else time[1:] < "10:00"
    return point != "POST-DOSE"


@cache
def exposure() -> pd.DataFrame:
    rows = [
        {
            "USUBJID": subject(i), "EXSEQ": 1.0, "EXTRT": "CAR", "EXCAT": "CAR-T", "EXDOSE": 1.0,
            "EXDOSU": "", "EXSTDTC": infusion, "EXENDTC": "",
        }
        for i, (_, infusion, _) in enumerate(CASES)
    ]  # fmt: skip
    return pd.DataFrame(rows)


@cache
def samples(prefix: str) -> pd.DataFrame:
    """Samples of the day before (1), of the infusion's day (2) and of the day after (3)."""
    rows = []
    for i, (time, infusion, point) in enumerate(CASES):
        zone = infusion[16:] if time else ""
        days = (("2024-03-09", "", 1.0), (f"{T0}{time}{zone}", point, 2.0), ("2024-03-11", "", 3.0))
        for dtc, tpt, value in days:
            rows.append(
                {
                    "USUBJID": subject(i), f"{prefix}SEQ": value, f"{prefix}TESTCD": "XX",
                    f"{prefix}TEST": "Test", f"{prefix}STRESN": value, f"{prefix}ORRES": str(value),
                    f"{prefix}STRESC": f"{value:g}", f"{prefix}STRESU": "u", f"{prefix}ORRESU": "u",
                    f"{prefix}TPT": tpt, f"{prefix}DTC": dtc, f"{prefix}CAT": "",
                    f"{prefix}SPEC": "BLOOD", "VISIT": "", "VISITNUM": value,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


@cache
def adsl() -> pd.DataFrame:
    dm = exposure()[["USUBJID"]].assign(**ADSL_COLUMNS)
    dm["SUBJID"] = dm["USUBJID"]
    sdtm = {"dm": dm, "ex": exposure(), "qs": samples("QS"), "ds": dm[["USUBJID"]].assign(
        DSSEQ=1.0, DSDECOD="", DSCAT="", DSSTDTC="", DSTERM="")}  # fmt: skip
    return derive_adsl(sdtm, PROTOCOL, CUTOFF).frame


def _laboratory() -> pd.DataFrame:
    sdtm = {"lb": samples("LB"), "ex": exposure()}
    return derive_adlb(sdtm, adsl(), Laboratory(baseline="infusion"), PROTOCOL).frame


def _measured(derive: Callable, domain: str, *rules: object) -> Callable[[], pd.DataFrame]:
    def derived() -> pd.DataFrame:
        sdtm = {domain: samples(domain.upper()), "ex": exposure()}
        found: pd.DataFrame = derive(sdtm, adsl(), *rules, PROTOCOL).frame
        return found

    return derived


DOMAINS: dict[str, Callable[[], pd.DataFrame]] = {
    "lb": _laboratory,
    "vs": _measured(derive_advs, "vs", MEASURED),
    "eg": _measured(derive_adeg, "eg", MEASURED),
    "qs": _measured(derive_adecog, "qs", MEASURED),
    "is": _measured(derive_adis, "is"),
}


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_baseline_is_the_last_before_the_infusion(domain: str) -> None:
    frame = DOMAINS[domain]()
    for i, case in enumerate(CASES):
        own = frame[frame["USUBJID"] == subject(i)].sort_values(f"{domain.upper()}SEQ")
        before = is_before(*case)
        assert list(own["ABLFL"]) == (["", "Y", ""] if before else ["Y", "", ""]), case
        assert list(own["ONTRTFL"]) == ["", "" if before else "Y", "Y"], case
        assert list(own["AINFN"]) == [0, 0 if before else 1, 1], case
        assert own["BASE"].eq(2.0 if before else 1.0).all(), case


def test_so_is_a_baseline_characteristic() -> None:
    found = adsl().set_index("USUBJID")["BASEVAL"]
    assert {case: found[subject(i)] for i, case in enumerate(CASES)} == {
        case: "2" if is_before(*case) else "1" for case in CASES
    }


def test_and_a_sample_of_the_kinetics() -> None:
    rules = Kinetics(units="u", lloq=0.1)
    frame = derive_adpc({"pc": samples("PC"), "ex": exposure()}, adsl(), PROTOCOL, rules).frame
    for i, case in enumerate(CASES):
        own = frame[frame["USUBJID"] == subject(i)].sort_values("PCSEQ")
        before = is_before(*case)
        assert list(own["PREDOSFL"]) == ["Y", "Y" if before else "", ""], case
        assert list(own["ONTRTFL"]) == ["", "" if before else "Y", "Y"], case


def _tumours() -> dict[str, pd.DataFrame]:
    """TU and TR of the same samples: a target lesion of 10, 20 and 30 mm."""
    tr = samples("TR").assign(
        TRTESTCD="LDIAM", TRLNKID="T01", TREVAL="INVESTIGATOR", TRGRPID="TARGET", TRSTRESU="mm",
        TRORRESU="mm",
    )  # fmt: skip
    for column in ("TRSTRESN", "TRORRES", "TRSTRESC"):
        tr[column] = 10 * pd.to_numeric(tr[column])
        tr[column] = tr[column] if column == "TRSTRESN" else tr[column].map("{:g}".format)
    tu = samples("TU").assign(
        TUTESTCD="TUMIDENT", TULNKID="T01", TUEVAL="INVESTIGATOR", TUSTRESC="TARGET",
        TUORRES="TARGET", TULOC="LIVER",
    )  # fmt: skip
    return {"tr": tr, "tu": tu, "ex": exposure()}


def test_and_the_baseline_of_tumours() -> None:
    """The planned time point is no matter of scans: it is theirs by the time of day alone."""
    people = adsl().assign(LDSTDT=pd.NaT)
    frame = derive_adtr(_tumours(), people, PROTOCOL)
    base = frame.groupby("USUBJID")["BASE"].first()
    facts = tumour_baseline(_tumours(), people, PROTOCOL).set_index("USUBJID")["TUBLDT"]
    for i, (time, infusion, _) in enumerate(CASES):
        before = is_before(time, infusion, "")
        assert base[subject(i)] == (20 if before else 10), CASES[i]
        assert facts[subject(i)].day == (10 if before else 9), CASES[i]
