"""The last day that subjects of a delivered ADaM were seen, to which adverse events are known.

ADSL says it (LSTALVDT, EOSDT, death); where it does not, the latest date of samples, scans, visits
and contacts does. Events and exposure alone do not: a subject infused once and never ill would have
been watched for one day (METHODS §10.19).
"""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.sources import text
from csr.errors import Finding
from csr.params import Params

SEEN = "LSTOBSDT"
OWN = ("LSTALVDT", "EOSDT")
# Datasets whose ADT is no day on which a subject was seen, or not only that.
NOT_SEEN = frozenset({"adsl", "adae", "adce", "adex", "adcm", "adpp", "admh", "addv", "adtte"})
OVER = ("DISCONTINUED", "COMPLETED")

Adam = dict[str, pd.DataFrame]


def complete_last_seen(adam: Adam, params: Params) -> Adam:
    """ADSL with LSTOBSDT, where it was delivered without: never before the first treatment."""
    adsl = adam.get("adsl")
    if adsl is None or SEEN in adsl or not {"USUBJID", "TRTSDT"} <= set(adsl):
        return adam
    last = _latest(adsl, [adsl[c] for c in OWN if c in adsl])
    elsewhere = adsl["USUBJID"].map(_elsewhere(adam, params))
    return {**adam, "adsl": adsl.assign(**{SEEN: last.fillna(_latest(adsl, [elsewhere]))})}


def _latest(adsl: pd.DataFrame, dates: list[pd.Series]) -> pd.Series:
    """The latest date of each subject, where it is not before the first treatment."""
    nothing = pd.Series(pd.NaT, index=adsl.index, dtype="datetime64[ns]")
    last = pd.to_datetime(pd.concat([nothing, *dates], axis=1).max(axis=1))
    return last.where(last >= adsl["TRTSDT"])


def _elsewhere(adam: Adam, params: Params) -> pd.Series:
    """By subject the latest day of a sample, scan, visit or contact, up to the cut-off."""
    parts = [
        frame[["USUBJID", "ADT"]]
        for name, frame in sorted(adam.items())
        if name not in NOT_SEEN and {"USUBJID", "ADT"} <= set(frame)
    ]
    survival = params.endpoints.of("os")
    if survival is not None and {"USUBJID", "ADT", "PARAMCD"} <= set(adam.get("adtte", ())):
        adtte = adam["adtte"]
        parts.append(adtte.loc[adtte["PARAMCD"] == survival.paramcd, ["USUBJID", "ADT"]])
    if not parts:
        return pd.Series(dtype="datetime64[ns]")
    dates = pd.concat(parts, ignore_index=True)
    dates = dates[dates["ADT"].dt.normalize() <= pd.Timestamp(params.cut.cutoff)]
    return dates.groupby("USUBJID")["ADT"].max().dt.normalize()


def is_ongoing(adsl: pd.DataFrame) -> pd.Series:
    """Who neither died nor ended the study, as far as ADSL says."""
    ongoing = ~text(adsl, "EOSSTT").str.upper().isin(OVER) & (text(adsl, "DTHFL") != "Y")
    for column in ("EOSDT", "DTHDT"):
        if column in adsl:
            ongoing &= adsl[column].isna()
    return ongoing


def find_unseen(adam: Adam, params: Params) -> list[Finding]:
    """Treated subjects of whom no last day is known."""
    adsl = adam.get("adsl")
    flag = params.population("safety").flag
    if adsl is None or not {SEEN, "TRTSDT"} <= set(adsl):
        return []
    treated = adsl["TRTSDT"].notna() & ((adsl[flag] == "Y") if flag in adsl else True)
    known = adsl[SEEN] >= adsl["TRTSDT"]
    if "DTHDT" in adsl:
        known |= adsl["DTHDT"].notna()
    if params.conventions.ongoing_to_cutoff:
        known |= is_ongoing(adsl)
    return find_rows(adsl[treated & ~known], UNSEEN, ("USUBJID",))


def find_undated_events(adam: Adam, params: Params) -> list[Finding]:
    """Treatment-emergent events of a delivered ADAE without a start."""
    adae = adam.get("adae", pd.DataFrame())
    if params.data.standard != "adam" or not {"TRTEMFL", "ASTDT"} <= set(adae):
        return []
    wrong = adae[(adae["TRTEMFL"] == "Y") & adae["ASTDT"].isna()]
    return find_rows(wrong, UNDATED, ("USUBJID", *(c for c in ("AESEQ",) if c in adae)))


UNDATED = Finding(
    "warning",
    "ADAE",
    "ASTDT",
    "no-start",
    "treatment-emergent without a start date: in counts of subjects, in no rate, curve, period or "
    "time of a first event",
    "complete the date, or at least its year",
)
UNSEEN = Finding(
    "warning",
    "ADSL",
    "LSTALVDT",
    "last-seen",
    "no day known after the first treatment on which the subject was last seen (LSTALVDT, EOSDT, "
    "death, samples, scans): rates and curves of adverse events of the group are not estimable",
    "give LSTALVDT, or say that ongoing subjects were watched to the data cut-off "
    "(conventions.ongoing_to_cutoff)",
)
