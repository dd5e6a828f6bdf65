"""Responses, sums of diameters and times from pharmaverse's RECIST data against admiralonco's ADaM.

Eight subjects have RS, TU and TR; the other 246 treated subjects of the pilot have none. The rules
of admiralonco (28 days to confirm, stable disease from 28 days after TRTSDT, one NE) and METHODS'
defaults (42 days) give the same best responses. Values are exact, percentages within 1e-9.
Source: pharmaverseadam adrs_onco, adtr_onco, adtte_onco (A01, Apache-2.0).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from pilot_sdtm import CUTOFF, oncology_sdtm, read_parquet

from csr.derive.adrs import derive_adrs
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import derive_adtr
from csr.derive.adtte import derive_adtte
from csr.params.parts import Records
from csr.params.protocol import Exposure, Protocol, Response, TimeToEventRules

METHODS = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex")),
    time_to_event=TimeToEventRules(new_therapy="treatment-policy"),
)
ADMIRALONCO = METHODS.model_copy(
    update={"response": Response(min_sd_days=28, impute_scan_day="last", scan_dates="recorded")}
)
CONFIRMED = {"CR": 0, "PR": 1, "SD": 4, "NON-CR/NON-PD": 1, "PD": 1, "NE": 1}
UNCONFIRMED = {"CR": 3, "PR": 1, "SD": 1, "NON-CR/NON-PD": 1, "PD": 1, "NE": 1}
Sdtm = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def sdtm(shared: Path) -> Sdtm:
    return oncology_sdtm(shared)


@pytest.fixture(scope="module")
def adsl(sdtm: Sdtm) -> pd.DataFrame:
    return derive_adsl(sdtm, METHODS, CUTOFF).frame


def published(shared: Path, name: str) -> pd.DataFrame:
    frame = read_parquet(shared / "data" / "A01_pharmaverse_oncology" / "adam" / f"{name}.parquet")
    dates = [c for c in ("ADT", "STARTDT") if c in frame]
    return frame.assign(**{c: pd.to_datetime(frame[c].replace("", None)) for c in dates})


def responses(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    adrs = derive_adrs(sdtm, adsl, protocol).frame
    assessed = adrs["USUBJID"].isin(sdtm["rs"]["USUBJID"])
    return adrs[assessed & (adrs["RSEVAL"] == "INVESTIGATOR")]


@pytest.mark.parametrize("protocol", [METHODS, ADMIRALONCO], ids=["methods", "admiralonco"])
def test_best_responses_of_the_eight_subjects(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol
) -> None:
    found = responses(sdtm, adsl, protocol)
    for paramcd, expected in (("CBOR", CONFIRMED), ("BOR", UNCONFIRMED)):
        counts = found.loc[found["PARAMCD"] == paramcd, "AVALC"].value_counts()
        assert {r: int(counts.get(r, 0)) for r in expected} == expected


def test_each_response_and_its_date_is_admiraloncos(
    sdtm: Sdtm, adsl: pd.DataFrame, shared: Path
) -> None:
    """BOR, CBOR, OVR, PD, RSP, CRSP of every subject: value and date, none differs."""
    found = responses(sdtm, adsl, ADMIRALONCO)
    theirs = published(shared, "adrs_onco")
    theirs = theirs[theirs["USUBJID"].isin(found["USUBJID"])]
    columns = ["USUBJID", "PARAMCD", "AVALC", "ADT"]
    same = ["BOR", "CBOR", "OVR", "PD", "RSP", "CRSP"]
    ours, expected = (
        frame[frame["PARAMCD"].isin(same)][columns].sort_values(columns).reset_index(drop=True)
        for frame in (found, theirs)
    )
    pd.testing.assert_frame_equal(ours, expected, check_dtype=False)
    assert len(ours) == 22 + 5 * 8


def test_sums_of_diameters_are_admiraloncos(sdtm: Sdtm, adsl: pd.DataFrame, shared: Path) -> None:
    """AVAL, BASE, NADIR, CHG, PCHG, PCHGNAD, flags and lesions of all 25 sums, in order."""
    adtr = derive_adtr(sdtm, adsl, METHODS)
    ours = adtr[adtr["TREVAL"] == "INVESTIGATOR"]
    theirs = published(shared, "adtr_onco")
    theirs = theirs[theirs["PARAMCD"] == "SDIAM"]
    columns = ["USUBJID", "AVAL", "BASE", "NADIR", "CHG", "PCHG", "PCHGNAD", "ABLFL", "ANL01FL"]
    columns += ["LSEXP", "LSASS"]
    ours, theirs = (f.sort_values(["USUBJID", "AVISITN"]) for f in (ours, theirs))
    pd.testing.assert_frame_equal(
        ours[columns].reset_index(drop=True),
        theirs[columns].reset_index(drop=True),
        rtol=1e-9,
        check_dtype=False,
    )
    grown = ours["TRGRESP"].eq("PD").to_numpy()
    assert (grown == theirs["PDFL"].eq("Y").to_numpy()).all()
    assert len(ours) == 25


def test_target_responses_agree_with_those_recorded(sdtm: Sdtm, adsl: pd.DataFrame) -> None:
    """For the six subjects with target lesions the thresholds give what RS says."""
    adtr = derive_adtr(sdtm, adsl, METHODS)
    ours = adtr[(adtr["TREVAL"] == "INVESTIGATOR") & (adtr["ABLFL"] == "")]
    recorded = sdtm["rs"][sdtm["rs"]["RSEVAL"] == "INVESTIGATOR"]
    paired = ours.merge(recorded, left_on=["USUBJID", "AVISITN"], right_on=["USUBJID", "VISITNUM"])
    assert len(paired) == 19
    assert (paired["TRGRESP"] == paired["RSSTRESC"]).all()


@pytest.fixture(scope="module")
def adtte(sdtm: Sdtm, adsl: pd.DataFrame) -> pd.DataFrame:
    return derive_adtte(adsl, derive_adrs(sdtm, adsl, METHODS).frame, METHODS)


def events(adtte: pd.DataFrame, paramcd: str) -> tuple[int, int]:
    records = adtte[adtte["PARAMCD"] == paramcd]
    return int((records["CNSR"] < 0.5).sum()), len(records)


def test_events_are_admiraloncos(adtte: pd.DataFrame) -> None:
    """Published: PFS 6 of 254, OS 3 of 254; that PFS ignores gaps and missing baselines."""
    assert events(adtte, "PFSGAP") == (6, 254)
    assert events(adtte, "OS") == (3, 254)


def test_under_fdas_rules_three_deaths_without_baseline_scan_are_censored(
    adtte: pd.DataFrame,
) -> None:
    """METHODS §4, first row: no baseline assessment, censored at T0; leaves the 3 progressions."""
    assert events(adtte, "PFS") == (3, 254)
    reasons = adtte.loc[adtte["PARAMCD"] == "PFS", "EVNTDESC"].value_counts()
    assert reasons["No baseline assessment"] == 246


def test_each_pfs_record_is_admiraloncos(adtte: pd.DataFrame, shared: Path) -> None:
    """All 254: start, date, days and censoring."""
    columns = ["USUBJID", "STARTDT", "ADT", "AVAL", "CNSR"]
    theirs = published(shared, "adtte_onco").query("PARAMCD == 'PFS'")[columns]
    ours = adtte.query("PARAMCD == 'PFSGAP'")[columns]
    pd.testing.assert_frame_equal(
        ours.sort_values("USUBJID").reset_index(drop=True),
        theirs.sort_values("USUBJID").reset_index(drop=True),
        check_dtype=False,
    )


def test_os_deaths_are_admiraloncos_and_no_censoring_is_earlier(
    adtte: pd.DataFrame, shared: Path
) -> None:
    """csr counts visits and disposition (SV, DS) as known alive, which moves 92 censorings."""
    theirs = published(shared, "adtte_onco").query("PARAMCD == 'OS'")
    both = adtte.query("PARAMCD == 'OS'").merge(theirs, on="USUBJID", suffixes=("", "_THEIRS"))
    dead = both[both["CNSR"] < 0.5]
    assert (dead["AVAL"] == dead["AVAL_THEIRS"]).all()
    assert (both["ADT"] >= both["ADT_THEIRS"]).all()
    assert (both["ADT"] > both["ADT_THEIRS"]).sum() == 92
    assert len(both) == 254
