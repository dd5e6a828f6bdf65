"""CRS, ICANS and kindred syndromes: where their episodes, components and treatment are recorded."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from csr.params.parts import Column, Records, Rule, Text

CRS_TERMS = ("CYTOKINE RELEASE SYNDROME", "CRS")
ICANS_TERMS = (
    "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME",
    "ICANS",
)
HYPERINFLAMMATION_TERMS = (
    "IMMUNE EFFECTOR CELL-ASSOCIATED HAEMOPHAGOCYTIC LYMPHOHISTIOCYTOSIS-LIKE SYNDROME",
    "IEC-HS",
)
ANTIPYRETICS = (
    "PARACETAMOL",
    "ACETAMINOPHEN",
    "IBUPROFEN",
    "NAPROXEN",
    "METAMIZOLE",
    "METAMIZOLE SODIUM",
    "INDOMETACIN",
    "DICLOFENAC",
)


def _usual_events() -> dict[str, tuple[str, ...]]:
    return {"CRS": CRS_TERMS, "ICANS": ICANS_TERMS, "IEC-HS": HYPERINFLAMMATION_TERMS}


class CellToxicity(Rule):
    """Episodes of CRS and ICANS, graded by ASTCT 2019 from components (METHODS §5, §10.12)."""

    episodes: dict[Text, Records] = Field(
        description="syndrome (CRS, ICANS, or one that is taken as reported): its episodes, in CE"
    )
    events: dict[Text, tuple[Text, ...]] = Field(
        default_factory=_usual_events,
        description="syndrome: the terms (AEDECOD, or AETERM) of its adverse events, which carry "
        "the analysis grade of the episode they overlap or are linked to",
    )
    components: Records = Field(
        Records(domain="fa"), description="components of the episodes, by FATESTCD as ASTCT's table"
    )
    link: Column = Field("LNKID", description="column without its domain's letters that links them")
    grade: Literal["components", "reported", "higher"] = Field(
        "components",
        description="analysis grade: from components (if they give none, as reported), as "
        "reported, or the higher of both; 5 where reported fatal",
    )
    merge_gap_days: int = Field(
        7, ge=0, description="episodes less than so many days apart are one, within an infusion"
    )
    antipyretics: Records = Field(
        Records(domain="cm", where={"CMDECOD": ANTIPYRETICS}),
        description="antipyretics, after which CRS is graded without fever",
    )
    antipyretic_days: int = Field(
        1, ge=0, description="an antipyretic counts from so many days before the episode"
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
