"""Vital signs, ECG and performance status: what is abnormal, and from when change is counted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from csr.params.parts import Records, Rule, Text


class Limits(Rule):
    """Values below `low` or above `high` are abnormal; None: no limit on that side."""

    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Limits:
        if self.low is None and self.high is None:
            raise ValueError("a limit needs low or high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self


DEFAULT_LIMITS = {
    "SYSBP": Limits(low=90, high=160),
    "DIABP": Limits(low=50, high=100),
    "PULSE": Limits(low=50, high=120),
    "HR": Limits(low=50, high=120),
    "TEMP": Limits(low=35, high=38),
    "RESP": Limits(low=10, high=24),
    "OXYSAT": Limits(low=92),
}


class MeasurementRules(Rule):
    """Vital signs (VS), ECG (EG) and ECOG performance status (QS)."""

    baseline: Literal["lymphodepletion", "infusion"] = Field(
        "lymphodepletion",
        description="baseline: the last value on or before the day lymphodepletion started, or of "
        "the first infusion",
    )
    limits: dict[Text, Limits] = Field(
        default_factory=lambda: dict(DEFAULT_LIMITS),
        description="vital signs (VSTESTCD) that are abnormal beyond limits, in the standard unit",
    )
    visit_percent: float = Field(
        25, ge=0, le=100, description="visits tabulated: those with values of at least so many %"
    )
    qtc: Text = Field("QTCFAG", description="EGTESTCD of the QT interval by Fridericia, in ms")
    interpretation: Text = Field("INTP", description="EGTESTCD of the overall interpretation")
    ecog: Records = Field(
        Records(domain="qs", where={"QSTESTCD": ("ECOG101",)}),
        description="ECOG performance status, in QS",
    )
