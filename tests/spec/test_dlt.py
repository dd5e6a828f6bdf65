"""DLT: which events are dose-limiting and who is evaluable (METHODS §1, §2, §9).

Window 28 days after the first infusion, inclusive; 80 % of the planned dose; cut-off 2026-03-31.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from tests.spec.ascii_table import table

from csr.derive.decisions import apply_decisions
from csr.derive.dlt import flag_dlt
from csr.errors import DataError
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.read.decisions import Decision

CUTOFF = pd.Timestamp("2026-03-31")
RULES: dict = {
    "doses": [{"value": "Low", "label": "low", "planned": 100}],
    "subjects": {"PHASE": ["escalation"]},
    "flag": "AEDLT",
}
SUBJECTS = """
| USUBJID | PHASE      | TRTSDT     | DOSE1 | LSTALVDT   | DTHDT      | EOSDT      | DLTSTAT       |
| free    | ESCALATION | 2026-01-01 | 100   | 2026-03-01 |            |            | NO DLT        |
| limit   | ESCALATION | 2026-01-01 | 80    | 2026-01-29 |            |            | NO DLT        |
| early   | ESCALATION | 2026-01-01 | 100   | 2026-01-28 |            |            | PENDING       |
| low     | ESCALATION | 2026-01-01 | 79    | 2026-03-01 |            |            | NOT EVALUABLE |
| left    | ESCALATION | 2026-01-01 | 100   | 2026-01-20 |            | 2026-01-20 | NOT EVALUABLE |
| died    | ESCALATION | 2026-01-01 | 100   | 2026-01-20 | 2026-01-20 |            | NOT EVALUABLE |
| open    | ESCALATION | 2026-03-04 | 100   | 2026-03-31 |            |            | PENDING       |
| closed  | ESCALATION | 2026-03-03 | 100   | 2026-03-31 |            |            | NO DLT        |
| dlt     | ESCALATION | 2026-03-20 | 100   | 2026-03-31 |            |            | DLT           |
| late    | ESCALATION | 2026-01-01 | 100   | 2026-03-01 |            |            | NO DLT        |
| lowdlt  | ESCALATION | 2026-01-01 | 50    | 2026-03-01 |            |            | DLT           |
| other   | EXPANSION  | 2026-01-01 | 100   | 2026-03-01 |            |            |               |
"""
EVENTS = """
| USUBJID | AESEQ | ASTDT      | AENDT      | AETOXGR | AEDECOD | AREL        | AEDLT | ADLTFL |
| dlt     | 1     | 2026-03-25 |            | 3       | Fever   | RELATED     | Y     | Y      |
| late    | 1     | 2026-01-30 |            | 4       | Fever   | RELATED     | Y     |        |
| limit   | 1     | 2026-01-29 | 2026-01-30 | 3       | Fever   | RELATED     |       |        |
| lowdlt  | 1     | 2026-01-05 | 2026-01-08 | 3       | Fever   | RELATED     | Y     | Y      |
| other   | 1     | 2026-01-05 | 2026-01-08 | 3       | Fever   | RELATED     | Y     |        |
| free    | 1     | 2026-01-05 | 2026-01-08 | 3       | Fever   | NOT RELATED |       |        |
"""


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    return table(SUBJECTS).assign(TRT01P="Low", TRT01A="Low"), table(EVENTS)


def flagged(**changed: object) -> tuple[pd.DataFrame, pd.DataFrame, list]:
    adsl, adae = frames()
    asked = adsl.pop("DLTSTAT")
    wanted = adae.pop("ADLTFL")
    rules = DoseEscalation.model_validate({**RULES, **changed})
    subjects, events, findings = flag_dlt(adsl, adae, rules, CUTOFF)
    return subjects.assign(asked=asked), events.assign(asked=wanted), findings


def of(subjects: pd.DataFrame, who: str, column: str) -> str:
    return str(subjects.set_index("USUBJID").loc[who, column])


def test_status_of_every_subject() -> None:
    subjects, events, findings = flagged()
    assert dict(zip(subjects["USUBJID"], subjects["DLTSTAT"], strict=True)) == dict(
        zip(subjects["USUBJID"], subjects["asked"], strict=True)
    )
    assert list(events["ADLTFL"]) == list(events["asked"])
    assert [f.check for f in findings] == ["dlt-outside-window"]
    in_set = subjects[subjects["DLTFL"] == "Y"]["USUBJID"]
    assert set(in_set) == {"free", "limit", "closed", "dlt", "late", "lowdlt"}
    assert (subjects[subjects["DLTFL"] == "N"]["DLTXREAS"] != "").all()
    assert of(subjects, "low", "DLTREAS") == "received 79% of the planned dose"
    assert of(subjects, "dlt", "DLTREAS") == "DLT on day 5"
    in_part = "DLT on day 4 (received 50% of the planned dose)"
    assert of(subjects, "lowdlt", "DLTREAS") == in_part
    assert of(subjects, "open", "DLTREAS").startswith("observed 27 of 28 days")


def test_the_part_of_the_dose_that_a_dlt_needs_is_the_protocols() -> None:
    """METHODS §10.11: a DLT counts whatever part was given, unless the protocol asks for more."""
    subjects, _, _ = flagged(dlt_dose_fraction=0.8)
    assert of(subjects, "lowdlt", "DLTSTAT") == "NOT EVALUABLE"
    assert of(subjects, "lowdlt", "DLTREAS") == "received 50% of the planned dose; DLT on day 4"
    assert of(flagged(dlt_dose_fraction=0.5)[0], "lowdlt", "DLTSTAT") == "DLT"


def test_death_without_a_dlt_by_protocol() -> None:
    subjects, _, _ = flagged(death_without_dlt="evaluable")
    assert of(subjects, "died", "DLTSTAT") == "NO DLT"


def test_rules_take_events_and_are_recorded() -> None:
    """Grade 3 fever for more than a day: two days of it fire, an unrelated one does not."""
    rule = {"name": "fever", "where": {"AEDECOD": ["FEVER"]}, "longer_than_days": 1}
    subjects, events, findings = flagged(rules=[rule])
    assert of(subjects, "limit", "DLTSTAT") == "DLT"
    recorded = events.set_index("USUBJID")["ADLTRULE"]
    assert (recorded["limit"], recorded["dlt"]) == ("fever", "reported as DLT; fever")
    assert (recorded["free"], recorded["late"]) == ("", "")
    assert {f.check for f in findings} == {"dlt-outside-window", "dlt-not-reported"}


def test_an_event_that_may_still_become_a_dlt_keeps_the_subject_pending() -> None:
    rule = {"name": "long fever", "longer_than_days": 90, "attribution": None}
    adsl, adae = frames()
    adae.loc[adae["USUBJID"] == "limit", "AENDT"] = pd.NaT
    adsl, adae = adsl.drop(columns="DLTSTAT"), adae.drop(columns="ADLTFL")
    rules = DoseEscalation.model_validate({**RULES, "rules": [rule], "flag": None})
    subjects, _, _ = flag_dlt(adsl, adae, rules, CUTOFF)
    assert of(subjects, "limit", "DLTSTAT") == "PENDING"
    assert of(subjects, "free", "DLTSTAT") == "NO DLT"


def params() -> Params:
    return Params.model_validate(
        {
            "study": {"id": "S", "title": "S"},
            "cut": {
                "id": "c",
                "label": "c",
                "cutoff": "2026-03-31",
                "transfer": "2026-04-01",
                "report_date": "2026-05-01",
            },
            "data": {"folder": "x", "datasets": {}},
            "treatment": {"levels": [{"value": "Low", "label": "low"}]},
            "endpoints": {"dlt": RULES},
        }
    )


def decide(who: str, value: str) -> tuple[dict, list]:
    subjects, events, _ = flagged()
    day = dt.date(2026, 4, 20)
    decision = Decision(who, "DLT", value, "adjudicated", "DEC", day)
    adam = {"adsl": subjects, "adae": events}
    changed, _, wrong = apply_decisions(adam, (decision,), params())
    return changed, wrong


def test_decisions_confirm_or_take_back_a_dlt() -> None:
    """The committee's word stands; what was never observed stays pending."""
    added, _ = decide("free", "Y")
    assert of(added["adsl"], "free", "DLTSTAT") == "DLT"
    assert of(added["adsl"], "limit", "DLTSTAT") == "NO DLT"
    taken, _ = decide("dlt", "N")
    assert of(taken["adsl"], "dlt", "DLTSTAT") == "PENDING"
    event = taken["adae"].set_index("USUBJID").loc["dlt"]
    assert (event["ADLTFL"], event["ADLTRULE"]) == (
        "",
        "reported as DLT; not confirmed by decision",
    )
    _, wrong = decide("other", "Y")
    assert "not treated in the dose escalation" in wrong[0].message


def test_a_missing_column_is_named() -> None:
    with pytest.raises(DataError, match=r"ADSL\.PART"):
        flagged(subjects={"PART": ["A"]})
