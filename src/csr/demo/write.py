"""Writes the demonstration: transfers, decisions, params and a README into a folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from csr.demo.decisions import write_decisions
from csr.demo.files import SUFFIX, Format, write_dataset
from csr.demo.params_files import write_params
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.truth import CutDates, Truth
from csr.errors import UsageError

SEED = 21
SUBJECTS = 115
README = """Simulated data. No record here is of a real person or a result of a real trial.

csr demo wrote this study from seed {seed} with {subjects} enrolled subjects. It has the design of a
phase 1 study of claudin18.2 CAR-T cells and rates near the published ones.

transfers/   one folder per data transfer, each with the whole of SDTM as the database stood then
params/      a params file and a decisions file for each of the four data cuts

{cuts}

Build one with:  csr build params/interim.yaml
"""


def write_demo(
    folder: Path, *, seed: int = SEED, subjects: int = SUBJECTS, fmt: Format = "xpt"
) -> list[Path]:
    """A complete simulated CAR-T study on disk, the same bytes for the same seed.

    Writes `transfers/<date>/` (one SDTM snapshot per data transfer, each holding more than the one
    before and corrections of it), `params/<cut>.yaml` with `params/decisions-<cut>.csv` for the
    dose-escalation DSMB, the interim, the final CSR and the long-term report, and README.txt.
    `subjects` are those enrolled (60 to 2,000; screen failures come on top); `fmt` is xpt (version
    5), dataset-json (1.1) or parquet. Returns the files written, in order.

    Raises UsageError for a number of subjects or a format that is not offered, and for a folder
    that already holds something.
    """
    if fmt not in SUFFIX:
        raise UsageError(f"--format {fmt}: must be one of {', '.join(SUFFIX)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is not an empty folder; give a new one.")
    truth = simulate_study(seed, subjects)
    written = [file for cut in truth.cuts for file in _write_cut(folder, truth, cut, fmt)]
    cuts = "\n".join(
        f"{cut.name:<10} cut-off {_date(cut.cutoff)}, transfer {_date(cut.transfer)}"
        for cut in truth.cuts
    )
    readme = folder / "README.txt"
    text = README.format(seed=seed, subjects=subjects, cuts=cuts)
    readme.write_text(text, encoding="utf-8", newline="\n")
    return [*written, readme]


def _date(day: int) -> dt.date:
    return dt.date.fromordinal(day)


def _write_cut(folder: Path, truth: Truth, cut: CutDates, fmt: Format) -> list[Path]:
    transfer = _date(cut.transfer)
    snapshot = folder / "transfers" / transfer.isoformat()
    params = folder / "params"
    for made in (snapshot, params):
        made.mkdir(parents=True, exist_ok=True)
    frames = write_state(truth, transfer, entered_by=transfer)
    files = [write_dataset(snapshot, n, f, fmt, transfer) for n, f in frames.items()]
    names = [file.name for file in files]
    return [
        *files,
        write_decisions(params / f"decisions-{cut.name}.csv", truth, cut),
        write_params(params / f"{cut.name}.yaml", truth, cut, names),
    ]
