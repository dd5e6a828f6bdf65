"""SDTM of the CDISC pilot as the reader gives it, from the folder `shared` (data: A01, A02)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat

CUTOFF = pd.Timestamp("2015-12-31")


def read_xpt(path: Path) -> pd.DataFrame:
    return pyreadstat.read_xport(str(path))[0]


def read_parquet(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path)
    texts = frame.select_dtypes(object).columns
    return frame.assign(**{c: frame[c].fillna("") for c in texts})


def pilot_sdtm(shared: Path) -> dict[str, pd.DataFrame]:
    folder = shared / "data" / "A02_cdisc_pilot" / "sdtm"
    sdtm = {name: read_xpt(folder / f"{name}.xpt") for name in ("dm", "ds", "ex", "ae", "sv", "sc")}
    vitals = shared / "data" / "A01_pharmaverse_oncology" / "sdtm" / "vs.parquet"
    return sdtm | {"vs": read_parquet(vitals)}


def oncology_sdtm(shared: Path) -> dict[str, pd.DataFrame]:
    """The pilot's subjects with the RECIST data pharmaverse made for eight of them."""
    folder = shared / "data" / "A01_pharmaverse_oncology" / "sdtm"
    plain = {n: read_parquet(folder / f"{n}.parquet") for n in ("dm", "ds", "ex", "ae", "sv", "lb")}
    recist = {n: read_parquet(folder / f"{n}_onco_recist.parquet") for n in ("rs", "tu", "tr")}
    return plain | recist
