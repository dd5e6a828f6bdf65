"""Events that became worse on treatment: one line, lines of one event, and what can't be told."""

from __future__ import annotations

import random

import pandas as pd
import pytest
from ascii_table import check, table
from study import CUTOFF, PROTOCOL, subjects, with_parts

from csr.derive.adae import derive_adae
from csr.derive.findings import Derived
from csr.params.protocol import Protocol

ADSL = subjects(
    """
    | STUDYID | USUBJID | APHDT      | LDSTDT     | TRTSDT     |
    | S       | 1       | 2024-01-20 | 2024-03-04 | 2024-03-10 |
    | S       | 2       | 2024-01-20 | .          | .          |
    """
)
EX = table(
    """
    | USUBJID | EXSEQ | EXTRT | EXCAT           | EXDOSE | EXSTDTC          | EXENDTC |
    | 1       | 1     | FLU   | LYMPHODEPLETION | 30     | 2024-03-04       | .       |
    | 1       | 2     | CAR   | CAR-T           | 100    | 2024-03-10T11:00 | .       |
    """
)


def adae(events: str, protocol: Protocol = PROTOCOL) -> Derived:
    frame = table(events)
    if "USUBJID" not in frame:
        frame = frame.assign(USUBJID="1")
    return derive_adae({"ae": frame.assign(AEREL="NONE"), "ex": EX}, ADSL, protocol, CUTOFF)


ONE_LINE = """
    | AESEQ | AESTDTC          | AEENDTC    | AEITOXGR | AETOXGR |
    | 1     | 2024-03-01       | 2024-04-01 | 1        | 3       |
    | 2     | 2024-03-01       | .          | 2        | 4       |
    | 3     | 2024-03-01       | 2024-04-01 | 3        | 3       |
    | 4     | 2024-03-01       | 2024-04-01 | 3        | 2       |
    | 5     | 2024-03-01       | 2024-03-09 | 1        | 3       |
    | 6     | 2024-03-01       | 2024-04-01 | .        | 3       |
    | 7     | 2024-03-01       | 2024-04-01 | .        | 1       |
    | 8     | 2024-03-12       | 2024-04-01 | 3        | 3       |
    | 9     | 2024-03-10T09:00 | 2024-04-01 | 1        | 2       |
    | 10    | 2024             | 2024-03-10 | 1        | 2       |
    """


def test_one_line_is_worse_than_its_initial_grade() -> None:
    """Counted on T0: day 0 of infusion 1. What is over before T0, or no worse, is not emergent."""
    found = adae(ONE_LINE)
    check(
        found.frame,
        """
        | AESEQ | TRTEMFL | AWORSFL | TRTEMDT    | AINFN | AINFDY | APERIOD |
        | 1     | Y       | Y       | 2024-03-10 | 1     | 0      | 3       |
        | 2     | Y       | Y       | 2024-03-10 | 1     | 0      | 3       |
        | 3     | .       | .       | 2024-03-01 | 0     | .      | 1       |
        | 4     | .       | .       | 2024-03-01 | 0     | .      | 1       |
        | 5     | .       | .       | 2024-03-01 | 0     | .      | 1       |
        | 6     | .       | .       | 2024-03-01 | 0     | .      | 1       |
        | 7     | .       | .       | 2024-03-01 | 0     | .      | 1       |
        | 8     | Y       | .       | 2024-03-12 | 1     | 2      | 3       |
        | 9     | Y       | Y       | 2024-03-10 | 1     | 0      | 3       |
        | 10    | Y       | .       | 2024-03-10 | 1     | 0      | 3       |
        """,
    )
    [unknown] = [f for f in found.findings if f.check == "initial-grade"]
    # Grade 1 throughout can't have become worse; of grade 3 without an initial grade nobody knows.
    assert unknown.keys == ("USUBJID=1, AESEQ=6",)


def test_the_initial_grade_is_a_column_of_the_protocols_choice() -> None:
    events = ONE_LINE.replace("AEITOXGR", "AEBLGR  ")
    own = with_parts(adverse_events={"initial_grade": "AEBLGR"})
    assert adae(events, own).frame["TRTEMFL"].to_list() == adae(ONE_LINE).frame["TRTEMFL"].to_list()
    without = adae(events)
    assert without.frame["TRTEMFL"].to_list() == ["", "", "", "", "", "", "", "Y", "", "Y"]
    [unknown] = [f for f in without.findings if f.check == "initial-grade"]
    assert [key.split("=")[-1] for key in unknown.keys] == ["1", "2", "3", "4", "6", "9"]


def test_severity_in_words_where_there_are_no_grades() -> None:
    found = adae(
        """
        | AESEQ | AESTDTC    | AEENDTC | AEITOXGR | AESEV    |
        | 1     | 2024-03-01 | .       | MILD     | SEVERE   |
        | 2     | 2024-03-01 | .       | MODERATE | MILD     |
        | 3     | 2024-03-01 | .       | MODERATE | MODERATE |
        """
    )
    assert list(found.frame["TRTEMFL"]) == ["Y", "", ""]


LINES = """
    | AESEQ | AEGRPID | AESTDTC    | AEENDTC    | AETOXGR |
    | 1     | A       | 2024-02-01 | 2024-02-10 | 3       |
    | 2     | A       | 2024-03-01 | 2024-03-14 | 2       |
    | 3     | A       | 2024-03-15 | 2024-03-20 | 1       |
    | 4     | A       | 2024-03-21 | 2024-03-25 | 3       |
    | 5     | A       | 2024-03-26 | .          | 2       |
    | 6     | B       | 2024-03-12 | 2024-03-14 | 1       |
    | 7     | B       | 2024-03-15 | .          | 1       |
    | 8     | C       | 2024-03-01 | 2024-03-14 | .       |
    | 9     | C       | 2024-03-15 | .          | 2       |
    | 10    | D       | 2024-03-01 | 2024-03-14 | 1       |
    | 11    | D       | 2024-03-15 | .          | .       |
    | 12    | .       | 2024-03-15 | .          | 1       |
    """


def test_a_later_line_is_compared_with_the_last_line_begun_before() -> None:
    """Line 2 (grade 2) was in force on T0, not the worse line 1; B began on treatment."""
    found = adae(LINES)
    check(
        found.frame,
        """
        | AESEQ | TRTEMFL | ACONTFL |
        | 1     | .       | .       |
        | 2     | .       | .       |
        | 3     | .       | Y       |
        | 4     | Y       | .       |
        | 5     | .       | Y       |
        | 6     | Y       | .       |
        | 7     | Y       | .       |
        | 8     | .       | .       |
        | 9     | .       | Y       |
        | 10    | .       | .       |
        | 11    | .       | Y       |
        | 12    | Y       | .       |
        """,
    )
    [unknown] = [f for f in found.findings if f.check == "initial-grade"]
    assert [key.split("=")[-1] for key in unknown.keys] == ["9", "11"]


def test_one_subjects_lines_are_not_anothers() -> None:
    """The same AEGRPID in two subjects is two events."""
    both = LINES.replace("| AESEQ |", "| USUBJID | AESEQ |").replace("\n    | ", "\n    | 1 | ")
    both = both.replace("| 1 | USUBJID", "| USUBJID") + "    | 2 | 1 | A | 2024-03-20 | . | 3 |\n"
    found = adae(both).frame
    assert found["TRTEMFL"].to_list() == [*adae(LINES).frame["TRTEMFL"], ""]
    assert found["ACONTFL"].iloc[-1] == ""


def test_from_lymphodepletion_on_where_the_protocol_says_so() -> None:
    """Begun before 4 March and worse: counted on 4 March, of no infusion yet."""
    depletion = with_parts(adverse_events={"teae_start": "lymphodepletion"})
    row = adae(ONE_LINE, depletion).frame.iloc[0]
    shown = (row["TRTEMFL"], row["AWORSFL"], row["AINFN"], row["APERIOD"])
    assert shown == ("Y", "Y", 0, 2)
    assert row["TRTEMDT"] == pd.Timestamp("2024-03-04")


def test_a_record_that_says_it_began_before_is_not_emergent_and_not_undated() -> None:
    found = adae(
        """
        | AESEQ | AESTDTC | AEENDTC    | AESTRTPT | AESTTPT   |
        | 1     | .       | 2024-05-01 | BEFORE   | SCREENING |
        | 2     | .       | 2024-05-01 | U        | SCREENING |
        | 3     | 2024    | 2024-05-01 | BEFORE   | SCREENING |
        """
    )
    assert list(found.frame["TRTEMFL"]) == ["", "Y", ""]
    [undated] = [f for f in found.findings if f.check == "no-start"]
    assert undated.keys == ("USUBJID=1, AESEQ=2",)


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_records_does_not_matter(seed: int) -> None:
    def flags(frame: pd.DataFrame) -> pd.DataFrame:
        columns = ["AESEQ", "TRTEMFL", "ACONTFL", "AWORSFL", "AINFN", "APERIOD"]
        return frame.sort_values("AESEQ")[columns].reset_index(drop=True)

    for events in (ONE_LINE, LINES):
        header, *rows = events.strip().splitlines()
        mixed = random.Random(seed).sample(rows, len(rows))
        shuffled = adae("\n".join([header, *mixed])).frame
        pd.testing.assert_frame_equal(flags(shuffled), flags(adae(events).frame))
