"""ADTTE: from ADSL and ADRS to dated, explained times (rules: reference/test_tte_cases.py)."""

from __future__ import annotations

from typing import get_args

import pandas as pd
from ascii_table import check
from study import PROTOCOL, rs, subjects, with_parts

from csr.derive.adrs import derive_adrs
from csr.derive.adtte import derive_adtte
from csr.derive.time_to_event import AMONG, CENSORS, EVENTS, STARTS
from csr.params.protocol import Protocol
from csr.params.time_to_event import (
    AmongName,
    CensorName,
    EventName,
    StartName,
    library_endpoints,
)

ADSL = subjects(
    """
    | USUBJID | TRTSDT     | APHDT      | NACTDT     | DTHDT      | LSTALVDT   | CLPDDT     |
    | 1       | 2024-03-10 | 2024-02-01 | 2024-06-20 | .          | 2024-09-01 | .          |
    | 2       | 2024-03-10 | 2024-02-01 | .          | 2024-05-20 | 2024-05-10 | .          |
    | 3       | 2024-03-10 | 2024-02-01 | .          | .          | 2024-06-01 | 2024-05-20 |
    | 4       | .          | 2024-02-01 | .          | 2024-03-01 | 2024-02-20 | .          |
    """
)
RS = rs(
    """
    | USUBJID | RSSEQ | RSSTRESC | RSDTC      |
    | 1       | 1     | SD       | 2024-04-07 |
    | 1       | 2     | PR       | 2024-05-05 |
    | 1       | 3     | PR       | 2024-06-02 |
    | 1       | 4     | PD       | 2024-06-30 |
    | 2       | 1     | SD       | 2024-04-07 |
    | 3       | 1     | SD       | 2024-04-07 |
    """
)


def adtte(protocol: Protocol = PROTOCOL) -> pd.DataFrame:
    adrs = derive_adrs({"rs": RS}, ADSL, protocol).frame
    return derive_adtte(ADSL, adrs, protocol)


def of(subject: str, *params: str, protocol: Protocol = PROTOCOL) -> pd.DataFrame:
    frame = adtte(protocol)
    return frame[(frame["USUBJID"] == subject) & frame["PARAMCD"].isin(params)]


def test_a_responder_who_progressed_after_new_therapy() -> None:
    """Censored before new therapy, or progressed whatever came between: both are shown."""
    times = of(
        "1", "PFS", "PFSTP", "PFSCNS", "DOR", "DORTP", "DDCTP", "TTPTP", "PFSNT", "TTR", "OS"
    )
    check(
        times,
        """
        | PARAMCD | STARTDT    | ADT        | AVAL | CNSR | EVNTDESC               |
        | PFS     | 2024-03-10 | 2024-06-02 | 85   | 1    | New anticancer therapy |
        | PFSTP   | 2024-03-10 | 2024-06-30 | 113  | 0    | Progressive disease    |
        | PFSCNS  | 2024-03-10 | 2024-06-02 | 85   | 1    | New anticancer therapy |
        | DOR     | 2024-05-05 | 2024-06-02 | 29   | 1    | New anticancer therapy |
        | DORTP   | 2024-05-05 | 2024-06-30 | 57   | 0    | Progressive disease    |
        | DDCTP   | 2024-04-07 | 2024-06-30 | 85   | 0    | Progressive disease    |
        | TTPTP   | 2024-03-10 | 2024-06-30 | 113  | 0    | Progressive disease    |
        | PFSNT   | 2024-03-10 | 2024-06-20 | 103  | 0    | New anticancer therapy |
        | TTR     | 2024-03-10 | 2024-05-05 | 57   | 0    | Confirmed response     |
        | OS      | 2024-03-10 | 2024-09-01 | 176  | 1    | Alive                  |
        """,
    )


def test_every_time_says_where_its_date_came_from() -> None:
    """SRCSEQ is the ASEQ of ADRS; ADSL has one row a subject."""
    check(
        of("1", "PFS", "PFSTP", "OS"),
        """
        | PARAMCD | CNSDTDSC                 | SRCDOM | SRCVAR   | SRCSEQ |
        | PFS     | Last adequate assessment | ADRS   | ADT      | 3      |
        | PFSTP   | .                        | ADRS   | ADT      | 4      |
        | OS      | Last known alive         | ADSL   | LSTALVDT | .      |
        """,
    )


def test_a_death_without_progression() -> None:
    check(
        of("2", "PFS", "DOR", "DDC", "TTP", "TTR", "OS"),
        """
        | PARAMCD | STARTDT    | ADT        | AVAL | CNSR | EVNTDESC                  |
        | PFS     | 2024-03-10 | 2024-05-20 | 72   | 0    | Death                     |
        | TTP     | 2024-03-10 | 2024-04-07 | 29   | 1    | Death without progression |
        | OS      | 2024-03-10 | 2024-05-20 | 72   | 0    | Death                     |
        """,
    )


def test_clinical_progression_is_an_event_in_the_sensitivity_analysis_only() -> None:
    named = with_parts(clinical_progression={"domain": "ds", "where": {}})
    check(
        of("3", "PFS", "PFSCLN", protocol=named),
        """
        | PARAMCD | ADT        | CNSR | EVNTDESC                             |
        | PFS     | 2024-04-07 | 1    | Clinical progression without imaging |
        | PFSCLN  | 2024-05-20 | 0    | Clinical progression                 |
        """,
    )
    assert of("3", "PFSCLN").empty


def test_the_untreated_have_times_from_apheresis_only() -> None:
    """Follow-up of everyone apheresed, so that treatment is not a guarantee of time."""
    check(
        adtte()[lambda t: t["USUBJID"] == "4"],
        """
        | PARAMCD | STARTDT    | ADT        | AVAL | CNSR | EVNTDESC |
        | OSAPH   | 2024-02-01 | 2024-03-01 | 30   | 0    | Death    |
        | PFSAPH  | 2024-02-01 | 2024-03-01 | 30   | 0    | Death    |
        """,
    )


def test_disease_control_may_count_from_t0() -> None:
    from_t0 = with_parts(time_to_event={"new_therapy": "treatment-policy", "ddc_start": "T0"})
    check(of("1", "DDC", protocol=from_t0), "| STARTDT | AVAL |\n| 2024-03-10 | 113 |")
    assert of("2", "DDC", protocol=from_t0).empty


def test_the_primary_strategy_is_the_protocols() -> None:
    policy = with_parts(time_to_event={"new_therapy": "treatment-policy"})
    check(of("1", "PFS", protocol=policy), "| ADT | CNSR |\n| 2024-06-30 | 0 |")
    event = with_parts(time_to_event={"new_therapy": "event"})
    check(of("1", "PFS", protocol=event), "| ADT | CNSR |\n| 2024-06-20 | 0 |")


def test_every_endpoint_has_its_own_short_name() -> None:
    names = [
        e.paramcd for e in library_endpoints(PROTOCOL.time_to_event, clinical_progression=False)
    ]
    assert len(names) == len(set(names)) == 18
    assert all(len(name) <= 8 for name in names)


def test_every_name_of_a_declaration_has_its_rule() -> None:
    for names, rules in (
        (StartName, STARTS),
        (EventName, EVENTS),
        (CensorName, CENSORS),
        (AmongName, AMONG),
    ):
        assert set(get_args(names)) == set(rules)


def test_other_evaluators_have_times_of_their_own() -> None:
    independent = RS.assign(RSEVAL="INDEPENDENT ASSESSOR").query("RSSEQ < 3")
    adrs = derive_adrs({"rs": pd.concat([RS, independent])}, ADSL, PROTOCOL).frame
    frame = derive_adtte(ADSL, adrs, PROTOCOL)
    check(
        frame[(frame["USUBJID"] == "1") & frame["PARAMCD"].isin(["PFS", "PFSIA"])],
        """
        | PARAMCD | RSEVAL               | ADT        |
        | PFS     | INVESTIGATOR         | 2024-06-02 |
        | PFSIA   | INDEPENDENT ASSESSOR | 2024-05-05 |
        """,
    )
