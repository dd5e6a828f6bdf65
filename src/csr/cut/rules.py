"""The declared rules of the data cut, and which one a dataset follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from ruamel.yaml import YAML

from csr.errors import DataError, ParamsError

Kind = Literal["subject", "dated", "parent", "derived", "reference", "drop"]


class Rule(BaseModel):
    """What is kept of one dataset (standards/cut_rules.yaml says what each field means)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    dates: tuple[str | tuple[str, ...], ...] = ()
    parents: tuple[str, ...] = ()
    deaths: dict[str, tuple[str, ...]] | Literal["all"] | None = None
    undated: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _dated_by_something(self) -> Rule:
        if self.kind in ("subject", "dated") and not self.dates:
            raise ValueError(f"kind {self.kind} needs `dates`, the variables that date a record")
        if self.kind in ("derived", "reference", "drop") and (self.dates or self.parents):
            raise ValueError(f"kind {self.kind} takes neither `dates` nor `parents`")
        return self

    def steps(self) -> tuple[tuple[str, ...], ...]:
        """The date variables in order; of those in one step the earliest counts."""
        return tuple((step,) if isinstance(step, str) else step for step in self.dates)

    def label(self) -> str:
        """The rule in one line, for the accounts: "dated: --STDTC, --ENDTC/--DTC"."""
        dates = ", ".join("/".join(step) for step in self.steps())
        return f"{self.kind}: {dates}" if dates else self.kind


@dataclass(frozen=True)
class Rules:
    """All rules of a cut. `resets` are the names of the rules that take values back; a cut with one
    of them left out is not a cut, which the tests show for each."""

    domains: Mapping[str, Rule]
    resets: frozenset[str]
    ongoing_outcome: str
    seriousness: tuple[str, ...]
    assignment: tuple[tuple[str, ...], ...]
    identifiers: frozenset[str]


def declared_rules(override: Mapping[str, Any] | None = None) -> Rules:
    """The rules of standards/cut_rules.yaml, with a study's own laid over them.

    `override` maps a dataset (its name, or a domain in lower case) to a rule:
    `{"zx": {"kind": "dated", "dates": ["ZXDTC"]}, "co": {"kind": "drop"}}`. It adds or replaces
    whole rules. Raises ParamsError for a rule that is not one, naming the dataset and the field.
    """
    tree = _declaration()
    declared = {**tree["domains"], **(override or {})}
    return Rules(
        domains={str(name).lower(): _rule(str(name), rule) for name, rule in declared.items()},
        resets=frozenset(tree["resets"]),
        ongoing_outcome=tree["ongoing_outcome"],
        seriousness=tuple(tree["seriousness"]),
        assignment=tuple(tuple(line) for line in tree["assignment"]),
        identifiers=frozenset(tree["identifiers"]),
    )


@cache
def _declaration() -> Mapping[str, Any]:
    text = (files("csr.standards") / "cut_rules.yaml").read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)


def _rule(name: str, declared: object) -> Rule:
    if isinstance(declared, Rule):
        return declared
    try:
        return Rule.model_validate(declared)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'rule'}: {e['msg']}" for e in error.errors()
        )
        raise ParamsError(
            f"cut rule of '{name}': {wrong}; a rule is like "
            "{kind: dated, dates: [--STDTC, --DTC]}, kinds are subject, dated, parent, derived, "
            "reference and drop."
        ) from None


def domain_code(name: str, frame: pd.DataFrame) -> str:
    """The domain of a dataset in upper case: its DOMAIN, else its name ("rs_onco" is RS, "suppae"
    SUPP, "relrec" RELREC)."""
    if name.startswith("supp"):
        return "SUPP"
    if "DOMAIN" in frame.columns:
        codes = [code for code in pd.unique(frame["DOMAIN"].dropna()) if str(code).strip()]
        if len(codes) == 1:
            return str(codes[0]).strip().upper()
    return name.split("_")[0].upper()


def rules_of(sdtm: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, Rule]:
    """The one rule of each dataset.

    Raises DataError naming every dataset without one, and how to declare it.
    """
    found = {name: _lookup(name, frame, rules) for name, frame in sdtm.items()}
    missing = sorted(name for name, rule in found.items() if rule is None)
    if missing:
        raise DataError(
            f"data cut: no cut rule for {', '.join(missing)}; every dataset has exactly one of "
            "subject, dated, parent, derived, reference or drop. Declare it in the cut rules of "
            f"the params, for example {missing[0]}: {{kind: dated, dates: [--STDTC, --DTC]}}, or "
            f"{missing[0]}: {{kind: drop}}."
        )
    return {name: rule for name, rule in found.items() if rule is not None}


def _lookup(name: str, frame: pd.DataFrame, rules: Rules) -> Rule | None:
    """By the dataset's own name, its domain, and the first two letters of a split domain."""
    code = domain_code(name, frame)
    split = len(code) == 4 and "DOMAIN" in frame.columns
    keys = [name, code.lower(), *([code.lower()[:2]] if split else [])]
    return next((rules.domains[key] for key in keys if key in rules.domains), None)
