"""Params: with the data, the only input of a build (DESIGN seam 1).

One strict YAML file per data cut, read into frozen models. A key that is unknown or missing stops
the run, named with its line and the nearest valid one. What a protocol decides (METHODS, the items
marked `P:`) is a field of `Conventions` with its documented default and is printed in the report.
"""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import Field, model_validator

from csr.errors import ParamsError
from csr.params.conventions import Conventions, Relationship
from csr.params.data import Data
from csr.params.displays import Displays, Report
from csr.params.endpoints import Endpoints, with_derived_endpoints
from csr.params.groups import DEFAULT_POPULATIONS, EVERYONE, Population, Treatment
from csr.params.kinetics import Kinetics
from csr.params.laboratory import Laboratory
from csr.params.long_term import LongTerm, one_rule_of_loss
from csr.params.measurements import MeasurementRules
from csr.params.narratives import Narratives
from csr.params.parts import Column, LongText, Name, Rule
from csr.params.protocol import Protocol
from csr.params.safety import Safety
from csr.params.study import Cut, Study
from csr.params.time_to_event import not_delivered, not_derived


class Params(Rule):
    """Everything that differs between cuts."""

    study: Study
    cut: Cut
    data: Data
    treatment: Treatment
    populations: dict[Name, Population] = Field(default_factory=lambda: dict(DEFAULT_POPULATIONS))
    endpoints: Endpoints = Endpoints()
    relationship: Relationship = Relationship()
    conventions: Conventions = Conventions()
    aesi: dict[LongText, dict[Column, tuple[LongText, ...]]] = Field(
        default_factory=dict,
        description="adverse events of special interest by group: those of which any named column "
        "of ADAE holds one of its values, in whatever case",
    )
    safety: Safety | None = Field(
        None, description="groups of aesi that have tables of their own; none: no such tables"
    )
    kinetics: Kinetics | None = Field(None, description="cellular kinetics; none: not analysed")
    long_term: LongTerm | None = Field(None, description="long-term follow-up; none: not analysed")
    laboratory: Laboratory | None = Field(
        None, description="laboratory results and their grades; none: not analysed"
    )
    measurements: MeasurementRules | None = Field(
        None, description="vital signs, ECG and performance status; none: not analysed"
    )
    narratives: Narratives | None = Field(
        None, description="narratives and patient profiles; none: not written"
    )
    subgroups: dict[Column, LongText] = Field(
        default_factory=dict,
        description="variables of ADSL that are subgroups, with the words reports have for them; "
        "none: the characteristics of the protocol, by their names",
    )
    protocol: Protocol | None = Field(None, description="what derivations from SDTM follow")
    cut_rules: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="cut rules added to, or in place of, the declared ones"
    )
    decisions: str | None = Field(None, description="CSV of what people adjudicated")
    displays: Displays = Displays()
    report: Report = Report()

    @model_validator(mode="before")
    @classmethod
    def _derived(cls, raw: Any) -> Any:
        return with_derived_endpoints(one_rule_of_loss(raw)) if isinstance(raw, dict) else raw

    @model_validator(mode="after")
    def _groups_are_declared(self) -> Params:
        rules = self.safety or Safety()
        for key in ("infections", "second_malignancies"):
            group = getattr(rules, key)
            if group is not None and group not in self.aesi:
                raise ValueError(f"safety.{key}: '{group}' is no group of aesi")
        return self

    @model_validator(mode="after")
    def _one_convention(self) -> Params:
        if (self.data.standard == "sdtm") != (self.protocol is not None):
            raise ValueError("SDTM needs a protocol to derive ADaM by, and ADaM has none")
        for here, there, key in self._said_twice():
            if here != there:
                raise ValueError(f"{key} is said twice and not alike: {here} and {there}")
        return self

    @model_validator(mode="after")
    def _own_endpoints_can_be_had(self) -> Params:
        for endpoint in self.endpoints.time_to_event:
            why = not_delivered(endpoint) if self.protocol is None else ""
            if self.protocol is not None:
                others = [e for e in self.endpoints.time_to_event if e is not endpoint]
                why = not_derived(endpoint, others, self.protocol.time_to_event)
            if why:
                raise ValueError(f"endpoints.time_to_event: {endpoint.name}: {why}")
        return self

    @model_validator(mode="after")
    def _closed_by_now(self) -> Params:
        dlt = self.endpoints.dlt
        if dlt is not None and dlt.closed is not None and dlt.closed.day > self.cut.report_date:
            raise ValueError("endpoints.dlt.closed.day is after the report date")
        return self

    def _said_twice(self) -> list[tuple[object, object, str]]:
        if self.protocol is None:
            return []
        ae, response = self.protocol.adverse_events, self.protocol.response
        own, control = self.conventions, "non_cr_non_pd_is_disease_control"
        return [
            (self.relationship.related, ae.related, "relationship.related"),
            (self.relationship.not_related, ae.not_related, "relationship.not_related"),
            (own.missing_relationship, ae.missing_relationship, "missing_relationship"),
            (own.non_cr_non_pd_is_disease_control, getattr(response, control), control),
        ]

    def population(self, name: str) -> Population:
        """An analysis set by name.

        Raises ParamsError where the params do not declare it.
        """
        if name == EVERYONE and name not in self.populations:
            return Population(label="All subjects", flag="ALL")
        if name not in self.populations:
            raise ParamsError(
                f"populations: '{name}' is not declared; declared are {', '.join(self.populations)}"
            )
        return self.populations[name]


def params_hash(params: Params) -> str:
    """sha256 of the params as read: two files that mean the same have the same."""
    return hashlib.sha256(params.model_dump_json().encode()).hexdigest()
