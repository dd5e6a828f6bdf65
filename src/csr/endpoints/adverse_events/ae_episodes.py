"""Episodes: the records of one event that follow on each other, as one."""

from __future__ import annotations

import numpy as np
import pandas as pd

FAR = pd.Timestamp("2262-01-01")


def merge_episodes(events: pd.DataFrame, by: list[str], gap_days: int) -> pd.DataFrame:
    """Contiguous records of a subject and `by` as one episode each, for onset and duration.

    One row per episode: USUBJID, `by`, ASTDT, AENDT (NaT: not ended), AESEQ of its first record,
    RECORDS, the number merged. A record belongs to the episode before it where it starts at most
    `gap_days` after that one's end (1: the next day), or before it has ended. A record without a
    start date is an episode of its own. Source: METHODS §5.
    """
    keys = ["USUBJID", *by]
    ordered = events.sort_values([*keys, "ASTDT", "AESEQ"], kind="stable").reset_index(drop=True)
    end = ordered["AENDT"].fillna(FAR)
    ended = end.groupby([ordered[k] for k in keys]).cummax()
    before = ended.groupby([ordered[k] for k in keys]).shift()
    apart = (ordered["ASTDT"] - before).dt.days > gap_days
    new = before.isna() | apart | ordered["ASTDT"].isna()
    episode = np.cumsum(new.to_numpy())
    merged = ordered.assign(AENDT=end).groupby(episode, sort=True)
    found = merged.agg({**dict.fromkeys(keys, "first"), "ASTDT": "first", "AESEQ": "first"})
    found = found.assign(AENDT=merged["AENDT"].max(), RECORDS=merged.size())
    found["AENDT"] = found["AENDT"].where(found["AENDT"] < FAR)
    return found.reset_index(drop=True)
