"""Params: with the data, the only input of a build (DESIGN seam 1).

One strict YAML file per data cut, read into frozen models. A key that is unknown or missing stops
the run, named with its line and the nearest valid one. What a protocol decides (METHODS, the items
marked `P:`) is a field of `Conventions` with its documented default and is printed in the report.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from csr.conventions import Conventions, Relationship
from csr.declared_endpoints import Endpoints, with_derived_endpoints
from csr.errors import ParamsError
from csr.kinetics_rules import Kinetics
from csr.laboratory_rules import Laboratory
from csr.long_term_rules import LongTerm
from csr.measurement_rules import MeasurementRules
from csr.narrative_rules import Narratives
from csr.protocol import Protocol
from csr.safety_rules import Safety

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Column = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,31}$")]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Frozen(BaseModel):
    """Every part of the params: no unknown key, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Study(Frozen):
    """What the title page and the page headers say of the study."""

    id: Name
    title: Text
    protocol: str = ""
    sponsor: str = ""
    indication: str = ""
    simulated: bool = Field(False, description="simulated data: said on every page")
    note: str = Field("", description="a sentence about the data, printed on the title page")


class Cut(Frozen):
    """The data cut: what the report is of."""

    id: Name
    label: Text
    cutoff: dt.date = Field(description="data cut-off (end of that day)")
    transfer: dt.date = Field(description="when the data were handed over")
    report_date: dt.date = Field(description="the only date printed as today's")
    status: Literal["draft", "final"] = "draft"
    days_from_first_dose: int | None = Field(
        None, ge=0, description="cut each subject this many days after the first dose, if earlier"
    )
    subject_dates: str | None = Field(
        None, description="CSV of USUBJID and CUTOFF: a cut-off per subject, if earlier"
    )

    since: str | None = Field(
        None, description="STUDY/CUT or folder of an earlier build: table of what changed since"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Cut:
        if not self.cutoff <= self.transfer <= self.report_date:
            raise ValueError("the dates must stand in the order cutoff ≤ transfer ≤ report_date")
        return self


class Dataset(Frozen):
    """One dataset of the transfer and how its names differ from CDISC's."""

    file: Text
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    columns: dict[Column, Column] = Field(
        default_factory=dict, description="CDISC name: name in the file"
    )
    codelists: dict[Column, dict[str, str]] = Field(
        default_factory=dict, description="column: {value in the file: value of the codelist}"
    )
    constants: dict[Column, str | float] = Field(
        default_factory=dict, description="columns the file does not have: one value throughout"
    )


class Data(Frozen):
    """Where the data are. `folder` is relative to the params file, or `package:NAME/COLLECTION`."""

    standard: Literal["adam", "sdtm"] = "adam"
    folder: Text
    datasets: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")], Dataset]
    meddra_version: str = "not stated"


class Level(Frozen):
    """One column of the tables."""

    value: Text
    label: Text


class Treatment(Frozen):
    """The groups the tables compare: dose levels, cohorts or arms, in the order of the columns."""

    actual: Column = "TRT01A"
    planned: Column = "TRT01P"
    levels: tuple[Level, ...] = Field(min_length=1)
    total: str = "Total"
    reference: Text | None = Field(
        None, description="value of the arm the others are compared with; none: no comparison"
    )

    @model_validator(mode="after")
    def _reference_is_a_level(self) -> Treatment:
        if self.reference is not None and self.reference not in self.values:
            raise ValueError(f"reference must be one of {', '.join(self.values)}")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(level.value for level in self.levels)


class Population(Frozen):
    """An analysis set: the subjects with `flag` = Y in ADSL (`flag: ALL` for every subject)."""

    label: Text
    flag: Column


class DisplayText(Frozen):
    """Overrides of one display."""

    title: Text | None = None
    footnotes: tuple[Text, ...] | None = None


class Displays(Frozen):
    """Which displays the report holds; without `only`, all whose datasets are there."""

    only: tuple[str, ...] | None = None
    omit: tuple[str, ...] = ()
    text: dict[str, DisplayText] = Field(default_factory=dict)


class Report(Frozen):
    """Which report, and the fonts beside the built-in ones."""

    template: Literal["interim", "long-term"] = Field(
        "interim", description="the report's source in reports/"
    )
    fonts: tuple[Text, ...] = Field((), description="folders with further font files")
    font: str = Field("Libertinus Serif", description="text font")


# Every subject of ADSL, screen failures included; need not be declared.
EVERYONE = "all"
DEFAULT_POPULATIONS = {
    "enrolled": Population(label="Enrolled", flag="ALL"),
    "safety": Population(label="Safety Analysis Set", flag="SAFFL"),
}


class Params(Frozen):
    """Everything that differs between cuts."""

    study: Study
    cut: Cut
    data: Data
    treatment: Treatment
    populations: dict[Name, Population] = Field(default_factory=lambda: dict(DEFAULT_POPULATIONS))
    endpoints: Endpoints = Endpoints()
    relationship: Relationship = Relationship()
    conventions: Conventions = Conventions()
    aesi: dict[Text, dict[Column, tuple[Text, ...]]] = Field(
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
    subgroups: dict[Column, Text] = Field(
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
        return with_derived_endpoints(raw) if isinstance(raw, dict) else raw

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
