"""ADEX: what was given. ADTR: sums of diameters and target response by the thresholds."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table
from study import PROTOCOL, subjects

from csr.derive.adex import derive_adex
from csr.derive.adtr import derive_adtr

ADSL = subjects("| STUDYID | USUBJID | TRTSDT | DOSE1 |\n| S | 1 | 2024-03-10 | 110 |")
EX = table(
    """
    | USUBJID | EXSEQ | EXTRT | EXCAT           | EXDOSE | EXDOSU | EXSTDTC    | EXENDTC    |
    | 1       | 1     | FLU   | LYMPHODEPLETION | 30     | mg/m2  | 2024-03-04 | 2024-03-06 |
    | 1       | 2     | CTX   | LYMPHODEPLETION | 500    | mg     | 2024-03-04 | 2024-03-04 |
    | 1       | 3     | CAR   | CAR-T           | 60     | 10^6   | 2024-03-10 | .          |
    | 1       | 4     | CAR   | CAR-T           | 50     | 10^6   | 2024-03-10 | .          |
    | 1       | 5     | CAR   | CAR-T           | 100    | 10^6   | 2024-06-01 | .          |
    """
)


def test_exposures_and_their_totals() -> None:
    """Two bags of a day are one infusion; a total over two units is not formed.

    Fludarabine on three days without a frequency: how often it was given can't be told (§10.17).
    """
    check(
        derive_adex({"ex": EX}, ADSL, PROTOCOL),
        """
        | PARCAT1         | PARAMCD | AVAL | AVALU           | EXSEQ | AINFN | ASTDY | ADURN |
        | LYMPHODEPLETION | DOSE    | 30   | mg/m2           | 1     | .     | -6    | 3     |
        | LYMPHODEPLETION | DOSE    | 500  | mg              | 2     | .     | -6    | 1     |
        | LYMPHODEPLETION | NDOSE   | .    | ADMINISTRATIONS | .     | .     | .     | .     |
        | LYMPHODEPLETION | TDOSE   | .    | .               | .     | .     | .     | .     |
        | STUDY TREATMENT | DOSE    | 60   | 10^6            | 3     | 1     | 1     | 1     |
        | STUDY TREATMENT | DOSE    | 50   | 10^6            | 4     | 1     | 1     | 1     |
        | STUDY TREATMENT | DOSE    | 100  | 10^6            | 5     | 2     | 84    | 1     |
        | STUDY TREATMENT | NDOSE   | 2    | ADMINISTRATIONS | .     | .     | .     | .     |
        | STUDY TREATMENT | TDOSE   | 210  | 10^6            | .     | .     | .     | .     |
        | STUDY TREATMENT | PCTDOSE | 110  | %               | .     | .     | .     | .     |
        """,
    )


def lesions(*visits: tuple[float, str]) -> pd.DataFrame:
    """TR of one subject: (T01 longest diameter, N01 short axis) per visit, "." for not measured."""
    days = ("2024-03-01", "2024-04-07", "2024-05-05", "2024-06-02", "2024-06-30")
    rows = [
        {
            "TRLNKID": lesion,
            "TRTESTCD": test,
            "TRSTRESN": float(mm),
            "VISITNUM": visit,
            "TRDTC": day,
        }
        for visit, (day, sizes) in enumerate(zip(days, visits, strict=False), start=1)
        for (lesion, test), mm in zip((("T01", "LDIAM"), ("N01", "LPERP")), sizes, strict=True)
        if mm != "."
    ]
    return pd.DataFrame(rows).assign(USUBJID="1", TRGRPID="TARGET", TREVAL="", VISIT="")


TU = table(
    """
    | USUBJID | TULNKID | TULOC      |
    | 1       | T01     | LIVER      |
    | 1       | N01     | LYMPH NODE |
    """
)


def adtr(*visits: tuple[float, str]) -> pd.DataFrame:
    return derive_adtr({"tr": lesions(*visits), "tu": TU}, ADSL, PROTOCOL)


def test_sums_from_baseline_and_nadir() -> None:
    """A missing lesion: the sum shows, but is no nadir and gives NE."""
    check(
        adtr((60, 40), (60, 10), (40, "."), (50, 20), (54, 30)),
        """
        | AVISITN | AVAL | BASE | PCHG | NADIR | PCHGNAD | ABLFL | ANL01FL | TRGRESP | LSASS    |
        | 1       | 100  | 100  | 0    | .     | .       | Y     | Y       | .       | N01, T01 |
        | 2       | 70   | 100  | -30  | 100   | -30     | .     | Y       | PR      | N01, T01 |
        | 3       | 40   | 100  | -60  | 70    | -42.8571 | .    | .       | NE      | T01      |
        | 4       | 70   | 100  | -30  | 70    | 0       | .     | Y       | PR      | N01, T01 |
        | 5       | 84   | 100  | -16  | 70    | 20      | .     | Y       | PD      | N01, T01 |
        """,
    )


@pytest.mark.parametrize(
    ("before", "after", "response"),
    [
        ((60, 40), (0, 9), "CR"),
        ((60, 40), (0, 10), "PR"),
        ((12, 10), (17, 10), "PD"),
        ((12, 8), (16, 8), "SD"),
        ((60, 40), (79, 40), "SD"),
        ((60, 40), (80, 40), "PD"),
        ((60, 40), (120, "."), "PD"),
        ((60, 40), (60, "."), "NE"),
        ((24.48, 10.02), (14.13, 10.02), "PR"),
    ],
)
def test_thresholds_of_recist(before: tuple, after: tuple, response: str) -> None:
    """METHODS §3: CR nodes < 10 mm; PR ≥ 30 %; PD ≥ 20 % and ≥ 5 mm; the last is 30 % exactly."""
    assert list(adtr(before, after)["TRGRESP"]) == ["", response]


def test_what_was_first_seen_after_baseline_is_no_target() -> None:
    frame = adtr((60, "."), (60, 30))
    assert list(frame["AVAL"]) == [60, 60]
