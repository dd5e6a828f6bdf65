"""What each evaluator knew of a subject's tumours before treatment (METHODS §10.3)."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.lesion_groups import group_of, lesion_group
from csr.derive.sources import Sdtm, accepted, done, evaluator, text
from csr.params.protocol import Protocol

TUMOUR_DOMAINS = ("tu", "tr")
COLUMNS = ["USUBJID", "TUBLFL", "TUBLDT", "MEASFL"]


def tumour_baseline(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, who: str = ""
) -> pd.DataFrame:
    """Per subject: TUBLFL (any baseline assessment), TUBLDT (its date), MEASFL (target lesion).

    Facts of one evaluator (`who`; "" the protocol's). A baseline assessment is a TU or TR record on
    or before the limit: the day of the first infusion, or of lymphodepletion. TUBLDT is the last of
    them, NaT where only partial dates are there. Where neither TU nor TR was transferred nothing
    can be said, and all three are blank.
    """
    seen = _lesion_records(sdtm, who or protocol.response.evaluator)
    if not any(domain in sdtm for domain in TUMOUR_DOMAINS):
        blank = pd.Series("", index=adsl.index, dtype=object)
        no_date = pd.Series(pd.NaT, index=adsl.index, dtype="datetime64[ns]")
        return adsl[["USUBJID"]].assign(TUBLFL=blank, TUBLDT=no_date, MEASFL=blank)
    before = seen[seen["day"] <= seen["USUBJID"].map(baseline_limit(adsl, protocol))]
    return adsl[["USUBJID"]].assign(
        TUBLFL=_yes(adsl["USUBJID"].isin(before["USUBJID"])),
        TUBLDT=adsl["USUBJID"].map(before[before["full"]].groupby("USUBJID")["day"].max()),
        MEASFL=_yes(adsl["USUBJID"].isin(before.loc[before["target"], "USUBJID"])),
    )


def baseline_limit(adsl: pd.DataFrame, protocol: Protocol) -> pd.Series:
    """By USUBJID the last day an efficacy baseline can have: T0, or lymphodepletion if given."""
    dates = adsl.set_index("USUBJID")
    if protocol.baseline.last_before == "infusion":
        return dates["TRTSDT"]
    return dates["LDSTDT"].fillna(dates["TRTSDT"])


def _lesion_records(sdtm: Sdtm, who: str) -> pd.DataFrame:
    """Records of TU and TR of an evaluator: subject, day, whether it is full, target lesion."""
    found = [NONE]
    for domain in TUMOUR_DOMAINS:
        if domain not in sdtm:
            continue
        prefix, frame = domain.upper(), sdtm[domain]
        frame = frame[
            (evaluator(frame, prefix) == who) & accepted(frame, prefix) & done(frame, prefix)
        ]
        dtc = text(frame, f"{prefix}DTC")
        group = group_of(text(frame, "TUSTRESC")) if domain == "tu" else lesion_group(frame, sdtm)
        found.append(
            pd.DataFrame(
                {
                    "USUBJID": frame["USUBJID"],
                    "day": earliest_day(dtc),
                    "full": imputation_flag(dtc) == "",
                    "target": group == "TARGET",
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _yes(is_so: pd.Series) -> pd.Series:
    return is_so.map({True: "Y", False: "N"})


NONE = pd.DataFrame(
    {
        "USUBJID": pd.Series(dtype=object),
        "day": pd.Series(dtype="datetime64[ns]"),
        "full": pd.Series(dtype=bool),
        "target": pd.Series(dtype=bool),
    }
)
