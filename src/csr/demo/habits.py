"""How sites write down what happened: other units, visits, numberings, specimens and signs.

The truth is not touched: what a site writes its own way says the same, so a study written tidily
(`simulate_study(tidy=True)`) must give the same answers. Which site has which habit is in
docs/demo-study.md. Nothing here draws a random number; sequence numbers that were given stay.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from csr.demo.when import iso

Findings = dict[str, pd.DataFrame]
INVESTIGATOR = "INVESTIGATOR"
UNSCHEDULED, SHARED_NUMBER = "UNSCHEDULED", 99.0
LONG_URINE = 9000.0
NEUTROPHIL_LIMIT, INTERLEUKIN_LIMIT = 0.5, 500.0
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


def centimetres(frames: Findings, infused: pd.Series) -> Findings:
    """Site 02 measures lesions in centimetres."""
    tr = frames["tr"]
    rows = _at(tr, "02") & (tr["TRSTRESU"] == "mm")
    size = (tr["TRSTRESN"] / 10).round(3)
    text = size.map(lambda value: f"{value:g}")
    return _changed(
        frames, "tr", rows, TRSTRESN=size, TRORRES=text, TRSTRESC=text, TRORRESU="cm", TRSTRESU="cm"
    )


def groups_in_mixed_case(frames: Findings, infused: pd.Series) -> Findings:
    """Site 05 writes Target and Non-Target."""
    tr = frames["tr"]
    return _changed(frames, "tr", _at(tr, "05"), TRGRPID=tr["TRGRPID"].str.title())


def nodes_by_region(frames: Findings, infused: pd.Series) -> Findings:
    """Site 06 says in which region a lymph node lies."""
    rows = _at(frames["tu"], "06") & (frames["tu"]["TULOC"] == "LYMPH NODE")
    return _changed(frames, "tu", rows, TULOC="MEDIASTINAL LYMPH NODE")


def readers_number_alike(frames: Findings, infused: pd.Series) -> Findings:
    """At site 07 both readers call their first lesion T01."""
    for name, columns in (
        ("tu", ["TULNKID"]),
        ("tr", ["TRLNKID", "TRLNKGRP"]),
        ("rs", ["RSLNKGRP"]),
    ):
        frame = frames[name]
        bare = {c: frame[c].str.replace(r"^(INV|IND)-", "", regex=True) for c in columns}
        frames = _changed(frames, name, _at(frame, "07"), **bare)
    return frames


def _later_scans(frames: Findings, infused: pd.Series, site: str) -> dict[str, list[float]]:
    """Subjects of a site with the visit numbers of their scans after the infusion, in order."""
    rs = frames["rs"]
    after = rs[_at(rs, site) & (rs["_day"] > rs["USUBJID"].map(infused)) & rs["VISITNUM"].notna()]
    visits = after.sort_values("_day").groupby("USUBJID")["VISITNUM"]
    return {subject: list(dict.fromkeys(numbers)) for subject, numbers in visits}


def unscheduled_scans(frames: Findings, infused: pd.Series) -> Findings:
    """Site 08 links nothing; one subject has two scans under one number, another one without."""
    later = {s: v for s, v in _later_scans(frames, infused, "08").items() if len(v) >= 3}
    sharing, without = [*later, "", ""][:2]
    for name in ("tu", "tr", "rs"):
        prefix = name.upper()
        for subject, number in ((sharing, SHARED_NUMBER), (without, np.nan)):
            frame = frames[name]
            visits = later.get(subject, [])
            some = visits[-2:] if number == SHARED_NUMBER else visits[1:2]
            rows = (frame["USUBJID"] == subject) & frame["VISITNUM"].isin(some)
            frames = _changed(frames, name, rows, VISITNUM=number, VISIT=UNSCHEDULED)
        if f"{prefix}LNKGRP" in frames[name]:
            linked = _at(frames[name], "08")
            frames = _changed(frames, name, linked, **{f"{prefix}LNKGRP": ""})
    return frames


def baseline_on_two_days(frames: Findings, infused: pd.Series) -> Findings:
    """The last lesion of one subject of site 03 was measured two days before the others."""
    tr = frames["tr"]
    lesions = tr[(tr["VISIT"] == "BASELINE") & (tr["TRGRPID"] == "TARGET") & (tr["TRLNKID"] != "")]
    treated = lesions[_at(lesions, "03") & lesions["USUBJID"].isin(infused.index)]
    several = treated.groupby("USUBJID")["TRLNKID"].agg(lambda ids: ids.str[-2:].max())
    several = several[several > "01"]
    if several.empty:
        return frames
    subject, number = several.index[0], several.iloc[0]
    for name, link in (("tu", "TULNKID"), ("tr", "TRLNKID")):
        frame, prefix = frames[name], name.upper()
        rows = (frame["USUBJID"] == subject) & (frame["VISIT"] == "BASELINE")
        rows &= frame[link].str.endswith(f"T{number}")
        day = frame["_day"] - 2
        changes: dict[str, object] = {
            f"{prefix}DTC": day.map(iso), "VISITNUM": 2.9, "VISIT": "BASELINE MRI", "_day": day
        }  # fmt: skip
        if name == "tr":
            changes["TRLNKGRP"] = frame["TRLNKGRP"] + "A"
        frames = _changed(frames, name, rows, **changes)
    return frames


def response_recorded_twice(frames: Findings, infused: pd.Series) -> Findings:
    """The first NE of the investigator after an infusion is in RS twice."""
    rs = frames["rs"]
    rows = (rs["RSTESTCD"] == "OVRLRESP") & (rs["RSSTRESC"] == "NE")
    rows &= (rs["RSEVAL"] == INVESTIGATOR) & (rs["_day"] > rs["USUBJID"].map(infused))
    return _appended(frames, "rs", rs[rows].sort_values("_day", kind="stable").head(1))


def lesion_in_fragments(frames: Findings, infused: pd.Series) -> Findings:
    """The first lesion of one subject of site 04 is in two pieces at the last scan."""
    tr = frames["tr"]
    rows = _at(tr, "04") & (tr["TRGRPID"] == "TARGET") & (tr["TRTESTCD"] == "LDIAM")
    rows &= tr["TRLNKID"].str.endswith("T01") & (tr["TRSTRESN"] >= 10)
    rows &= tr["_day"] > tr["USUBJID"].map(infused)
    found = tr[rows]
    if found.empty:
        return frames
    last = found.loc[found["_day"].idxmax()]
    both = rows & (tr["USUBJID"] == last["USUBJID"]) & (tr["VISITNUM"] == last["VISITNUM"])
    first = (tr["TRSTRESN"] * 0.6).round(0)
    second = (tr["TRSTRESN"] - first).round(3)
    extra = tr[both].assign(TRLNKID=tr["TRLNKID"] + ".2", **_sized(second))
    frames = _changed(frames, "tr", both, TRLNKID=tr["TRLNKID"] + ".1", **_sized(first))
    return _appended(frames, "tr", extra)


def _sized(size: pd.Series) -> dict[str, pd.Series]:
    text = size.map(lambda value: f"{value:g}")
    return {"TRSTRESN": size, "TRORRES": text, "TRSTRESC": text}


def too_small_to_measure(frames: Findings, infused: pd.Series) -> Findings:
    """A lesion of 5 mm, should there be one, is written in words."""
    tr = frames["tr"]
    rows = (tr["TRGRPID"] == "TARGET") & (tr["TRLNKID"] != "") & (tr["TRSTRESN"] == 5)
    rows &= (tr["TRSTRESU"] == "mm") & (rows.cumsum() <= 1)
    words = "TOO SMALL TO MEASURE"
    return _changed(
        frames, "tr", rows, TRORRES=words, TRSTRESC=words, TRSTRESN=np.nan, TRORRESU="", TRSTRESU=""
    )


def litres_of_giga(frames: Findings, infused: pd.Series) -> Findings:
    """Site 04 counts blood cells in G/L, which is 10^9/L."""
    lb = frames["lb"]
    rows = _at(lb, "04") & (lb["LBSTRESU"] == "10^9/L")
    return _changed(frames, "lb", rows, LBORRESU="G/L", LBSTRESU="G/L")


def beyond_the_limits(frames: Findings, infused: pd.Series) -> Findings:
    """Neutrophils below 0.5 and interleukin 6 above 500 are reported with a sign."""
    lb = frames["lb"]
    for code, sign, limit in (
        ("NEUT", "<", NEUTROPHIL_LIMIT),
        ("INTLK6", ">", INTERLEUKIN_LIMIT),
    ):
        value = lb["LBSTRESN"]
        beyond = value < limit if sign == "<" else value > limit
        rows = (lb["LBTESTCD"] == code) & beyond
        text = f"{sign}{limit:g}"
        frames = _changed(frames, "lb", rows, LBORRES=text, LBSTRESC=text, LBSTRESN=np.nan)
        lb = frames["lb"]
    return frames


def urine_beside_serum(frames: Findings, infused: pd.Series) -> Findings:
    """Site 01 also measures creatinine in urine, the day after the baseline, by the same code."""
    lb = frames["lb"]
    rows = _at(lb, "01") & (lb["LBTESTCD"] == "CREAT") & (lb["VISIT"] == "BASELINE")
    extra = lb[rows & lb["USUBJID"].isin(infused.index)].copy()
    day = extra["_day"] + 1
    text = f"{LONG_URINE:g}"
    extra = extra.assign(
        LBSPEC="URINE", LBORRES=text, LBSTRESC=text, LBSTRESN=LONG_URINE, LBORNRLO="", LBORNRHI="",
        LBSTNRLO=np.nan, LBSTNRHI=np.nan, LBNRIND="", LBBLFL="", LBDTC=day.map(iso), _day=day,
    )  # fmt: skip
    return _appended(frames, "lb", extra)


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


def fahrenheit(frames: Findings, infused: pd.Series) -> Findings:
    """Site 06 takes temperatures in degrees Fahrenheit."""
    vs = frames["vs"]
    rows = _at(vs, "06") & (vs["VSTESTCD"] == "TEMP")
    value = (vs["VSSTRESN"] * 9 / 5 + 32).round(2)
    text = value.map(lambda degrees: f"{degrees:g}")
    return _changed(
        frames, "vs", rows, VSSTRESN=value, VSORRES=text, VSSTRESC=text, VSORRESU="F", VSSTRESU="F"
    )


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
    centimetres,
    nodes_by_region,
    unscheduled_scans,
    baseline_on_two_days,
    response_recorded_twice,
    lesion_in_fragments,
    too_small_to_measure,
    readers_number_alike,
    groups_in_mixed_case,
    litres_of_giga,
    beyond_the_limits,
    urine_beside_serum,
    two_laboratories,
    own_codes,
    fahrenheit,
    standing_after_lying,
    after_the_infusion,
)
