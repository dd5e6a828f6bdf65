"""The build folder: where it is, how it is replaced as a whole, how it is found again.

A build is made in a staging folder beside its final place and takes that place by rename when it
is complete, so a failed or killed build leaves the former one untouched.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import psutil

from csr.errors import UsageError
from csr.params import Params
from csr.params.study import FAILED

MANIFEST = "manifest.json"
# The full account of the cut, which tells of deaths after the cut-off: no package takes it.
RESTRICTED = "restricted"
FOLDERS = ("adam", "results", "displays", "notebooks", "reports", "meta", "fonts", "rendered")


def project_folder() -> Path:
    """Where the report sources and notebooks are: the checkout, or what the wheel installed."""
    checkout = Path(__file__).resolve().parents[3]
    if (checkout / "reports").is_dir() and (checkout / "notebooks").is_dir():
        return checkout
    return Path(sys.prefix) / "share" / "csr"


def place_of(params: Params, out: Path) -> Path:
    """`out/<study>/<cut>`."""
    return out / params.study.id / params.cut.id


def make_staging(place: Path) -> Path:
    """An empty staging folder for the build that will stand at `place`.

    Clears what killed and incomplete builds of the same cut left, and puts a former build back
    that a kill between the two renames of `publish` left aside. Only its owner can read it.

    Raises UsageError where nothing can be written there.
    """
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(place.parent, error) from None
    _recover(place)
    shutil.rmtree(failed_place(place), ignore_errors=True)
    for left in place.parent.glob(f".{place.name}.*-*"):
        if not psutil.pid_exists(_pid_of(left)):
            shutil.rmtree(left, ignore_errors=True)
    staging = place.parent / f".{place.name}.building-{os.getpid()}"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir(mode=0o700)
        for folder in FOLDERS:
            (staging / folder).mkdir()
    except OSError as error:
        raise _unwritable(place.parent, error) from None
    return staging


def _unwritable(folder: Path, error: OSError) -> UsageError:
    reason = error.strerror or "not possible"
    return UsageError(f"{folder} can't be written to ({reason}); give another folder with --out")


def publish(staging: Path, place: Path) -> None:
    """Puts a complete build in its place; the former one goes only after that."""
    former = place.parent / f".{place.name}.former-{os.getpid()}"
    if place.exists():
        place.rename(former)
    staging.chmod(0o755)
    staging.rename(place)
    shutil.rmtree(former, ignore_errors=True)


def failed_place(place: Path) -> Path:
    """`CUT.failed`, where an incomplete build of a cut is written."""
    return place.with_name(f"{place.name}{FAILED}")


def publish_failed(staging: Path, place: Path) -> Path:
    """Puts an incomplete build beside the place of the complete one, for its owner's eyes."""
    failed = failed_place(place)
    shutil.rmtree(failed, ignore_errors=True)
    staging.chmod(0o700)
    staging.rename(failed)
    return failed


def discard(staging: Path) -> None:
    """Removes what a failed build made."""
    shutil.rmtree(staging, ignore_errors=True)


def find_build(named: str, out: Path) -> Path:
    """The build folder a user named: a path, or `study/cut` under the folder of builds.

    Raises UsageError with the builds there are.
    """
    for candidate in (Path(named), out / named):
        _recover(candidate)
        if (candidate / MANIFEST).is_file():
            return candidate
    there = sorted(str(p.parent.relative_to(out)) for p in out.glob(f"*/*/{MANIFEST}"))
    listed = ", ".join(p for p in there if not Path(p).name.startswith(".")) or "none"
    raise UsageError(f"{named}: no build there. Builds under {out}: {listed}.")


def _recover(place: Path) -> None:
    """A former build that was moved aside and never replaced goes back to its place."""
    if place.exists():
        return
    for former in sorted(place.parent.glob(f".{place.name}.former-*")):
        if (former / MANIFEST).is_file() and not psutil.pid_exists(_pid_of(former)):
            former.rename(place)
            return


def _pid_of(folder: Path) -> int:
    tail = folder.name.rsplit("-", 1)[-1]
    return int(tail) if tail.isdigit() else -1
