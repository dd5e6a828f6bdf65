"""The face of the library: a cut checked, a report built, from Python as from the command line."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.pipeline.pipeline import Built, build_report


def check(params: str | Path) -> Checked:
    """Reads and checks the data of one cut: ADaM as analysed, findings, and what a report holds.

    `params` is a params file, to whose folder paths in it are relative. What is wrong with the data
    are `findings`, none of which raises; `errors` are those that stop a build. Raises ParamsError
    where the file can't be read, DataError where a file of the data can't.
    """
    path = Path(params)
    return check_data(read_params(path), path.parent)


def build(
    params: str | Path,
    out: str | Path = "build",
    *,
    renderer: str = "auto",
    jobs: int = 2,
    console: Console | None = None,
) -> Built:
    """Builds the report of one cut into `out/STUDY/CUT`; says nothing unless given a console.

    `renderer` is auto, quarto or embedded; `jobs` chapters run side by side. Raises DataError with
    the findings where the data hold errors, AnalysisError where a display could not be made (the
    incomplete report is then in `CUT.failed`), RenderError where no report came of it; the former
    build is untouched in each case.
    """
    quiet = console or Console(file=io.StringIO())
    return build_report(Path(params), Path(out), renderer, jobs, quiet)
