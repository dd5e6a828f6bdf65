"""What each dataset must hold: the files in `specs/` as frozen declarations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from importlib import resources
from typing import Any, Literal

from ruamel.yaml import YAML

from csr.errors import Severity

StandardName = Literal["adam", "sdtm"]
Kind = Literal["text", "number", "integer", "date", "datetime", "flag", "iso8601"]
Missing = Literal["allowed", "warning", "error"]


@dataclass(frozen=True)
class Codelist:
    """The codes a column may hold; in one that is not strict, another code is a warning."""

    name: str
    values: tuple[str, ...]
    strict: bool
    source: str = ""

    @property
    def severity(self) -> Severity:
        return "error" if self.strict else "warning"


@dataclass(frozen=True)
class Column:
    """What one column must hold.

    `missing` says what a blank value is. With `by`, the codelist holds only for the levels of that
    column (PARAMCD) in which any value is of the codelist. `lenient`: declared by the pattern of
    its name only, so what does not fit is a warning and the column stays as it is. `padded`: may
    hold numbers as right-aligned text. `lines`: its values are lines of tables.
    """

    name: str
    kind: Kind = "text"
    required: bool = False
    missing: Missing = "allowed"
    codelist: Codelist | None = None
    by: str = ""
    minimum: float | None = None
    lenient: bool = False
    padded: bool = False
    lines: bool = False

    @property
    def severity(self) -> Severity:
        return "warning" if self.lenient else "error"


@dataclass(frozen=True)
class Needs:
    """Where `when` = `value`, one of `columns` must be filled (else a warning)."""

    when: str
    value: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class DatasetSpec:
    """One dataset: its columns, its natural key, and what must hold between columns.

    `order` are pairs of start and end, `units` pairs of a unit column and the column within whose
    levels it must be one, `cutoff` the dates that can't lie after the data cut-off.
    """

    name: str
    columns: Mapping[str, Column]
    key: tuple[str, ...] = ()
    order: tuple[tuple[str, str], ...] = ()
    needs: tuple[Needs, ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    cutoff: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standard:
    """ADaM or SDTM: its datasets, and what holds in all of them.

    `subjects` is the dataset with one row per subject. `common` columns are declared wherever they
    are, `patterns` by the form of their name.
    """

    name: StandardName
    subjects: str
    datasets: Mapping[str, DatasetSpec]
    common: Mapping[str, Column]
    patterns: tuple[tuple[str, Column], ...]

    def spec(self, name: str) -> DatasetSpec:
        """The specification of a dataset by its lower-case name.

        One that is not declared (a supplemental qualifier's own or a split domain apart, `suppae`,
        `qsph`) has only common columns and patterns.
        """
        if name in self.datasets:
            return self.datasets[name]
        if self.name == "sdtm":
            general = "supp" if name.startswith(("supp", "sq")) else name[:2]
            if general in self.datasets:
                return self.datasets[general]
        return DatasetSpec(name, {})

    def column(self, spec: DatasetSpec, name: str) -> Column | None:
        """What a column of a dataset must hold; None where nothing is declared."""
        found = spec.columns.get(name) or self.common.get(name)
        if found is not None:
            return found
        like = next((c for pattern, c in self.patterns if re.fullmatch(pattern, name)), None)
        return None if like is None else replace(like, name=name)

    def required(self, spec: DatasetSpec) -> tuple[str, ...]:
        """The columns a declared dataset can't be without, common ones first."""
        if not spec.columns:
            return ()
        names = dict.fromkeys([*self.common, *spec.columns])
        return tuple(n for n in names if (spec.columns.get(n) or self.common[n]).required)


@cache
def read_standard(name: StandardName) -> Standard:
    """The declared specifications of ADaM or of SDTM."""
    codelists = {
        key: Codelist(key, tuple(entry["values"]), entry["strict"], entry["source"])
        for key, entry in _load("codelists.yaml").items()
    }
    tree = _load(f"{name}.yaml")
    classes = tree.get("classes", {})
    datasets = {
        key: _dataset(key, entry, classes.get(entry.get("class"), {}), codelists)
        for key, entry in tree["datasets"].items()
    }
    lenient = name == "adam"
    patterns = tuple(
        (p["name"], _column(p["name"], _without(p, "name"), codelists, lenient))
        for p in tree["patterns"]
    )
    common = {c: _column(c, entry, codelists) for c, entry in tree["common"].items()}
    return Standard(name, tree["subjects"], datasets, common, patterns)


def _load(name: str) -> dict[str, Any]:
    text = (resources.files("csr.read") / "specs" / name).read_text(encoding="utf-8")
    return dict(YAML(typ="safe", pure=True).load(text))


def _without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {k: v for k, v in entry.items() if k != key}


def _column(
    name: str, entry: str | dict[str, Any], codelists: Mapping[str, Codelist], lenient: bool = False
) -> Column:
    given: dict[str, Any] = {"kind": entry} if isinstance(entry, str) else dict(entry)
    unknown = set(given) - {f.name for f in fields(Column)}
    if unknown:
        raise KeyError(f"{name}: unknown {', '.join(sorted(unknown))}")
    flag = "NY" if given.get("kind") == "flag" else None
    code = given.get("codelist", flag)
    minimum = given.get("minimum")
    return Column(
        name,
        kind=given.get("kind", "text"),
        required=given.get("required", False),
        missing=given.get("missing", "allowed"),
        codelist=codelists[code] if code else None,
        by=given.get("by", ""),
        minimum=None if minimum is None else float(minimum),
        lenient=lenient,
        padded=given.get("padded", False),
        lines=given.get("lines", False),
    )


def _dataset(
    name: str, entry: dict[str, Any], general: dict[str, Any], codelists: Mapping[str, Codelist]
) -> DatasetSpec:
    """`--` in a class stands for the domain, as in the SDTM documents."""
    domain = name.upper()

    def own(text: str) -> str:
        return domain + text[2:] if text.startswith("--") else text

    declared = {own(c): e for c, e in general.get("columns", {}).items()}
    columns = declared | entry.get("columns", {})
    return DatasetSpec(
        name,
        {c: _column(c, e, codelists) for c, e in columns.items()},
        key=tuple(own(c) for c in entry.get("key", general.get("key", ()))),
        order=tuple((own(a), own(b)) for a, b in entry.get("order", general.get("order", ()))),
        needs=tuple(
            Needs(n["when"], n["value"], tuple(n["columns"])) for n in entry.get("needs", ())
        ),
        units=tuple((a, b) for a, b in entry.get("units", ())),
        cutoff=tuple(own(c) for c in entry.get("cutoff", general.get("cutoff", ()))),
    )
