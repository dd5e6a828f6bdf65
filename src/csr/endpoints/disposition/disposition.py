"""What became of the subjects: screened, treated, completed, discontinued and why, died."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from csr.endpoints.populations import EVERYONE as ALL
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.groups import EVERYONE
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_either,
)
from csr.terms import spelled

NAME = "disposition"
ITEMS = ("STEP", "REASON")


@dataclass(frozen=True)
class Step:
    """One line of the disposition: who is counted, and the ADSL variable that says why."""

    name: str
    needs: str
    who: Callable[[pd.DataFrame], pd.Series]
    reason: tuple[str, ...] = ()


# The flag of the safety set, by whatever name params have for it.
TREATED, SAFETY = "Treated", "SAFFL"
STEPS = (
    Step("Screened", "USUBJID", lambda s: s["USUBJID"] != ""),
    Step("Enrolled", "ENRLFL", lambda s: s["ENRLFL"] == "Y"),
    Step("Apheresed", "APHERFL", lambda s: s["APHERFL"] == "Y"),
    Step("Lymphodepleted", "LDSTDT", lambda s: s["LDSTDT"].notna()),
    Step(TREATED, SAFETY, lambda s: s[SAFETY] == "Y"),
    Step("Completed the study", "EOSSTT", lambda s: s["EOSSTT"] == "COMPLETED"),
    Step("Ongoing", "EOSSTT", lambda s: s["EOSSTT"] == "ONGOING"),
    Step(
        "Discontinued the study",
        "EOSSTT",
        lambda s: s["EOSSTT"] == "DISCONTINUED",
        reason=("DCSREAS", "DCDECOD"),
    ),
    Step("Died", "DTHFL", lambda s: s["DTHFL"] == "Y"),
)


def _taken(subjects: pd.DataFrame, step: Step) -> pd.DataFrame:
    chosen = subjects[step.who(subjects)].assign(STEP=step.name, REASON="")
    for column in step.reason:
        if column in chosen and (chosen[column] != "").any():
            return chosen.assign(REASON=spelled(chosen[column], "Reason missing"))
    return chosen


def _with_safety(subjects: pd.DataFrame, params: Params) -> pd.DataFrame:
    flag = params.population("safety").flag
    return subjects.assign(**{SAFETY: "Y" if flag == ALL else subjects[flag]})


def answer(adam: Adam, params: Params) -> Output:
    """Counts subjects at each step, and by reason for those who discontinued."""
    everyone = subjects_in(adam, params, EVERYONE)
    everyone = _with_safety(everyone, params)
    steps = [step for step in STEPS if step.needs in everyone]
    taken = pd.concat([_taken(everyone, step) for step in steps], ignore_index=True)
    rows = make_rows(
        population_rows(everyone, ["TRTA"]), counted_rows(taken, "ADSL", ["TRTA", *ITEMS])
    )
    out = ResultList(NAME, EVERYONE)
    asked = [(step.name,) for step in steps]
    count_subjects(out, rows, "TRTA", params.treatment.values, [("STEP",)], ITEMS, asked)
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """A line is there where ADSL holds what says who is in it."""
    lines: dict[str, str] = {}
    for step in (s for s in STEPS if s.name != TREATED):
        before = f"{lines[step.needs]}, " if step.needs in lines else ""
        lines[step.needs] = f"{before}the line '{step.name}' is left out"
    return (
        subject_needs(params, EVERYONE)
        + reads("adsl", **lines)
        + reads("adsl", DCSREAS="reasons for discontinuing are those of DCDECOD, or not said")
        + reads_either("adsl", ["DCSREAS"], ["DCDECOD"], [])
    )


DISPOSITION = Analysis(NAME, answer, source="METHODS §7", needs=needs)
