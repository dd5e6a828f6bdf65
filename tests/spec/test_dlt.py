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


def infusion_table(text: str) -> pd.DataFrame:
    """Infusions with the days of their first and last fraction."""
    return table(text)


def judged(events: str, infused: str, **changed: object) -> tuple[pd.DataFrame, pd.DataFrame, list]:
    """One subject, infused with the whole dose, of whom all is known to the cut-off."""
    adsl = table(
        """
        | USUBJID | TRT01P | TRT01A | TRTSDT     | DOSE1 | LSTALVDT   | DTHDT | EOSDT |
        | 1       | Low    | Low    | 2026-01-01 | 100   | 2026-03-01 |       |       |
        """
    )
    rules = DoseEscalation.model_validate({**RULES, "subjects": {}, **changed})
    frame = table(events).assign(USUBJID="1", AREL="RELATED")
    return flag_dlt(adsl, frame, rules, CUTOFF, infusion_table(infused))


SEVERE = [{"name": "severe", "grade": 3}]
TWICE = """
| USUBJID | AINFN | ASTDT      | LASTDT     |
| 1       | 1     | 2026-01-01 | 2026-01-01 |
| 1       | 2     | 2026-01-20 | 2026-01-20 |
"""
ONCE = "\n".join(TWICE.strip().splitlines()[:2])
HEAD = "| AESEQ | ASTDT | AENDT | AETOXGR | AEDECOD | AINFN |"
NONE = HEAD + "\n| 1 | 2026-01-10 | 2026-01-12 | 1 | Headache | 1 |"
BEFORE_SECOND = HEAD + "\n| 1 | 2026-01-10 | 2026-01-12 | 3 | Fever | 1 |"
AFTER_SECOND = HEAD + "\n| 1 | 2026-01-20 | 2026-01-22 | 3 | Fever | 2 |"


def test_re_infused_inside_the_window_without_a_dlt_is_not_evaluable() -> None:
    subjects, _, findings = judged(NONE, TWICE, rules=SEVERE)
    row = subjects.iloc[0]
    assert (row["DLTSTAT"], row["DLTREAS"]) == ("NOT EVALUABLE", "re-infused on day 19")
    assert row["DLTXREAS"] == "re-infused"
    assert {f.check for f in findings} <= {"no-dlt-flag"}


def test_a_dlt_before_the_further_infusion_counts() -> None:
    subjects, events, _ = judged(BEFORE_SECOND, TWICE, rules=SEVERE)
    assert subjects.iloc[0]["DLTSTAT"] == "DLT"
    assert list(events["ADLTFL"]) == ["Y"]


@pytest.mark.parametrize("known", [{"rules": SEVERE, "flag": None}, {"flag": "AEDLT"}])
def test_what_would_be_a_dlt_after_it_is_to_be_decided(known: dict) -> None:
    events = AFTER_SECOND.replace("AINFN |", "AINFN | AEDLT |").replace("| 2 |", "| 2 | Y |")
    subjects, found, findings = judged(events, TWICE, **known)
    row = subjects.iloc[0]
    assert (row["DLTYN"], row["DLTSTAT"], row["DLTFL"]) == ("N", "PENDING", "N")
    asked = "Fever grade 3 on day 19, after re-infusion on day 19"
    assert row["DLTREAS"] == f"to be decided: {asked}"
    assert (found.iloc[0]["ADLTFL"], found.iloc[0]["ADLTASK"]) == ("", "after a further infusion")
    assert "dlt-to-decide" in {f.check for f in findings}


def test_a_decision_settles_what_was_asked() -> None:
    """N: judged by what was observed, here not evaluable; Y: a DLT."""
    subjects, events, _ = judged(AFTER_SECOND, TWICE, rules=SEVERE, flag=None)
    for value, status in (("N", "NOT EVALUABLE"), ("Y", "DLT")):
        decision = Decision("1", "DLT", value, "adjudicated", "DEC", dt.date(2026, 4, 20))
        adam = {"adsl": subjects, "adae": events}
        changed, _, wrong = apply_decisions(adam, (decision,), params())
        assert not wrong
        assert (changed["adsl"].iloc[0]["DLTSTAT"], changed["adsl"].iloc[0]["DLTASK"]) == (
            status,
            "",
        )


def test_the_window_may_cover_the_planned_infusions_of_a_regimen() -> None:
    """28 days after the second infusion, of 20 January: 17 February; a third would be further."""
    subjects, _, _ = judged(AFTER_SECOND, TWICE, rules=SEVERE, planned_infusions=2)
    row = subjects.iloc[0]
    assert (row["DLTSTAT"], row["DLTWENDT"]) == ("DLT", pd.Timestamp("2026-02-17"))
    third = TWICE.rstrip() + "\n| 1 | 3 | 2026-02-10 | 2026-02-10 |"
    subjects, _, _ = judged(NONE, third, rules=SEVERE, planned_infusions=2)
    assert subjects.iloc[0]["DLTREAS"] == "re-infused on day 40"
    # Of three planned all were given inside the window; a second one months later is not of it.
    subjects, _, _ = judged(NONE, third, rules=SEVERE, planned_infusions=3)
    assert subjects.iloc[0]["DLTWENDT"] == pd.Timestamp("2026-03-10")
    late = TWICE.replace("2026-01-20", "2026-02-20")
    subjects, _, _ = judged(NONE, late, rules=SEVERE, planned_infusions=2)
    assert subjects.iloc[0]["DLTWENDT"] == pd.Timestamp("2026-01-29")


def test_the_window_ends_after_the_last_fraction() -> None:
    """Fractions on 1 and 3 January: to 31 January, and a DLT of day 30 is inside."""
    split = ONCE.replace("| 2026-01-01 | 2026-01-01 |", "| 2026-01-01 | 2026-01-03 |")
    event = BEFORE_SECOND.replace("2026-01-10 | 2026-01-12", "2026-01-31 | 2026-02-02")
    subjects, _, _ = judged(event, split, rules=SEVERE)
    row = subjects.iloc[0]
    assert (row["DLTWENDT"], row["DLTSTAT"]) == (pd.Timestamp("2026-01-31"), "DLT")
    assert judged(event, ONCE, rules=SEVERE)[0].iloc[0]["DLTSTAT"] == "NO DLT"
    assert (
        judged(NONE, split, rules=SEVERE)[0].iloc[0]["DLTREAS"] == "observed 30 days without a DLT"
    )


WORSE = """
| AESEQ | ASTDT      | AENDT | AETOXGR | AEDECOD     | AINFN | AWORSFL | TRTEMDT    | AEDLT |
| 1     | 2025-12-20 |       | 4       | Neutropenia | 1     | Y       | 2026-01-01 | {}    |
"""


def test_an_event_worse_on_an_unknown_day_is_to_be_decided_unless_reported() -> None:
    subjects, _, findings = judged(WORSE.format("."), ONCE, rules=SEVERE)
    row = subjects.iloc[0]
    assert row["DLTSTAT"] == "PENDING"
    assert "worse after the infusion, on a day that is not known" in row["DLTREAS"]
    assert {f.check for f in findings} == {"dlt-to-decide"}
    reported, _, _ = judged(WORSE.format("Y"), ONCE, rules=SEVERE)
    assert (reported.iloc[0]["DLTSTAT"], reported.iloc[0]["DLTDT"]) == (
        "DLT",
        pd.Timestamp("2026-01-01"),
    )


def test_a_later_line_that_is_not_worse_is_no_onset() -> None:
    events = """
    | AESEQ | ASTDT      | AENDT | AETOXGR | AEDECOD | AINFN | ACONTFL |
    | 1     | 2026-01-05 |       | 3       | Anaemia | 1     | Y       |
    """
    assert judged(events, ONCE, rules=SEVERE, flag=None)[0].iloc[0]["DLTSTAT"] == "NO DLT"


AT_GRADE = """
| AESEQ | ASTDT      | AENDT      | AETOXGR | AGRADE | AEDECOD | AINFN | ACESEQ | AGRDY3 | AGRDX3 |
| 1     | 2026-01-05 | 2026-01-14 | 2       | 3      | CRS     | 1     | 1      | {}     | {}     |
"""


@pytest.mark.parametrize(
    ("least", "most", "status"),
    [(4, 8, "DLT"), (1, 3, "NO DLT"), (3, 4, "PENDING"), (1, 10, "PENDING")],
)
def test_days_at_a_grade_are_bounded(least: int, most: int, status: str) -> None:
    """Longer than 3 days at grade 3: at least 4 known, at most 3, or nobody can tell."""
    rule = [{"name": "long", "grade": 3, "longer_than_days": 3}]
    frame = table(AT_GRADE.format(least, most))
    frame = frame.astype(dict.fromkeys(("ACESEQ", "AGRDY3", "AGRDX3"), float))
    rules = DoseEscalation.model_validate({**RULES, "subjects": {}, "rules": rule, "flag": None})
    adsl = judged(NONE, ONCE, rules=rule)[0][
        ["USUBJID", "TRT01P", "TRT01A", "TRTSDT", "DOSE1", "LSTALVDT", "DTHDT", "EOSDT"]
    ]
    events = frame.assign(USUBJID="1", AREL="RELATED")
    subjects, _, findings = flag_dlt(adsl, events, rules, CUTOFF)
    assert subjects.iloc[0]["DLTSTAT"] == status
    assert ("dlt-to-decide" in {f.check for f in findings}) == (status == "PENDING")
