"""What a protocol says of long-term follow-up: a part of the params."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, field_validator

from csr.params.parts import Column, Records, Rule, Text

Months = tuple[Annotated[float, Field(ge=0)], ...]
# Every 6 months to year 5, every 12 to year 15 (FDA long-term follow-up guidance 2020).
PERSISTENCE_MONTHS = (*range(6, 61, 6), *range(72, 181, 12))
RCL_MONTHS = (0, 3, 6, 12)


class PersistenceTesting(Rule):
    """When the transgene is looked for after the first infusion (METHODS §4)."""

    months: Months = Field(
        PERSISTENCE_MONTHS, min_length=1, description="months after the first infusion, rising"
    )
    window_days: int = Field(45, ge=0, description="days before and after in which a test is kept")
    undetectable: int = Field(
        1, ge=1, description="so many results in a row below the limit end the testing"
    )

    @field_validator("months")
    @classmethod
    def _rising(cls, months: Months) -> Months:
        return rising(months)


def one_rule_of_loss(raw: dict[str, Any]) -> dict[str, Any]:
    """Params as written, with the rule of the loss of the transgene where either place says it.

    Raises ValueError where both say it and not alike.
    """
    kinetics, testing = raw.get("kinetics"), (raw.get("long_term") or {}).get("persistence")
    if not isinstance(kinetics, dict) or not isinstance(testing, dict):
        return raw
    said = {p["undetectable"] for p in (kinetics, testing) if "undetectable" in p}
    if len(said) > 1:
        raise ValueError("kinetics.undetectable and long_term.persistence.undetectable differ")
    one = {"undetectable": next(iter(said))} if said else {}
    long_term = {**raw["long_term"], "persistence": {**testing, **one}}
    return {**raw, "kinetics": {**kinetics, **one}, "long_term": long_term}


class RclTesting(Rule):
    """When replication-competent virus (RCL, RCR) is tested for (METHODS §4)."""

    records: Records = Field(
        Records(domain="lb", where={"LBTESTCD": ("RCL",)}), description="records of the test"
    )
    months: Months = Field(
        RCL_MONTHS,
        min_length=1,
        description="months after the first infusion, rising; 0: the last test before it",
    )
    window_days: int = Field(45, ge=0, description="days before and after in which a test is kept")
    negative: tuple[Text, ...] = Field(
        ("NEGATIVE", "NOT DETECTED", "NON-REACTIVE"), description="results that are negative"
    )
    positive: tuple[Text, ...] = Field(
        ("POSITIVE", "DETECTED", "REACTIVE"), description="results that are positive"
    )

    @field_validator("months")
    @classmethod
    def _rising(cls, months: Months) -> Months:
        return rising(months)


def rising(months: Months) -> Months:
    """The months as they are. Raises ValueError where one is not after the one before it."""
    if any(not a < b for a, b in pairwise(months)):
        raise ValueError("months: each must be after the one before it")
    return months


class LongTerm(Rule):
    """Long-term follow-up after the first infusion (METHODS §4)."""

    years: int = Field(
        15, ge=1, le=30, description="years after the first infusion that subjects are followed"
    )
    contacts: Records = Field(
        Records(domain="ss", where={"SSSTRESC": ("ALIVE",)}),
        description="records of a contact with the subject; one of unknown status is none",
    )
    window_days: int = Field(
        45, ge=0, description="days before and after its due date in which a yearly contact is kept"
    )
    delayed: dict[Text, dict[Column, tuple[Text, ...]]] = Field(
        default_factory=dict,
        description="delayed adverse events by category: those of which any named column of ADAE "
        "holds one of its values",
    )
    persistence: PersistenceTesting | None = Field(
        None, description="testing for the transgene against its schedule; needs kinetics"
    )
    rcl: RclTesting | None = Field(
        None, description="testing for replication-competent virus against its schedule"
    )
