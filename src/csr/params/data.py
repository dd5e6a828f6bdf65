"""Where the data are, and how their names differ from CDISC's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from csr.params.parts import Column, LongText, Rule


def _known(name: str) -> str:
    try:
        "a".encode(name)
    except (LookupError, ValueError):
        raise ValueError(
            f"'{name}' is no encoding of text; known are utf-8, gb18030, shift_jis, euc_kr, big5, "
            "cp1250, cp1251, cp1252, latin-1 and Python's others"
        ) from None
    return name


Encoding = Annotated[str, AfterValidator(_known)]


class Dataset(Rule):
    """One dataset of the transfer and how its names differ from CDISC's."""

    file: LongText
    sha256: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    encoding: Encoding | None = Field(None, description="of this file, where it is another")
    columns: dict[Column, LongText] = Field(
        default_factory=dict, description="CDISC name: name in the file, in any case"
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
    encoding: Encoding | None = Field(
        None,
        description="encoding of the text of CSV and SAS files, such as gb18030 or shift_jis; "
        "none: UTF-8, else Windows-1252",
    )
    datasets: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,31}$")], Dataset]
    meddra_version: str = "not stated"
