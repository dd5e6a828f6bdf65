"""One house style for all figures: colour-blind safe, readable in black and white, deterministic.

Groups differ in colour (Okabe-Ito, by seaborn's "colorblind"), line style and label; the same
data give the same bytes (fixed SVG ids, no date).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
import seaborn as sns
from matplotlib.figure import Figure as Canvas

LINE_STYLES = (
    "-",
    (0, (5, 2)),
    (0, (1, 1.2)),
    (0, (5, 1.5, 1, 1.5)),
    (0, (8, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)
POOLED_COLOUR = "#444444"
RC = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "path",
    "svg.hashsalt": "csr",
    "figure.dpi": 72,
}
WIDTH, HEIGHT = 7.0, 4.6


def group_colours(n: int) -> list[str]:
    """A colour for each of n groups."""
    return list(sns.color_palette("colorblind", max(n, 1)).as_hex())


@contextmanager
def house_style() -> Iterator[None]:
    """Draws with the house style, and leaves matplotlib as it was."""
    with mpl.rc_context({**mpl.rcParamsDefault, **RC, "backend": mpl.get_backend()}):
        yield


def svg_of(canvas: Canvas) -> str:
    """The figure as SVG text without a date, a version or a random id."""
    sheet = io.StringIO()
    canvas.savefig(sheet, format="svg", metadata={"Date": None, "Creator": None})
    text = sheet.getvalue()
    text = re.sub(r"<!--.*?-->\n?", "", text, flags=re.S)
    return re.sub(r"<metadata>.*?</metadata>\n?", "", text, flags=re.S)
