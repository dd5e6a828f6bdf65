"""Which parameter of ADRS and ADTTE answers each efficacy endpoint: a part of the params.

ADaM data name their parameters as they like, so params say which is which. From SDTM csr derives
ADRS and ADTTE itself and knows: `with_derived_endpoints` fills in what the params leave out.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from csr.params.dose_escalation import DoseEscalation
from csr.params.parts import Column, Rule, Text
from csr.params.protocol import Strategy


class Endpoint(Rule):
    """Which parameter of the ADaM data answers an endpoint, and the unit of its AVAL."""

    paramcd: Column
    unit: Literal["days", "months"] = "days"


class ProgressionEndpoint(Endpoint):
    """A time-to-event endpoint for which the handling of new anticancer therapy must be said."""

    strategy: Strategy


class ResponseEndpoint(Rule):
    """Which parameter of ADRS is a best overall response, and whose it is (RSEVAL)."""

    paramcd: Column
    evaluator: Text = "INVESTIGATOR"


class Endpoints(Rule):
    """Endpoints the data hold; one left out is not analysed."""

    bor: ResponseEndpoint | None = Field(None, description="confirmed best overall response")
    bor_unconfirmed: ResponseEndpoint | None = Field(
        None, description="best overall response, confirmation not required"
    )
    bor_other: ResponseEndpoint | None = Field(
        None, description="confirmed best overall response by another evaluator"
    )
    unconfirmed_responders: bool = Field(
        False,
        description="duration of and time to response are of responders without confirmation "
        "(bor_unconfirmed); else of confirmed ones (bor)",
    )
    os: Endpoint | None = None
    pfs: ProgressionEndpoint | None = None
    dor: ProgressionEndpoint | None = Field(None, description="duration of response")
    ddc: ProgressionEndpoint | None = Field(None, description="duration of disease control")
    ttp: ProgressionEndpoint | None = Field(None, description="time to progression")
    ttr: Endpoint | None = Field(None, description="time to response")
    dlt: DoseEscalation | None = Field(None, description="dose-limiting toxicity and escalation")


def with_derived_endpoints(raw: dict[str, Any]) -> dict[str, Any]:
    """The params as written, with the endpoints that csr derives from SDTM where none are named.

    Data that come as ADaM (no protocol) are left as they are. An endpoint set to null stays out.
    """
    try:
        rules = raw["protocol"]["time_to_event"]
        strategy, responders = rules["new_therapy"], rules.get("responders", "confirmed")
        response = raw["protocol"].get("response") or {}
        named = dict(raw.get("endpoints") or {})
    except (KeyError, TypeError, ValueError, AttributeError):
        return raw
    whose = {"evaluator": response["evaluator"]} if "evaluator" in response else {}
    derived: dict[str, Any] = {
        "bor": {"paramcd": "CBOR", **whose},
        "bor_unconfirmed": {"paramcd": "BOR", **whose},
        "unconfirmed_responders": responders == "unconfirmed",
        "os": {"paramcd": "OS"},
        "ttr": {"paramcd": "TTR"},
    }
    for name in ("pfs", "dor", "ddc", "ttp"):
        derived[name] = {"paramcd": name.upper(), "strategy": strategy}
    return {**raw, "endpoints": {**derived, **named}}
