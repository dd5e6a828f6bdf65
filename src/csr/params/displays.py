"""Which displays and which report, with their own words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from csr.params.parts import LongText, Rule


class DisplayText(Rule):
    """Overrides of one display."""

    title: LongText | None = None
    footnotes: tuple[LongText, ...] | None = None


class Displays(Rule):
    """Which displays the report holds; without `only`, all whose datasets are there."""

    only: tuple[str, ...] | None = None
    omit: tuple[str, ...] = ()
    text: dict[str, DisplayText] = Field(default_factory=dict)


class Report(Rule):
    """Which report, and the fonts beside the built-in ones."""

    template: Literal["interim", "long-term"] = Field(
        "interim", description="the report's source in reports/"
    )
    fonts: tuple[LongText, ...] = Field((), description="folders with further font files")
    font: str = Field("Libertinus Serif", description="text font")
