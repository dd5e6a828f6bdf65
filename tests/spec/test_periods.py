"""Start and end imputed together, and what a record says beside its dates (METHODS §10.9)."""

from __future__ import annotations

import pandas as pd
from ascii_table import check, table
from study import PROTOCOL

from csr.derive.background import derive_adcm
from csr.derive.moments import reference_moments
from csr.derive.new_therapy import find_undated_therapy, new_anticancer_therapy
from csr.derive.periods import impute_period

DM = table(
    """
    | USUBJID | RFSTDTC    | RFENDTC    |
    | 1       | 2024-03-10 | 2024-09-01 |
    """
)
SV = table(
    """
    | USUBJID | VISIT  | SVSTDTC    |
    | 1       | VISIT1 | 2024-02-20 |
    | 1       | VISIT9 | 2024-05-01 |
    """
)
EX = table(
    """
    | USUBJID | EXSEQ | EXTRT | EXCAT | EXDOSE | EXSTDTC          | EXENDTC |
    | 1       | 1     | CAR   | CAR-T | 100    | 2024-03-10T10:00 | .       |
    """
)
T0 = pd.Series([pd.Timestamp("2024-03-10")], index=pd.Index(["1"], name="USUBJID"), name="TRTSDT")
SDTM = {"dm": DM, "sv": SV, "ex": EX}


def periods(rows: str) -> pd.DataFrame:
    frame = table(rows)
    frame = frame.assign(USUBJID="1")
    given = table("| USUBJID | ASTDT | EXSTDTC |\n| 1 | 2024-03-10 | 2024-03-10T10:00 |")
    limit = pd.Series(pd.Timestamp("2024-12-31"), index=frame.index)
    found = impute_period(SDTM, frame, "CM", reference_moments(T0, given), limit)
    return frame.assign(
        ASTDT=found.start.date, ASTDTF=found.start.flag, begun=found.begun, over=found.over
    )


def test_what_ended_before_t0_did_not_start_after_it() -> None:
    check(
        periods(
            """
            | CMSTDTC          | CMENDTC          |
            | 2024-03          | 2024-03-05       |
            | 2024             | 2024-02-11       |
            | 2024             | 2023             |
            | 2024-03          | 2024-03          |
            | .                | 2024-02          |
            | 2024-03-10       | 2024-03-10T09:00 |
            | 2024-03-10       | 2024-03-10T11:00 |
            | 2024-03-10T09:00 | .                |
            | 2024-03          | 2024-03-10T09:30 |
            """
        ),
        """
        | ASTDT      | ASTDTF | begun  | over   |
        | 2024-03-01 | D      | before | before |
        | 2024-01-01 | M      | before | before |
        | 2024-01-01 | M      | before | before |
        | 2024-03-10 | D      | after  | .      |
        | .          | .      | before | before |
        | 2024-03-10 | .      | before | before |
        | 2024-03-10 | .      | after  | after  |
        | 2024-03-10 | .      | before | .      |
        | 2024-03-01 | D      | before | before |
        """,
    )


def test_reference_time_points_bound_a_blank_start() -> None:
    check(
        periods(
            """
            | CMSTDTC    | CMSTRTPT   | CMSTTPT        |
            | .          | BEFORE     | SCREENING      |
            | .          | BEFORE     | 2024-03-10     |
            | .          | BEFORE     | FIRST DOSE     |
            | .          | BEFORE     | 2024-03-20     |
            | .          | BEFORE     | VISIT1         |
            | .          | BEFORE     | VISIT9         |
            | .          | BEFORE     | END OF STUDY   |
            | .          | AFTER      | FIRST INFUSION |
            | .          | AFTER      | SCREENING      |
            | .          | COINCIDENT | FIRST DOSE     |
            | .          | U          | SCREENING      |
            | .          | UNKNOWN    | SCREENING      |
            | .          | .          | SCREENING      |
            | 2024       | BEFORE     | SCREENING      |
            | 2024-03    | AFTER      | 2024-03-10     |
            | 2024-04-01 | BEFORE     | SCREENING      |
            | 2024-03-10 | BEFORE     | FIRST DOSE     |
            """
        ),
        """
        | ASTDT      | begun  |
        | .          | before |
        | .          | before |
        | .          | before |
        | .          | .      |
        | .          | before |
        | .          | .      |
        | .          | .      |
        | .          | after  |
        | .          | .      |
        | .          | .      |
        | .          | .      |
        | .          | .      |
        | .          | .      |
        | 2024-01-01 | before |
        | 2024-03-10 | after  |
        | 2024-04-01 | after  |
        | 2024-03-10 | before |
        """,
    )


def test_the_study_reference_period_and_ends() -> None:
    check(
        periods(
            """
            | CMSTRF | CMENRTPT | CMENTPT   | CMENRF |
            | BEFORE | .        | .         | .      |
            | DURING | .        | .         | .      |
            | AFTER  | .        | .         | .      |
            | U      | .        | .         | .      |
            | .      | BEFORE   | SCREENING | .      |
            | .      | ONGOING  | SCREENING | .      |
            | BEFORE | ONGOING  | VISIT9    | .      |
            | .      | .        | .         | BEFORE |
            | BEFORE | .        | .         | AFTER  |
            """
        ),
        """
        | begun  | over   |
        | before | .      |
        | after  | .      |
        | after  | .      |
        | .      | .      |
        | before | before |
        | .      | .      |
        | before | after  |
        | before | before |
        | before | after  |
        """,
    )


def therapy(rows: str) -> tuple[list[str], set[str]]:
    """NACTDT of the one therapy, and the checks that found something."""
    frame = table(rows).assign(USUBJID="1", CMSEQ=1.0, CMCAT="ANTICANCER")
    sdtm = SDTM | {"cm": frame}
    found = new_anticancer_therapy(sdtm, T0, PROTOCOL)
    days = [f"{day:%Y-%m-%d}" for day in found["NACTDT"]]
    return days, {f.check for f in find_undated_therapy(sdtm, T0, PROTOCOL)}


def test_new_therapy_is_the_earliest_possible_day_after_treatment() -> None:
    """METHODS §0b; a start in full stands though the end is before it, and is a finding."""
    for start, end, wanted in (
        ("2024-05", "", "2024-05-01"),
        ("2024-03", "", "2024-03-10"),
        ("2024", "", "2024-03-10"),
        ("2024-02", "", ""),
        ("2024", "2024-03-09", ""),
        ("2024-03-10T09:00", "", ""),
        ("2024-03-10", "", "2024-03-10"),
    ):
        days, _ = therapy(f"| CMSTDTC | CMENDTC |\n| {start or '.'} | {end or '.'} |")
        assert days == ([wanted] if wanted else []), (start, end)
    days, found = therapy("| CMSTDTC | CMENDTC |\n| 2024-05-01 | 2024-02-01 |")
    assert (days, found) == (["2024-05-01"], {"ends-before-start"})


def test_a_new_therapy_without_a_date_is_a_finding_unless_it_is_prior() -> None:
    assert therapy("| CMSTDTC | CMSTRF |\n| . | . |") == ([], {"new-therapy-date"})
    assert therapy("| CMSTDTC | CMSTRF |\n| . | AFTER |") == ([], {"new-therapy-date"})
    assert therapy("| CMSTDTC | CMSTRF |\n| . | BEFORE |") == ([], set())


def test_medication_before_and_during_treatment() -> None:
    """PREFL by the moment it began; nothing that was over before T0 was taken during treatment."""
    cm = table(
        """
        | CMSEQ | CMTRT | CMSTDTC          | CMENDTC          | CMSTRF |
        | 1     | a     | 2024-03-10T09:00 | 2024-03-10T09:30 | .      |
        | 2     | b     | 2024-03-10T11:00 | .                | .      |
        | 3     | c     | .                | .                | BEFORE |
        | 4     | d     | 2024             | 2024-03-01       | .      |
        """
    ).assign(USUBJID="1", CMCAT="OTHER")
    adsl = T0.reset_index().assign(DTHDT=pd.NaT)
    frame = derive_adcm(SDTM | {"cm": cm}, adsl, PROTOCOL, pd.Timestamp("2024-12-31"))
    assert list(frame["PREFL"]) == ["Y", "", "Y", "Y"]
    assert list(frame["ONTRTFL"]) == ["", "Y", "Y", ""]
