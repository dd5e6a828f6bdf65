"""Whether times to events are in the unit that params say: by AVALU, and by their dates."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.sources import text
from csr.derive.units import fill_blank_units
from csr.errors import Finding
from csr.params.conventions import Conventions
from csr.params.endpoints import Endpoint, Endpoints
from csr.standards.units import same_unit

KEYS = ("USUBJID", "PARAMCD")
# What further handlings of an endpoint end with.
HANDLINGS = ("TP", "CNS", "GAP", "NT", "CLN", "IA", "APH")
# How far AVAL may be from ADT - STARTDT + 1: who leaves out the 1, and a month to one decimal.
APART = {"days": 1.0, "months": 1.0 + 0.05 * 30.4375 + 0.01}
MOST = 0.5


def find_time_units(
    adtte: pd.DataFrame, endpoints: Endpoints, conventions: Conventions
) -> list[Finding]:
    """Errors where AVALU, or most of the dates, contradict the unit of an endpoint in params.

    Records whose AVAL alone is not ADT - STARTDT + 1 are a warning. Without AVALU and dates nothing
    can be told, and params' unit is taken. Source: METHODS §10.6.
    """
    found: list[Finding] = []
    for endpoint in endpoints.declared:
        chosen = endpoints.of(endpoint.name)
        if chosen is None:
            continue
        code = adtte["PARAMCD"].astype(str)
        handled = [endpoint.paramcd + end for end in HANDLINGS]
        own = adtte[code.isin([chosen.paramcd, *handled])]
        if own.empty:
            continue
        by_unit = _by_unit(own, endpoint.name, chosen)
        found += by_unit or _by_dates(own, endpoint.name, chosen, conventions)
    return found


def _by_unit(own: pd.DataFrame, name: str, chosen: Endpoint) -> list[Finding]:
    unit = fill_blank_units(text(own, "AVALU").astype(object), own["PARAMCD"])
    said = unit != ""
    wrong = said & ~unit.map(lambda u: same_unit(str(u), chosen.unit)).astype(bool)
    words = ", ".join(sorted({str(u) for u in unit[wrong]}))
    contradicts = Finding(
        "error",
        "ADTTE",
        "AVALU",
        "time-unit",
        f"AVALU says {words}, params (endpoints.{name}.unit) say {chosen.unit}",
        f"correct endpoints.{name}.unit, or AVALU",
    )
    rows = own.assign(shown=unit)
    found = find_rows(rows[wrong], contradicts, KEYS, "shown")
    if said.any():
        blank = Finding(
            "error",
            "ADTTE",
            "AVALU",
            "time-unit",
            f"no unit beside other records of {name.upper()} in several",
            "give AVALU",
        )
        found += find_rows(rows[~said], blank, KEYS)
    return found


def _by_dates(
    own: pd.DataFrame, name: str, chosen: Endpoint, conventions: Conventions
) -> list[Finding]:
    if not {"STARTDT", "ADT"} <= set(own):
        return []
    days = (own["ADT"] - own["STARTDT"]).dt.days + 1
    sizes = {"days": 1.0, "months": float(conventions.days_per_month)}
    known = days.notna() & own["AVAL"].notna()
    off = {
        unit: known & ((own["AVAL"] * size - days).abs() > APART[unit])
        for unit, size in sizes.items()
    }
    other = "months" if chosen.unit == "days" else "days"
    wrong = off[chosen.unit]
    if not known.any() or not wrong.any():
        return []
    shown = own.assign(shown=own["AVAL"].map("{:g}".format))[wrong]
    if wrong.sum() > MOST * known.sum() and (wrong & ~off[other]).sum() > MOST * wrong.sum():
        finding = Finding(
            "error",
            "ADTTE",
            "AVAL",
            "time-unit",
            f"AVAL is ADT - STARTDT + 1 in {other}; params (endpoints.{name}.unit) say "
            f"{chosen.unit}",
            f"correct endpoints.{name}.unit",
        )
    else:
        finding = Finding(
            "warning",
            "ADTTE",
            "AVAL",
            "time-not-dates",
            f"AVAL is not ADT - STARTDT + 1 in {chosen.unit}",
            "correct the dates or AVAL",
        )
    return find_rows(shown, finding, KEYS, "shown")
