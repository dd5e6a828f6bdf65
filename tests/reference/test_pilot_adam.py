"""ADSL and ADAE derived from the CDISC pilot's SDTM against its published ADaM.

Every variable both have is compared for every record. Values are exact. Where the two differ, the
variable stands in DIFFERENCES with the number of records and the cause; anything else is a failure.
Source: submissions-pilot3-adam (A02_cdisc_pilot, xpt); heights and weights from the same study's VS
in pharmaversesdtm (A01), since its vs.xpt is not in the folder.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pilot_sdtm import CUTOFF, pilot_sdtm, read_xpt

from csr.derive.adae import derive_adae
from csr.derive.adsl import derive_adsl
from csr.params.parts import Records
from csr.params.protocol import Characteristic, Exposure, Protocol, TimeToEventRules
from csr.rounding import round_half_away


def vital_sign(test: str) -> Characteristic:
    records = Records(domain="vs", where={"VSTESTCD": (test,)})
    return Characteristic(records=records, value="VSSTRESN", date="VSDTC")


PILOT = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex")),
    time_to_event=TimeToEventRules(new_therapy="censor"),
    characteristics={
        "EDUCLVL": Characteristic(
            records=Records(domain="sc", where={"SCTESTCD": ("EDLEVEL",)}), value="SCSTRESN"
        ),
        "HEIGHTBL": vital_sign("HEIGHT"),
        "WEIGHTBL": vital_sign("WEIGHT"),
    },
)
LAST_DOSE = (
    "the last EX record has no end: the pilot takes the day of discontinuation, csr the last day "
    "of dosing recorded"
)
ACTUAL_ARM = "the pilot repeats the planned arm; DM.ACTARM says low dose (81 mg never given)"
YEAR_ONLY = "only the year is recorded: the pilot leaves it missing, METHODS §0b takes 1 January"
DIFFERENCES = {
    # dataset, variable: (records, cause)
    ("ADSL", "TRT01A"): (12, ACTUAL_ARM),
    ("ADSL", "TRTEDT"): (5, LAST_DOSE),
    ("ADSL", "TRTDURD"): (5, LAST_DOSE),
    ("ADSL", "EFFFL"): (233, "the pilot's set asks for ADAS-Cog and CIBIC+, csr's for tumours"),
    ("ADSL", "WEIGHTBL"): (
        1,
        "weighed at screening, not at the baseline visit: the pilot has none, csr takes the last "
        "before treatment",
    ),
    ("ADAE", "TRTA"): (19, ACTUAL_ARM),
    ("ADAE", "TRTEDT"): (5, LAST_DOSE),
    ("ADAE", "ASTDT"): (11, YEAR_ONLY),
    ("ADAE", "ASTDTF"): (11, YEAR_ONLY),
    ("ADAE", "ASTDY"): (11, YEAR_ONLY),
}
# The pilot's words for DS.DSDECOD; entry criteria not met are protocol violations in DS.
DCSREAS = {
    "Adverse Event": "ADVERSE EVENT",
    "Withdrew Consent": "WITHDRAWAL BY SUBJECT",
    "Sponsor Decision": "STUDY TERMINATED BY SPONSOR",
    "Lack of Efficacy": "LACK OF EFFICACY",
    "Death": "DEATH",
    "Physician Decision": "PHYSICIAN DECISION",
    "Protocol Violation": "PROTOCOL VIOLATION",
    "I/E Not Met": "PROTOCOL VIOLATION",
    "Lost to Follow-up": "LOST TO FOLLOW-UP",
    "": "",
}


@pytest.fixture(scope="module")
def adsl(shared: Path) -> pd.DataFrame:
    return derive_adsl(pilot_sdtm(shared), PILOT, CUTOFF).frame


def plain(value: object) -> str:
    if value is None or value != value:
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def one_decimal(value: float) -> float:
    """The pilot stores height and weight so; VS has two decimals (inches and pounds converted)."""
    return value if value != value else float(round_half_away(value, 1))


def differences(derived: pd.DataFrame, published: pd.DataFrame, keys: list[str]) -> dict[str, int]:
    """Variables of both, and in how many records they differ."""
    paired = published[keys].merge(derived, on=keys, how="left", validate="1:1")
    both = [c for c in published if c in derived and c not in keys]
    return {c: int((paired[c].map(plain) != published[c].map(plain)).sum()) for c in both}


def listed(dataset: str) -> dict[str, int]:
    return {v: n for (name, v), (n, _) in DIFFERENCES.items() if name == dataset}


def test_adsl_equals_the_published_one(shared: Path, adsl: pd.DataFrame) -> None:
    published = read_xpt(shared / "data" / "A02_cdisc_pilot" / "adam" / "adsl.xpt")
    published["DCSREAS"] = published["DCSREAS"].map(DCSREAS)
    rounded = {c: adsl[c].map(one_decimal) for c in ("HEIGHTBL", "WEIGHTBL")}
    found = differences(adsl.assign(**rounded), published, ["USUBJID"])
    assert len(published) == 254
    assert len(found) == 24
    assert {v: n for v, n in found.items() if n} == listed("ADSL")


def test_adae_equals_the_published_one(shared: Path, adsl: pd.DataFrame) -> None:
    published = read_xpt(shared / "data" / "A02_cdisc_pilot" / "adam" / "adae.xpt")
    adae = derive_adae(pilot_sdtm(shared), adsl, PILOT, CUTOFF).frame
    found = differences(adae, published, ["USUBJID", "AESEQ"])
    assert len(published) == len(adae) == 1191
    assert len(found) == 41
    assert {v: n for v, n in found.items() if n} == listed("ADAE")


def test_screen_failures_are_there_and_in_no_set(adsl: pd.DataFrame) -> None:
    """DM has 306 subjects, 52 of them screen failures (ARMCD Scrnfail)."""
    failures = adsl[adsl["EOSSTT"] == ""]
    assert (len(adsl), len(failures)) == (306, 52)
    assert set(failures["ENRLFL"] + failures["SAFFL"] + failures["EFFFL"]) == {"NNN"}
    assert set(failures["ENRXREAS"]) == {"screen failure"}
    assert set(failures["TRT01A"]) == {""}


def test_teae_subjects_by_planned_arm(shared: Path, adsl: pd.DataFrame) -> None:
    """Published ARS results of the pilot: subjects with TEAE 65, 77 and 76 (by published TRTA)."""
    adae = derive_adae(pilot_sdtm(shared), adsl, PILOT, CUTOFF).frame
    emergent = adae[adae["TRTEMFL"] == "Y"].groupby("TRT01P")["USUBJID"].nunique()
    assert emergent.to_dict() == {
        "Placebo": 65,
        "Xanomeline Low Dose": 77,
        "Xanomeline High Dose": 76,
    }
