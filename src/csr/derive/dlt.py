"""DLT: which events are dose-limiting, and who can be judged for it (METHODS §1, §2, §10.11).

ADAE gets ADLTFL (Y or blank), ADLTRULE, the rule that made it so, and ADLTASK: why people have to
decide whether it is one. ADSL gets, for everyone:

    DLTYN     Y: had a DLT; N: none so far; blank: not in the escalation or not treated
    DLTDT     start of the first DLT;  DLTWENDT  last day of the DLT window
    DLTDOSEP  percent of the planned first dose that was received
    DLTLOWFL  Y: so little of it that a DLT does not count (by default never)
    DLTOBS    COMPLETE, PENDING or NOT EVALUABLE: the observation, whether or not there is a DLT
    DLTOBSR   why, in words
    DLTASK    the events that are to be decided on, in words
    DLTFL     Y: in the DLT-evaluable set, with DLTXREAS why not
    DLTSTAT   DLT, NO DLT, PENDING or NOT EVALUABLE; blank: not in the escalation or not treated
    DLTREAS   why in or out, in words

A pending subject is not in the set yet and never counts as free of DLT.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.event_criteria import but_for_duration, grade_column, may_meet, meets
from csr.derive.findings import find_rows
from csr.derive.sources import number, text
from csr.errors import DataError, Finding
from csr.params.dose_escalation import DoseEscalation
from csr.terms import is_one_of

COMPLETE, PENDING, NOT_EVALUABLE = "COMPLETE", "PENDING", "NOT EVALUABLE"
NO_DLT, DLT = "NO DLT", "DLT"
FLAGGED = "reported as DLT"
KEYS = ("USUBJID", "AESEQ")
DAY = pd.Timedelta(days=1)
Dated = tuple[pd.DataFrame, pd.DataFrame, list[Finding]]


def flag_dlt(
    adsl: pd.DataFrame,
    adae: pd.DataFrame,
    rules: DoseEscalation,
    cutoff: pd.Timestamp,
    infused: pd.DataFrame | None = None,
) -> Dated:
    """ADSL and ADAE with the DLT columns, and what the flag and the rules disagree on.

    An event is a DLT when its subject is of the escalation, it began from the first infusion on to
    the end of the window and before any further infusion, and it is flagged or a rule takes it. A
    flagged event without a date counts. An event that would be one but came after a further
    infusion, became worse on a day that is not known, or was at a grade for a time that is not
    known, is to be decided on: its subject is pending. `infused`: `infusion_table`; without, every
    subject had one infusion on TRTSDT. `cutoff` ends the observation of everyone.
    """
    mine = escalation_subjects(adsl, rules) & adsl["TRTSDT"].notna()
    windows = dlt_windows(adsl[mine], rules, infused)
    placed = _placed(adae, windows)
    events = _judged(placed, rules, cutoff)
    observed = _observe(adsl, events, rules, cutoff, mine, windows)
    found = _findings(events, rules)
    return settle(observed), events.drop(columns=list(_WORKING)), found


_WORKING = ("MINE", "WITHIN", "BEYOND", "WORSE", "NODATE", "FLAGGED", "FIRED", "AWAIT")


def dlt_windows(
    subjects: pd.DataFrame, rules: DoseEscalation, infused: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Per subject (index USUBJID) the DLT window: T0, END its last day, COVERED the number of the
    last infusion it covers, AGAIN the day of a further infusion inside it.

    It ends `window_days` after the last fraction of the first infusion, or of the last of the
    `planned_infusions` that were given inside it.
    """
    table = infused
    if table is None:
        first = subjects[["USUBJID", "TRTSDT"]].rename(columns={"TRTSDT": "ASTDT"})
        table = first.assign(AINFN=1.0, LASTDT=first["ASTDT"])
    by_subject = {who: own.sort_values("AINFN") for who, own in table.groupby("USUBJID")}
    rows = []
    for who, t0 in zip(subjects["USUBJID"], subjects["TRTSDT"], strict=True):
        given = by_subject.get(who, table.iloc[:0])
        last, end, again = 1, t0 + rules.window_days * DAY, pd.NaT
        doses = zip(given["AINFN"], given["ASTDT"], given["LASTDT"], strict=True)
        for number_of, begun, done in doses:
            if begun > end:
                break
            if number_of > rules.planned_infusions:
                again = begun
                break
            last, end = number_of, done + rules.window_days * DAY
        rows.append((who, t0, end, float(last), again))
    frame = pd.DataFrame(rows, columns=["USUBJID", "T0", "END", "COVERED", "AGAIN"])
    dates = {c: pd.to_datetime(frame[c]) for c in ("T0", "END", "AGAIN")}
    return frame.assign(**dates).set_index("USUBJID")


def _placed(adae: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Where events lie: WITHIN the window, BEYOND a further infusion in it, WORSE, NODATE."""
    own = windows.reindex(adae["USUBJID"]).set_axis(adae.index)
    start, mine = adae["ASTDT"], own["T0"].notna()
    worse = mine & (text(adae, "AWORSFL") == "Y")
    onset = (start >= own["T0"]) & (start <= own["END"]) & ~worse
    if "AINFN" in adae:
        onset &= adae["AINFN"] >= 1
        later = adae["AINFN"] > own["COVERED"]
    else:
        later = start >= own["AGAIN"]
    return adae.assign(
        MINE=mine,
        WITHIN=onset & ~later,
        BEYOND=onset & later,
        WORSE=worse,
        NODATE=mine & start.isna(),
    )


def _judged(placed: pd.DataFrame, rules: DoseEscalation, cutoff: pd.Timestamp) -> pd.DataFrame:
    """ADLTFL, ADLTRULE and ADLTASK of the events, with the working columns of the findings."""
    within, flagged = placed["WITHIN"], _flagged(placed, rules)
    begun = (text(placed, "ACONTFL") != "Y") | flagged
    fired, untold = _fired(placed, rules, cutoff)
    within = within & begun
    reported = flagged & (within | placed["NODATE"] | placed["WORSE"])
    rule = fired.where(within, "").mask(reported & ((fired == "") | ~within), FLAGGED)
    rule = rule.mask(reported & within & (fired != ""), FLAGGED + "; " + fired)
    may = (fired != "") | untold | flagged
    ask = pd.Series("", index=placed.index, dtype=object)
    ask = ask.mask(within & untold, "days at the grade are not known")
    ask = ask.mask(placed["WORSE"] & may, "worse after the infusion, on a day that is not known")
    ask = ask.mask(placed["BEYOND"] & begun & may, "after a further infusion")
    return placed.assign(
        ADLTFL=(rule != "").map({True: "Y", False: ""}),
        ADLTRULE=rule,
        ADLTASK=ask.where(rule == "", ""),
        WITHIN=within,
        FLAGGED=flagged,
        FIRED=fired,
        AWAIT=within & (rule == "") & _may_fire(placed, rules),
    )


def escalation_subjects(adsl: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    """Who belongs to the dose-escalation part.

    Raises DataError where ADSL has no such column.
    """
    mine = pd.Series(True, index=adsl.index)
    for column, values in rules.subjects.items():
        if column not in adsl:
            raise DataError(
                f"ADSL.{column}: endpoints.dlt.subjects selects by it, but ADSL does not have it; "
                "correct the params, or derive it under protocol.characteristics"
            )
        mine &= is_one_of(adsl[column], values)
    return mine


def _flagged(adae: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    if rules.flag is None:
        return pd.Series(False, index=adae.index)
    return text(adae, rules.flag) == "Y"


def _fired(
    adae: pd.DataFrame, rules: DoseEscalation, cutoff: pd.Timestamp
) -> tuple[pd.Series, pd.Series]:
    """The name of the first rule that takes the event, blank for none; and which a rule may take,
    did the data say how long they were at the grade."""
    fired = pd.Series("", index=adae.index, dtype=object)
    untold = pd.Series(False, index=adae.index)
    for rule in rules.rules:
        fired = fired.mask((fired == "") & meets(adae, rule, cutoff), rule.name)
        untold |= may_meet(adae, rule, cutoff)
    return fired, untold & (fired == "")


def _may_fire(adae: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    """Ongoing events that a rule will take if they go on for long enough."""
    waiting = pd.Series(False, index=adae.index)
    for rule in rules.rules:
        if rule.longer_than_days is not None:
            waiting |= but_for_duration(adae, rule) & adae["AENDT"].isna()
    return waiting


def _observe(
    adsl: pd.DataFrame,
    events: pd.DataFrame,
    rules: DoseEscalation,
    cutoff: pd.Timestamp,
    mine: pd.Series,
    windows: pd.DataFrame,
) -> pd.DataFrame:
    """DLTYN, DLTDT, DLTWENDT, DLTDOSEP, DLTLOWFL, DLTOBS, DLTOBSR and DLTASK."""
    counts = events["TRTEMDT"] if "TRTEMDT" in events else events["ASTDT"]
    is_dlt = events["ADLTFL"] == "Y"
    first = counts[is_dlt].groupby(events.loc[is_dlt, "USUBJID"]).min()
    had = adsl["USUBJID"].isin(first.index)
    planned = text(adsl, "TRT01P").map({dose.value: dose.planned for dose in rules.doses})
    share = 100 * number(adsl, "DOSE1") / planned
    waiting = set(events.loc[events["AWAIT"], "USUBJID"])
    own = windows.reindex(adsl["USUBJID"]).set_axis(adsl.index)
    status, why = _observation(adsl, share, own, rules, cutoff, waiting)
    low = share < 100 * rules.dlt_dose_fraction - 1e-9
    return adsl.assign(
        DLTYN=had.map({True: "Y", False: "N"}).where(mine, ""),
        DLTDT=adsl["USUBJID"].map(first),
        DLTWENDT=own["END"],
        DLTDOSEP=share.where(mine),
        DLTLOWFL=(low & mine).map({True: "Y", False: ""}),
        DLTOBS=status.where(mine, ""),
        DLTOBSR=why.where(mine, _not_in(adsl, rules)),
        DLTASK=adsl["USUBJID"].map(_to_decide(events, windows)).fillna(""),
    )


def _to_decide(events: pd.DataFrame, windows: pd.DataFrame) -> pd.Series:
    """By subject the events people have to decide on, in words."""
    asked = events[events["ADLTASK"] != ""]
    words: dict[str, list[str]] = {}
    for event in asked.to_dict("records"):
        who = str(event["USUBJID"])
        window = windows.loc[who]
        grade = str(event.get(grade_column(events), ""))
        what = str(event.get("AEDECOD", "")) + (f" grade {grade}" if grade else "")
        since = (event["ASTDT"] - window["T0"]).days
        why = str(event["ADLTASK"])
        if why == "after a further infusion":
            why = f"after re-infusion on day {(window['AGAIN'] - window['T0']).days}"
        words.setdefault(who, []).append(f"{what.strip()} on day {since}, {why}")
    return pd.Series(
        {who: "; ".join(dict.fromkeys(own)) for who, own in words.items()}, dtype=object
    )


def _observation(
    adsl: pd.DataFrame,
    share: pd.Series,
    window: pd.DataFrame,
    rules: DoseEscalation,
    cutoff: pd.Timestamp,
    waiting: set[str],
) -> tuple[pd.Series, pd.Series]:
    """Whether the window was observed, and in words; the first that applies of these."""
    end, length = window["END"], (window["END"] - adsl["TRTSDT"]).dt.days.map(_day)
    last = adsl[["LSTALVDT", "DTHDT"]].max(axis=1)
    died = adsl["DTHDT"] <= end
    left = (adsl["EOSDT"] < end) & adsl["EOSDT"].notna()
    low = share < 100 * rules.dose_fraction - 1e-9
    again = (window["AGAIN"] - adsl["TRTSDT"]).dt.days.map(_day)
    so_far = ((last.clip(upper=cutoff) - adsl["TRTSDT"]).dt.days).map(_day)
    so_far = "observed " + so_far + " of " + length + " days: "
    unexcused = died & (rules.death_without_dlt != "evaluable")
    cases = (
        (low, NOT_EVALUABLE, share.map(lambda s: f"received {s:.0f}% of the planned dose")),
        (again != "", NOT_EVALUABLE, "re-infused on day " + again),
        (share.isna(), PENDING, "the dose received, or the one planned, is not known"),
        (unexcused, NOT_EVALUABLE, "died on day " + _since(adsl, "DTHDT") + " without a DLT"),
        (died, COMPLETE, "died on day " + _since(adsl, "DTHDT") + " without a DLT"),
        (left, NOT_EVALUABLE, "left on day " + _since(adsl, "EOSDT") + " without a DLT"),
        (end > cutoff, PENDING, so_far + "window open at the cut-off"),
        (last < end, PENDING, so_far + "no later contact in the data"),
        (adsl["USUBJID"].isin(waiting), PENDING, "an event may yet last long enough to be a DLT"),
    )
    status = pd.Series(COMPLETE, index=adsl.index, dtype=object)
    why = "observed " + length + " days without a DLT"
    for holds, name, words in reversed(cases):
        status, why = status.mask(holds, name), why.mask(holds, words)
    return status, why


def _day(days: float) -> str:
    return "" if pd.isna(days) else f"{days:.0f}"


def _since(adsl: pd.DataFrame, column: str) -> pd.Series:
    """The day after the first infusion, its day being 0."""
    return (adsl[column] - adsl["TRTSDT"]).dt.days.map(_day)


def _not_in(adsl: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    mine = escalation_subjects(adsl, rules)
    return mine.map({True: "not treated", False: "not in the dose escalation"})


# What of ADSL `settle` can't do without.
SETTLED = ("DLTYN", "DLTOBS", "DLTOBSR", "DLTDT", "TRTSDT")


def settle(adsl: pd.DataFrame) -> pd.DataFrame:
    """DLTFL, DLTXREAS, DLTSTAT and DLTREAS from the other DLT columns.

    Whoever had a DLT is evaluable whatever else happened and whatever part of the dose was given,
    unless it was too little for a DLT to count (DLTLOWFL). Whoever has an event that people have to
    decide on is pending.
    """
    dlt, observed = adsl["DLTYN"] == "Y", adsl["DLTOBS"]
    too_low = text(adsl, "DLTLOWFL") == "Y"
    counted = dlt & ~too_low
    asked = (text(adsl, "DLTASK") != "") & ~counted & (observed != "")
    status = observed.replace(COMPLETE, NO_DLT).mask(asked, PENDING).mask(counted, DLT)
    evaluable = status.isin([DLT, NO_DLT])
    day = _since(adsl, "DLTDT").replace("", "not known")
    in_part = adsl["DLTOBSR"].where(adsl["DLTOBSR"].str.startswith("received "), "")
    reason = adsl["DLTOBSR"].mask(asked, "to be decided: " + text(adsl, "DLTASK"))
    reason = reason.mask(
        counted, "DLT on day " + day + in_part.map(lambda w: f" ({w})" if w else "")
    )
    reason = reason.mask(dlt & too_low, adsl["DLTOBSR"] + "; DLT on day " + day)
    return adsl.assign(
        DLTSTAT=status,
        DLTREAS=reason,
        DLTFL=evaluable.map({True: "Y", False: "N"}),
        DLTXREAS=_exclusion(status, reason).mask(evaluable, ""),
    )


def _exclusion(status: pd.Series, reason: pd.Series) -> pd.Series:
    """Reasons of exclusion without days and percentages, so that they can be counted."""
    short = reason.str.replace(r" on day \S+| \d+% of| \d+ of \d+ days", "", regex=True)
    return short.mask(status == PENDING, "DLT observation pending").str.replace(
        "received the planned dose", "less than the least dose received"
    )


def _findings(events: pd.DataFrame, rules: DoseEscalation) -> list[Finding]:
    within, flagged, fired = events["WITHIN"], events["FLAGGED"], events["FIRED"]
    known = within | events["BEYOND"] | events["WORSE"]
    outside = events["MINE"] & flagged & ~known
    found = find_rows(events[outside], OUTSIDE, KEYS, "ASTDT")
    if rules.flag is not None and rules.flag not in events:
        found.append(_no_flag(rules.flag))
    if rules.flag is not None and rules.rules:
        found += find_rows(events[within & (fired != "") & ~flagged], NOT_FLAGGED, KEYS, "ADLTRULE")
        found += find_rows(events[within & flagged & (fired == "")], NO_RULE, KEYS, "AEDECOD")
    if rules.rules:
        ungraded = within & (text(events, grade_column(events)) == "") & ~flagged
        found += find_rows(events[ungraded], UNGRADED, KEYS, "AEDECOD")
    return [*found, *find_rows(events[events["ADLTASK"] != ""], TO_DECIDE, KEYS, "ADLTASK")]


def _no_flag(column: str) -> Finding:
    return Finding(
        "warning",
        "AE",
        column,
        "no-dlt-flag",
        "named in endpoints.dlt as the flag of a DLT, but not in the data; nothing is flagged",
        "map the column, or leave the flag out of endpoints.dlt",
    )


OUTSIDE = Finding(
    "warning",
    "AE",
    "AESTDTC",
    "dlt-outside-window",
    "reported as DLT but not known to have begun inside the window; counted only without a date",
    "correct the date or the flag, or decide it in the decisions file (item DLT)",
)
NOT_FLAGGED = Finding(
    "warning",
    "AE",
    "AEDECOD",
    "dlt-not-reported",
    "a DLT by the protocol's rule but not reported as one; counted as DLT",
    "query the site, or decide it in the decisions file (item DLT)",
)
NO_RULE = Finding(
    "warning",
    "AE",
    "AEDECOD",
    "dlt-without-rule",
    "reported as DLT but no rule of the protocol takes it; counted as DLT",
    "query the site, or decide it in the decisions file (item DLT)",
)
TO_DECIDE = Finding(
    "warning",
    "AE",
    "AEDECOD",
    "dlt-to-decide",
    "may be a DLT, which the data can't tell; its subject is pending",
    "decide it in the decisions file (item DLT)",
)
UNGRADED = Finding(
    "warning",
    "AE",
    "AETOXGR",
    "dlt-ungraded",
    "began inside the DLT window without a grade: no rule by grade can take it",
    "complete the grade",
)
