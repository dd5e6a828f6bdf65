"""ADCM: which medication was taken before, during and after the study treatment (METHODS §7)."""

from __future__ import annotations

from ascii_table import check, table
from study import CUTOFF, PROTOCOL, subjects

from csr.derive.background import derive_adcm, derive_addv

ADSL = subjects("| USUBJID | TRTSDT | DTHDT |\n| 1 | 2024-03-10 | . |\n| 2 | . | . |")
MEDICATION = """
    | USUBJID | CMSEQ | CMCAT         | CMSTDTC    | CMENDTC    |
    | 1       | 1     | PRIOR THERAPY | 2023-01    | .          |
    | 1       | 2     | CONCOMITANT   | 2024-03-01 | 2024-03-09 |
    | 1       | 3     | CONCOMITANT   | 2024-03-01 | 2024-03-10 |
    | 1       | 4     | CONCOMITANT   | 2024-03    | .          |
    | 1       | 5     | CONCOMITANT   | .          | .          |
    | 1       | 6     | ANTICANCER    | 2024-06-01 | .          |
    | 2       | 1     | CONCOMITANT   | 2024-03-01 | .          |
    """


def test_medication_before_during_and_after() -> None:
    found = derive_adcm({"cm": table(MEDICATION)}, ADSL, PROTOCOL, CUTOFF)
    check(
        found,
        """
        | CMSEQ | ASTDT      | ASTDTF | PREFL | SUBSFL | ONTRTFL |
        | 1     | 2023-01-01 | D      | Y     | .      | .       |
        | 2     | 2024-03-01 | .      | Y     | .      | .       |
        | 3     | 2024-03-01 | .      | Y     | .      | Y       |
        | 4     | 2024-03-10 | D      | .     | .      | Y       |
        | 5     | .          | .      | .     | .      | Y       |
        | 6     | 2024-06-01 | .      | .     | Y      | .       |
        | 1     | 2024-03-01 | .      | .     | .      | .       |
        """,
    )


def test_the_day_of_a_deviation() -> None:
    deviations = table(
        "| USUBJID | DVSEQ | DVSTDTC |\n| 1 | 1 | 2024-03-10 |\n| 1 | 2 | 2024-03-09 |"
    )
    check(derive_addv({"dv": deviations}, ADSL), "| DVSEQ | ADY |\n| 1 | 1 |\n| 2 | -1 |")
