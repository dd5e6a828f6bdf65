"""What is read of a dataset, seen: frames that note which of their columns are asked for.

`python tests/recorded.py` prints the columns each analysis and each display reads of the frames of
the small demonstration: where to start when declaring needs. Branches the data do not reach read
more; the code says what.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from csr.compare.since import COLUMNS as CHANGED_COLUMNS
from csr.demo.write import write_demo
from csr.displays.catalogue import Plan
from csr.displays.model import Display
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.pipeline.plan import left_out_frame
from csr.pipeline.provenance import findings_frame, sources_frame, versions_frame
from csr.results import RESULT_COLUMNS, Adam, Analysis, Output

SUBJECTS = 60
Asked = set[tuple[str, str]]
ROOT = Path(__file__).resolve().parents[1]


class Record(dict[str, Any]):
    """A record as a dict that notes which of its values are asked for."""

    note: Callable[[object], None]

    def __getitem__(self, key: str) -> Any:
        self.note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.note(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.note(key)
        return super().get(key, default)


class Recorded(pd.DataFrame):
    """A frame that notes which of its columns are asked for, and so do the frames made of it."""

    _metadata: ClassVar[list[str]] = ["came_from", "asked"]
    came_from: frozenset[str]
    asked: Asked

    @property
    def _constructor(self) -> type[Recorded]:
        return Recorded

    def note(self, key: object) -> None:
        """Notes a column, or several."""
        names = key if isinstance(key, list | tuple | pd.Index) else [key]
        for name in names:
            if isinstance(name, str):
                for dataset in getattr(self, "came_from", None) or ():
                    self.asked.add((dataset, name))

    def __getitem__(self, key: Any) -> Any:
        self.note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.note(key)
        return super().__contains__(key)

    @property
    def loc(self) -> Any:
        return _Loc(super().loc, self.note)

    def merge(self, right: pd.DataFrame, *args: Any, **how: Any) -> Any:
        for key in ("on", "left_on"):
            self.note(how.get(key))
        merged = super().merge(right, *args, **how)
        own, other = (getattr(f, "came_from", None) or frozenset() for f in (self, right))
        if own | other:
            merged.came_from, merged.asked = own | other, (self if own else right).asked
        return merged

    def groupby(self, by: Any = None, *args: Any, **how: Any) -> Any:
        self.note(by)
        return super().groupby(by, *args, **how)

    def sort_values(self, by: Any, *args: Any, **how: Any) -> Any:
        self.note(by)
        return super().sort_values(by, *args, **how)

    def drop_duplicates(self, subset: Any = None, *args: Any, **how: Any) -> Any:
        self.note(subset)
        return super().drop_duplicates(subset, *args, **how)

    def set_index(self, keys: Any, *args: Any, **how: Any) -> Any:
        self.note(keys)
        return super().set_index(keys, *args, **how)

    def to_dict(self, orient: Any = "dict", *args: Any, **how: Any) -> Any:
        made = super().to_dict(orient, *args, **how)
        if orient != "records":
            return made
        records = [Record(record) for record in made]
        for record in records:
            record.note = self.note
        return records

    def itertuples(self, *args: Any, **how: Any) -> Any:
        self.note(list(self.columns))
        return super().itertuples(*args, **how)


class _Loc:
    """`frame.loc[rows, columns]`, the columns noted."""

    def __init__(self, loc: Any, note: Callable[[object], None]) -> None:
        self.loc, self.note = loc, note

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            self.note(key[-1])
        return self.loc[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self.loc[key] = value

    def __call__(self, axis: Any) -> Any:
        return self.loc(axis=axis)


def recorded(adam: Adam, asked: Asked) -> Adam:
    """The frames as frames that note in `asked`, as (dataset, column), what is read of them."""
    frames = {}
    for name, frame in adam.items():
        noting = Recorded(frame)
        noting.came_from, noting.asked = frozenset({name}), asked
        frames[name] = noting
    return frames


def asked_of(adam: Adam, read: Callable[[Adam], object]) -> Asked:
    """The columns that `read` asks for, of those the frames have or `in` asks about."""
    asked: Asked = set()
    read(recorded(adam, asked))
    return asked


@lru_cache(maxsize=1)
def small_demo() -> Path:
    """The demonstration with the fewest subjects, written once a session."""
    folder = Path(tempfile.mkdtemp(prefix="csr-demo-"))
    write_demo(folder / "demo", subjects=SUBJECTS, fmt="parquet")
    return folder / "demo"


@lru_cache(maxsize=4)
def frames_of(file: Path) -> tuple[Params, Adam, Plan]:
    """Params, every frame of a build of them (ADaM and those about the build), and its plan."""
    params = read_params(file)
    checked = check_data(params, file.parent)
    assert not checked.errors, checked.errors
    meta = {
        **{name: frame.astype(str) for name, frame in checked.accounts.items()},
        "findings": findings_frame(checked.findings),
        "decisions": checked.decisions,
        "sources": sources_frame(checked.sources, checked.accounts.get("cut_counts")),
        "versions": versions_frame("typst", "0"),
        "left_out": left_out_frame(checked.plan),
    }
    if params.cut.since is not None:
        meta["changed_since"] = pd.DataFrame(columns=list(CHANGED_COLUMNS), dtype=object)
    return params, {**checked.adam, **meta}, checked.plan


def run_all(plan: Plan, adam: Adam, params: Params) -> dict[str, Output]:
    """What each analysis of a plan gives, from what it declares."""
    return {name: analysis.run(adam, params) for name, analysis in plan.analyses.items()}


def results_for(display: Display, outputs: dict[str, Output]) -> pd.DataFrame:
    """The results a display is drawn from."""
    parts = [outputs[a.name].results for a in display.analyses]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RESULT_COLUMNS)


def _asked_lines(params: Params, adam: Adam, plan: Plan) -> Iterator[str]:
    outputs: dict[str, Output] = {}

    def answered(analysis: Analysis) -> Callable[[Adam], object]:
        return lambda frames: outputs.update({analysis.name: analysis.answer(frames, params)})

    for name, analysis in plan.analyses.items():
        yield f"analysis {name}: {_words(asked_of(adam, answered(analysis)), adam)}"
    for planned in plan.displays:
        display = planned.display
        results = results_for(display, outputs)
        found = asked_of(adam, lambda f, d=display, r=results: d.draw(r, f, params))  # type: ignore[misc]
        yield f"display {display.name}: {_words(found, adam)}"


def _words(asked: Asked, adam: Adam) -> str:
    there = sorted((d, c + ("" if c in adam[d].columns else "?")) for d, c in asked)
    by = {d: " ".join(c for e, c in there if e == d) for d, _ in there}
    return "; ".join(f"{d.upper()} {columns}" for d, columns in by.items()) or "nothing"


if __name__ == "__main__":
    files = [Path(a) for a in sys.argv[1:]] or [small_demo() / "params" / "interim.yaml"]
    for path in files:
        print(f"# {path.stem}")
        print("\n".join(_asked_lines(*frames_of(path))))
