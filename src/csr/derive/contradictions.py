"""What the efficacy endpoints of one subject may not say together."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.responders import subjects_of
from csr.derive.time_units import find_time_units
from csr.errors import Finding
from csr.params.conventions import Conventions
from csr.params.endpoints import Endpoint, Endpoints
from csr.params.time_to_event import OS, AmongName, in_sentence

KEYS = ("USUBJID", "PARAMCD")
DEFAULTS = Conventions()


def find_contradictions(
    adam: dict[str, pd.DataFrame], endpoints: Endpoints, conventions: Conventions = DEFAULTS
) -> list[Finding]:
    """Findings, by subject: endpoints of ADTTE that contradict each other, ADRS or ADSL.

    Times in another unit than params say (an error); one that ends after overall survival; a
    duration of or time to response without a response, or of disease control without it (METHODS
    §10.18); a death in overall survival of a subject who is not dead in ADSL. Nothing is changed.
    Datasets and columns that are not there are not compared.
    """
    if "adtte" not in adam:
        return []
    adtte = adam["adtte"]
    return [
        *find_time_units(adtte, endpoints, conventions),
        *_later_than_survival(adtte, endpoints),
        *_times_of_others(adtte, adam, endpoints, conventions),
        *_death_unknown_to_adsl(adtte, adam, endpoints),
    ]


def _records(adtte: pd.DataFrame, endpoint: Endpoint | None) -> pd.DataFrame:
    return adtte[adtte["PARAMCD"] == (endpoint.paramcd if endpoint else None)]


def _later_than_survival(adtte: pd.DataFrame, endpoints: Endpoints) -> list[Finding]:
    survival = endpoints.of(OS.name)
    if survival is None or "ADT" not in adtte:
        return []
    os = _records(adtte, survival).drop_duplicates("USUBJID").set_index("USUBJID")["ADT"]
    found: list[Finding] = []
    for endpoint in (e for e in endpoints.declared if e.name != OS.name):
        own = _records(adtte, endpoints.of(endpoint.name))
        found += _found(
            own[own["ADT"] > own["USUBJID"].map(os)],
            "ADT",
            f"{endpoint.name}-later-than-os",
            f"{in_sentence(endpoint.label)} ends after overall survival",
            "correct the dates of scans, of death or of the last contact",
        )
    return found


def _times_of_others(
    adtte: pd.DataFrame,
    adam: dict[str, pd.DataFrame],
    endpoints: Endpoints,
    conventions: Conventions,
) -> list[Finding]:
    """Records of subjects who can't have the endpoint; they are in no table of it."""
    found: list[Finding] = []
    for endpoint in endpoints.declared:
        among = subjects_of(endpoint, adam, endpoints, conventions)
        if among is None:
            continue
        wanted, lacking = OF_SOME[endpoint.who]
        own = _records(adtte, endpoints.of(endpoint.name))
        found += _found(
            own[~own["USUBJID"].isin(among)],
            "PARAMCD",
            f"{endpoint.name}-without-{lacking}",
            f"a time of {endpoint.name.upper()} without {wanted}; the record is left out",
            "correct ADTTE or ADRS, or say in the params whose response counts (endpoints.bor, "
            "unconfirmed_responders)",
        )
    return found


# Who has a record: what the others are without.
OF_SOME: dict[AmongName, tuple[str, str]] = {
    "responders": ("a response (CR or PR) by endpoints.bor", "response"),
    "disease-control": ("disease control by endpoints.bor", "control"),
}


def _death_unknown_to_adsl(
    adtte: pd.DataFrame, adam: dict[str, pd.DataFrame], endpoints: Endpoints
) -> list[Finding]:
    adsl = adam.get("adsl", pd.DataFrame())
    if endpoints.of("os") is None or "DTHFL" not in adsl:
        return []
    os = _records(adtte, endpoints.of("os"))
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
