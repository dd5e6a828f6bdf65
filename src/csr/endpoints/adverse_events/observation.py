"""How long each subject was watched for adverse events, and who was watched in a period.

Every table of adverse events over time rests on this one notion (METHODS §10.13, §10.19): what is
counted from the first treatment is of the whole set; a period that begins later is of those whose
observation reaches its first day, or who have an event in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csr.derive.adae import period_starts
from csr.derive.last_seen import SEEN, is_ongoing
from csr.endpoints.adverse_events.adverse_events import counted_from
from csr.params import Params
from csr.results import Needs, reads, reads_either

DAYS_PER_YEAR = 365.25
LAST_SEEN = ("LSTALVDT", "EOSDT")
NO_START = "the first day of the period is not known"
UNSEEN = "{n} subject(s) of whom no last day of observation is known"


def observation_needs(params: Params, untreated: str = "") -> Needs:
    """What is read of ADSL to know how long a subject was observed.

    `untreated`: what becomes of it without the day of the first treatment; else that is needed.
    Of whom no day is known (LAST_SEEN, SEEN) nothing is estimable, with the count.
    """
    rules = params.protocol.adverse_events if params.protocol else None
    needed = []
    if rules and rules.teae_start == "lymphodepletion":
        needed.append("LDSTDT")
    if rules and rules.teae_window_days is not None:
        needed.append("TRTEDT")
    if rules and rules.after_new_therapy == "related":
        needed.append("NACTDT")
    seen = dict.fromkeys(LAST_SEEN, "subjects are last seen on the day that other dates say")
    start = reads("adsl", TRTSDT=untreated) if untreated else reads("adsl", "TRTSDT")
    own = reads("adsl", "USUBJID", *needed, **seen, DTHDT="observation does not end at death")
    if params.conventions.ongoing_to_cutoff:
        own += reads("adsl", **dict.fromkeys(("EOSSTT", "DTHFL"), "others say who is ongoing"))
    return start + own + reads_either("adsl", [SEEN], [])


def period_needs(params: Params) -> Needs:
    """What `in_period` reads; without the day of the first treatment no period has its subjects."""
    lost = "of a period of adverse events it is not known who was observed in it"
    before = dict.fromkeys(("APHDT", "LDSTDT"), "periods before treatment begin with treatment")
    return observation_needs(params, lost) + reads("adsl", **before)


def observed_from(subjects: pd.DataFrame, params: Params) -> pd.Series:
    """The first day on which an event is treatment-emergent: lymphodepletion or first infusion."""
    protocol = params.protocol
    if protocol and protocol.adverse_events.teae_start == "lymphodepletion":
        return subjects["LDSTDT"].fillna(subjects["TRTSDT"])
    return subjects["TRTSDT"]


def observed_until(subjects: pd.DataFrame, params: Params, related: bool = False) -> pd.Series:
    """The last day on which a treatment-emergent event would be known; NaT where none is.

    The day of death; of the others the last day they were seen (LSTOBSDT, else LSTALVDT and EOSDT),
    or the cut-off where params say that ongoing subjects were watched to it. Never after the
    cut-off, the end of the window after the latest infusion, or new anticancer therapy where the
    protocol then collects related events only and they are not what is asked for (`related`). A day
    before the first treatment tells nothing.
    """
    cutoff = pd.Timestamp(params.cut.cutoff)
    seen = _last_seen(subjects)
    if params.conventions.ongoing_to_cutoff:
        seen = seen.mask(is_ongoing(subjects), cutoff)
    if "DTHDT" in subjects:
        seen = subjects["DTHDT"].fillna(seen)
    seen = seen.where(seen >= subjects["TRTSDT"])
    limits = [seen, pd.Series(cutoff, index=subjects.index)]
    if params.cut.days_from_first_dose is not None:
        limits.append(subjects["TRTSDT"] + pd.Timedelta(days=params.cut.days_from_first_dose))
    rules = params.protocol.adverse_events if params.protocol else None
    if rules and rules.teae_window_days is not None:
        limits.append(subjects["TRTEDT"] + pd.Timedelta(days=rules.teae_window_days))
    if rules and rules.after_new_therapy == "related" and not related:
        limits.append(subjects["NACTDT"])
    return pd.concat(limits, axis=1).min(axis=1).where(seen.notna())


def _last_seen(subjects: pd.DataFrame) -> pd.Series:
    own = [SEEN] if SEEN in subjects else [c for c in LAST_SEEN if c in subjects]
    nothing = pd.Series(pd.NaT, index=subjects.index, dtype="datetime64[ns]")
    return pd.to_datetime(pd.concat([nothing, *(subjects[c] for c in own)], axis=1).max(axis=1))


def window_complete(subjects: pd.DataFrame, params: Params, days: int) -> pd.Series:
    """Who was watched for related events to the end of a window, in days after T0."""
    end = subjects["TRTSDT"] + pd.Timedelta(days=days)
    return observed_until(subjects, params, related=True) >= end


@dataclass(frozen=True)
class Watched:
    """The subjects of one period: who counts in it, and of whom it can't be told."""

    subjects: pd.DataFrame
    unknown: pd.DataFrame
    why: str = UNSEEN

    def reason(self, level: str | None) -> str:
        """Why the size of a group (None: of all) is not known, "" where it is."""
        own = self.unknown if level is None else self.unknown[self.unknown["TRTA"] == level]
        return self.why.format(n=len(own)) if len(own) else ""


def in_period(
    subjects: pd.DataFrame, params: Params, period: str, with_event: pd.Series
) -> Watched:
    """The subjects whose observation reaches the first day of a period (APERIODC), or who have an
    event in it (`with_event`: their USUBJID).

    The first day is that of csr's own periods; of periods of a delivered ADAE, APxxSDT of ADSL is
    not looked for: who was in them is not known.
    """
    had = subjects["USUBJID"].isin(with_event)
    starts = period_starts(subjects) if "TRTSDT" in subjects else {}
    if period not in starts:
        return Watched(subjects[had], subjects[~had], NO_START)
    first, until = starts[period], observed_until(subjects, params)
    early = first <= subjects["TRTSDT"]
    inside = had | early | (until >= first)
    unknown = ~inside & until.isna() & first.notna()
    return Watched(subjects[inside], subjects[unknown])


def first_starts(
    events: pd.DataFrame, subjects: pd.DataFrame, by: list[str], params: Params
) -> pd.DataFrame:
    """Per subject and level of `by` the day of the first event, as column START.

    The day an event counts from: TRTEMDT where ADAE has it, else its start, and never before the
    first day of observation (a worsened event counts from there). An event without a date has none.
    """
    since = events["USUBJID"].map(subjects.set_index("USUBJID").pipe(observed_from, params))
    day = pd.to_datetime(counted_from(events))
    dated = events.assign(START=day.mask(day < since, since))
    dated = dated[dated["START"].notna()]
    return dated.groupby(["USUBJID", *by], sort=True)["START"].min().reset_index()


def undated(events: pd.DataFrame) -> pd.Series:
    """Which events have no day to count from: they are in counts of subjects, not in times."""
    return counted_from(events).isna()
