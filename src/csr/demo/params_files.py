"""The params of the four cuts, filled in from the templates in `params/`."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path
from string import Template

from csr.demo.truth import CutDates, Truth

REPORTED_AFTER = 14


def write_params(path: Path, truth: Truth, cut: CutDates, datasets: list[str]) -> Path:
    """The params file of one cut; `datasets` are the file names of its transfer.

    Paths in it are relative to the file, so that the folder can be moved as a whole.
    """
    dates = {
        "cutoff": cut.cutoff,
        "transfer": cut.transfer,
        "report_date": cut.transfer + REPORTED_AFTER,
    }
    words = {name: dt.date.fromordinal(day).isoformat() for name, day in dates.items()}
    decided = "" if cut.name == "dsmb" else _template("recommended-dose.yaml").substitute()
    parts = [
        _template(f"{cut.name}.yaml").substitute(words),
        _data(words["transfer"], datasets),
        f"\ndecisions: decisions-{cut.name}.csv\n\n",
        _template("study.yaml").substitute(seed=truth.seed, recommended=decided),
    ]
    path.write_text("".join(parts), encoding="utf-8", newline="\n")
    return path


def _template(name: str) -> Template:
    text = (files("csr.demo") / "params" / name).read_text(encoding="utf-8")
    return Template(text)


def _data(transfer: str, datasets: list[str]) -> str:
    lines = [
        "data:",
        "  standard: sdtm",
        f"  folder: ../transfers/{transfer}",
        "  meddra_version: simulated terms",
        "  datasets:",
    ]
    lines += [f"    {Path(file).stem}: {{file: {file}}}" for file in datasets]
    return "\n".join(lines) + "\n"
