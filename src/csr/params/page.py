"""The page docs/params.md, written from the models: `make docs`."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from csr.params import Params
from csr.params.file import model_in

HEAD = """# Params

One strict YAML file per data cut, with the data the only input of a build. A key that is unknown
or missing stops the run and is named with its line. Paths are relative to the file. Examples:
`params/*.yaml`.

The decisions file (`decisions:`) is a CSV with the columns subject, item, value, reason, who, date:
what people adjudicated. `item` is the ADSL flag of an analysis set declared under `populations`
(value Y or N), BOR (a RECIST response), DLT (Y or N), or an episode by its syndrome and CESEQ
(`CRS 1`: its grade, 1 to 5). Decisions are applied last, those on episodes before their adverse
events and DLTs are derived, and listed in every report.

`protocol:` is needed, and only allowed, where `data.standard` is sdtm. Cut rules:
[data cut](methods/data-cut.md).

*Written from the models by `make docs`.*
"""


def params_page() -> str:
    """Every key of the params with its default and meaning, as Markdown."""
    return HEAD + "".join(_section(model, path) for model, path in _models(Params, "", set()))


def _models(
    model: type[BaseModel], path: str, seen: set[type]
) -> list[tuple[type[BaseModel], str]]:
    """A model and those within it, each once, with the key it stands under."""
    found = [(model, path)]
    for name, field in model.model_fields.items():
        inner = model_in(field.annotation)
        if inner is not None and inner not in seen:
            seen.add(inner)
            found += _models(inner, f"{path}.{name}" if path else name, seen)
    return found


def _section(model: type[BaseModel], path: str) -> str:
    lines = [
        f"\n## {path or 'top level'}\n",
        _first_line(model),
        "",
        "| key | default | |",
        "|---|---|---|",
    ]
    lines += [f"| `{n}` | {_default(f)} | {_meaning(f)} |" for n, f in model.model_fields.items()]
    return "\n".join(lines) + "\n"


def _first_line(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _meaning(field: FieldInfo) -> str:
    inner = model_in(field.annotation)
    text = field.description or (_first_line(inner) if inner else "")
    return text.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "see below" if field.default_factory else "**required**"
    return said_default(field.default)


def said_default(value: Any) -> str:
    """A default as a reader's text."""
    if isinstance(value, BaseModel):
        return "see below"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(said_default(v) for v in value) or "none"
    return "none" if value is None or value == "" else str(value)


if __name__ == "__main__":
    print(params_page(), end="")
