"""How long each subject was watched for adverse events."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import counted_from
from csr.params import Params

DAYS_PER_YEAR = 365.25
LAST_SEEN = ("LSTALVDT", "EOSDT", "RFENDT", "TRTEDT")


def observed_from(subjects: pd.DataFrame, params: Params) -> pd.Series:
    """The first day on which an event is treatment-emergent: lymphodepletion or first infusion."""
    protocol = params.protocol
    if protocol and protocol.adverse_events.teae_start == "lymphodepletion":
        return subjects["LDSTDT"].fillna(subjects["TRTSDT"])
    return subjects["TRTSDT"]


def observed_until(subjects: pd.DataFrame, params: Params) -> pd.Series:
    """The last day on which a treatment-emergent event would be known.

    The day of death; of the others the last day ADSL knows of them. Never after the cut-off, the
    end of the window after the latest infusion, or new anticancer therapy where the protocol then
    collects related events only.
    """
    seen = subjects[[c for c in LAST_SEEN if c in subjects]].max(axis=1)
    if "DTHDT" in subjects:
        seen = subjects["DTHDT"].fillna(seen)
    limits = [seen, pd.Series(pd.Timestamp(params.cut.cutoff), index=subjects.index)]
    if params.cut.days_from_first_dose is not None:
        limits.append(subjects["TRTSDT"] + pd.Timedelta(days=params.cut.days_from_first_dose))
    rules = params.protocol.adverse_events if params.protocol else None
    if rules and rules.teae_window_days is not None:
        limits.append(subjects["TRTEDT"] + pd.Timedelta(days=rules.teae_window_days))
    if rules and rules.after_new_therapy == "related":
        limits.append(subjects["NACTDT"])
    return pd.concat(limits, axis=1).min(axis=1)


def first_starts(
    events: pd.DataFrame, subjects: pd.DataFrame, by: list[str], params: Params
) -> pd.DataFrame:
    """Per subject and level of `by` the start of the first event, as column START.

    An event without a start date counts from the first day of observation, so that it is not lost.
    """
    since = events["USUBJID"].map(subjects.set_index("USUBJID").pipe(observed_from, params))
    dated = events.assign(START=counted_from(events).fillna(since))
    return dated.groupby(["USUBJID", *by], sort=True)["START"].min().reset_index()
