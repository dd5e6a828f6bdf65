"""Who is in an endpoint that only some subjects have (METHODS §10.18).

Duration of and time to response are of responders, duration of disease control of those with
disease control, by the evaluator of the response endpoint; also where ADTTE is delivered.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import seen_by
from csr.params.conventions import Conventions
from csr.params.endpoints import Endpoints, ResponseEndpoint
from csr.params.time_to_event import TimeToEvent

OBJECTIVE = ("CR", "PR")
STABLE_OR_BETTER = (*OBJECTIVE, "SD")


def disease_control(conventions: Conventions) -> tuple[str, ...]:
    """The best responses that are disease control."""
    if conventions.non_cr_non_pd_is_disease_control:
        return (*STABLE_OR_BETTER, "NON-CR/NON-PD")
    return STABLE_OR_BETTER


def subjects_of(
    endpoint: TimeToEvent,
    adam: dict[str, pd.DataFrame],
    endpoints: Endpoints,
    conventions: Conventions,
) -> set[str] | None:
    """USUBJIDs that can have a time-to-event endpoint; None where everyone can.

    Also None where it can't be told: no ADRS, or no response endpoint in the params.
    """
    if endpoint.who == "responders":
        unconfirmed = endpoints.unconfirmed_responders
        chosen = endpoints.bor_unconfirmed if unconfirmed else endpoints.bor
        return _with_response(adam, chosen, OBJECTIVE)
    if endpoint.who == "disease-control":
        return _with_response(adam, endpoints.bor, disease_control(conventions))
    return None


def _with_response(
    adam: dict[str, pd.DataFrame], chosen: ResponseEndpoint | None, responses: tuple[str, ...]
) -> set[str] | None:
    if chosen is None or "adrs" not in adam:
        return None
    adrs = adam["adrs"]
    own = adrs[adrs["PARAMCD"] == chosen.paramcd]
    own = own[seen_by(own, chosen.evaluator)]
    return set(own.loc[own["AVALC"].isin(responses), "USUBJID"])
