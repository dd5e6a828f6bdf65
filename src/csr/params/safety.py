"""Which groups of special interest have tables of their own: a part of the params."""

from __future__ import annotations

from pydantic import Field

from csr.params.parts import Column, Rule, Text


class Safety(Rule):
    """Infections and second malignancies: groups of `aesi`, by their names (METHODS §5)."""

    infections: Text | None = Field(None, description="the group of aesi that holds infections")
    second_malignancies: Text | None = Field(
        None, description="the group of aesi that holds malignancies other than the disease"
    )
    transgene: Column | None = Field(
        None, description="column of ADAE that says whether a malignancy's cells hold the transgene"
    )
