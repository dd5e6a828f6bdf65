"""Which infusion a sample belongs to, and how long after it (or before it) it was taken."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.infusions import given, infusions
from csr.derive.moments import AFTER, BEFORE, COLUMNS, first_moments, moments, side_of
from csr.derive.sources import Sdtm, text
from csr.params.kinetics import Kinetics
from csr.params.protocol import Protocol

NO_DATE = "no date"
NOT_POSSIBLE = "the date is not possible"
PARTIAL = "the date is not complete"
NOT_TREATED = "never infused"
AFTER_DEPLETION = "after lymphodepletion for an infusion that is not recorded"
DAY = pd.Timedelta(days=1)


def sample_times(dtc: pd.Series) -> pd.DataFrame:
    """The moment of each sample; `at` (datetime64, NaT unless the day is known) and `why` not."""
    moment = moments(dtc)
    full = imputation_flag(dtc) == ""
    why = pd.Series("", index=dtc.index, dtype=object)
    why[~full] = PARTIAL
    why[earliest_day(dtc).isna()] = NOT_POSSIBLE
    why[dtc == ""] = NO_DATE
    return moment.assign(at=moment["first"].where(full), why=why)


def infusion_moments(sdtm: Sdtm, protocol: Protocol, rules: Kinetics) -> pd.DataFrame:
    """One row per infusion: USUBJID, AINFN and the moment of its time zero.

    That of its first fraction, or, where the rules say so, of its last.
    """
    doses = infusions(sdtm, protocol)
    if rules.time_zero == "last-fraction":
        last = doses.groupby(["USUBJID", "AINFN"])["ASTDT"].transform("max")
        doses = doses[doses["ASTDT"] == last]
    by = ["USUBJID", "AINFN"]
    return first_moments(doses.reset_index(drop=True), by).reset_index()


def depletion_moments(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """One row per lymphodepleting dose: USUBJID and its moment."""
    depleted = given(sdtm, protocol.exposure.lymphodepletion)
    depleted = depleted.join(moments(text(depleted, "EXSTDTC")))
    return depleted.loc[depleted["first"].notna(), ["USUBJID", *COLUMNS]]


def days_since(samples: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Every pair of a sample and an event of its subject, with `days` between (in whole days
    where either has no time of day). `row` is the sample's index."""
    own = samples.loc[samples["at"].notna(), ["USUBJID", *COLUMNS]].rename_axis("row")
    pairs = own.reset_index().merge(events, on="USUBJID", suffixes=("", "_of"))
    both = pairs["timed"] & pairs["timed_of"]
    gap = pairs["offset"] - pairs["offset_of"]
    shift = pd.to_timedelta(gap.where(both).fillna(0.0), unit="min")
    exact = (pairs["first"] - pairs["first_of"] - shift) / DAY
    whole = (pairs["first"].dt.normalize() - pairs["first_of"].dt.normalize()) / DAY
    return pairs.assign(days=exact.where(both, whole).astype(float), exact=both)


def _reached(pairs: pd.DataFrame, rules: Kinetics) -> pd.Series:
    """Whether a sample was taken after the infusion, as every record is placed (`moments`).

    Of days alone (a delivered ADPC), those of the infusion's day by what the visit names.
    """
    if "first_of" not in pairs:
        after = pairs["side"] == "post"
        if rules.unlabelled_day_zero == "post-dose":
            after = pairs["side"] != "pre"
        return (pairs["days"] > 0) | ((pairs["days"] == 0) & after)
    reference = pairs[[f"{c}_of" for c in COLUMNS]].set_axis(list(COLUMNS), axis=1)
    said = pairs["side"].map({"pre": BEFORE, "post": AFTER}).fillna("").astype(object)
    if rules.unlabelled_day_zero == "post-dose":
        said = said.mask(said == "", AFTER)
    return side_of(pairs, reference, said, "result") == AFTER


def place_samples(
    samples: pd.DataFrame, to_infusion: pd.DataFrame, to_depletion: pd.DataFrame, rules: Kinetics
) -> pd.DataFrame:
    """AINFN, ARELTM, PREDOSFL and `why` of each sample (index kept).

    `samples` has `side` and `infusion` as its visit names them; the pairs are those of
    `days_since`. A sample belongs to the latest infusion before it. From the next
    lymphodepletion, the days before a further infusion that params name, or a visit that names
    it, a sample is before that one (PREDOSFL Y, ARELTM negative or 0). Source: METHODS §6.
    """
    pairs = to_infusion.merge(samples[["side", "infusion"]], left_on="row", right_index=True)
    reached = _reached(pairs, rules)
    latest = pairs[reached].groupby("row")["AINFN"].max()
    current = pd.Series(samples.index.map(latest), index=samples.index, dtype=float).fillna(0.0)
    nearest = pairs.set_index(["row", "AINFN"])["days"]
    following = _at(nearest, samples.index, current + 1)
    gone = _at(nearest, samples.index, current)
    depleted = _depleted(to_depletion, current, gone)
    ahead = (current == 0) | depleted | (-following <= rules.pre_dose_days)
    ahead |= samples["infusion"] == current + 1
    ahead &= following.notna()
    why = pd.Series("", index=samples.index, dtype=object)
    why[(current == 0) & following.isna()] = NOT_TREATED
    why[depleted & following.isna() & (current > 0)] = AFTER_DEPLETION
    why = samples["why"].where(samples["why"] != "", why)
    return pd.DataFrame(
        {
            "AINFN": (current + ahead).where(why != NOT_TREATED),
            "ARELTM": following.where(ahead, gone),
            "PREDOSFL": ahead.map({True: "Y", False: ""}),
            "why": why,
        }
    )


def _at(days: pd.Series, rows: pd.Index, infusion: pd.Series) -> pd.Series:
    wanted = pd.MultiIndex.from_arrays([rows, infusion])
    return pd.Series(days.reindex(wanted).to_numpy(), index=rows, dtype=float)


def _depleted(to_depletion: pd.DataFrame, current: pd.Series, gone: pd.Series) -> pd.Series:
    """Whether lymphodepletion came between the latest infusion and the sample.

    On the day of a dose itself, without times, a sample counts as taken before it.
    """
    if to_depletion.empty:
        return pd.Series(False, index=current.index)
    since = gone.reindex(to_depletion["row"]).to_numpy()
    # One on the day of the infusion itself is that infusion's own.
    after_infusion = np.nan_to_num(since, nan=-np.inf) - to_depletion["days"] >= 1
    between = (to_depletion["days"] > 0) & after_infusion
    rows = to_depletion.loc[between, "row"]
    return pd.Series(current.index.isin(rows), index=current.index)
