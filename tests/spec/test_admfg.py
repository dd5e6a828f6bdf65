"""ADMFG: the outcome and times of manufacturing, and the quality of the product."""

from __future__ import annotations

import pandas as pd
from ascii_table import check, table
from study import PROTOCOL, by, subjects, with_parts

from csr.derive.adex import derive_adex
from csr.derive.admfg import derive_admfg
from csr.params.protocol import Protocol

ADSL = subjects(
    """
    | STUDYID | USUBJID | TRTSDT     | LDSTDT     | APHERFL |
    | S       | 1       | 2024-03-10 | 2024-03-05 | Y       |
    | S       | 2       | .          | .          | Y       |
    | S       | 3       | .          | .          | Y       |
    | S       | 4       | 2024-05-01 | 2024-05-03 | Y       |
    | S       | 5       | .          | .          | N       |
    """
)
PR = table(
    """
    | USUBJID | PRCAT     | PRSTDTC    |
    | 1       | APHERESIS | 2024-01-02 |
    | 1       | APHERESIS | 2024-02-01 |
    | 1       | APHERESIS | 2024-04-20 |
    | 2       | APHERESIS | 2024-02-01 |
    | 3       | APHERESIS | 2024-02-01 |
    | 4       | APHERESIS | 2024-04-01 |
    """
)
DS = table(
    """
    | USUBJID | DSDECOD  | DSSTDTC    |
    | 1       | RELEASED | 2024-02-22 |
    | 1       | RELEASED | 2024-05-15 |
    | 2       | FAILED   | 2024-02-20 |
    | 4       | OUT      | 2024-04-20 |
    | 5       | RELEASED | 2024-04-20 |
    """
)
EX = table(
    """
    | USUBJID | EXSEQ | EXCAT | EXTRT | EXDOSE | EXDOSU | EXSTDTC    | EXVIAB | EXTRANS | EXPLAN |
    | 1       | 1     | CAR-T | CAR   | 50     | 10^6   | 2024-03-10 | 91.5   | 40      | 120    |
    | 1       | 2     | CAR-T | CAR   | 40     | 10^6   | 2024-03-10 | 88     | .       | 120    |
    | 1       | 3     | CAR-T | CAR   | 90     | 10^6   | 2024-06-01 | 95     | 30      | 120    |
    | 4       | 1     | CAR-T | CAR   | 100    | 10^6   | 2024-05-01 | .      | .       | .      |
    """
)


def protocol() -> Protocol:
    either = {"domain": "ds", "where": {"DSDECOD": ("RELEASED", "OUT")}}
    return with_parts(
        exposure=PROTOCOL.exposure.model_copy(update={"planned_dose": "EXPLAN"}).model_dump(),
        manufacturing={
            "released": either,
            "out_of_specification": by("ds", "DSDECOD", "OUT").model_dump(),
            "failed": by("ds", "DSDECOD", "FAILED").model_dump(),
            "viability": "EXVIAB",
            "transduction": "EXTRANS",
        },
    )


def test_outcomes_times_and_quality() -> None:
    """The last apheresis up to the first release; the lowest of an infusion's two bags; by hand:
    1 February to 22 February 21 days, to 10 March 38 (2024 is a leap year)."""
    adam, _ = derive_admfg({"pr": PR, "ds": DS, "ex": EX}, ADSL, protocol())
    check(
        adam,
        """
        | USUBJID | PARAMCD | AVALC                         | AVAL | AVALU | AINFN |
        | 1       | OUTCOME | Released within specification | .    | .     | .     |
        | 1       | APHREL  | .                             | 21   | DAYS  | .     |
        | 1       | RELINF  | .                             | 17   | DAYS  | .     |
        | 1       | APHINF  | .                             | 38   | DAYS  | .     |
        | 1       | LDINF   | .                             | 5    | DAYS  | .     |
        | 1       | VIAB    | .                             | 88   | %     | 1     |
        | 1       | VIAB    | .                             | 95   | %     | 2     |
        | 1       | TRANSD  | .                             | 40   | %     | 1     |
        | 1       | TRANSD  | .                             | 30   | %     | 2     |
        | 2       | OUTCOME | Manufacturing failed          | .    | .     | .     |
        | 3       | OUTCOME | Not released                  | .    | .     | .     |
        | 4       | OUTCOME | Released out of specification | .    | .     | .     |
        | 4       | APHREL  | .                             | 19   | DAYS  | .     |
        | 4       | RELINF  | .                             | 11   | DAYS  | .     |
        | 4       | APHINF  | .                             | 30   | DAYS  | .     |
        """,
    )


def test_an_interval_that_runs_backwards_is_a_finding() -> None:
    """Subject 4's lymphodepletion begins two days after the infusion."""
    _, findings = derive_admfg({"pr": PR, "ds": DS, "ex": EX}, ADSL, protocol())
    assert [(f.check, f.keys) for f in findings] == [("manufacturing-dates", ("USUBJID=4",))]


def test_without_the_sources_everybody_is_not_released() -> None:
    empty = {"ex": EX.iloc[:0], "pr": PR.iloc[:0], "ds": DS.iloc[:0]}
    adam, findings = derive_admfg(empty, ADSL.assign(TRTSDT=pd.NaT), protocol())
    assert set(adam["AVALC"]) == {"Not released"}
    assert len(adam) == 4
    assert not findings


def test_the_planned_dose_on_record_goes_before_that_of_the_level() -> None:
    """90 of 120 planned cells are 75 %; subject 4 has no plan on record: 100 of the level's 100."""
    adsl = ADSL.assign(DOSE1=[90.0, None, None, 100.0, None])
    adex = derive_adex({"ex": EX}, adsl, protocol())
    check(
        adex[adex["PARAMCD"] == "PCTDOSE"],
        """
        | USUBJID | AVAL | AVALU |
        | 1       | 75   | %     |
        | 4       | 100  | %     |
        """,
    )
