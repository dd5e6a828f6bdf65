"""What the efficacy endpoints of one subject may not say together."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.errors import Finding
from csr.params.endpoints import Endpoint, Endpoints

KEYS = ("USUBJID", "PARAMCD")


def find_contradictions(adam: dict[str, pd.DataFrame], endpoints: Endpoints) -> list[Finding]:
    """Findings, by subject: endpoints of ADTTE that contradict each other, ADRS or ADSL.

    Progression-free survival that ends after overall survival; a duration of response without a
    confirmed response; a death in overall survival of a subject who is not dead in ADSL. Nothing is
    changed. Datasets and columns that are not there are not compared.
    """
    if "adtte" not in adam:
        return []
    adtte = adam["adtte"]
    return [
        *_later_than_survival(adtte, endpoints),
        *_duration_without_response(adtte, adam, endpoints),
        *_death_unknown_to_adsl(adtte, adam, endpoints),
    ]


def _records(adtte: pd.DataFrame, endpoint: Endpoint | None) -> pd.DataFrame:
    return adtte[adtte["PARAMCD"] == (endpoint.paramcd if endpoint else None)]


def _later_than_survival(adtte: pd.DataFrame, endpoints: Endpoints) -> list[Finding]:
    if endpoints.os is None or endpoints.pfs is None or "ADT" not in adtte:
        return []
    pfs, os = _records(adtte, endpoints.pfs), _records(adtte, endpoints.os)
    last = pfs["USUBJID"].map(os.drop_duplicates("USUBJID").set_index("USUBJID")["ADT"])
    return _found(
        pfs[pfs["ADT"] > last],
        "ADT",
        "pfs-later-than-os",
        "progression-free survival ends after overall survival",
        "correct the dates of scans, of death or of the last contact",
    )


def _duration_without_response(
    adtte: pd.DataFrame, adam: dict[str, pd.DataFrame], endpoints: Endpoints
) -> list[Finding]:
    if endpoints.dor is None or endpoints.bor is None or "adrs" not in adam:
        return []
    adrs, bor = adam["adrs"], endpoints.bor
    own = adrs[(adrs["PARAMCD"] == bor.paramcd) & adrs["AVALC"].isin(["CR", "PR"])]
    if "RSEVAL" in own:
        own = own[own["RSEVAL"].isin([bor.evaluator, ""])]
    dor = _records(adtte, endpoints.dor)
    return _found(
        dor[~dor["USUBJID"].isin(own["USUBJID"])],
        "PARAMCD",
        "dor-without-response",
        "a duration of response without a confirmed response (CR or PR)",
        "correct ADTTE, or say in the report that responses need no confirmation",
    )


def _death_unknown_to_adsl(
    adtte: pd.DataFrame, adam: dict[str, pd.DataFrame], endpoints: Endpoints
) -> list[Finding]:
    adsl = adam.get("adsl", pd.DataFrame())
    if endpoints.os is None or "DTHFL" not in adsl:
        return []
    os = _records(adtte, endpoints.os)
    alive = os["USUBJID"].isin(adsl.loc[adsl["DTHFL"] != "Y", "USUBJID"])
    return _found(
        os[alive & (os["CNSR"] < 0.5)],
        "CNSR",
        "death-not-in-adsl",
        "overall survival has a death that ADSL does not know (DTHFL)",
        "correct ADSL or ADTTE",
    )


def _found(rows: pd.DataFrame, column: str, check: str, message: str, action: str) -> list[Finding]:
    return find_rows(rows, Finding("warning", "ADTTE", column, check, message, action), KEYS)
