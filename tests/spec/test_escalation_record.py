"""The escalation as reconstructed: decisions, pending subjects, departures, MTD (METHODS §2)."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError
from tests.spec.ascii_table import table

from csr.displays.catalogue import all_displays
from csr.displays.dose_escalation.escalation_decisions import prescribed
from csr.displays.model import Table
from csr.endpoints.dose_escalation.escalation import ESCALATION, Step, escalation_steps
from csr.endpoints.dose_escalation.mtd import MTD
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation

EMPTY = {"adae": pd.DataFrame({"USUBJID": []})}


def params(cutoff: str = "2026-12-31", **dlt: object) -> Params:
    doses = [{"value": d, "label": d, "planned": i + 1} for i, d in enumerate(("A", "B"))]
    return Params.model_validate(
        {
            "study": {"id": "S", "title": "S"},
            "cut": {
                "id": "c",
                "label": "c",
                "cutoff": cutoff,
                "transfer": "2027-01-01",
                "report_date": "2027-01-01",
            },
            "data": {"folder": "x", "datasets": {}},
            "treatment": {"levels": [{"value": "A", "label": "A"}, {"value": "B", "label": "B"}]},
            "endpoints": {"dlt": {"doses": doses, "flag": "AEDLT", **dlt}},
        }
    )


def steps(text: str, **dlt: object) -> tuple[list[Step], pd.DataFrame]:
    adsl = table(text)
    adsl["USUBJID"] = [str(i) for i in range(len(adsl))]
    adsl["DLTWENDT"] = adsl["TRTSDT"] + pd.Timedelta(days=28)
    adsl["DLTYN"] = adsl["DLTDT"].notna().map({True: "Y", False: "N"})
    adsl["DLTFL"] = adsl["DLTSTAT"].isin(["DLT", "NO DLT"]).map({True: "Y", False: "N"})
    adam, read = {"adsl": adsl, **EMPTY}, params(**dlt)
    found = escalation_steps(adam, read)
    assert len(ESCALATION.answer(adam, read).results) == 4 * len(found)
    results = MTD.answer(adam, read).results
    return found, results[results["stat"] == "mtd"].iloc[0]


HASTE = """
| TRT01A | TRTSDT     | DLTDT      | DLTSTAT |
| A      | 2026-01-01 | .          | NO DLT  |
| A      | 2026-01-02 | .          | NO DLT  |
| A      | 2026-01-20 | 2026-02-10 | DLT     |
| B      | 2026-02-01 | .          | NO DLT  |
| B      | 2026-02-02 | .          | NO DLT  |
| B      | 2026-02-03 | .          | NO DLT  |
"""


def test_a_cohort_begun_with_one_pending_is_a_departure() -> None:
    """On 2026-02-01 the third subject's window is open and its later DLT is not known yet."""
    found, _ = steps(HASTE)
    assert (list(found[0].n), list(found[0].dlt), found[0].pending) == ([2, 0], [0, 0], 1)
    assert found[0].settled is None
    assert [d.action for d in found[0].outcomes] == ["escalate", "stay"]
    assert found[0].departure == "the next cohort was begun at B with 1 pending"
    assert (list(found[1].n), list(found[1].dlt)) == ([3, 3], [1, 0])


TOXIC = """
| TRT01A | TRTSDT     | DLTDT      | DLTSTAT       |
| A      | 2026-01-01 | .          | NO DLT        |
| A      | 2026-01-02 | .          | NO DLT        |
| A      | 2026-01-03 | .          | NOT EVALUABLE |
| A      | 2026-02-10 | .          | NO DLT        |
| B      | 2026-04-01 | 2026-04-05 | DLT           |
| B      | 2026-04-02 | 2026-04-06 | DLT           |
| B      | 2026-04-03 | .          | PENDING       |
"""


def test_two_dlts_decide_whatever_the_pending_subject_shows() -> None:
    """A replaced subject belongs to its cohort; de-escalation fills the dose below."""
    found, mtd = steps(TOXIC)
    assert [(s.cohort, s.departure) for s in found] == [("1", ""), ("2", "")]
    assert found[1].settled is not None
    assert (found[1].settled.action, found[1].settled.dose) == ("de-escalate", 0)
    assert mtd["reason"] == "not yet determined: the escalation is in progress"
    waiting, _ = steps(TOXIC, two_dlts="cohort-complete")
    assert waiting[1].settled is not None


def test_without_de_escalation_the_mtd_is_not_established() -> None:
    """Three evaluable at the dose below, six needed."""
    _, mtd = steps(TOXIC, deescalate=False)
    assert mtd["reason"] == "not established: A has 3 evaluable subject(s), 6 needed"


def test_boin_stops_only_at_its_sample_size() -> None:
    """0.30 target: 0 of 3 goes up (λe .236); 0/3 and 2/2 are in progress, then the MTD is A."""
    found, mtd = steps(TOXIC, rule="boin")
    assert found[0].settled is not None
    assert (found[0].settled.action, found[0].settled.dose) == ("escalate", 1)
    assert mtd["reason"] == "not yet determined: the escalation is in progress"
    _, ended = steps(TOXIC, rule="boin", boin={"max_subjects": 5})
    assert ended["value"] == 1


CLOSED = {"day": "2026-06-01", "statement": "A is recommended"}


def test_a_closed_escalation_has_no_next_step() -> None:
    """The rule would de-escalate and fill A; closed, three evaluable are what there is."""
    found, mtd = steps(TOXIC, closed=CLOSED)
    assert found[0].closed is None
    assert found[1].closed is not None
    assert (prescribed(found[1], found_rules(CLOSED)), found[1].departure) == (
        "nothing more: the escalation is closed",
        "",
    )
    assert mtd["reason"] == "not established: A has 3 evaluable subject(s), 6 needed"


def test_closed_without_a_dose_too_toxic_the_mtd_is_not_reached() -> None:
    """1 of 3 at A and 0 of 3 at B, where three more would follow."""
    _, going_on = steps(HASTE)
    assert going_on["reason"] == "not yet determined: the escalation is in progress"
    _, mtd = steps(HASTE, closed=CLOSED)
    assert mtd["reason"] == (
        "not reached; the escalation was closed on 2026-06-01; highest dose evaluated B"
    )


WAITING = """
| TRT01A | TRTSDT     | DLTDT      | DLTSTAT |
| A      | 2026-05-01 | .          | NO DLT  |
| A      | 2026-05-02 | .          | NO DLT  |
| A      | 2026-05-20 | .          | PENDING |
"""


def test_closed_with_subjects_pending_the_mtd_is_not_determined() -> None:
    """0 of 3 would go up, 1 of 3 would stay: closed before that was known."""
    found, mtd = steps(WAITING, closed=CLOSED)
    assert found[0].settled is None
    assert mtd["reason"] == (
        "not determined: the escalation was closed on 2026-06-01 with 1 subject(s) pending"
    )


def test_a_rule_that_stopped_by_itself_keeps_its_own_words() -> None:
    found, mtd = steps(TOXIC, deescalate=False, closed=CLOSED)
    said = prescribed(found[1], found_rules(CLOSED))
    assert said.startswith("stop (")
    assert mtd["reason"] == "not established: A has 3 evaluable subject(s), 6 needed"


def test_closed_boin_selects_its_dose() -> None:
    _, mtd = steps(TOXIC, rule="boin", closed=CLOSED)
    assert mtd["value"] == 1


def test_a_cohort_begun_after_the_closing_is_a_departure() -> None:
    found, _ = steps(TOXIC, closed={**CLOSED, "day": "2026-03-01"})
    assert found[1].departure == "begun after the escalation was closed on 2026-03-01"


def test_an_escalation_is_not_closed_after_the_report_date() -> None:
    with pytest.raises(ValidationError, match=r"closed\.day is after the report date"):
        params(closed={**CLOSED, "day": "2027-01-02"})


def test_the_displays_give_the_last_word() -> None:
    displays = {d.name: d for d in all_displays()}
    adsl = table(TOXIC)
    adsl["USUBJID"] = [str(i) for i in range(len(adsl))]
    adsl["DLTWENDT"] = adsl["TRTSDT"] + pd.Timedelta(days=28)
    adsl["DLTYN"] = adsl["DLTDT"].notna().map({True: "Y", False: "N"})
    adsl["DLTFL"] = adsl["DLTSTAT"].isin(["DLT", "NO DLT"]).map({True: "Y", False: "N"})
    adam, read = {"adsl": adsl, **EMPTY}, params(closed=CLOSED)
    for name in ("escalation-decisions", "mtd", "dlt-summary", "dlt-evaluability"):
        display = displays[name]
        results = pd.concat([a.answer(adam, read).results for a in display.analyses])
        drawn = display.draw(results, adam, read)
        assert isinstance(drawn, Table)
        text = " ".join([*drawn.notes, *(cell for line in drawn.lines for cell in line.cells)])
        assert "to be replaced" not in text
        assert "not yet" not in text
        assert "escalate to" not in text.split("closed on")[-1]
        if name in ("escalation-decisions", "mtd"):
            assert "Escalation closed on 2026-06-01: A is recommended." in drawn.notes


def found_rules(closed: dict) -> DoseEscalation:
    rules = params(closed=closed).endpoints.dlt
    assert rules is not None
    return rules


def test_who_can_only_have_a_dlt_or_be_out_is_never_free_of_one() -> None:
    """Five of six free of a DLT; the sixth, re-infused, had an event: a DLT, or not evaluable.

    Counted as pending like others it would be 0 or 1 of 6: escalate. As it is, 0 of 5 waits for one
    more.
    """
    text = """
    | TRT01A | TRTSDT     | DLTDT | DLTSTAT | DLTOBS        | DLTASK |
    | A      | 2026-01-01 | .     | NO DLT  | COMPLETE      | .      |
    | A      | 2026-01-02 | .     | NO DLT  | COMPLETE      | .      |
    | A      | 2026-01-03 | .     | NO DLT  | COMPLETE      | .      |
    | A      | 2026-01-04 | .     | NO DLT  | COMPLETE      | .      |
    | A      | 2026-01-05 | .     | NO DLT  | COMPLETE      | .      |
    | A      | 2026-01-06 | .     | PENDING | NOT EVALUABLE | fever  |
    """
    found, _ = steps(text, cohort_size=6)
    assert found[0].cases == (
        "0 DLT among the pending, 1 not evaluable",
        "1 DLT among the pending",
    )
    assert [d.action for d in found[0].outcomes] == ["stay", "escalate"]
    assert found[0].settled is None
    plain, _ = steps(text.replace("NOT EVALUABLE", "PENDING      "), cohort_size=6)
    assert plain[0].cases == ("0 DLT among the pending", "1 DLT among the pending")
    assert [d.action for d in plain[0].outcomes] == ["escalate", "escalate"]
