"""What a report is of: the study and the data cut."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field, field_validator, model_validator

from csr.params.parts import LongText, Name, Rule


class Study(Rule):
    """What the title page and the page headers say of the study."""

    id: Name
    title: LongText
    protocol: str = ""
    sponsor: str = ""
    indication: str = ""
    simulated: bool = Field(False, description="simulated data: said on every page")
    note: str = Field("", description="a sentence about the data, printed on the title page")


# The end of the name of an incomplete build's folder.
FAILED = ".failed"


class Cut(Rule):
    """The data cut: what the report is of."""

    id: Name
    label: LongText
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

    @field_validator("id")
    @classmethod
    def _is_no_failed_build(cls, value: str) -> str:
        if value.endswith(FAILED):
            raise ValueError(f"an id that ends with {FAILED} is the folder of an incomplete build")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Cut:
        if not self.cutoff <= self.transfer <= self.report_date:
            raise ValueError("the dates must stand in the order cutoff ≤ transfer ≤ report_date")
        return self
