"""What a report says of itself: title page, page headers, status; read by both renderers."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from csr.errors import RenderError
from csr.render.escape import break_shortcodes, escape_html, escape_markdown, holds_shortcode

CONFIDENTIAL = (
    "Confidential. This report holds information of the sponsor that may not be passed on, "
    "published or used without the sponsor's written agreement."
)
METADATA = "reports/_metadata.yml"
# Not `_variables.yml` of the build folder: Quarto would read that, and expand what its values hold.
VARIABLES = "reports/variables.yml"
_FONT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ]*")

Values = Mapping[str, Any]


@dataclass(frozen=True)
class ReportMeta:
    """The report's identity, all of it text from the params.

    `label` is the kind of report ("Interim report"), `cut` the cut's label, `short_title` what
    stands beside the study's id at the top of each page, `note` a sentence about the data,
    `missing` what an incomplete build lacks.
    """

    study_id: str
    study_title: str
    label: str
    short_title: str
    cut: str
    cutoff: dt.date
    transfer: dt.date
    report_date: dt.date
    status: Literal["draft", "final"]
    simulated: bool
    protocol: str = ""
    sponsor: str = ""
    indication: str = ""
    note: str = ""
    font: str = "Libertinus Serif"
    missing: str = ""

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The lines of the title page that have something to say, in their order."""
        lines = (
            ("Study", self.study_id),
            ("Protocol", self.protocol),
            ("Sponsor", self.sponsor),
            ("Indication", self.indication),
            ("Data cut", self.cut),
            ("Data cut-off", self.cutoff.isoformat()),
            ("Data transfer", self.transfer.isoformat()),
            ("Report date", self.report_date.isoformat()),
            ("Status", "Incomplete" if self.missing else self.status.capitalize()),
            ("Missing", self.missing),
        )
        return tuple((name, value) for name, value in lines if value)

    @property
    def with_shortcodes(self) -> tuple[str, ...]:
        """The fields whose text opens a shortcode, which the title page and headers show broken."""
        texts = (
            (name, value)
            for name, value in vars(self).items()
            if isinstance(value, str) and name != "font"
        )
        return tuple(name for name, value in texts if holds_shortcode(value))


def write_metadata(build: Path, meta: ReportMeta) -> None:
    """Writes `reports/_metadata.yml` (Quarto's directory metadata) and `reports/parts/cover.md`.

    Keys: `title`, `lang`, and under `csr`: study-id, study-title, label, short-title, cutoff,
    report-date, facts (name, value), note, draft, simulated, confidential, font. Texts are escaped
    Markdown in which no shortcode is whole (`break_shortcodes`): Quarto would expand it. Raises
    RenderError where the font's name has other than letters, digits and spaces.
    """
    if not _FONT.fullmatch(meta.font):
        raise RenderError(
            f"report.font: '{meta.font}' can't be a font family; "
            "a name is made of letters, digits and spaces; correct it in the params"
        )

    def text(value: str) -> str:
        return escape_markdown(break_shortcodes(value))

    tree = {
        "title": text(f"{meta.study_id}: {meta.label}"),
        "lang": "en",
        "csr": {
            "study-id": text(meta.study_id),
            "study-title": text(meta.study_title),
            "label": text(meta.label),
            "short-title": text(meta.short_title),
            "cutoff": meta.cutoff.isoformat(),
            "report-date": meta.report_date.isoformat(),
            "facts": [{"name": text(n), "value": text(v)} for n, v in meta.facts],
            "note": text(meta.note),
            "draft": meta.status == "draft",
            "simulated": meta.simulated,
            "confidential": text(CONFIDENTIAL),
            "font": meta.font,
        },
    }
    _write(build / METADATA, tree)
    cover = build / "reports" / "parts" / "cover.md"
    cover.parent.mkdir(parents=True, exist_ok=True)
    cover.write_text(_cover(meta), encoding="utf-8", newline="\n")


def write_uncovered(build: Path, characters: Iterable[str]) -> None:
    """Says in the metadata, key `csr-uncovered`, which characters the PDF must show by number."""
    tree = read_metadata(build)
    tree["csr-uncovered"] = [f"{ord(character):x}" for character in characters]
    _write(build / METADATA, tree)


def write_variables(build: Path, variables: Values) -> None:
    """Writes `reports/variables.yml`: the values of `{{< var a.b >}}`, each escaped as Markdown.

    `variables` may nest; leaves are texts, numbers or booleans. Only `source.expand` reads them.
    """
    _write(build / VARIABLES, _escaped(variables))


def read_metadata(build: Path) -> dict[str, Any]:
    """The keys of `reports/_metadata.yml`; RenderError where it is missing or no YAML mapping."""
    return read_yaml(build / METADATA, METADATA)


def read_yaml(path: Path, name: str) -> dict[str, Any]:
    """A YAML mapping of the build folder; RenderError, naming it `name`, where it is none."""
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RenderError(f"{name}: there is no such file in the build folder") from None
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise RenderError(f"{name}: can't be read as YAML: {error}") from None
    if not isinstance(tree, dict):
        raise RenderError(f"{name}: must hold keys and values")
    return tree


def _escaped(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key): _escaped(value) for key, value in node.items()}
    return escape_markdown(str(node))


def _write(path: Path, tree: Values) -> None:
    """JSON is YAML whose every text is quoted: nothing in it can be taken for a date or a no."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(tree, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")


def _cover(meta: ReportMeta) -> str:
    """The title page for HTML (the PDF draws its own from the metadata)."""
    status = "Draft" if meta.status == "draft" else "Final"
    banner = f"{status} · simulated data" if meta.simulated else status
    notices = [
        '<p class="csr-notice"><strong>Simulated data.</strong> No person took part; nothing '
        "here describes a real product.</p>"
        if meta.simulated
        else "",
        f'<p class="csr-note">{escape_html(meta.note)}</p>' if meta.note else "",
    ]
    facts = "".join(
        f"<dt>{escape_html(name)}</dt><dd>{escape_html(value)}</dd>" for name, value in meta.facts
    )
    lines = [
        "```{=html}",
        f'<div class="csr-status csr-{meta.status}">{banner}</div>',
        '<div class="csr-cover">',
        f'<p class="csr-label">{escape_html(meta.label)}</p>',
        f'<p class="csr-study">{escape_html(meta.study_title)}</p>',
        *(notice for notice in notices if notice),
        f"<dl>{facts}</dl>",
        f'<p class="csr-confidential">{escape_html(CONFIDENTIAL)}</p>',
        "</div>",
        "```",
    ]
    return "\n".join(lines) + "\n"
