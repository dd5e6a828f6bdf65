"""What datasets of measurements have in common: baseline, change, and the infusion before."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from csr.derive.dates import infusion_day, study_day


def baseline_day(
    adsl: pd.DataFrame, last_before: Literal["lymphodepletion", "infusion"]
) -> pd.Series:
    """Per subject (index USUBJID) the last day that can be baseline; missing where not treated.

    Lymphodepletion's first day, or where there was none the day of the first infusion; a result of
    that day counts as before it.
    """
    dates = adsl.set_index("USUBJID")
    infusion = dates["TRTSDT"]
    if last_before == "infusion" or "LDSTDT" not in dates:
        return infusion
    return dates["LDSTDT"].where(dates["LDSTDT"].notna() & infusion.notna(), infusion)


def with_baseline(
    frame: pd.DataFrame, limit: pd.Series, by: list[str], usable: pd.Series
) -> pd.DataFrame:
    """ABLFL, BASE, CHG, PCHG and ONTRTFL (Y: after the day that can be baseline).

    `frame` needs AVAL, ADT and the columns of `by`; the last usable value of each group on or
    before `limit` (index USUBJID) is its baseline, the later in the frame on one day.
    """
    last = frame["USUBJID"].map(limit)
    before = usable & frame["AVAL"].notna() & (frame["ADT"] <= last)
    rows = frame[before].sort_values("ADT", kind="stable")
    chosen = rows.groupby(by, sort=False).tail(1)
    base = chosen.set_index(by)["AVAL"].rename("BASE")
    out = frame.drop(columns=["BASE"], errors="ignore").join(base, on=by)
    after = frame["ADT"] > last
    change = (out["AVAL"] - out["BASE"]).where(after)
    percent = (100 * change / out["BASE"].abs()).where(out["BASE"] != 0)
    flag = pd.Series("", index=frame.index, dtype=object)
    flag.loc[chosen.index] = "Y"
    return out.assign(
        ABLFL=flag, CHG=change, PCHG=percent, ONTRTFL=after.map({True: "Y", False: ""})
    )


def with_infusion(frame: pd.DataFrame, infused: pd.DataFrame) -> pd.DataFrame:
    """AINFN: the latest infusion up to ADT (0: none yet); AINFDY: days since it, its day being 0.

    `infused` has USUBJID, ASTDT and AINFN, a row per infusion (bags of one day share a number).
    """
    days = infused[["USUBJID", "ASTDT", "AINFN"]].drop_duplicates().sort_values("ASTDT")
    dated = frame.loc[frame["ADT"].notna(), ["USUBJID", "ADT"]].assign(row=lambda f: f.index)
    if dated.empty or days.empty:
        return frame.assign(AINFN=(frame["ADT"].notna()).map({True: 0.0, False: None}), AINFDY=None)
    found = pd.merge_asof(
        dated.sort_values("ADT"), days, left_on="ADT", right_on="ASTDT", by="USUBJID"
    ).set_index("row")
    number = found["AINFN"].fillna(0.0).reindex(frame.index)
    return frame.assign(
        AINFN=number.astype(float),
        AINFDY=infusion_day(found["ADT"], found["ASTDT"]).reindex(frame.index).astype(float),
    )


def with_study_day(frame: pd.DataFrame) -> pd.DataFrame:
    """ADY, the study day of ADT: day 1 is that of the first infusion, and there is no day 0."""
    return frame.assign(ADY=study_day(frame["ADT"], frame["TRTSDT"]))
