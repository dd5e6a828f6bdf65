"""What each evaluator knew of a subject's tumours before treatment (METHODS §10.3)."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.infusions import first_infusion, given
from csr.derive.lesion_groups import group_of, lesion_group
from csr.derive.moments import BEFORE, day_moments, moments, reference_moments, side_for
from csr.derive.sources import Sdtm, accepted, done, evaluator, text
from csr.params.protocol import Protocol

TUMOUR_DOMAINS = ("tu", "tr")
COLUMNS = ["USUBJID", "TUBLFL", "TUBLDT", "MEASFL"]


def tumour_baseline(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, who: str = ""
) -> pd.DataFrame:
    """Per subject: TUBLFL (any baseline assessment), TUBLDT (its date), MEASFL (target lesion).

    Facts of one evaluator (`who`; "" the protocol's). A baseline assessment is a TU or TR record
    before the first infusion, or lymphodepletion; one of that day counts as before it, unless both
    have a time of day and it is the later. TUBLDT is the last of
    them, NaT where only partial dates are there. Where neither TU nor TR was transferred nothing
    can be said, and all three are blank.
    """
    seen = _lesion_records(sdtm, who or protocol.response.evaluator)
    if not any(domain in sdtm for domain in TUMOUR_DOMAINS):
        blank = pd.Series("", index=adsl.index, dtype=object)
        no_date = pd.Series(pd.NaT, index=adsl.index, dtype="datetime64[ns]")
        return adsl[["USUBJID"]].assign(TUBLFL=blank, TUBLDT=no_date, MEASFL=blank)
    limit = baseline_moments(sdtm, adsl, protocol)
    before = seen[sides(seen["USUBJID"], seen["day"], seen["dtc"], limit) == BEFORE]
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


def baseline_moments(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """By USUBJID the moment an efficacy baseline is before: T0, or lymphodepletion if given."""
    dates = adsl.set_index("USUBJID")
    infusion = first_infusion(sdtm, dates["TRTSDT"], protocol)
    if protocol.baseline.last_before == "infusion":
        return infusion
    depletion = given(sdtm, protocol.exposure.lymphodepletion)
    start = reference_moments(dates["LDSTDT"], depletion)
    return start.where(start["first"].notna(), infusion)


def sides(
    subjects: pd.Series, day: pd.Series, written: pd.Series, reference: pd.DataFrame
) -> pd.Series:
    """The side of tumour records: by their text where the date is full, else by `day`."""
    exact, whole = moments(written), day_moments(day)
    full = exact["first"].dt.normalize() == exact["last"].dt.normalize()
    at = exact.where(full, whole)
    at = at.assign(timed=at["timed"].eq(True), offset=at["offset"].astype(float))
    return side_for(subjects, at, reference, "result")


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
                    "dtc": dtc,
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
        "dtc": pd.Series(dtype=object),
        "day": pd.Series(dtype="datetime64[ns]"),
        "full": pd.Series(dtype=bool),
        "target": pd.Series(dtype=bool),
    }
)
