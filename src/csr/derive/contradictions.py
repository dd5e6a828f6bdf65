"""What the efficacy endpoints of one subject may not say together."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.responders import subjects_of
from csr.errors import Finding
from csr.params.conventions import Conventions
from csr.params.endpoints import Endpoint, Endpoints

KEYS = ("USUBJID", "PARAMCD")
DEFAULTS = Conventions()


def find_contradictions(
    adam: dict[str, pd.DataFrame], endpoints: Endpoints, conventions: Conventions = DEFAULTS
) -> list[Finding]:
    """Findings, by subject: endpoints of ADTTE that contradict each other, ADRS or ADSL.

    Progression-free survival that ends after overall survival; a duration of or time to response
    without a response, or of disease control without it (METHODS §10.18); a death in overall
    survival of a subject who is not dead in ADSL. Nothing is changed. Datasets and columns that are
    not there are not compared.
    """
    if "adtte" not in adam:
        return []
    adtte = adam["adtte"]
    return [
        *_later_than_survival(adtte, endpoints),
        *_times_of_others(adtte, adam, endpoints, conventions),
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


def _times_of_others(
    adtte: pd.DataFrame,
    adam: dict[str, pd.DataFrame],
    endpoints: Endpoints,
    conventions: Conventions,
) -> list[Finding]:
    """Records of subjects who can't have the endpoint; they are in no table of it."""
    found: list[Finding] = []
    for name, wanted, check in OF_SOME:
        endpoint = getattr(endpoints, name)
        among = subjects_of(name, adam, endpoints, conventions)
        if endpoint is None or among is None:
            continue
        own = _records(adtte, endpoint)
        found += _found(
            own[~own["USUBJID"].isin(among)],
            "PARAMCD",
            check,
            f"a time of {name.upper()} without {wanted}; the record is left out",
            "correct ADTTE or ADRS, or say in the params whose response counts (endpoints.bor, "
            "unconfirmed_responders)",
        )
    return found


OF_SOME = (
    ("dor", "a response (CR or PR) by endpoints.bor", "dor-without-response"),
    ("ttr", "a response (CR or PR) by endpoints.bor", "ttr-without-response"),
    ("ddc", "disease control by endpoints.bor", "ddc-without-control"),
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
