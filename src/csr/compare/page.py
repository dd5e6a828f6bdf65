"""A diff as one HTML page: the summary, the corrected records, and every changed number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from csr.compare.difference import Diff
from csr.compare.told import count_causes, fmt_causes, fmt_value, name_of
from csr.render.escape import escape_html

SHOWN_SUBJECTS = 12
TOTAL = "Total"
STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto;
  padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0 2rem; font-size: .9rem; }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
thead th { border-bottom: 1px solid #555; } tbody tr { border-bottom: 1px solid #ddd; }
td.r, th.r { text-align: right; font-variant-numeric: tabular-nums; }
.scroll { overflow-x: auto; } summary { cursor: pointer; font-weight: 600; margin: .6rem 0; }
.simulated { font-weight: 600; color: #8a1c1c; }
"""
Cells = Sequence[str]


def write_page(diff: Diff) -> str:
    """The page, complete in itself; every text of the data is escaped."""
    title = f"{name_of(diff.old)} → {name_of(diff.new)}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{_text(title)}</title><style>{STYLE}</style></head><body>",
        f"<h1>What changed</h1><p>Old: {_text(name_of(diff.old))}<br>"
        f"New: {_text(name_of(diff.new))}</p>",
        '<p class="simulated">Simulated data</p>' if diff.new.study.simulated else "",
        *(f"<p>{_text(note)}</p>" for note in diff.notes),
        *_summary(diff),
        *_corrections(diff),
        *_numbers(diff),
        "</body></html>",
    ]
    return "\n".join(p for p in parts if p) + "\n"


def _text(text: object) -> str:
    return escape_html(str(text))


def _summary(diff: Diff) -> list[str]:
    found = len(diff.numbers)
    said = f"{found} of {diff.compared} numbers differ." if found else "No number differs."
    parts = [f"<h2>Summary</h2><p>{said}</p>"]
    if found:
        counts = count_causes(diff)
        lines = [[str(v) for v in line] for line in counts.itertuples(index=False)]
        parts.append(_table(list(counts.columns), lines, range(1, len(counts.columns))))
    if diff.params:
        lines = [[key, old, new] for key, (old, new) in diff.params.items()]
        parts += ["<h2>Params that differ</h2>", _table(["key", "old", "new"], lines)]
    if len(diff.records):
        lines = [[str(v) for v in line] for line in diff.records.itertuples(index=False)]
        heads = [c.replace("_", " ") for c in diff.records.columns]
        parts += ["<h2>Records</h2>", _table(heads, lines, range(1, len(heads)))]
        parts.append(
            "<p>Carried on: changed by what happened after the earlier cut-off (an event resolved, "
            "a follow-up that went on); corrected: what stood there was wrong.</p>"
        )
    return parts


def _corrections(diff: Diff) -> list[str]:
    if diff.corrections.empty:
        return []
    lines = [[str(v) for v in line] for line in diff.corrections.itertuples(index=False)]
    heading = "Corrected" if diff.new.data.standard == "sdtm" else "Changed"
    return [f"<h2>{heading} records</h2>", _table(list(diff.corrections.columns), lines)]


def _numbers(diff: Diff) -> list[str]:
    if diff.numbers.empty:
        return []
    parts = ["<h2>Numbers</h2>"]
    curves = int(diff.numbers["curve"].sum())
    if curves:
        parts.append(
            f"<p>Not shown: {curves} points of curves; they are in the JSON of the same diff.</p>"
        )
    shown = diff.numbers[~diff.numbers["curve"].astype(bool)]
    heads = ["group", "what", "statistic", "old", "new", "cause", "subjects"]
    for analysis, own in shown.groupby("analysis", sort=False):
        lines = [_number(line) for line in own.to_dict("records")]
        parts.append(f"<details><summary>{_text(analysis)}: {len(own)} changed</summary>")
        parts += [_table(heads, lines, (3, 4)), "</details>"]
    return parts


def _number(line: dict[str, object]) -> list[str]:
    values = [fmt_value(line[s], bool(line[f"in_{s}"])) for s in ("old", "new")]  # type: ignore[arg-type]
    unit = f" ({line['unit']})" if line["unit"] else ""
    return [
        str(line["group"] or TOTAL),
        str(line["what"]),
        f"{line['stat']}{unit}",
        *values,
        fmt_causes(line["causes"]),  # type: ignore[arg-type]
        fmt_subjects(line["subjects"], SHOWN_SUBJECTS),  # type: ignore[arg-type]
    ]


def fmt_subjects(subjects: Sequence[str], shown: int) -> str:
    """The first subjects, and how many more there are."""
    more = len(subjects) - shown
    first = ", ".join(subjects[:shown])
    return f"{first} and {more} more" if more > 0 else first


def _table(heads: Cells, lines: Iterable[Cells], right: Iterable[int] = ()) -> str:
    classes = dict.fromkeys(right, ' class="r"')
    head = "".join(
        f'<th scope="col"{classes.get(i, "")}>{_text(h)}</th>' for i, h in enumerate(heads)
    )
    body = "\n".join(
        "<tr>"
        + "".join(f"<td{classes.get(i, '')}>{_text(c)}</td>" for i, c in enumerate(line))
        + "</tr>"
        for line in lines
    )
    inside = f"<thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody>"
    return f'<div class="scroll"><table>{inside}</table></div>'
