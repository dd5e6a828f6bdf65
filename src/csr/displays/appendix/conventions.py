"""Table of the conventions used: every one, with its default, so that a difference is seen."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.params import Params
from csr.params.conventions import Conventions
from csr.results import Adam, Needs

COLUMNS = (
    Column("Convention", "left", 3.2),
    Column("Used", "left", 1.6),
    Column("Default", "left", 1.6),
    Column("Key in params", "left", 2.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per convention; what differs from its default is set bold."""
    lines = [
        _line(name, str(field.description), getattr(params.conventions, name), field.default)
        for name, field in Conventions.model_fields.items()
    ]
    lines.append(_relationship("related", params.relationship.related))
    lines.append(_relationship("not_related", params.relationship.not_related))
    if strategy := params.endpoints.strategy("pfs"):
        lines.append(_strategy(strategy))
    return Table(COLUMNS, tuple(lines))


def _line(name: str, description: str, used: object, default: object) -> Line:
    cells = (_sentence(description), said(used), said(default), f"conventions.{name}")
    return Line(cells, heading=used != default)


def _relationship(name: str, values: tuple[str, ...]) -> Line:
    words = "Values of AEREL that are " + name.replace("_", " ")
    default = type(Params.model_fields["relationship"].default).model_fields[name].default
    cells = (words, said(values), said(default), f"relationship.{name}")
    return Line(cells, heading=values != default)


def _strategy(strategy: str) -> Line:
    words = "New anticancer therapy in PFS (ICH E9(R1) strategy)"
    return Line((words, strategy, "none: must be set", "endpoints.pfs.strategy"))


def said(value: object) -> str:
    """A value of the params as a reader's text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(said(v) for v in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


DISPLAY = Display(
    name="conventions",
    kind="table",
    section="16.1",
    order=10,
    title="Conventions used",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=Needs(),
    draw=draw,
    footnotes=("Set bold: differs from the default.",),
    source="params",
)
