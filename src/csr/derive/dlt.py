"""DLT: which adverse events are dose-limiting, and who can be judged for it (METHODS §1, §2).

ADAE gets ADLTFL (Y or blank) and ADLTRULE, the rule that made it so. ADSL gets, for everyone:

    DLTYN     Y: had a DLT; N: none so far; blank: not in the escalation or not treated
    DLTDT     start of the first DLT;  DLTWENDT  last day of the DLT window
    DLTDOSEP  percent of the planned first dose that was received
    DLTOBS    COMPLETE, PENDING or NOT EVALUABLE: the observation, whether or not there is a DLT
    DLTOBSR   why, in words
    DLTFL     Y: in the DLT-evaluable set, with DLTXREAS why not
    DLTSTAT   DLT, NO DLT, PENDING or NOT EVALUABLE; blank: not in the escalation or not treated
    DLTREAS   why in or out, in words

A pending subject is not in the set yet and never counts as free of DLT.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.sources import number, text
from csr.errors import DataError, Finding
from csr.params.dose_escalation import DoseEscalation, EventCriteria

COMPLETE, PENDING, NOT_EVALUABLE = "COMPLETE", "PENDING", "NOT EVALUABLE"
NO_DLT, DLT = "NO DLT", "DLT"
FLAGGED = "reported as DLT"
KEYS = ("USUBJID", "AESEQ")
DAY = pd.Timedelta(days=1)
Dated = tuple[pd.DataFrame, pd.DataFrame, list[Finding]]


def flag_dlt(
    adsl: pd.DataFrame, adae: pd.DataFrame, rules: DoseEscalation, cutoff: pd.Timestamp
) -> Dated:
    """ADSL and ADAE with the DLT columns, and what the flag and the rules disagree on.

    An event is a DLT when its subject is of the escalation, it began from the first infusion on to
    the end of the window, and it is flagged or a rule takes it. A flagged event without a date
    counts. `cutoff` ends the observation of everyone.
    """
    mine = escalation_subjects(adsl, rules) & adsl["TRTSDT"].notna()
    t0 = adae["USUBJID"].map(adsl[mine].set_index("USUBJID")["TRTSDT"])
    within = in_window(adae, t0, rules.window_days)
    flagged = _flagged(adae, rules)
    undated = adae["ASTDT"].isna() & t0.notna()
    fired = _fired(adae, rules, cutoff)
    reported = flagged & (within | undated)
    rule = fired.where(within, "").mask(reported & ((fired == "") | ~within), FLAGGED)
    rule = rule.mask(reported & within & (fired != ""), FLAGGED + "; " + fired)
    events = adae.assign(ADLTFL=(rule != "").map({True: "Y", False: ""}), ADLTRULE=rule)
    waiting = set(adae.loc[within & (rule == "") & _may_fire(adae, rules), "USUBJID"])
    observed = _observe(adsl, events, rules, cutoff, mine, waiting)
    found = _findings(events, flagged & t0.notna(), within, fired, rules)
    return settle(observed), events, found


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
        mine &= adsl[column].astype(str).str.upper().isin([v.upper() for v in values])
    return mine


def in_window(events: pd.DataFrame, t0: pd.Series, days: int) -> pd.Series:
    """Which events began from the first infusion on (its time of day counts) to T0 + `days`."""
    day = (events["ASTDT"] - t0).dt.days
    begun = events["AINFN"] >= 1 if "AINFN" in events else day >= 0
    within: pd.Series = begun & (day >= 0) & (day <= days)
    return within


def meets(events: pd.DataFrame, criteria: EventCriteria, cutoff: pd.Timestamp) -> pd.Series:
    """Which events meet everything the criteria say; an ongoing one lasts to the cut-off so far."""
    end = events["AENDT"].where(events["AENDT"].notna(), cutoff)
    lasted = (end - events["ASTDT"]).dt.days + 1
    long = criteria.longer_than_days is None or lasted > criteria.longer_than_days
    return _but_for_duration(events, criteria) & long


def _but_for_duration(events: pd.DataFrame, criteria: EventCriteria) -> pd.Series:
    met = number(events, "AETOXGR").ge(criteria.grade) if criteria.grade > 1 else _all(events)
    for column, values in criteria.where.items():
        met &= _is_one_of(events, column, values)
    for column, values in criteria.unless.items():
        met &= ~_is_one_of(events, column, values)
    if criteria.attribution is not None:
        met &= text(events, criteria.attribution) != "NOT RELATED"
    return met


def _all(events: pd.DataFrame) -> pd.Series:
    return pd.Series(True, index=events.index)


def _is_one_of(events: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.Series:
    return text(events, column).astype(str).str.upper().isin([v.upper() for v in values])


def _flagged(adae: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    return text(adae, rules.flag) == "Y" if rules.flag else ~_all(adae)


def _fired(adae: pd.DataFrame, rules: DoseEscalation, cutoff: pd.Timestamp) -> pd.Series:
    """The name of the first rule that takes the event, blank for none."""
    fired = pd.Series("", index=adae.index, dtype=object)
    for rule in rules.rules:
        fired = fired.mask((fired == "") & meets(adae, rule, cutoff), rule.name)
    return fired


def _may_fire(adae: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    """Ongoing events that a rule will take if they go on for long enough."""
    waiting = ~_all(adae)
    for rule in rules.rules:
        if rule.longer_than_days is not None:
            waiting |= _but_for_duration(adae, rule) & adae["AENDT"].isna()
    return waiting


def _observe(
    adsl: pd.DataFrame,
    events: pd.DataFrame,
    rules: DoseEscalation,
    cutoff: pd.Timestamp,
    mine: pd.Series,
    waiting: set[str],
) -> pd.DataFrame:
    """DLTYN, DLTDT, DLTWENDT, DLTDOSEP, DLTOBS and DLTOBSR."""
    first = events[events["ADLTFL"] == "Y"].groupby("USUBJID")["ASTDT"].min()
    had = adsl["USUBJID"].isin(first.index)
    planned = text(adsl, "TRT01P").map({dose.value: dose.planned for dose in rules.doses})
    share = 100 * number(adsl, "DOSE1") / planned
    end = adsl["TRTSDT"] + rules.window_days * DAY
    status, why = _observation(adsl, share, end, rules, cutoff, waiting)
    return adsl.assign(
        DLTYN=had.map({True: "Y", False: "N"}).where(mine, ""),
        DLTDT=adsl["USUBJID"].map(first),
        DLTWENDT=end.where(mine),
        DLTDOSEP=share.where(mine),
        DLTOBS=status.where(mine, ""),
        DLTOBSR=why.where(mine, _not_in(adsl, rules)),
    )


def _observation(
    adsl: pd.DataFrame,
    share: pd.Series,
    end: pd.Series,
    rules: DoseEscalation,
    cutoff: pd.Timestamp,
    waiting: set[str],
) -> tuple[pd.Series, pd.Series]:
    """Whether the window was observed, and in words; the first that applies of these."""
    last = adsl[["LSTALVDT", "DTHDT"]].max(axis=1)
    died = adsl["DTHDT"] <= end
    left = (adsl["EOSDT"] < end) & adsl["EOSDT"].notna()
    low = share < 100 * rules.dose_fraction - 1e-9
    so_far = ((last.clip(upper=cutoff) - adsl["TRTSDT"]).dt.days).map(_day)
    days = f"of {rules.window_days} days"
    unexcused = died & (rules.death_without_dlt != "evaluable")
    cases = (
        (low, NOT_EVALUABLE, share.map(lambda s: f"received {s:.0f}% of the planned dose")),
        (share.isna(), PENDING, "the dose received, or the one planned, is not known"),
        (unexcused, NOT_EVALUABLE, "died on day " + _since(adsl, "DTHDT") + " without a DLT"),
        (died, COMPLETE, "died on day " + _since(adsl, "DTHDT") + " without a DLT"),
        (left, NOT_EVALUABLE, "left on day " + _since(adsl, "EOSDT") + " without a DLT"),
        (end > cutoff, PENDING, "observed " + so_far + f" {days}: window open at the cut-off"),
        (last < end, PENDING, "observed " + so_far + f" {days}: no later contact in the data"),
        (adsl["USUBJID"].isin(waiting), PENDING, "an event may yet last long enough to be a DLT"),
    )
    status = pd.Series(COMPLETE, index=adsl.index, dtype=object)
    why = pd.Series(f"observed {rules.window_days} days without a DLT", index=adsl.index)
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


def settle(adsl: pd.DataFrame) -> pd.DataFrame:
    """DLTFL, DLTXREAS, DLTSTAT and DLTREAS from DLTYN, DLTDT, DLTDOSEP, DLTOBS and DLTOBSR.

    Whoever had a DLT is evaluable whatever else happened, unless too little of the dose was given.
    """
    dlt, observed = adsl["DLTYN"] == "Y", adsl["DLTOBS"]
    too_low = adsl["DLTOBSR"].str.startswith("received ")
    counted = dlt & ~too_low
    status = observed.replace(COMPLETE, NO_DLT).mask(counted, DLT)
    evaluable = status.isin([DLT, NO_DLT])
    day = _since(adsl, "DLTDT").replace("", "not known")
    reason = adsl["DLTOBSR"].mask(counted, "DLT on day " + day)
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


def _findings(
    events: pd.DataFrame,
    flagged: pd.Series,
    within: pd.Series,
    fired: pd.Series,
    rules: DoseEscalation,
) -> list[Finding]:
    found = find_rows(events[flagged & ~within], OUTSIDE, KEYS, "ASTDT")
    if rules.flag is not None and rules.flag not in events:
        found.append(_no_flag(rules.flag))
    if rules.flag is not None and rules.rules:
        found += find_rows(events[within & (fired != "") & ~flagged], NOT_FLAGGED, KEYS, "ADLTRULE")
        found += find_rows(events[within & flagged & (fired == "")], NO_RULE, KEYS, "AEDECOD")
    if rules.rules:
        ungraded = within & (text(events, "AETOXGR") == "") & ~flagged
        found += find_rows(events[ungraded], UNGRADED, KEYS, "AEDECOD")
    return found


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
UNGRADED = Finding(
    "warning",
    "AE",
    "AETOXGR",
    "dlt-ungraded",
    "began inside the DLT window without a grade: no rule by grade can take it",
    "complete the grade",
)
