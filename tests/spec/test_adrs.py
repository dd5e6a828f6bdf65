"""ADRS: responses of a few patients, from RS and TR as transferred."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table
from study import PROTOCOL, rs, subjects, with_parts

from csr.derive.adrs import derive_adrs
from csr.derive.findings import Derived
from csr.params.protocol import Protocol

ADSL = subjects(
    """
    | STUDYID | USUBJID | TRTSDT     | NACTDT     | DTHDT      |
    | S       | 1       | 2024-03-10 | .          | .          |
    | S       | 2       | 2024-03-10 | 2024-04-20 | .          |
    | S       | 3       | 2024-03-10 | .          | 2024-04-01 |
    """
)


def adrs(rows: str, protocol: Protocol = PROTOCOL, **other: pd.DataFrame) -> Derived:
    return derive_adrs({"rs": rs(rows), **other}, ADSL, protocol)


def of(frame: pd.DataFrame, *params: str, subject: str = "1") -> pd.DataFrame:
    return frame[(frame["USUBJID"] == subject) & frame["PARAMCD"].isin(params)]


RESPONDER = """
    | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
    | 1       | 1     | NE       | 2024-03-01 |
    | 1       | 2     | SD       | 2024-04-07 |
    | 1       | 3     | PR       | 2024-05-05 |
    | 1       | 4     | NE       | 2024-06-02 |
    | 1       | 5     | PR       | 2024-06-30 |
    | 1       | 6     | PD       | 2024-07-28 |
    | 1       | 7     | SD       | 2024-08-25 |
    """


def test_a_confirmed_partial_response() -> None:
    """Best response and its confirmation; ANL01FL: what counts, up to the first PD."""
    frame = of(adrs(RESPONDER).frame, "OVR", "PD", "BOR", "CBOR", "RSP", "CRSP", "CB")
    check(
        frame,
        """
        | PARAMCD | AVALC | AVAL | ADT        | ADY | CONFDT     | ANL01FL | SRCSEQ | ASEQ |
        | OVR     | NE    | 6    | 2024-03-01 | -9  | .          | .       | 1      | 1    |
        | OVR     | SD    | 3    | 2024-04-07 | 29  | .          | Y       | 2      | 2    |
        | OVR     | PR    | 2    | 2024-05-05 | 57  | .          | Y       | 3      | 3    |
        | OVR     | NE    | 6    | 2024-06-02 | 85  | .          | Y       | 4      | 4    |
        | OVR     | PR    | 2    | 2024-06-30 | 113 | .          | Y       | 5      | 5    |
        | OVR     | PD    | 5    | 2024-07-28 | 141 | .          | Y       | 6      | 6    |
        | OVR     | SD    | 3    | 2024-08-25 | 169 | .          | .       | 7      | 7    |
        | PD      | Y     | 1    | 2024-07-28 | 141 | .          | .       | 6      | 8    |
        | BOR     | PR    | 2    | 2024-05-05 | 57  | .          | .       | 3      | 9    |
        | CBOR    | PR    | 2    | 2024-05-05 | 57  | 2024-06-30 | .       | 3      | 10   |
        | RSP     | Y     | 1    | 2024-05-05 | 57  | .          | .       | 3      | 11   |
        | CRSP    | Y     | 1    | 2024-05-05 | 57  | .          | .       | 3      | 12   |
        | CB      | Y     | 1    | 2024-04-07 | 29  | .          | .       | 2      | 13   |
        """,
    )


def test_new_therapy_ends_what_counts_but_progression_is_still_known() -> None:
    rows = """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
        | 2       | 1     | PR       | 2024-04-07 |
        | 2       | 2     | PR       | 2024-05-05 |
        | 2       | 3     | PD       | 2024-06-02 |
        """
    check(
        of(adrs(rows).frame, "PD", "BOR", "CBOR", "CRSP", subject="2"),
        """
        | PARAMCD | AVALC | ADT        | NEREAS                 |
        | PD      | Y     | 2024-06-02 | .                      |
        | BOR     | PR    | 2024-04-07 | .                      |
        | CBOR    | NE    | 2024-04-07 | new anticancer therapy |
        | CRSP    | N     | .          | .                      |
        """,
    )


def test_a_subject_without_assessment_has_a_best_response_with_its_reason() -> None:
    frame = adrs(RESPONDER).frame
    check(of(frame, "CBOR", subject="2"), "| AVALC | NEREAS |\n| NE | new anticancer therapy |")
    check(of(frame, "CBOR", subject="3"), "| AVALC | NEREAS |\n| NE | early death |")


def test_progression_is_dated_by_the_first_lesion_scan_and_the_rest_by_the_last() -> None:
    """METHODS §0b: a scan date spread over days. RS holds the day it was read."""
    rows = """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
        | 1       | 1     | SD       | 2024-05-08 |
        | 1       | 2     | PD       | 2024-06-08 |
        """
    tr = table(
        """
        | USUBJID | TRSEQ | VISITNUM | TREVAL       | TRDTC      |
        | 1       | 1     | 1        | INVESTIGATOR | 2024-05-04 |
        | 1       | 2     | 1        | INVESTIGATOR | 2024-05-06 |
        | 1       | 3     | 2        | INVESTIGATOR | 2024-06-03 |
        | 1       | 4     | 2        | INVESTIGATOR | 2024-06-05 |
        """
    )
    by_lesions = of(adrs(rows, tr=tr).frame, "OVR")
    check(by_lesions, "| AVALC | ADT |\n| SD | 2024-05-06 |\n| PD | 2024-06-03 |")
    recorded = with_parts(response={"scan_dates": "recorded"})
    check(
        of(adrs(rows, recorded, tr=tr).frame, "OVR"),
        "| AVALC | ADT |\n| SD | 2024-05-08 |\n| PD | 2024-06-08 |",
    )


PARTIAL = """
    | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
    | 1       | 1     | PR       | 2024-05-05 |
    | 1       | 2     | PR       | 2024-06    |
    | 1       | 3     | PD       | 2024-09    |
    """


def test_a_partial_scan_date_confirms_only_where_any_day_of_it_would() -> None:
    """1 June is 27 days after 5 May: not certain. It times nothing, and is a finding."""
    derived = adrs(PARTIAL)
    check(
        of(derived.frame, "PD", "CBOR"),
        "| PARAMCD | AVALC | ADT |\n| PD | Y | . |\n| CBOR | SD | 2024-05-05 |",
    )
    [finding] = [f for f in derived.findings if f.check == "scan-date"]
    assert finding.keys == ("USUBJID=1, RSSEQ=2", "USUBJID=1, RSSEQ=3")


def test_the_protocol_may_impute_the_day_of_a_scan() -> None:
    frame = adrs(PARTIAL, with_parts(response={"impute_scan_day": "last"})).frame
    check(
        of(frame, "PD", "CBOR"),
        """
        | PARAMCD | AVALC | ADT        | ADTF | CONFDT     |
        | PD      | Y     | 2024-09-30 | D    | .          |
        | CBOR    | PR    | 2024-05-05 | .    | 2024-06-30 |
        """,
    )


@pytest.mark.parametrize(("day", "best"), [("2024-04-20", "NE"), ("2024-04-21", "SD")])
def test_stable_disease_needs_42_days_from_t0(day: str, best: str) -> None:
    """METHODS §9: T0 + 42 suffices, T0 + 41 does not."""
    frame = adrs(f"| USUBJID | RSSEQ | RSSTRESC | RSDTC |\n| 1 | 1 | SD | {day} |").frame
    assert list(of(frame, "CBOR")["AVALC"]) == [best]


def test_stable_disease_may_count_from_the_baseline_scan() -> None:
    baseline = ADSL.assign(TUBLDT=pd.Timestamp("2024-03-01"))
    protocol = with_parts(response={"sd_from": "baseline-scan"})
    seen = rs("| USUBJID | RSSEQ | RSSTRESC | RSDTC |\n| 1 | 1 | SD | 2024-04-12 |")
    for adsl, best in ((baseline, "SD"), (ADSL, "NE")):
        assert list(of(derive_adrs({"rs": seen}, adsl, protocol).frame, "CBOR")["AVALC"]) == [best]


CR_PR = """
    | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
    | 1       | 1     | CR       | 2024-05-05 |
    | 1       | 2     | PR       | 2024-06-02 |
    | 1       | 3     | PR       | 2024-06-30 |
    """


@pytest.mark.parametrize(
    ("reading", "best", "start", "progressed"),
    [
        ("query", "PR", "2024-06-02", "N"),
        ("as-pd", "SD", ".", "Y"),
        ("as-pr", "PR", "2024-05-05", "N"),
    ],
)
def test_cr_then_pr_is_a_query_and_read_by_protocol(
    reading: str, best: str, start: str, progressed: str
) -> None:
    """Read as PD it is a progression everywhere: CBOR, PD and, through OVR, ADTTE."""
    derived = adrs(CR_PR, with_parts(response={"cr_then_pr": reading}))
    frame = derived.frame
    check(of(frame, "CBOR", "PD"), f"| PARAMCD | AVALC |\n| PD | {progressed} |\n| CBOR | {best} |")
    check(of(frame, "CRSP"), f"| ADT |\n| {start} |")
    [query] = [f for f in derived.findings if f.check == "cr-then-pr"]
    assert query.keys == ("USUBJID=1, RSSEQ=2", "USUBJID=1, RSSEQ=3")
    assert list(of(frame, "OVR")["RSSTRESC"]) == ["CR", "PR", "PR"]


def test_evaluators_stand_side_by_side_and_one_reader_is_accepted() -> None:
    investigator = rs("| USUBJID | RSSEQ | RSSTRESC | RSDTC |\n| 1 | 1 | SD | 2024-05-05 |")
    readers = rs(
        """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      | RSACPTFL |
        | 1       | 2     | PD       | 2024-05-05 | Y        |
        | 1       | 3     | SD       | 2024-05-05 | .        |
        """,
        "INDEPENDENT ASSESSOR",
    ).assign(RSEVALID=["R1", "R2"])
    both = pd.concat([investigator, readers], ignore_index=True)
    frame = derive_adrs({"rs": both}, ADSL, PROTOCOL).frame
    check(
        of(frame, "OVR", "CBOR"),
        """
        | PARAMCD | RSEVAL               | AVALC |
        | OVR     | INDEPENDENT ASSESSOR | PD    |
        | OVR     | INVESTIGATOR         | SD    |
        | CBOR    | INDEPENDENT ASSESSOR | PD    |
        | CBOR    | INVESTIGATOR         | SD    |
        """,
    )


def test_readers_without_acceptance_and_unknown_responses_are_findings() -> None:
    readers = rs(
        """
        | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
        | 1       | 1     | PD       | 2024-05-05 |
        | 1       | 2     | SD       | 2024-05-05 |
        """,
        "INDEPENDENT ASSESSOR",
    ).assign(RSEVALID=["R1", "R2"], VISITNUM=1.0)
    unknown = rs("| USUBJID | RSSEQ | RSSTRESC | RSDTC |\n| 1 | 3 | pr | 2024-05-05 |")
    both = pd.concat([readers, unknown], ignore_index=True)
    findings = {f.check: f for f in derive_adrs({"rs": both}, ADSL, PROTOCOL).findings}
    assert findings["no-accepted-reader"].keys == ("USUBJID=1, RSSEQ=1", "USUBJID=1, RSSEQ=2")
    assert findings["response-value"].values == ("pr",)


def test_row_order_of_the_source_does_not_matter() -> None:
    shuffled = rs(RESPONDER).iloc[::-1].reset_index(drop=True)
    frame = derive_adrs({"rs": shuffled}, ADSL, PROTOCOL).frame
    pd.testing.assert_frame_equal(frame, adrs(RESPONDER).frame)
