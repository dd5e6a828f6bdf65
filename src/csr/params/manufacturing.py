"""What a protocol says of how the cells are made: release, failure, and the product's quality."""

from __future__ import annotations

from pydantic import Field

from csr.params.parts import Column, Records, Rule


class Manufacturing(Rule):
    """Where the release of the product and its quality are recorded (METHODS §7)."""

    released: Records = Field(
        description="release of the product, within specification or not; the first counts"
    )
    out_of_specification: Records | None = Field(
        None, description="those releases that were out of specification"
    )
    failed: Records | None = Field(None, description="failure to make the product")
    viability: Column | None = Field(
        None, description="column of the study treatment's exposure: viable cells in percent"
    )
    transduction: Column | None = Field(
        None, description="column of the study treatment's exposure: transduced cells in percent"
    )
