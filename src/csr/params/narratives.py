"""Whom a narrative is written of, and what it tells: a part of the params."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from csr.params.parts import Rule, Text


class Narratives(Rule):
    """Which subjects have a narrative, and a patient profile (ICH E3, 12.3.2)."""

    deaths: Literal["all", "not-progression", "none"] = Field(
        "all", description="subjects who died: all, or only those of another cause than progression"
    )
    progression: tuple[Text, ...] = Field(
        ("DISEASE PROGRESSION", "PROGRESSIVE DISEASE"),
        description="causes of death (DTHCAUS) that are progression of the disease",
    )
    serious: bool = Field(True, description="subjects with a serious adverse event")
    dose_limiting: bool = Field(True, description="subjects with a dose-limiting toxicity")
    special: tuple[Text, ...] = Field(
        (), description="groups of aesi of which severe events (grade ≥ 3) have a narrative"
    )
    medication_days: int = Field(
        0, ge=0, description="medication begun up to so many days before an event is told with it"
    )
    laboratory_grade: Literal[1, 2, 3, 4] = Field(
        3, description="least CTCAE grade of a laboratory value that is told with an event"
    )
    profiles: Literal["narratives", "all", "none"] = Field(
        "narratives", description="patient profiles of those with a narrative, or of all treated"
    )
