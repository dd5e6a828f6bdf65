"""How sites write down what they measure: codes of their own, positions, times of day, signs.

The truth is not touched: what a site writes its own way says the same, so a study written tidily
(`simulate_study(tidy=True)`) must give the same answers. Which site has which habit is in
docs/demo-study.md; units, specimens and limits are in `measurement_habits`, scans in
`tumour_habits`. Nothing here draws a random number; sequence numbers that were given stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

Findings = dict[str, pd.DataFrame]
INTERLEUKIN_LIMIT = 500.0
STANDING = {"SYSBP": -15.0, "DIABP": -4.0, "PULSE": 20.0}


def write_as_sites_do(findings: Findings, infused: pd.Series) -> Findings:
    """The findings with every habit in them.

    `infused`: day of the first infusion by USUBJID (treated subjects only). Frames have the helper
    columns of `visit_table.finish`; order and keys of the records that were there stay.
    """
    frames = dict(findings)
    for habit in HABITS:
        frames = habit(frames, infused)
    return frames


def _at(frame: pd.DataFrame, site: str) -> pd.Series:
    """The records of a site: the number before the last of USUBJID."""
    return frame["USUBJID"].str.rsplit("-", n=2).str[-2] == site


def _changed(frames: Findings, name: str, rows: pd.Series, **values: object) -> Findings:
    frame = frames[name].copy()
    for column, value in values.items():
        frame.loc[rows, column] = value[rows] if isinstance(value, pd.Series) else value
    return {**frames, name: frame}


def _appended(frames: Findings, name: str, extra: pd.DataFrame) -> Findings:
    """Records added after the others, with sequence numbers of their own."""
    if extra.empty:
        return frames
    frame, sequence = frames[name], f"{name.upper()}SEQ"
    last = extra["USUBJID"].map(frame.groupby("USUBJID")[sequence].max())
    nth = extra.groupby("USUBJID").cumcount() + 1
    numbered = extra.assign(**{sequence: (last + nth).astype(float)})
    return {**frames, name: pd.concat([frame, numbered], ignore_index=True)}


def beyond_the_limits(frames: Findings, infused: pd.Series) -> Findings:
    """Interleukin 6 above 500 is reported with a sign."""
    lb = frames["lb"]
    rows = (lb["LBTESTCD"] == "INTLK6") & (lb["LBSTRESN"] > INTERLEUKIN_LIMIT)
    text = f">{INTERLEUKIN_LIMIT:g}"
    return _changed(frames, "lb", rows, LBORRES=text, LBSTRESC=text, LBSTRESN=np.nan)


def two_laboratories(frames: Findings, infused: pd.Series) -> Findings:
    """After day 28 site 05 sends blood to a laboratory with other limits for the liver."""
    lb = frames["lb"]
    later = lb["_day"] > lb["USUBJID"].map(infused) + 28
    for code, high in (("ALT", 40.0), ("AST", 35.0)):
        rows = _at(lb, "05") & later & (lb["LBTESTCD"] == code)
        value, low = lb["LBSTRESN"], lb["LBSTNRLO"]
        mark = np.where(value < low, "LOW", np.where(value > high, "HIGH", "NORMAL"))
        frames = _changed(
            frames, "lb", rows, LBSTNRHI=high, LBORNRHI=f"{high:g}",
            LBNRIND=pd.Series(mark, index=lb.index, dtype=object),
        )  # fmt: skip
        lb = frames["lb"]
    return frames


def own_codes(frames: Findings, infused: pd.Series) -> Findings:
    """Site 07 calls ALT SGPT; params say what it is."""
    rows = _at(frames["lb"], "07") & (frames["lb"]["LBTESTCD"] == "ALT")
    return _changed(frames, "lb", rows, LBTESTCD="SGPT")


def standing_after_lying(frames: Findings, infused: pd.Series) -> Findings:
    """Site 02 measures pulse and pressure at baseline also standing, right after, and says so."""
    vs = frames["vs"]
    own = _at(vs, "02") & vs["VSTESTCD"].isin(STANDING)
    extra = vs[own & (vs["VISIT"] == "BASELINE")].copy()
    value = extra["VSSTRESN"] + extra["VSTESTCD"].map(STANDING)
    text = value.map(lambda number: f"{number:g}")
    extra = extra.assign(VSPOS="STANDING", VSSTRESN=value, VSORRES=text, VSSTRESC=text, VSBLFL="")
    return _appended(frames, "vs", extra)


def after_the_infusion(frames: Findings, infused: pd.Series) -> Findings:
    """Site 03 writes times of day, and measures again on the evening of the infusion."""
    for name, code, value in (("vs", "TEMP", 39.4), ("lb", "CRP", 80.0)):
        frame, prefix = frames[name], name.upper()
        own = _at(frame, "03") & (frame["_day"] == frame["USUBJID"].map(infused))
        timed = f"{prefix}DTC"
        evening = frame[own & (frame[f"{prefix}TESTCD"] == code)].copy()
        text = f"{value:g}"
        evening = evening.assign(
            **{
                timed: evening[timed] + "T22:00", f"{prefix}ORRES": text, f"{prefix}STRESC": text,
                f"{prefix}STRESN": value, f"{prefix}BLFL": "",
            }
        )  # fmt: skip
        frames = _changed(frames, name, own, **{timed: frame[timed] + "T07:30"})
        frames = _appended(frames, name, evening)
    return frames


HABITS: tuple[Callable[[Findings, pd.Series], Findings], ...] = (
    beyond_the_limits,
    two_laboratories,
    own_codes,
    standing_after_lying,
    after_the_infusion,
)
