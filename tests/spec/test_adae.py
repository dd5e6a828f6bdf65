"""ADAE: treatment emergence, infusion, period and relationship, event by event."""

from __future__ import annotations

import pandas as pd
from ascii_table import check, table
from study import CUTOFF, PROTOCOL, subjects, with_parts

from csr.derive.adae import derive_adae
from csr.derive.findings import Derived
from csr.params.protocol import Protocol

ADSL = subjects(
    """
    | STUDYID | USUBJID | APHDT      | LDSTDT     | TRTSDT     | NACTDT     | DTHDT      |
    | S       | 1       | 2024-01-20 | 2024-03-04 | 2024-03-10 | 2024-09-01 | 2024-10-15 |
    | S       | 2       | 2024-01-20 | .          | .          | .          | .          |
    """
)
EX = table(
    """
    | USUBJID | EXSEQ | EXTRT | EXCAT | EXDOSE | EXSTDTC          | EXENDTC    |
    | 1       | 1     | CAR   | CAR-T | 100    | 2024-03-10T11:00 | 2024-03-10 |
    | 1       | 2     | CAR   | CAR-T | 100    | 2024-06-01       | 2024-06-01 |
    """
)


def adae(events: str, protocol: Protocol = PROTOCOL) -> Derived:
    return derive_adae({"ae": table(events), "ex": EX}, ADSL, protocol, CUTOFF)


EVENTS = """
    | USUBJID | AESEQ | AESTDTC          | AEENDTC    | AEREL     |
    | 1       | 1     | 2024-01-10       | 2024-01-12 | NONE      |
    | 1       | 2     | 2024-02-10       | 2024-02-12 | NONE      |
    | 1       | 3     | 2024-03-05       | 2024-03-06 | NONE      |
    | 1       | 4     | 2024-03-10T09:00 | 2024-03-11 | NONE      |
    | 1       | 5     | 2024-03-10T12:00 | 2024-03-11 | POSSIBLE  |
    | 1       | 6     | 2024-04-07       | 2024-04    | DEFINITE  |
    | 1       | 7     | 2024-04-08       | .          | .         |
    | 1       | 8     | 2024-06-01       | 2024-06-03 | MAYBE     |
    | 1       | 9     | 2024-09-08       | 2024-10    | REMOTE    |
    | 1       | 10    | 2024-03          | .          | PROBABLE  |
    | 1       | 11    | .                | .          | PROBABLE  |
    | 1       | 12    | .                | 2024-02-01 | PROBABLE  |
    | 2       | 1     | 2024-02-10       | .          | NONE      |
    """


def test_dates_days_and_duration() -> None:
    """An end without day is not after death (2024-10-15); durations need two full dates."""
    check(
        adae(EVENTS).frame.iloc[[0, 4, 5, 6, 8, 9]],
        """
        | AESEQ | ASTDT      | ASTDTF | ASTDY | AENDT      | AENDTF | AENDY | ADURN | ADURU |
        | 1     | 2024-01-10 | .      | -60   | 2024-01-12 | .      | -58   | 3     | DAY   |
        | 5     | 2024-03-10 | .      | 1     | 2024-03-11 | .      | 2     | 2     | DAY   |
        | 6     | 2024-04-07 | .      | 29    | 2024-04-30 | D      | 52    | .     | .     |
        | 7     | 2024-04-08 | .      | 30    | .          | .      | .     | .     | .     |
        | 9     | 2024-09-08 | .      | 183   | 2024-10-15 | D      | 220   | .     | .     |
        | 10    | 2024-03-10 | D      | 1     | .          | .      | .     | .     | .     |
        """,
    )


def test_emergence_infusion_and_period() -> None:
    """Before the infusion on its day is before it; without any date the worst case counts."""
    check(
        adae(EVENTS).frame,
        """
        | USUBJID | AESEQ | TRTEMFL | AINFN | AINFDY | APERIOD | APERIODC                       |
        | 1       | 1     | .       | 0     | .      | 0       | Before apheresis and treatment |
        | 1       | 2     | .       | 0     | .      | 1       | Apheresis to lymphodepletion   |
        | 1       | 3     | .       | 0     | .      | 2       | Lymphodepletion to infusion    |
        | 1       | 4     | .       | 0     | .      | 2       | Lymphodepletion to infusion    |
        | 1       | 5     | Y       | 1     | 0      | 3       | Infusion to day 28             |
        | 1       | 6     | Y       | 1     | 28     | 3       | Infusion to day 28             |
        | 1       | 7     | Y       | 1     | 29     | 4       | Day 29 to day 182              |
        | 1       | 8     | Y       | 2     | 0      | 4       | Day 29 to day 182              |
        | 1       | 9     | Y       | 2     | 99     | 4       | Day 29 to day 182              |
        | 1       | 10    | Y       | 1     | 0      | 3       | Infusion to day 28             |
        | 1       | 11    | Y       | .     | .      | .       | .                              |
        | 1       | 12    | .       | .     | .      | .       | .                              |
        | 2       | 1     | .       | 0     | .      | 1       | Apheresis to lymphodepletion   |
        """,
    )


def emergent(protocol: Protocol) -> set[float]:
    frame = adae(EVENTS, protocol).frame
    return set(frame.loc[(frame["TRTEMFL"] == "Y") & (frame["USUBJID"] == "1"), "AESEQ"])


def test_emergence_by_protocol() -> None:
    """Start of lymphodepletion; a window after the latest infusion; related only after therapy."""
    usual = {5, 6, 7, 8, 9, 10, 11}
    assert emergent(PROTOCOL) == usual
    depletion = with_parts(adverse_events={"teae_start": "lymphodepletion"})
    assert emergent(depletion) == usual | {3, 4}
    exact, short = (with_parts(adverse_events={"teae_window_days": d}) for d in (99, 98))
    assert emergent(exact) == usual
    assert emergent(short) == usual - {9}
    related = with_parts(adverse_events={"after_new_therapy": "related"})
    assert emergent(related) == usual - {9}


def test_relationship_per_component() -> None:
    """Missing is related (worst case), so is a word the protocol does not know (a finding)."""
    derived = adae(EVENTS)
    relation = derived.frame.set_index(["USUBJID", "AESEQ"])["AREL"].loc["1"]
    assert relation[[1.0, 9.0]].eq("NOT RELATED").all()
    assert relation[[5.0, 6.0, 7.0, 8.0]].eq("RELATED").all()
    unknown = next(f for f in derived.findings if f.check == "relationship-value")
    assert (unknown.keys, unknown.values) == (("USUBJID=1, AESEQ=8",), ("MAYBE",))


def test_a_missing_relationship_can_have_a_row_of_its_own() -> None:
    own = with_parts(adverse_events={"missing_relationship": "own-row"})
    frame = adae(EVENTS, own).frame
    assert list(frame.loc[frame["AREL"] == "MISSING", "AESEQ"]) == [7.0]


def test_components_are_read_from_columns_the_protocol_names() -> None:
    columns = {"AREL": "AEREL", "ARELLD": "AERELLD", "ARELPD1": "AERELPD1"}
    protocol = with_parts(adverse_events={"relationship": columns})
    events = """
        | USUBJID | AESEQ | AESTDTC    | AEENDTC    | AEREL | AERELLD  |
        | 1       | 1     | 2024-03-12 | 2024-03-01 | NONE  | PROBABLE |
        """
    derived = adae(events, protocol)
    check(derived.frame, "| AREL | ARELLD |\n| NOT RELATED | RELATED |")
    assert [f.column for f in derived.findings if f.check == "no-relationship"] == ["AERELPD1"]
    assert [f.keys for f in derived.findings if f.check == "ends-before-start"] == [
        ("USUBJID=1, AESEQ=1",)
    ]


def test_nothing_is_related_to_a_component_never_received() -> None:
    """A blank stays blank there, what was reported stands; of one received, blank is related."""
    columns = {"AREL": "AEREL", "ARELPD1": "AERELPD1"}
    rules = {"relationship": columns, "components": {"AREL": "STUDY TREATMENT", "ARELPD1": "PD-1"}}
    events = """
        | USUBJID | AESEQ | AESTDTC    | AEENDTC | AEREL | AERELPD1 |
        | 1       | 1     | 2024-03-12 | .       | .     | .        |
        | 1       | 2     | 2024-03-12 | .       | NONE  | POSSIBLE |
        """
    check(
        adae(events, with_parts(adverse_events=rules)).frame,
        "| AREL | ARELPD1 |\n| RELATED | . |\n| NOT RELATED | RELATED |",
    )


def test_an_event_of_the_minute_of_the_infusion_is_after_it() -> None:
    events = """
        | USUBJID | AESEQ | AESTDTC          | AEENDTC | AEREL |
        | 1       | 1     | 2024-03-10T10:59 | .       | NONE  |
        | 1       | 2     | 2024-03-10T11:00 | .       | NONE  |
        | 1       | 3     | 2024-03-10       | .       | NONE  |
        """
    check(adae(events).frame, "| TRTEMFL | AINFN |\n| . | 0 |\n| Y | 1 |\n| Y | 1 |")


def test_every_event_is_kept_once_in_order() -> None:
    frame = adae(EVENTS).frame
    assert list(frame["AESEQ"]) == [*range(1, 13), 1]
    assert not {"DTHDT", "LDSTDT", "LASTINF"} & set(frame.columns)
    assert isinstance(frame, pd.DataFrame)
