"""Applies the decisions people took to ADaM, and says what each changed.

`item` is the ADSL flag of an analysis set declared in params (value Y or N), or BOR (a RECIST
response, written to the parameter that params name as the confirmed best overall response), or DLT
(Y or N: whether the subject had a dose-limiting toxicity, from which DLTFL and DLTSTAT follow), or
a syndrome and CESEQ (`CRS 1`; 1 to 5: the grade of that episode of ADCE, of which its adverse
events and DLTs follow; where SDTM is derived that has happened before).
"""

from __future__ import annotations

import re

import pandas as pd

from csr.derive.dlt import SETTLED, settle
from csr.derive.sources import seen_by
from csr.derive.toxicity_link import with_analysis_grades
from csr.errors import Finding
from csr.params import Params
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records
from csr.read.decisions import Decision
from csr.results import Adam

BOR = "BOR"
DLT = "DLT"
GRADES = ("1", "2", "3", "4", "5")
EPISODE = re.compile(r"^(?P<syndrome>.+) (?P<sequence>\d+)$")
RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
COLUMNS = ("subject", "item", "value", "before", "reason", "who", "date")


def apply_decisions(
    adam: Adam, decisions: tuple[Decision, ...], params: Params
) -> tuple[Adam, pd.DataFrame, list[Finding]]:
    """ADaM with the decisions applied, a line per decision with the value before, and findings.

    A decision that can't be applied (unknown subject or item, a value that is not allowed, taken
    after the report date) is an error finding and changes nothing.
    """
    changed = dict(adam)
    lines: list[tuple[str, ...]] = []
    findings: list[Finding] = []
    for decision in decisions:
        wrong = _wrong(changed, decision, params)
        if wrong:
            findings.append(_finding(decision, wrong))
            continue
        before = _write(changed, decision, params)
        lines.append(
            (
                decision.subject,
                decision.item,
                decision.value,
                before,
                decision.reason,
                decision.who,
                decision.date.isoformat(),
            )
        )
    return changed, pd.DataFrame(lines, columns=list(COLUMNS), dtype=object), findings


def set_flags(params: Params) -> dict[str, str]:
    """The items that are analysis sets: flag → name of the set."""
    return {p.flag: name for name, p in params.populations.items() if p.flag != "ALL"}


def _wrong(adam: Adam, decision: Decision, params: Params) -> str:
    of_episode = _episode(adam, decision)
    allowed = RESPONSES if decision.item == BOR else GRADES if of_episode else ("Y", "N")
    items = _items(params)
    if decision.item not in items and not of_episode:
        known = [*items, *(f"{syndrome} CESEQ" for syndrome in _syndromes(adam))]
        return f"unknown item '{decision.item}'; allowed are {', '.join(known)}"
    dataset, needed = _needed(decision, of_episode)
    if lacking := sorted(needed - set(adam.get(dataset, ()))):
        return f"{', '.join(lacking)} is not in {dataset.upper()}"
    if decision.value not in allowed:
        return f"value '{decision.value}' is not allowed; allowed are {', '.join(allowed)}"
    if decision.subject not in set(adam["adsl"]["USUBJID"]):
        return "the subject is not in ADSL"
    if decision.date > params.cut.report_date:
        return f"taken on {decision.date}, after the report date {params.cut.report_date}"
    if decision.item == DLT and not _was(adam, decision):
        return "the subject was not treated in the dose escalation"
    if decision.item == BOR and not _bor_records(adam, decision, params).any():
        return "the subject has no best overall response in ADRS"
    if of_episode and not _episode_rows(adam, decision).any():
        return "the subject has no such episode in ADCE"
    return ""


def grades_decided(decisions: tuple[Decision, ...]) -> dict[tuple[str, str, float], str]:
    """The grades decided on, by subject, syndrome and CESEQ."""
    found = {}
    for decision in decisions:
        if (item := EPISODE.match(decision.item)) and decision.value in GRADES:
            found[decision.subject, item["syndrome"], float(item["sequence"])] = decision.value
    return found


def _syndromes(adam: Adam) -> list[str]:
    return sorted(adam["adce"]["ACAT1"].unique()) if "adce" in adam else []


def _episode(adam: Adam, decision: Decision) -> bool:
    """Whether the item is an episode of a syndrome of ADCE."""
    item = EPISODE.match(decision.item)
    return item is not None and item["syndrome"] in _syndromes(adam)


def _episode_rows(adam: Adam, decision: Decision) -> pd.Series:
    item, episodes = EPISODE.match(decision.item), adam["adce"]
    if item is None:
        return pd.Series(False, index=episodes.index)
    mine = (episodes["USUBJID"] == decision.subject) & (episodes["ACAT1"] == item["syndrome"])
    found: pd.Series = mine & (episodes["CESEQ"] == float(item["sequence"]))
    return found


def _items(params: Params) -> list[str]:
    endpoints = params.endpoints
    more = [*([BOR] if endpoints.bor else []), *([DLT] if endpoints.dlt else [])]
    return [*set_flags(params), *more]


def _needed(decision: Decision, of_episode: bool) -> tuple[str, set[str]]:
    """The dataset that holds the item, and what of it a decision reads or changes."""
    if of_episode:
        return "adce", {"ACAT1", "CESEQ", "AGRADE"}
    if decision.item == BOR:
        return "adrs", {"PARAMCD", "AVALC"}
    return "adsl", {"DLTYN", *SETTLED} if decision.item == DLT else {decision.item}


def _column(decision: Decision) -> str:
    """Where ADSL holds the item."""
    return "DLTYN" if decision.item == DLT else decision.item


def _was(adam: Adam, decision: Decision) -> str:
    adsl = adam["adsl"]
    return str(adsl.loc[adsl["USUBJID"] == decision.subject, _column(decision)].iloc[0])


def _bor_records(adam: Adam, decision: Decision, params: Params) -> pd.Series:
    if "adrs" not in adam or params.endpoints.bor is None:
        return pd.Series(dtype=bool)
    adrs, bor = adam["adrs"], params.endpoints.bor
    of_parameter = adrs["PARAMCD"] == bor.paramcd
    own = seen_by(adrs[of_parameter], bor.evaluator).reindex(adrs.index, fill_value=False)
    found: pd.Series = (adrs["USUBJID"] == decision.subject) & of_parameter & own
    return found


def _write(adam: Adam, decision: Decision, params: Params) -> str:
    """Changes the value in a copy of the dataset; returns what stood there."""
    if decision.item == DLT:
        return _write_dlt(adam, decision)
    if _episode(adam, decision):
        return _write_grade(adam, decision, params)
    if decision.item == BOR:
        name, column, where = "adrs", "AVALC", _bor_records(adam, decision, params)
    else:
        name, column = "adsl", decision.item
        where = adam["adsl"]["USUBJID"] == decision.subject
    frame = adam[name].copy()
    before = str(frame.loc[where, column].iloc[0])
    frame.loc[where, column] = decision.value
    adam[name] = frame
    return before


def _write_grade(adam: Adam, decision: Decision, params: Params) -> str:
    """Sets the grade of an episode and, in a delivered ADAE, of its adverse events."""
    episodes, where = adam["adce"], _episode_rows(adam, decision)
    own = episodes["AGRADED"] if "AGRADED" in episodes else episodes["AGRADE"]
    before = str(own[where].iloc[0])
    adam["adce"] = episodes.assign(
        AGRADED=own, AGRADE=episodes["AGRADE"].mask(where, decision.value)
    )
    if params.data.standard == "adam" and "ACESEQ" in adam.get("adae", pd.DataFrame()):
        rules = CellToxicity(episodes={s: Records(domain="ce") for s in _syndromes(adam)})
        linked, _ = with_analysis_grades(adam, {}, rules, pd.Timestamp(params.cut.cutoff))
        adam |= linked
    return before


def _write_dlt(adam: Adam, decision: Decision) -> str:
    """Sets DLTYN and what follows from it, of this subject alone; takes N back from its events.

    Nothing is left to decide on the subject's events, in either case.
    """
    before, adsl = _was(adam, decision), adam["adsl"].copy()
    where = adsl["USUBJID"] == decision.subject
    adsl.loc[where, "DLTYN"] = decision.value
    if "DLTASK" in adsl:
        adsl.loc[where, "DLTASK"] = ""
    settled = settle(adsl[where])
    for column in ("DLTSTAT", "DLTREAS", "DLTFL", "DLTXREAS"):
        adsl.loc[where, column] = settled[column]
    adam["adsl"] = adsl
    flagged = {"ADLTFL", "ADLTRULE"} <= set(adam.get("adae", ()))
    if flagged and decision.value == "N":
        events = adam["adae"].copy()
        mine = (events["USUBJID"] == decision.subject) & (events["ADLTFL"] == "Y")
        events.loc[mine, "ADLTRULE"] += "; not confirmed by decision"
        events.loc[mine, "ADLTFL"] = ""
        adam["adae"] = events
    return before


def _finding(decision: Decision, wrong: str) -> Finding:
    return Finding(
        severity="error",
        dataset="DECISIONS",
        column=decision.item,
        check="decision",
        message=f"a decision can't be applied: {wrong}",
        action="Correct the decisions file.",
        keys=(f"USUBJID={decision.subject}",),
        values=(decision.value,),
        rows=(0,),
    )
