"""Runs the chapter notebooks with papermill, side by side; the executed copies are kept.

Stock papermill, one process and one kernel a notebook (papermill changes the process's folder, so
threads would disturb each other). What differs between two equal runs (times, ids) is taken out of
the executed copy, so that it can be compared and hashed.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import nbformat

# A kernel on a crowded machine needs more than the minute papermill gives it.
START_SECONDS = 600
TIMING_KEYS = ("papermill", "execution", "ExecuteTime")


def run_notebooks(sources: Path, build: Path, jobs: int, names: Sequence[str]) -> dict[str, str]:
    """Executes the named chapters' notebooks into `build/notebooks`, `jobs` at a time.

    Returns, for each chapter whose notebook stopped, the kind of its error (never its message,
    which may hold a subject's value); a kernel that died is one.
    """
    failed: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        waiting = {
            pool.submit(_run, sources / f"{name}.ipynb", build.resolve(), name): name
            for name in names
        }
        for future in as_completed(waiting):
            if why := future.result():
                failed[waiting[future]] = why
    return failed


def _run(source: Path, build: Path, name: str) -> str:
    """Executes one notebook; returns why it stopped, "" where it did not."""
    target = build / "notebooks" / f"{name}.ipynb"
    command = [sys.executable, "-m", "papermill", str(source), str(target)]
    command += ["-p", "build", ".", "--cwd", str(build), "-k", "python3", "--no-progress-bar"]
    command += ["--start-timeout", str(START_SECONDS)]
    ran = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, text=True)
    if ran.returncode:
        return _error_in(target) or _kind_in(ran.stderr)
    _strip(target)
    return ""


def _kind_in(stderr: str) -> str:
    """The kind of the error that a traceback ends with, without module and message."""
    lines = stderr.strip().splitlines() or ["Stopped"]
    return lines[-1].split(":")[0].rsplit(".", 1)[-1]


def _error_in(target: Path) -> str:
    """The kind of the error the executed copy holds."""
    if not target.is_file():
        return ""
    for cell in nbformat.read(target, as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                return str(output.ename)
    return ""


def _strip(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    for part in (notebook, *notebook.cells):
        for key in TIMING_KEYS:
            part.metadata.pop(key, None)
    notebook.metadata.pop("language_info", None)
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number}"
    nbformat.write(notebook, path)
