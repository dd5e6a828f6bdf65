"""What every part of the params that names data is made of: strict models, names, records."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Domain = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
Column = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,31}$")]
AdamColumn = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,7}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
LongText = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Rule(BaseModel):
    """Every part of the params: no unknown key, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Records(Rule):
    """Records of an SDTM domain: those where every named column holds one of its values.

    Case does not matter. Without `where`, every record of the domain.
    """

    domain: Domain
    where: dict[Column, tuple[str, ...]] = Field(default_factory=dict)
