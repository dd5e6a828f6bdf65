"""Lesions and timepoints: small patients, one question each (METHODS §10.1 to §10.4)."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table
from study import PROTOCOL, rs, subjects, with_parts

from csr.derive.adrs import derive_adrs
from csr.derive.adtr import sums_of_diameters
from csr.derive.findings import Derived
from csr.derive.timepoint_responses import timepoint_responses
from csr.params.protocol import Protocol

ADSL = subjects("| STUDYID | USUBJID | TRTSDT |\n| S | 1 | 2024-03-10 |")
BASELINE, FIRST, SECOND = "2024-03-01", "2024-05-05", "2024-06-02"


def tr(*rows: tuple[str, str, object], **columns: object) -> pd.DataFrame:
    """TR of one subject and evaluator: lesion, day, size (a number, or a word) of each record."""
    frame = pd.DataFrame(rows, columns=["TRLNKID", "TRDTC", "size"])
    numbers = pd.to_numeric(frame["size"], errors="coerce")
    return frame.drop(columns="size").assign(
        USUBJID="1",
        TRSEQ=[float(i) for i in range(1, len(frame) + 1)],
        TRGRPID="TARGET",
        TRTESTCD="LDIAM",
        TRSTRESN=numbers,
        TRSTRESC=frame["size"].astype(str),
        TRSTRESU="mm",
        TREVAL="",
        VISITNUM=float("nan"),
        VISIT="",
        **columns,
    )


def tu(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["TULNKID", "TULOC"])
    return frame.assign(USUBJID="1", TUSTRESC="TARGET", TUDTC=BASELINE, VISITNUM=1.0)


def sums(frame: pd.DataFrame, protocol: Protocol = PROTOCOL, **other: pd.DataFrame) -> Derived:
    return sums_of_diameters({"tr": frame, **other}, ADSL, protocol)


def checks(derived: Derived) -> set[str]:
    return {f.check for f in derived.findings}


def test_lesions_that_merged_are_measured_as_one() -> None:
    found = sums(
        tr(
            ("T01", BASELINE, 30),
            ("T02", BASELINE, 20),
            ("T03", BASELINE, 10),
            ("T01/T02", FIRST, 40),
            ("T03", FIRST, 10),
        )
    )
    check(
        found.frame,
        """
        | AVAL | LSASS         | ANL01FL | TRGRESP |
        | 60   | T01, T02, T03 | Y       | .       |
        | 50   | T01, T02, T03 | Y       | SD      |
        """,
    )
    assert not checks(found)


def test_a_fragment_that_was_there_must_be_measured_again() -> None:
    """T01.2 is not known at the last scan: no sum, whatever T01.1 is."""
    found = sums(
        tr(
            ("T01", BASELINE, 40),
            ("T01.1", FIRST, 12),
            ("T01.2", FIRST, 10),
            ("T01.1", SECOND, 8),
        )
    )
    assert list(found.frame["AVAL"]) == [40, 22]
    assert checks(found) == {"lesion-fragments"}


def test_ids_with_a_point_that_are_no_fragments_are_lesions() -> None:
    found = sums(
        tr(("T.1", BASELINE, 30), ("T.2", BASELINE, 20), ("T.1", FIRST, 30), ("T.2", FIRST, 10))
    )
    assert list(found.frame["AVAL"]) == [50, 40]


@pytest.mark.parametrize(
    ("location", "mm", "response"),
    [
        ("LYMPH NODE", 8, "CR"),
        ("Mediastinal lymph node", 8, "CR"),
        ("LYMPH NODES, AXILLARY", 8, "CR"),
        ("Hilar LN", 8, "CR"),
        ("AXILLARY NODE", 8, "CR"),
        ("THYROID NODULE", 8, "PR"),
        ("NON-NODAL SOFT TISSUE", 8, "PR"),
        ("EXTRANODAL", 8, "PR"),
        ("LIVER", 8, "PR"),
    ],
)
def test_a_node_is_one_wherever_the_location_says_so(location: str, mm: int, response: str) -> None:
    """Below 10 mm a node is normal; any other lesion is there."""
    frame = tr(("T01", BASELINE, 20), ("T01", FIRST, mm)).assign(TRTESTCD="DIAMETER")
    found = sums(frame, tu=tu(("T01", location)))
    assert list(found.frame["TRGRESP"]) == ["", response]


def test_a_node_of_which_only_the_longest_diameter_is_known_is_a_finding() -> None:
    found = sums(tr(("T01", BASELINE, 20), ("T01", FIRST, 12)), tu=tu(("T01", "LYMPH NODE")))
    assert list(found.frame["AVAL"]) == [20, 12]
    assert checks(found) == {"node-without-short-axis"}


@pytest.mark.parametrize(
    ("word", "sum_", "check_"),
    [
        ("TOO SMALL TO MEASURE", 25, None),
        ("Too small to measure.", 25, None),
        ("TSTM", 25, None),
        ("ABSENT", 20, None),
        ("not present", 20, None),
        ("NOT SEEN WELL", None, "lesion-word"),
    ],
)
def test_words_for_a_size(word: str, sum_: float | None, check_: str | None) -> None:
    found = sums(
        tr(("T01", BASELINE, 20), ("T02", BASELINE, 20), ("T01", FIRST, word), ("T02", FIRST, 20))
    )
    row = found.frame.iloc[1]
    assert (row["AVAL"] if row["ANL01FL"] == "Y" else None) == sum_
    assert checks(found) == ({check_} if check_ else set())


def test_too_small_may_be_the_reason_why_it_was_not_done() -> None:
    frame = tr(("T01", BASELINE, 20), ("T01", FIRST, ""))
    frame = frame.assign(TRSTAT=["", "NOT DONE"], TRREASND=["", "Too small to measure"])
    assert list(sums(frame).frame["AVAL"]) == [20, 5]


def test_what_the_protocol_says_is_too_small() -> None:
    protocol = with_parts(response={"too_small": ["TINY"], "too_small_mm": 4})
    frame = tr(("T01", BASELINE, 20), ("T01", FIRST, "tiny"))
    assert list(sums(frame, protocol).frame["AVAL"]) == [20, 4]


@pytest.mark.parametrize(
    ("unit", "values", "check_"),
    [
        ("mm", [50, 60], None),
        ("cm", [500, 600], None),
        ("", [50, 60], "unit-blank"),
        ("furlong", [], "unit-unknown"),
    ],
)
def test_sums_are_in_mm(unit: str, values: list[float], check_: str | None) -> None:
    frame = tr(("T01", BASELINE, 50), ("T01", FIRST, 60)).assign(TRSTRESU=unit)
    found = sums(frame)
    assert list(found.frame["AVAL"]) == values
    assert checks(found) == ({check_} if check_ else set())


def test_a_blank_unit_beside_two_others_gives_no_number() -> None:
    frame = tr(("T01", BASELINE, 50), ("T01", FIRST, 6), ("T01", SECOND, 55))
    found = sums(frame.assign(TRSTRESU=["mm", "cm", ""]))
    assert list(found.frame["AVAL"]) == [50, 60]
    assert checks(found) == {"unit-unknown"}


def test_two_diameters_of_one_lesion_at_one_timepoint_are_none() -> None:
    found = sums(tr(("T01", BASELINE, 50), ("T01", FIRST, 20), ("T01", FIRST, 30)))
    assert list(found.frame["AVAL"]) == [50]
    assert checks(found) == {"lesion-two-sizes"}


def test_a_lesion_measured_on_two_days_makes_two_timepoints() -> None:
    found = sums(tr(("T01", BASELINE, 50), ("T01", FIRST, 40), ("T01", "2024-05-09", 42)))
    assert list(found.frame["AVAL"]) == [50, 40, 42]
    assert list(found.frame["ASMTN"]) == [1, 2, 3]


@pytest.mark.parametrize(("day", "timepoints"), [("2024-05-19", 2), ("2024-05-20", 3)])
def test_different_lesions_up_to_fourteen_days_apart_are_one(day: str, timepoints: int) -> None:
    frame = tr(("T01", BASELINE, 50), ("T02", BASELINE, 50), ("T01", FIRST, 40), ("T02", day, 40))
    assert len(sums(frame).frame) == timepoints


def test_an_old_baseline_is_used_and_a_finding() -> None:
    """28 days before the first infusion is not old, 29 is."""
    frame = tr(("T01", "2024-02-10", 50), ("T02", "2024-02-11", 50), ("T01", FIRST, 40))
    found = sums(frame)
    assert found.frame["BASE"].iloc[0] == 100
    [old] = [f for f in found.findings if f.check == "baseline-age"]
    assert old.keys == ("USUBJID=1, TRSEQ=1",)


def test_the_baseline_of_a_lesion_is_its_last_measurement_before_treatment() -> None:
    """T01 was measured again: its first size is no part of the baseline."""
    frame = tr(("T01", "2024-02-20", 40), ("T02", "2024-02-20", 30), ("T01", "2024-03-08", 44))
    check(
        sums(frame).frame,
        """
        | AVAL | BASE | ABLFL | ANL01FL | LSASS    |
        | 40   | 74   | .     | .       | T01      |
        | 74   | 74   | Y     | Y       | T01, T02 |
        """,
    )


def test_a_target_lesion_without_baseline_is_in_no_sum_and_a_finding() -> None:
    found = sums(tr(("T01", BASELINE, 50), ("T01", FIRST, 50), ("T02", FIRST, 30)))
    assert list(found.frame["AVAL"]) == [50, 50]
    assert checks(found) == {"target-without-baseline"}


def test_the_group_may_be_said_in_tu_alone() -> None:
    frame = tr(("T01", BASELINE, 50), ("T01", FIRST, 50)).assign(TRGRPID="")
    assert list(sums(frame, tu=tu(("T01", "LIVER"))).frame["AVAL"]) == [50, 50]


@pytest.mark.parametrize("word", ["Target", "target lesion", " TARGET "])
def test_the_group_in_any_spelling(word: str) -> None:
    frame = tr(("T01", BASELINE, 50)).assign(TRGRPID=word)
    assert list(sums(frame).frame["AVAL"]) == [50]


def overall(rows: str, protocol: Protocol = PROTOCOL, **other: pd.DataFrame) -> Derived:
    frame = rs(rows)
    if "VISITNUM" in rows:
        frame["VISITNUM"] = pd.to_numeric(table(rows)["VISITNUM"])
    return timepoint_responses({"rs": frame, **other}, ADSL, protocol)


@pytest.mark.parametrize(
    ("first", "second", "counts", "found"),
    [
        ("NE", "PR", "PR", set()),
        ("PR", "PR", "PR", set()),
        ("PR", "SD", "SD", {"responses-of-one-timepoint"}),
        ("CR", "PD", "PD", {"responses-of-one-timepoint"}),
        ("PR", "CR", "PR", {"responses-of-one-timepoint"}),
    ],
)
@pytest.mark.parametrize("day", [FIRST, "2024-05-08"])
def test_two_responses_at_one_timepoint(
    first: str, second: str, counts: str, found: set[str], day: str
) -> None:
    """Under one visit number on one day, or some days apart."""
    derived = overall(
        f"""
        | USUBJID | RSSEQ | RSSTRESC | RSDTC   | VISITNUM |
        | 1       | 1     | {first}  | {FIRST} | 3        |
        | 1       | 2     | {second} | {day}   | 3        |
        """
    )
    assert list(derived.frame["RSSTRESC"]) == [counts]
    assert checks(derived) == found


def test_a_response_of_several_days_is_dated_by_the_first_for_pd_and_the_last_else() -> None:
    for response, day in (("PD", FIRST), ("SD", "2024-05-08")):
        derived = overall(
            f"""
            | USUBJID | RSSEQ | RSSTRESC   | RSDTC      | VISITNUM |
            | 1       | 1     | {response} | {FIRST}    | 3        |
            | 1       | 2     | {response} | 2024-05-08 | 3        |
            """
        )
        assert list(derived.frame["ADT"]) == [pd.Timestamp(day)]


def test_responses_under_one_visit_number_far_apart_are_two() -> None:
    derived = overall(
        """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      | VISITNUM |
        | 1       | 1     | SD       | 2024-05-05 | 99       |
        | 1       | 2     | PD       | 2024-08-05 | 99       |
        """
    )
    assert list(derived.frame["RSSTRESC"]) == ["SD", "PD"]
    assert not checks(derived)


def test_scans_of_the_baseline_never_date_a_response_after_it() -> None:
    """An early PD, eight days after a baseline scan of another lesion number."""
    derived = overall(
        "| USUBJID | RSSEQ | RSSTRESC | RSDTC |\n| 1 | 1 | PD | 2024-03-15 |",
        tr=tr(("T01", "2024-03-07", 30)),
    )
    assert list(derived.frame["ADT"]) == [pd.Timestamp("2024-03-15")]


def test_of_two_readers_the_accepted_one_counts_else_the_worse() -> None:
    rows = """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      | RSACPTFL |
        | 1       | 1     | PD       | 2024-05-05 | {first}  |
        | 1       | 2     | SD       | 2024-05-05 | {second} |
        """
    for flags, counts in ((("Y", "."), "PD"), ((".", "Y"), "SD"), ((".", "."), "PD")):
        frame = rs(rows.format(first=flags[0], second=flags[1]))
        frame = frame.assign(RSEVALID=["R1", "R2"])
        derived = timepoint_responses({"rs": frame}, ADSL, PROTOCOL)
        assert list(derived.frame["RSSTRESC"]) == [counts]


def test_readers_are_those_of_one_subject() -> None:
    """Each subject read by one reader, another in each: nothing to accept."""
    adsl = subjects(
        "| STUDYID | USUBJID | TRTSDT |\n| S | 1 | 2024-03-10 |\n| S | 2 | 2024-03-10 |"
    )
    frame = rs(
        """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
        | 1       | 1     | PD       | 2024-05-05 |
        | 2       | 1     | SD       | 2024-05-05 |
        """
    ).assign(RSEVALID=["R1", "R2"])
    derived = derive_adrs({"rs": frame}, adsl, PROTOCOL)
    own = derived.frame.query("PARAMCD == 'OVR'")
    assert list(own["AVALC"]) == ["PD", "SD"]
    assert not checks(derived)


@pytest.mark.parametrize(
    ("result", "unit", "agrees"),
    [
        ("5", "cm", True),
        ("50", "mm", True),
        ("5.04", "cm", True),
        ("5", "mm", False),
        ("4", "cm", False),
    ],
)
def test_a_measurement_at_odds_with_itself_is_not_used(
    result: str, unit: str, agrees: bool
) -> None:
    """Standardised: 50 mm."""
    frame = tr(("T01", BASELINE, 50), ("T02", BASELINE, 10))
    frame = frame.assign(TRORRES=[result, "10"], TRORRESU=[unit, "mm"])
    found = sums(frame)
    assert list(found.frame["AVAL"]) == [60 if agrees else 10]
    assert checks(found) == (set() if agrees else {"lesion-at-odds"})


def test_on_the_day_of_infusion_the_time_of_day_decides_what_is_baseline() -> None:
    """A scan after the infusion of that day is no baseline; one without a time is."""
    ex = table(
        "| USUBJID | EXSEQ | EXCAT | EXDOSE | EXSTDTC |\n| 1 | 1 | CAR-T | 100 | 2024-03-10T10:00 |"
    )
    for day, bases in (("2024-03-10T08:00", [50]), ("2024-03-10T15:00", []), ("2024-03-10", [50])):
        found = sums(tr(("T01", day, 50)), ex=ex)
        assert list(found.frame["BASE"]) == bases


def test_what_comes_first_is_the_timepoint_not_its_date() -> None:
    """SD over 15 days by its visit ends after PD begins: SD came first, and PD is the event."""
    frame = tr(
        ("T01", BASELINE, 50),
        ("T02", BASELINE, 50),
        ("T01", FIRST, 50),
        ("T02", "2024-05-20", 50),
        ("T01", "2024-05-18", 90),
    )
    frame["VISITNUM"] = [1.0, 1.0, 3.0, 3.0, 4.0]
    derived = overall(
        """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      | VISITNUM |
        | 1       | 1     | SD       | 2024-05-05 | 3        |
        | 1       | 2     | PD       | 2024-05-18 | 4        |
        """,
        tr=frame,
    )
    assert list(derived.frame["RSSTRESC"]) == ["SD", "PD"]
    assert list(derived.frame["ADT"]) == [pd.Timestamp("2024-05-20"), pd.Timestamp("2024-05-18")]
    assert checks(derived) == {"timepoint-span"}
