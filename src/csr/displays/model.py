"""What a display is: its declaration, and the table, figure or listing it draws.

The model is format-free text: writers in `render/` turn it into HTML, Typst or RTF and do all
escaping. Nothing here is markup.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from csr.results import Adam, Analysis, Needs, NeedsOf, needs_under

Kind = Literal["table", "figure", "listing"]
Audience = Literal["open", "closed", "public"]
Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Column:
    """One column: its heading (may hold newlines), alignment and relative width.

    Neighbouring columns with the same `spanner` share a heading above theirs.
    """

    label: str
    align: Align = "center"
    width: float = 1.0
    spanner: str = ""


@dataclass(frozen=True)
class Line:
    """One line of a table: the first cell is its label, indented by level.

    `heading` lines are set bold and stay with the line below them.
    """

    cells: tuple[str, ...]
    indent: int = 0
    heading: bool = False


@dataclass(frozen=True)
class Table:
    """A table of display size; empty `lines` is drawn as "No observations".

    `notes` are footnotes that only what the table shows calls for.
    """

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    landscape: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """A long listing: plain cells, fixed relative column widths, always landscape."""

    columns: tuple[Column, ...]
    lines: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A figure: SVG text, the words a reader who can't see it needs, and its place on the page.

    `notes` are footnotes that only what the figure shows calls for.
    """

    svg: str
    alt: str
    landscape: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """A sentence made from data, and the records it was made from (`ADAE AESEQ=3`)."""

    text: str
    source: str = ""


@dataclass(frozen=True)
class Passage:
    """Sentences under a heading of their own."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Page:
    """What there is of one subject: facts by name, then prose, a figure, a listing."""

    title: str
    facts: tuple[tuple[str, str], ...] = ()
    passages: tuple[Passage, ...] = ()
    figure: Figure | None = None
    listing: Listing | None = None


@dataclass(frozen=True)
class Pages:
    """A display of a page (or more) per subject."""

    pages: tuple[Page, ...]

    @property
    def landscape(self) -> bool:
        """Prose and profiles are read upright."""
        return False

    def figures(self, name: str) -> dict[str, Figure]:
        """The figures of the pages by their file names, which hold a number, not the subject."""
        numbered = enumerate(self.pages, 1)
        return {f"{name}-{i:03d}.svg": p.figure for i, p in numbered if p.figure is not None}


Drawing = Table | Listing | Figure | Pages


@dataclass(frozen=True)
class Display:
    """The declaration of one table, listing or figure (DESIGN seam 3).

    `section` and `order` give its number; `name` its identity. `draw(results, adam, params)` gets
    the results of its analyses as one frame; listings draw from `adam`, of which `needs` says what
    they read.
    """

    name: str
    kind: Kind
    section: str
    order: int
    title: str
    population: str
    audience: frozenset[Audience]
    draw: Callable[[pd.DataFrame, dict[str, pd.DataFrame], Any], Drawing]
    needs: NeedsOf
    analyses: tuple[Analysis, ...] = ()
    footnotes: tuple[str, ...] = ()
    source: str = ""

    def reads(self, params: Any) -> Needs:
        """What it and its analyses read under these params."""
        own = needs_under(self.needs, params)
        return sum((analysis.reads(params) for analysis in self.analyses), own)

    def of(self, adam: Adam, params: Any) -> Adam:
        """The frames it draws from, with the declared columns alone."""
        return needs_under(self.needs, params).of(adam)


@dataclass(frozen=True)
class Placed:
    """A display of one report: numbered, titled and drawn."""

    display: Display
    number: str
    title: str
    population: str
    footnotes: tuple[str, ...]
    footer: str
    drawing: Drawing

    @property
    def heading(self) -> str:
        """`Table 14.1.1`, `Figure 14.2.1`, `Listing 16.2.7.1`."""
        return f"{self.display.kind.capitalize()} {self.number}"
