"""Which parameter of ADRS and ADTTE answers each efficacy endpoint: a part of the params.

ADaM data name their parameters as they like, so params say which is which. From SDTM csr derives
ADRS and ADTTE itself and knows: `with_derived_endpoints` fills in what the params leave out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, create_model, model_validator

from csr.params.dose_escalation import DoseEscalation
from csr.params.parts import Column, Rule, Text
from csr.params.protocol import Strategy
from csr.params.time_to_event import LIBRARY, TimeToEvent


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


class _Endpoints(Rule):
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
    dlt: DoseEscalation | None = Field(None, description="dose-limiting toxicity and escalation")
    time_to_event: tuple[TimeToEvent, ...] = Field(
        (), description="time-to-event endpoints of the study's own"
    )

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> Self:
        names = Counter(e.name for e in self.time_to_event)
        codes = Counter(e.paramcd for e in self.time_to_event)
        for name in (n for n in names if n in type(self).model_fields or names[n] > 1):
            raise ValueError(f"time_to_event: the name '{name}' is taken")
        bound = {found.paramcd for e in LIBRARY if (found := self.of(e.name)) is not None}
        for code in (c for c in codes if c in bound or codes[c] > 1):
            raise ValueError(f"time_to_event: the PARAMCD '{code}' is taken")
        return self

    @property
    def declared(self) -> tuple[TimeToEvent, ...]:
        """The time-to-event endpoints of the study: those of the library, then its own."""
        return (*(e for e in LIBRARY if self.of(e.name) is not None), *self.time_to_event)

    def of(self, name: str) -> Endpoint | None:
        """The parameter that answers a time-to-event endpoint; None where the study has none."""
        own = {e.name: Endpoint(paramcd=e.paramcd, unit=e.unit) for e in self.time_to_event}
        found = own.get(name) or getattr(self, name, None)
        return found if isinstance(found, Endpoint) else None

    def holds(self, name: str) -> bool:
        """Whether the study has an endpoint: a key of `endpoints`, or one of its own."""
        return self.of(name) is not None or getattr(self, name, None) is not None

    def strategy(self, name: str) -> str:
        """How an endpoint of the library handles new anticancer therapy, "" where not said."""
        return getattr(self.of(name), "strategy", "")


def _key_of(endpoint: TimeToEvent) -> tuple[Any, Any]:
    kind = ProgressionEndpoint if endpoint.strategies else Endpoint
    return kind | None, Field(None, description=endpoint.label.lower())


if TYPE_CHECKING:
    Endpoints = _Endpoints
else:
    # With a key for each endpoint of the library.
    Endpoints = create_model(
        "Endpoints",
        __base__=_Endpoints,
        __doc__=_Endpoints.__doc__,
        __module__=__name__,
        **{e.name: _key_of(e) for e in LIBRARY},
    )


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
    }
    for endpoint in LIBRARY:
        handled = {"strategy": strategy} if endpoint.strategies else {}
        derived[endpoint.name] = {"paramcd": endpoint.paramcd, **handled}
    return {**raw, "endpoints": {**derived, **named}}
