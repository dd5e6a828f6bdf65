"""How laboratory results are read, put into one unit, given a baseline and graded."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

from csr.params.parts import Column, Rule, Text
from csr.standards.laboratory_units import read_units


class Laboratory(Rule):
    """Laboratory results: grades by CTCAE v5.0, and what a protocol decides about them."""

    ctcae: Literal["5.0"] = Field("5.0", description="version of CTCAE; no other is offered")
    baseline: Literal["lymphodepletion", "infusion"] = Field(
        "lymphodepletion",
        description="baseline: the last result on or before the day lymphodepletion started, or of "
        "the first infusion (which it is without lymphodepletion)",
    )
    correct_calcium: bool = Field(
        True, description="calcium is graded corrected for the albumin of the same day"
    )
    not_analysed: dict[Column, tuple[Text, ...]] = Field(
        default_factory=dict,
        description="records of LB left out: any named column holds one of its values",
    )
    tests: dict[Text, Text] = Field(
        default_factory=dict,
        description="code of a test in the data: LBTESTCD of CDISC, where they differ",
    )

    units: dict[Text, Text] = Field(
        default_factory=dict,
        description="unit a test (LBTESTCD) is analysed in; else the most frequent of those that "
        "CTCAE prints, and where that is none the unit of the International System",
    )
    anticoagulation: Literal["medication", "always", "never"] = Field(
        "medication",
        description="whose INR is also graded by multiples of baseline: on the days a medication "
        "of `anticoagulants` was taken, always, or never",
    )
    anticoagulants: tuple[Text, ...] = Field(
        (
            "WARFARIN",
            "ACENOCOUMAROL",
            "PHENPROCOUMON",
            "FLUINDIONE",
            "HEPARIN",
            "ENOXAPARIN",
            "DALTEPARIN",
            "TINZAPARIN",
            "NADROPARIN",
            "CERTOPARIN",
            "FONDAPARINUX",
            "ARGATROBAN",
            "BIVALIRUDIN",
            "DANAPAROID",
            "RIVAROXABAN",
            "APIXABAN",
            "EDOXABAN",
            "DABIGATRAN",
        ),
        description="medications (in CMDECOD or CMTRT) that are anticoagulants",
    )

    by_visit: tuple[Text, ...] = Field(
        ("HGB", "WBC", "NEUT", "LYM", "PLAT", "ALT", "AST", "BILI", "CREAT", "ALB"),
        description="tests (PARAMCD) whose values and changes are tabulated by visit",
    )
    visit_percent: float = Field(
        25, ge=0, le=100, description="visits tabulated: those with results of at least so many %"
    )
    cytopenia_days: tuple[int, ...] = Field(
        (28, 90),
        description="days after the first infusion by which a cytopenia of grade ≥ 3 must have "
        "recovered to grade 2, or it is prolonged",
    )
    cytopenia_seen_days: int = Field(
        14, ge=0, description="a result within so many days before is needed to tell"
    )
    cytokines: tuple[Text, ...] = Field(
        ("FERRITIN", "CRP", "INTLK6"), description="tests drawn by the maximum grade of CRS"
    )

    @field_validator("units")
    @classmethod
    def _convertible(cls, units: dict[str, str]) -> dict[str, str]:
        for test, unit in units.items():
            known = read_units().get(test)
            if known is not None and known.factor(unit) is None:
                raise ValueError(f"{test}: {unit} is no unit of it; it is reported in {known.unit}")
        return units

    @field_validator("ctcae", mode="before")
    @classmethod
    def _only_version_5(cls, version: Any) -> Any:
        text = str(version)
        if text.startswith(("3", "4")):
            raise ValueError(
                f"CTCAE {text} is not offered: it knows no abnormal baseline for ALT, AST, ALP, "
                "GGT and bilirubin, and grades glucose by its value; csr grades by 5.0 only"
            )
        if text.startswith("6"):
            raise ValueError(
                f"CTCAE {text} is not offered: its thresholds differ (neutrophils: 1.5, 1.0, 0.5 "
                "and 0.1 × 10^9/L), and versions must not be mixed; csr grades by 5.0 only"
            )
        return "5.0" if text in ("5", "5.0", "v5", "v5.0") else version
