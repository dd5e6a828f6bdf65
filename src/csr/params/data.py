"""Where the data are, and how their names differ from CDISC's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from csr.params.parts import Column, LongText, Rule


class Dataset(Rule):
    """One dataset of the transfer and how its names differ from CDISC's."""

    file: LongText
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


class Data(Rule):
    """Where the data are. `folder` is relative to the params file, or `package:NAME/COLLECTION`."""

    standard: Literal["adam", "sdtm"] = "adam"
    folder: LongText
    datasets: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")], Dataset]
    meddra_version: str = "not stated"
