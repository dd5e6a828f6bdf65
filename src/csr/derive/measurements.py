"""What datasets of measurements have in common: baseline, change, and the infusion before."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from csr.derive.dates import study_day
from csr.derive.findings import find_rows
from csr.derive.infusions import given
from csr.derive.moments import AFTER, BEFORE, latest_infusion, reference_moments
from csr.derive.sources import Sdtm
from csr.errors import Finding
from csr.params.protocol import Protocol

BaselineBefore = Literal["lymphodepletion", "infusion"]


def baseline_moment(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, last_before: BaselineBefore
) -> pd.DataFrame:
    """Per subject (index USUBJID) the moment before which a result can be baseline.

    The start of lymphodepletion, or where there was none that of the first infusion, with its time
    of day where EX has it; missing where not treated.
    """
    dates = adsl.set_index("USUBJID")
    exposure = protocol.exposure
    infusion = reference_moments(dates["TRTSDT"], given(sdtm, exposure.study_treatment))
    if last_before == "infusion" or "LDSTDT" not in dates:
        return infusion
    start = dates["LDSTDT"].where(dates["TRTSDT"].notna())
    depletion = reference_moments(start, given(sdtm, exposure.lymphodepletion))
    return depletion.where(start.notna(), infusion)


def with_baseline(
    frame: pd.DataFrame, side: pd.Series, by: list[str], usable: pd.Series
) -> pd.DataFrame:
    """ABLFL, BASE, CHG, PCHG and ONTRTFL (Y: after the moment of the baseline).

    `frame` needs AVAL, ADT and the columns of `by`; `side` is BEFORE, AFTER or "" (can't be told).
    The last usable value of each group before is its baseline: the later by day and time, then the
    later in the frame.
    """
    before = usable & frame["AVAL"].notna() & (side == BEFORE)
    chosen = last_before(frame[before], by)
    base = chosen.set_index(by)["AVAL"].rename("BASE")
    out = frame.drop(columns=["BASE"], errors="ignore").join(base, on=by)
    after = side == AFTER
    change = (out["AVAL"] - out["BASE"]).where(after)
    percent = (100 * change / out["BASE"].abs()).where(out["BASE"] != 0)
    flag = pd.Series("", index=frame.index, dtype=object)
    flag.loc[chosen.index] = "Y"
    return out.assign(
        ABLFL=flag, CHG=change, PCHG=percent, ONTRTFL=after.map({True: "Y", False: ""})
    )


def last_before(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The latest row of each group: by time of day too, where the frame has moments."""
    order = ["first"] if "first" in rows else ["ADT"]
    return rows.sort_values(order, kind="stable").groupby(by, sort=False).tail(1)


def with_infusion(frame: pd.DataFrame, infused: pd.DataFrame) -> pd.DataFrame:
    """AINFN: the latest infusion begun before the result (0: none yet); AINFDY: days since it.

    `frame` has the moments of its records (`moment_columns`); `infused` is `infusion_table`.
    """
    return frame.assign(**latest_infusion(frame["USUBJID"], frame, infused, "result"))


def find_undecided(frame: pd.DataFrame, side: pd.Series, prefix: str) -> list[Finding]:
    """Results of treated subjects whose partial date can be before or after the baseline moment."""
    dated = frame["first"].notna() & frame["TRTSDT"].notna()
    finding = Finding(
        "warning",
        prefix,
        f"{prefix}DTC",
        "before-or-after",
        "the partial date can be before or after treatment; neither baseline nor compared with it",
        "complete the date in the source",
    )
    wrong = frame[dated & (side == "")]
    return find_rows(wrong, finding, ("USUBJID", f"{prefix}SEQ"), "ADTF")


def with_study_day(frame: pd.DataFrame) -> pd.DataFrame:
    """ADY, the study day of ADT: day 1 is that of the first infusion, and there is no day 0."""
    return frame.assign(ADY=study_day(frame["ADT"], frame["TRTSDT"]))
