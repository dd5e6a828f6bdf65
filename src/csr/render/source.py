"""A report's source with its shortcodes expanded, or a reason why that can't be.

The reports use `include`, `var`, `meta` and `pagebreak` only. The same expansion feeds both
renderers. Quarto gets no shortcode at all: it expands those in values too, `env` among them, and
where it knows a key not it prints `?var:x` and carries on.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from csr.errors import RenderError
from csr.render.escape import SHORTCODE, holds_shortcode
from csr.render.metadata import METADATA, VARIABLES, read_metadata, read_yaml

_SHORTCODE = re.compile(r"(?<!\{)\{\{<\s*(?P<name>[\w-]+)(?P<rest>[^{}]*?)\s*>\}\}")
_ALONE = re.compile(r"^\s*" + _SHORTCODE.pattern + r"\s*$")
_PAGEBREAK = (
    '```{=html}\n<div class="csr-pagebreak"></div>\n```\n\n```{=typst}\n#pagebreak(weak: true)\n```'
)
_LINK = re.compile(r"\]\(#([^)\s]+)\)")
_PLACE = re.compile(r"^#{1,6} .*\{#([\w.-]+)[^{}]*\}\s*$", re.MULTILINE)
KNOWN = "include, var, meta, pagebreak"


def expand(build: Path, report: str) -> str:
    """The Markdown of `reports/REPORT.qmd` with every shortcode replaced.

    `include` is textual and recursive; its path is relative to the file it stands in, or to the
    build folder where it starts with "/". `var` looks up a dotted key of `reports/variables.yml`,
    `meta` one of `reports/_metadata.yml`. Raises RenderError, naming file and line of everything
    wrong: an unknown shortcode, an include or a key that is not there, a value that is a shortcode;
    a value of the metadata that is one once its entities are decoded, as Quarto decodes them; and
    a link to an id no heading has. What was expanded is its own expansion.
    """
    start = build / "reports" / f"{report}.qmd"
    values = {"var": read_yaml(build / VARIABLES, VARIABLES), "meta": read_metadata(build)}
    expansion = _Expansion(build, values)
    text = expansion.file(start, (), f"reports/{report}.qmd: ")
    expansion.problems += _dead_links(text)
    expansion.problems += [
        f"{METADATA}: '{where}' holds a shortcode, which Quarto would expand; write it otherwise."
        for where in _shortcodes(values["meta"])
    ]
    if expansion.problems:
        raise RenderError("\n".join(expansion.problems))
    return text


def _dead_links(text: str) -> list[str]:
    """Links of the prose to a place that is not there: Typst would stop at them."""
    there = set(_PLACE.findall(text))
    asked = sorted(set(_LINK.findall(text)) - there)
    return [f"link to '#{name}': no heading of the report has this id." for name in asked]


def _shortcodes(tree: Any, at: str = "") -> list[str]:
    """Where in a YAML tree a text opens a shortcode, decoded, lists and keys included."""
    if isinstance(tree, Mapping):
        own = [f"{at}{key}" for key in tree if holds_shortcode(str(key))]
        return own + [p for k, v in tree.items() for p in _shortcodes(v, f"{at}{k}.")]
    if isinstance(tree, list):
        return [p for i, v in enumerate(tree) for p in _shortcodes(v, f"{at}{i}.")]
    return [at.removesuffix(".")] if holds_shortcode(str(tree)) else []


@dataclass
class _Expansion:
    build: Path
    values: Mapping[str, Mapping[str, Any]]
    problems: list[str] = field(default_factory=list)

    def file(self, path: Path, within: tuple[Path, ...], asked: str) -> str:
        """The expanded text of a file; `within` are the files that include it, outermost first."""
        path = path.resolve()
        name = self._name(path)
        if not path.is_relative_to(self.build.resolve()):
            return self._problem(asked, f"'{name}' is outside the build folder")
        if path in within:
            return self._problem(asked, f"'{name}' includes itself")
        try:
            lines = path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return self._problem(
                asked, f"'{name}' is not there or is no UTF-8 text; build it first"
            )
        chain = (*within, path)
        done = [
            self._line(line, chain, f"{name}, line {number}: ") if SHORTCODE in line else line
            for number, line in enumerate(lines, start=1)
        ]
        return "\n".join(done)

    def _line(self, line: str, chain: tuple[Path, ...], where: str) -> str:
        alone = _ALONE.match(line)
        if alone and alone["name"] == "include":
            return self._include(alone["rest"].strip(), chain, where)
        if alone and alone["name"] == "pagebreak":
            return _PAGEBREAK
        expanded = _SHORTCODE.sub(lambda m: self._value(m, where), line)
        if SHORTCODE in expanded:
            self._problem(where, "a shortcode that is not closed, or is escaped; write it out")
        return expanded

    def _include(self, asked: str, chain: tuple[Path, ...], where: str) -> str:
        base = self.build if asked.startswith("/") else chain[-1].parent
        return self.file(base / asked.lstrip("/"), chain, where)

    def _value(self, match: re.Match[str], where: str) -> str:
        name, key = match["name"], match["rest"].strip()
        if name in ("include", "pagebreak"):
            return self._problem(where, f"'{name}' must stand alone on its line")
        if name not in self.values:
            return self._problem(where, f"shortcode '{name}' is unknown; allowed are {KNOWN}")
        leaves = _leaves(self.values[name])
        if key not in leaves:
            near = difflib.get_close_matches(key, leaves, n=1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            return self._problem(where, f"{name} '{key}' is not defined{hint}")
        # Of a `var` the text as written counts: entities stay entities in what is rendered.
        if SHORTCODE in leaves[key]:
            return self._problem(where, f"the value of {name} '{key}' holds a shortcode")
        return leaves[key]

    def _problem(self, where: str, what: str) -> str:
        self.problems.append(f"{where}{what}.")
        return ""

    def _name(self, path: Path) -> str:
        """The file as the reader of an error knows it, without where the build folder is."""
        root = self.build.resolve()
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _leaves(tree: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """Dotted keys and the text of their values; lists have none."""
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= _leaves(value, f"{before}{key}.")
        elif isinstance(value, bool):
            found[f"{before}{key}"] = str(value).lower()
        elif isinstance(value, str | int | float):
            found[f"{before}{key}"] = str(value)
    return found
