"""CRS, ICANS and kindred syndromes: where their episodes, components and treatment are recorded."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from csr.params.parts import Column, Records, Rule, Text


class CellToxicity(Rule):
    """Episodes of CRS and ICANS, graded by ASTCT 2019 from their components (METHODS §5)."""

    episodes: dict[Text, Records] = Field(
        description="syndrome (CRS, ICANS, or one that is taken as reported): its episodes, in CE"
    )
    components: Records = Field(
        Records(domain="fa"), description="components of the episodes, by FATESTCD as ASTCT's table"
    )
    link: Column = Field("LNKID", description="column without its domain's letters that links them")
    grade: Literal["components", "reported"] = Field(
        "components",
        description="grade that is tabulated: from components (if they give none, as reported), or "
        "as reported",
    )
    merge_gap_days: int = Field(
        7, ge=0, description="episodes less than so many days apart are one, within an infusion"
    )
    tocilizumab: Records = Field(
        Records(domain="cm", where={"CMDECOD": ("TOCILIZUMAB",)}),
        description="doses of tocilizumab",
    )
    steroids: Records = Field(
        Records(domain="cm", where={"CMCLAS": ("CORTICOSTEROIDS FOR SYSTEMIC USE",)}),
        description="corticosteroids",
    )
    vasopressors: Records | None = Field(None, description="vasopressors")
    intensive_care: Records | None = Field(None, description="records of intensive care")
