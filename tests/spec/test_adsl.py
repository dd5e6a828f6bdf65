"""ADSL: treatment, vital status, end of study and analysis sets of a few patients."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table
from study import CUTOFF, PROTOCOL, by, with_parts

from csr.derive.adsl import derive_adsl
from csr.derive.findings import Derived
from csr.errors import DataError
from csr.params.protocol import Protocol


def sdtm() -> dict[str, pd.DataFrame]:
    """Patient 1 twice infused and alive; 2 died; 3 apheresed only; 4 a screen failure."""
    return {
        "dm": table(
            """
            | STUDYID | USUBJID | ARMCD    | ARM | ACTARM | DTHDTC  | DTHFL | RFICDTC    |
            | S       | 1       | DL1      | DL1 | DL1    | .       | .     | 2024-01-02 |
            | S       | 2       | DL2      | DL2 | DL2    | 2024-04 | Y     | 2024-01-03 |
            | S       | 3       | DL2      | DL2 | .      | .       | .     | 2024-01-04 |
            | S       | 4       | SCRNFAIL | .   | .      | .       | .     | 2024-01-05 |
            """
        ),
        "pr": table(
            """
            | USUBJID | PRSEQ | PRCAT     | PRSTDTC    |
            | 1       | 1     | APHERESIS | 2024-01-20 |
            | 2       | 1     | APHERESIS | 2024-01-21 |
            | 3       | 1     | APHERESIS | 2024-01-22 |
            """
        ),
        "ex": table(
            """
            | USUBJID | EXSEQ | EXTRT       | EXCAT           | EXDOSE | EXSTDTC    | EXENDTC    |
            | 1       | 1     | FLUDARABINE | LYMPHODEPLETION | 30     | 2024-03-04 | 2024-03-06 |
            | 1       | 2     | CAR         | CAR-T           | 60     | 2024-03-10 | 2024-03-10 |
            | 1       | 3     | CAR         | CAR-T           | 50     | 2024-03-10 | 2024-03-10 |
            | 1       | 4     | CAR         | CAR-T           | 100    | 2024-06-01 | .          |
            | 2       | 1     | CAR         | CAR-T           | 240    | 2024-03-12 | 2024-03-12 |
            | 3       | 1     | FLUDARABINE | LYMPHODEPLETION | 30     | 2024-03-06 | 2024-03-08 |
            | 3       | 2     | CAR         | CAR-T           | 0      | 2024-03-12 | 2024-03-12 |
            """
        ),
        "cm": table(
            """
            | USUBJID | CMSEQ | CMCAT      | CMSTDTC    |
            | 1       | 1     | ANTICANCER | 2023-05    |
            | 1       | 2     | STEROID    | 2024-04-01 |
            | 1       | 3     | ANTICANCER | 2024-08    |
            """
        ),
        "ds": table(
            """
            | USUBJID | DSSEQ | DSCAT             | DSDECOD        | DSTERM      | DSSTDTC    |
            | 2       | 1     | DISPOSITION EVENT | DEATH          | Died        | 2024-04    |
            | 3       | 1     | DISPOSITION EVENT | LOST TO FOLLOW-UP | Gone     | 2024-05-01 |
            | 4       | 1     | DISPOSITION EVENT | SCREEN FAILURE | No target   | 2024-01-09 |
            """
        ),
        "sv": table(
            """
            | USUBJID | SVSTDTC    | SVENDTC    |
            | 1       | 2024-11-05 | 2024-11-06 |
            | 1       | 2025-01-05 | 2025-01-05 |
            | 2       | 2024-04-09 | 2024-04-09 |
            | 3       | 2024-04-20 | 2024-04-20 |
            """
        ),
        "ae": table(
            """
            | USUBJID | AESEQ | AEDECOD | AESTDTC    | AEENDTC | AEOUT |
            | 2       | 1     | Sepsis  | 2024-04-02 | 2024-04 | FATAL |
            """
        ),
        "tr": table(
            """
            | USUBJID | TRSEQ | TRGRPID    | TRDTC      | VISITNUM |
            | 1       | 1     | TARGET     | 2024-02-28 | 1        |
            | 1       | 2     | TARGET     | 2024-04-08 | 2        |
            | 2       | 1     | TARGET     | 2024-03    | 1        |
            """
        ),
        "rs": table(
            """
            | USUBJID | RSSEQ | RSTESTCD | RSSTRESC | RSDTC      | VISITNUM |
            | 1       | 1     | OVRLRESP | SD       | 2024-04-08 | 2        |
            """
        ),
    }


def adsl(protocol: Protocol = PROTOCOL) -> Derived:
    return derive_adsl(sdtm(), protocol, CUTOFF)


def test_treatment() -> None:
    """T0 is the first CAR-T infusion; bags of a day are one; a dose of 0 was not given."""
    check(
        adsl().frame,
        """
        | USUBJID | TRT01P | TRT01A | NINF | DOSE1 |
        | 1       | DL1    | DL1    | 2    | 110   |
        | 2       | DL2    | DL2    | 1    | 240   |
        | 3       | DL2    | .      | .    | .     |
        | 4       | .      | .      | .    | .     |
        """,
    )
    check(
        adsl().frame,
        """
        | USUBJID | APHDT      | LDSTDT     | TRTSDT     | TRTEDT     | TRTDURD |
        | 1       | 2024-01-20 | 2024-03-04 | 2024-03-10 | 2024-06-01 | 84      |
        | 2       | 2024-01-21 | .          | 2024-03-12 | 2024-03-12 | 1       |
        | 3       | 2024-01-22 | 2024-03-06 | .          | .          | .       |
        | 4       | .          | .          | .          | .          | .       |
        """,
    )


def test_vital_status() -> None:
    """Dates after the cut-off do not count; a death without day is the day after last alive."""
    check(
        adsl().frame,
        """
        | USUBJID | LSTALVDT   | LALVDOM | LALVVAR |
        | 1       | 2024-11-06 | SV      | SVENDTC |
        | 2       | 2024-04-09 | SV      | SVENDTC |
        | 3       | 2024-04-20 | SV      | SVENDTC |
        | 4       | 2024-01-09 | DS      | DSSTDTC |
        """,
    )
    check(
        adsl().frame,
        """
        | USUBJID | DTHFL | DTHDT      | DTHDTF | DTHADY | DTHCAUS |
        | 1       | .     | .          | .      | .      | .       |
        | 2       | Y     | 2024-04-10 | D      | 30     | Sepsis  |
        | 3       | .     | .          | .      | .      | .       |
        | 4       | .     | .          | .      | .      | .       |
        """,
    )


def test_end_of_study_and_new_therapy() -> None:
    """Prior therapy and steroids are not new anticancer therapy."""
    check(
        adsl().frame,
        """
        | USUBJID | EOSSTT         | EOSDT      | DCSREAS           |
        | 1       | ONGOING        | .          | .                 |
        | 2       | DISCONTINUED   | 2024-04-01 | DEATH             |
        | 3       | DISCONTINUED   | 2024-05-01 | LOST TO FOLLOW-UP |
        | 4       | .              | 2024-01-09 | .                 |
        """,
    )
    check(
        adsl().frame,
        """
        | USUBJID | NACTDT     | NACTDTF | NACTSEQ |
        | 1       | 2024-08-01 | D       | 3       |
        | 2       | .          | .       | .       |
        | 3       | .          | .       | .       |
        | 4       | .          | .       | .       |
        """,
    )


def test_analysis_sets_with_reasons() -> None:
    """Patient 2 died before a scan: evaluable as a non-responder (METHODS §9)."""
    check(
        adsl().frame,
        """
        | USUBJID | ENRLFL | ENRXREAS       | APHERFL | APHXREAS     |
        | 1       | Y      | .              | Y       | .            |
        | 2       | Y      | .              | Y       | .            |
        | 3       | Y      | .              | Y       | .            |
        | 4       | N      | screen failure | N       | not enrolled |
        """,
    )
    check(
        adsl().frame,
        """
        | USUBJID | SAFFL | SAFXREAS     | MEASFL | EFFFL | EFFXREAS    |
        | 1       | Y     | .            | Y      | Y     | .           |
        | 2       | Y     | .            | Y      | Y     | .           |
        | 3       | N     | not treated  | N      | N     | not treated |
        | 4       | N     | not enrolled | N      | N     | not treated |
        """,
    )


def test_early_death_can_be_not_evaluable_by_protocol() -> None:
    strict = with_parts(baseline={"early_event_is_evaluable": False})
    check(
        adsl(strict).frame.iloc[:2],
        """
        | USUBJID | EFFFL | EFFXREAS                    |
        | 1       | Y     | .                           |
        | 2       | N     | no post-baseline assessment |
        """,
    )


def test_without_a_target_lesion_before_treatment_no_response_can_be_judged() -> None:
    data = sdtm()
    data["tr"].loc[0, "TRGRPID"] = "NON-TARGET"
    check(
        derive_adsl(data, PROTOCOL, CUTOFF).frame.iloc[:1],
        """
        | TUBLFL | MEASFL | EFFFL | EFFXREAS                          |
        | Y      | N      | N     | no measurable disease at baseline |
        """,
    )


def test_a_baseline_may_have_to_be_before_lymphodepletion() -> None:
    data = sdtm()
    data["tr"].loc[0, "TRDTC"] = "2024-03-08"
    before = with_parts(baseline={"last_before": "lymphodepletion"})
    assert derive_adsl(data, PROTOCOL, CUTOFF).frame.loc[0, "MEASFL"] == "Y"
    assert derive_adsl(data, before, CUTOFF).frame.loc[0, "MEASFL"] == "N"


def test_a_partial_scan_date_can_be_a_baseline_but_has_no_date() -> None:
    check(
        adsl().frame.iloc[:2],
        """
        | USUBJID | TUBLFL | TUBLDT     |
        | 1       | Y      | 2024-02-28 |
        | 2       | Y      | .          |
        """,
    )


def test_long_term_follow_up_needs_a_record_the_protocol_names() -> None:
    assert set(adsl().frame["LTFXREAS"]) == {"no long-term follow-up in this protocol"}
    named = by("ds", "DSDECOD", "LONG-TERM FOLLOW-UP").model_dump()
    reasons = adsl(with_parts(disposition={"long_term": named})).frame["LTFXREAS"]
    assert list(reasons[:3]) == ["not entered into long-term follow-up"] * 2 + ["not treated"]


ECOG = {"records": {"domain": "qs", "where": {"QSTESTCD": ["ECOG"]}}, "value": "QSSTRESN"}


def test_a_baseline_characteristic_is_the_last_value_up_to_first_treatment() -> None:
    named = with_parts(characteristics={"ECOGBL": {**ECOG, "date": "QSDTC"}})
    qs = table(
        """
        | USUBJID | QSSEQ | QSTESTCD | QSSTRESN | QSDTC      |
        | 1       | 1     | ECOG     | 0        | 2024-02-01 |
        | 1       | 2     | ECOG     | 1        | 2024-03-10 |
        | 1       | 3     | ECOG     | 2        | 2024-04-10 |
        | 2       | 1     | ECOG     | .        | 2024-02-01 |
        """
    )
    frame = derive_adsl(sdtm() | {"qs": qs}, named, CUTOFF).frame
    check(frame.iloc[:2], "| ECOGBL |\n| 1 |\n| . |")


def test_a_characteristic_joined_from_suppdm_stays_and_an_absent_one_is_named() -> None:
    """SUPPDM joined to DM is no domain of its own any more."""
    supp = {"records": {"domain": "suppdm"}, "value": "QVAL"}
    named = with_parts(characteristics={"TUMTYPE": supp, "LAUREN": supp})
    data = sdtm()
    data["dm"]["TUMTYPE"] = "GASTRIC"
    derived = derive_adsl(data, named, CUTOFF)
    assert set(derived.frame["TUMTYPE"]) == {"GASTRIC"}
    assert [f.column for f in derived.findings if f.check == "no-domain"] == ["LAUREN"]


def test_a_reinfusion_is_new_therapy_only_where_the_protocol_says_so() -> None:
    changed = adsl(with_parts(reinfusion_is_new_therapy=True)).frame.iloc[:1]
    check(changed, "| NACTDT | NACTDOM | NACTSEQ |\n| 2024-06-01 | EX | 4 |")


def test_a_dose_of_no_level_and_an_undated_death_are_findings() -> None:
    data = sdtm()
    data["ex"].loc[data["ex"]["USUBJID"] == "2", "EXDOSE"] = 900.0
    data["dm"].loc[1, "DTHDTC"] = "UNKNOWN"
    data["ds"] = data["ds"].iloc[1:]
    data["ae"] = data["ae"].iloc[:0]
    findings = {f.check: f.keys for f in derive_adsl(data, PROTOCOL, CUTOFF).findings}
    assert findings["dose-level"] == ("USUBJID=2",)
    assert findings["death-date"] == ("USUBJID=2",)
    assert findings["impossible-date"] == ("USUBJID=2",)


def test_a_life_sign_after_death_is_a_finding_and_not_used() -> None:
    data = sdtm()
    data["dm"].loc[1, "DTHDTC"] = "2024-04-05"
    derived = derive_adsl(data, PROTOCOL, CUTOFF)
    check(derived.frame.iloc[1:2], "| LSTALVDT | DTHDT |\n| 2024-04-02 | 2024-04-05 |")
    late = [f for f in derived.findings if f.check == "after-death"]
    assert {(f.column, f.keys, f.rows) for f in late} == {
        ("SVSTDTC", ("USUBJID=2",), (3,)),
        ("SVENDTC", ("USUBJID=2",), (3,)),
    }


def test_a_column_the_protocol_names_must_be_there() -> None:
    wrong = with_parts(new_therapy=[by("cm", "CMSCAT", "X").model_dump()])
    with pytest.raises(DataError, match=r"CM\.CMSCAT: the protocol selects records by it"):
        adsl(wrong)
