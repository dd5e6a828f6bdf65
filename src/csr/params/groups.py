"""Who is compared with whom: the groups of the tables, and the analysis sets."""

from __future__ import annotations

from pydantic import Field, model_validator

from csr.params.parts import Column, LongText, Rule


class Level(Rule):
    """One column of the tables."""

    value: LongText
    label: LongText


class Treatment(Rule):
    """The groups the tables compare: dose levels, cohorts or arms, in the order of the columns."""

    actual: Column = "TRT01A"
    planned: Column = "TRT01P"
    levels: tuple[Level, ...] = Field(min_length=1)
    total: str = "Total"
    reference: LongText | None = Field(
        None, description="value of the arm the others are compared with; none: no comparison"
    )
    strata: tuple[Column, ...] = Field(
        (), description="columns of ADSL by which tests and hazard ratios of arms are stratified"
    )

    @model_validator(mode="after")
    def _reference_is_a_level(self) -> Treatment:
        if self.reference is not None and self.reference not in self.values:
            raise ValueError(f"reference must be one of {', '.join(self.values)}")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(level.value for level in self.levels)


class Population(Rule):
    """An analysis set: the subjects with `flag` = Y in ADSL (`flag: ALL` for every subject)."""

    label: LongText
    flag: Column


# Every subject of ADSL, screen failures included; need not be declared.
EVERYONE = "all"
DEFAULT_POPULATIONS = {
    "enrolled": Population(label="Enrolled", flag="ALL"),
    "safety": Population(label="Safety Analysis Set", flag="SAFFL"),
}
