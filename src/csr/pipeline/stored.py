"""Finished builds, read back: what `diff` compares, and what changed since an earlier one."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from csr.compare.analysed import Analysed, Build, analyse
from csr.compare.difference import compare_builds
from csr.compare.since import changes_since
from csr.errors import ParamsError, UsageError
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.chapters import read_frames
from csr.pipeline.data import check_data
from csr.pipeline.provenance import sources_frame
from csr.pipeline.workspace import MANIFEST, find_build
from csr.results import Adam

ROWS = ".rows.parquet"


def read_build(place: Path) -> Build:
    """A build folder with its params, its data and what it printed.

    Raises ParamsError where its params are of a version of csr that this one can't read.
    """
    try:
        params = read_params(place / "params.yaml")
    except ParamsError as error:
        raise ParamsError(
            f"{place}: this csr can't read the params of that build: {error}"
        ) from None
    frames = read_frames(place)
    adam = tuple(sorted(f.stem for f in (place / "adam").glob("*.parquet")))
    results = pd.read_parquet(place / "results" / "results.parquet")
    files = sorted((place / "results").glob(f"*{ROWS}"))
    rows = {f.name.removesuffix(ROWS): pd.read_parquet(f) for f in files}
    sources = digests(frames["sources"]) if "sources" in frames else ()
    decisions = read_lines(place / "decisions.csv")
    return Build(params, frames, adam, Analysed(results, rows), sources, decisions)


def read_lines(path: Path) -> tuple[str, ...]:
    """The lines of a text file; none where it is not there."""
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()


def digests(sources: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Dataset and sha256 of each source file, sorted."""
    return tuple(sorted(zip(sources["dataset"], sources["sha256"], strict=True)))


def derive_again(old: Build, new: Build, params_file: Path) -> tuple[Adam, Adam]:
    """ADaM of the old source data by the present code: by the old params, and by the new ones.

    `params_file` lies where the old build's params lay, so that the data are found from it. Raises
    UsageError where the data there are not those the old build was made from.
    """
    checked = check_data(old.params, params_file.parent)
    if digests(sources_frame(checked.sources)) != old.sources:
        raise UsageError(
            f"{params_file}: the data beside it are not those of the old build (sha256 differ); "
            "give the params file the old build was made from, or leave --old-params out."
        )
    names = ("protocol", "cut_rules", "kinetics", "laboratory", "measurements", "long_term")
    otherwise = {name: getattr(new.params, name) for name in names}
    mixed: Params = old.params.model_copy(update=otherwise)
    return checked.adam, check_data(mixed, params_file.parent).adam


def changed_since(
    params: Params, frames: Adam, adam: set[str], params_file: Path, staging: Path
) -> Adam:
    """The frame of the display changed-since; nothing where params name no earlier cut.

    `frames` are those of the build under way, of which `adam` are ADaM. `cut.since` is a folder,
    seen from the params file, or STUDY/CUT among the builds beside this one. Raises UsageError
    where there is no build.
    """
    named = params.cut.since
    if named is None:
        return {}
    beside = params_file.parent / named
    is_folder = (beside / MANIFEST).is_file()
    old = read_build(find_build(str(beside) if is_folder else named, staging.parents[1]))
    new = Build(
        params,
        frames,
        tuple(sorted(adam)),
        analyse(frames, params),
        digests(frames["sources"]),
        read_lines(staging / "decisions.csv"),
    )
    return {"changed_since": changes_since(compare_builds(old, new))}
