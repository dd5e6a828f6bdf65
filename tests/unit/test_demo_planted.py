"""The adverse events planted in the simulated study: there in every cut, true to their components.

Which there are is in docs/demo-study.md and src/csr/demo/planted_events.py. CRS is graded by ASTCT
(Lee 2019, METHODS §5).
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import pytest

from csr.demo.neurotoxicity import crs_grade
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.truth import Subject, Truth
from csr.demo.write import SEED


@lru_cache(maxsize=1)
def truth() -> Truth:
    return simulate_study(SEED, 115)


def treated() -> list[Subject]:
    return [s for s in truth().subjects if s.infusions]


@pytest.mark.parametrize("number", [1, 2])
def test_planted_events_are_known_at_the_interim_cut_and_at_the_end(number: int) -> None:
    """No display of severe CRS, ICANS, IEC-HS, discontinuation or fatal events is empty."""
    sdtm = write_state(truth(), dt.date.fromordinal(truth().cuts[number].cutoff))
    ae, ce = sdtm["ae"], sdtm["ce"]
    fatal = set(ae.loc[ae["AESDTH"] == "Y", "USUBJID"])
    dead = sdtm["dd"].loc[sdtm["dd"]["DDSTRESC"] == "ADVERSE EVENT", "USUBJID"]
    assert fatal
    assert fatal == set(dead)
    assert fatal <= set(sdtm["dm"].loc[sdtm["dm"]["DTHFL"] == "Y", "USUBJID"])
    assert {"DRUG INTERRUPTED", "DRUG WITHDRAWN", "DOSE NOT CHANGED"} < set(ae["AEACN"])
    assert ae["AEDECOD"].eq("Basal cell carcinoma").sum() == 1
    kinds = ce["CECAT"].value_counts()
    assert (kinds["ICANS"], kinds["IEC-HS"]) == (4, 1)
    assert set(ce.loc[ce["CECAT"] == "CRS", "CETOXGR"]) == {"1", "2", "3"}
    given = set(sdtm["cm"].loc[sdtm["cm"]["CMCAT"] == "CRS TREATMENT", "CMDECOD"])
    assert given == {"TOCILIZUMAB", "DEXAMETHASONE", "NOREPINEPHRINE"}


def test_some_reported_grades_deviate_from_their_components() -> None:
    """Planted: CRS 2 for high-flow oxygen (3), 2 for fever alone (1), 1 for hypotension (2)."""
    reported = []
    for event in (e for s in treated() for e in s.events if e.episode[:3] == "CRS"):
        found = {c.test: c.result for c in event.components}
        graded = crs_grade(True, found["HYPOTENS"], found.get("OXYGEN", ""))
        if graded != event.grade:
            reported.append((event.grade, graded))
    assert sorted(reported) == [(1, 2), (2, 1), (2, 3)]


def test_doses_end_where_an_event_ended_the_antibody() -> None:
    ended = [(s, e) for s in treated() for e in s.events if e.action == "DRUG WITHDRAWN"]
    assert {s.arm.cohort for s, _ in ended if s.arm} >= {"PD1", "MONO"}
    for subject, event in ended:
        antibody = [d.start for d in subject.doses if d.category == "PD-1 ANTIBODY"]
        assert not [day for day in antibody if day > event.onset.day]
