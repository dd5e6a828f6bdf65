"""The strata within which arms are compared, where params name columns of ADSL for them."""

from __future__ import annotations

import pandas as pd

from csr.errors import DataError
from csr.params import Params

STRATUM = "STRATUM"


def with_strata(records: pd.DataFrame, subjects: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The records with their subject's stratum as STRATUM, unchanged where params name no strata.

    A stratum is the values of the columns, joined; None where one of them is missing. Raises
    DataError where ADSL lacks a column of `treatment.strata`.
    """
    columns = list(params.treatment.strata)
    if not columns:
        return records
    if lacking := [column for column in columns if column not in subjects]:
        raise DataError(
            f"ADSL: column(s) {', '.join(lacking)} missing; treatment.strata names them. Map them "
            "under data.datasets.adsl.columns in params, or correct treatment.strata."
        )
    values = subjects.set_index("USUBJID")[columns].astype("string").apply(lambda c: c.str.strip())
    known = (values.notna() & (values != "")).all(axis=1)
    joined = values.fillna("").agg(" / ".join, axis=1).astype(object).where(known, None)
    return records.assign(**{STRATUM: records["USUBJID"].map(joined)})


def strata_of(records: pd.DataFrame) -> pd.Series | None:
    """The strata of records as a test takes them; None without strata."""
    return records.get(STRATUM)


def without_stratum(records: pd.DataFrame) -> str:
    """Why records can't be compared: a test of some of the subjects would be another test."""
    unknown = int(records[STRATUM].isna().sum()) if STRATUM in records else 0
    return f"{unknown} subject(s) without a stratum" if unknown else ""


def said_strata(params: Params) -> str:
    """`, stratified by SEX, REGION1`; nothing without strata."""
    columns = params.treatment.strata
    return f", stratified by {', '.join(columns)}" if columns else ""
