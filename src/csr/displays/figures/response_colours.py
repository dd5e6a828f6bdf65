"""The colours and marks of responses, alike in every figure."""

from __future__ import annotations

COLOURS = {
    "CR": "#0173b2",
    "PR": "#56b4e9",
    "SD": "#de8f05",
    "NON-CR/NON-PD": "#ca9161",
    "PD": "#d55e00",
    "NE": "#949494",
    "No assessment": "#cccccc",
}
HATCHES = {"CR": "", "PR": "///", "SD": "...", "NON-CR/NON-PD": "xx", "PD": "\\\\\\", "NE": "--"}
