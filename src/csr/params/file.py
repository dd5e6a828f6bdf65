"""Reads a params file into the models of `csr.params`, or says what is wrong with it, and where."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from csr.errors import ParamsError
from csr.params import Params

MOST_VALUES = 100_000


def read_params(path: str | Path) -> Params:
    """Reads and checks one params file.

    Raises ParamsError with the file, line and key of everything wrong, and the nearest valid key.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ParamsError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: can't be read as UTF-8 text: {error}") from None
    try:
        tree = _yaml().load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ParamsError(f"{path}, line {line}: not YAML: {error.problem}") from None
    except (YAMLError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise ParamsError(f"{path}: not YAML: {said}") from None
    except RecursionError:
        raise ParamsError(f"{path}: nested too deeply to be a params file") from None
    if _size(tree, {}) > MOST_VALUES:
        raise ParamsError(
            f"{path}: holds more than {MOST_VALUES:,} values once its aliases are written out; "
            "write it without aliases of aliases"
        )
    if not isinstance(tree, dict):
        raise ParamsError(f"{path}: must hold keys and values; see docs/params.md")
    try:
        return Params.model_validate(_plain(tree))
    except ValidationError as error:
        problems = [_explain(path, tree, e) for e in error.errors()]
        raise ParamsError("\n".join(problems)) from None


def _size(node: Any, known: dict[int, int]) -> int:
    """How many values a tree holds with every alias written out; each node is counted once."""
    if not isinstance(node, dict | list):
        return 1
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # a node within itself has no end
        inner = node.values() if isinstance(node, dict) else node
        known[id(node)] = 1 + sum(_size(child, known) for child in inner)
    return known[id(node)]


class _TextDates(RoundTripConstructor):
    """Leaves dates as text, so that an impossible one is named by the model with its line."""


_TextDates.add_constructor("tag:yaml.org,2002:timestamp", lambda maker, node: node.value)


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.Constructor = _TextDates
    return yaml


def _plain(node: Any) -> Any:
    """ruamel's own node types as Python's: pydantic then reads what a person would."""
    if isinstance(node, dict):
        return {str(k): _plain(v) for k, v in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(v) for v in node]
    return node


def _explain(path: Path, tree: Any, error: Any) -> str:
    where, key = error["loc"][:-1], error["loc"][-1] if error["loc"] else ""
    line = _line_of(tree, error["loc"])
    dotted = ".".join(str(p) for p in error["loc"])
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(key), _keys_at(where), n=1)
        hint = f" Did you mean '{near[0]}'?" if near else f" Known: {', '.join(_keys_at(where))}."
        return f"{path}, line {line}: unknown key '{dotted}'.{hint}"
    if error["type"] == "missing":
        return f"{path}, line {line}: the key '{dotted}' is missing."
    given = "" if isinstance(error.get("input"), dict | list) else f" (given: {error['input']!r})"
    return f"{path}, line {line}: '{dotted}': {error['msg']}{given}"


def _line_of(tree: Any, loc: tuple[Any, ...]) -> int:
    """The line of the key, or of the nearest parent that is in the file."""
    line = 1
    for part in loc:
        if isinstance(tree, CommentedMap) and part in tree:
            line = tree.lc.key(part)[0] + 1
        elif isinstance(tree, CommentedSeq) and isinstance(part, int) and part < len(tree):
            line = tree.lc.item(part)[0] + 1
        else:
            return line
        tree = tree[part]
    return line


def _keys_at(loc: tuple[Any, ...]) -> list[str]:
    """The keys allowed at a place of the params."""
    model: Any = Params
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        if field is None:
            continue
        model = model_in(field.annotation) or model
    return sorted(model.model_fields)


def model_in(annotation: Any) -> Any:
    """The first params model within a type annotation, None where there is none."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = [model_in(a) for a in getattr(annotation, "__args__", ())]
    return next((m for m in found if m), None)
