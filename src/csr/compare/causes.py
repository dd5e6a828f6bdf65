"""Why a number changed: one step of the way from the old build to the new after the other.

    old  →  the old data and params under the present code   a step here is the code's
         →  the old data under the new params                the conventions'
         →  with the corrections of the new data             corrected data
         →  the new build                                    new data

A number takes the causes of the steps at which it changes: that is exact, and needs no guess
about how an analysis uses its rows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from csr.compare.analysed import Analysed, Build, analyse
from csr.compare.corrections import list_corrections, put_right
from csr.compare.records import Matched, match_records
from csr.compare.rows import different_rows, rows_behind
from csr.displays.catalogue import columns_of, plan_report
from csr.params import Params
from csr.results import Adam

NEW, CORRECTED = "new data", "corrected data"
# The same files under a later cut-off: nothing in them was corrected. ADaM is delivered already
# cut: what differs in it may be a correction or what the former cut withheld.
LATER, CHANGED = "known later", "changed data"
CODE, CONVENTION, DECISION = "code", "convention", "decision"
UNKNOWN = "not attributable"
CAUSES = (NEW, LATER, CORRECTED, CHANGED, CODE, CONVENTION, DECISION, UNKNOWN)
# What decides about the way from the source data to every dataset of ADaM, and to some of them.
DERIVING = ("protocol", "cut_rules", "data.datasets")
MADE_BY = {
    "kinetics": ("adpc", "adpp"),
    "laboratory": ("adlb",),
    "measurements": ("advs", "adeg", "adecog"),
    "long_term": ("adltf",),
}
# Of those, what goes with the file and not with what is made of it.
OF_FILES = (".file", ".format", ".sha256", ".encoding")
SAME = 1e-9

Numbers = dict[str, float]


@dataclass(frozen=True)
class Steps:
    """The causes of the changed numbers, and the records that changed.

    `causes`: result → its causes, in the order of CAUSES. `corrections` as `list_corrections`
    gives them. `notes` are what a reader must know to trust them.
    """

    causes: Mapping[str, tuple[str, ...]]
    matched: Mapping[str, Matched] = field(default_factory=dict)
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: tuple[str, ...] = ()


def numbers_of(results: pd.DataFrame) -> Numbers:
    """result → value; NaN where it could not be estimated."""
    if results.empty:
        return {}
    return dict(zip(results["result"], results["value"].astype(float), strict=True))


def changed(old: Numbers, new: Numbers) -> list[str]:
    """The results whose value differs (by more than rounding of doubles), or that only one has."""
    names = dict.fromkeys([*old, *new])
    return [n for n in names if not _alike(old.get(n), new.get(n))]


def _alike(old: float | None, new: float | None) -> bool:
    if old is None or new is None:
        return old is new
    if math.isnan(old) or math.isnan(new):
        return math.isnan(old) and math.isnan(new)
    return math.isclose(old, new, rel_tol=SAME, abs_tol=1e-12)


def find_causes(old: Build, new: Build, derived: tuple[Adam, Adam] | None = None) -> Steps:
    """The causes of every number that differs between two builds.

    `derived`: the old source data as the present code derives ADaM of them, by the old params and
    by the new ones; without it the old build's own ADaM stands for both.
    """
    before, after = numbers_of(old.analysed.results), numbers_of(new.analysed.results)
    names = changed(before, after)
    if not old.data or not new.data:
        told = _by_rows(names, old.analysed, new.analysed)
        return Steps({n: _named(c, new.params) for n, c in told.items()}, notes=(GONE,))
    data = derived or (old.data, old.data)
    only = {n.split("/", 1)[0] for n in (*before, *after)}
    again = analyse({**old.frames, **data[0]}, old.params, only)
    mixed = new.params.model_copy(update={"cut": old.params.cut, "data": old.params.data})
    untouched = mixed == old.params and derived is None
    newly = again if untouched else analyse({**old.frames, **data[1]}, mixed, only)
    present = analyse(new.frames, new.params, only)
    matched = match_records(data[1], new.data, _since(old.params, new.params), _is_derived(new))
    if same_files(old, new):
        matched = {name: found.without_corrections() for name, found in matched.items()}
    right = analyse({**old.frames, **put_right(data[1], new.data, matched)}, mixed, only)
    way: list[tuple[str, Numbers]] = [
        ("", before),
        (CODE, numbers_of(again.results)),
        (CONVENTION, numbers_of(newly.results)),
        *_data_steps(old, new, derived is not None, right, present),
        (CODE, after),
    ]
    unrun = {**present.failed, **again.failed, **right.failed, **newly.failed}
    otherwise: set[str] = set() if derived else _made_otherwise(old, new)
    same = same_files(old, new) and old.params.cut == new.params.cut
    instead = CONVENTION if same else UNKNOWN
    causes = {n: _named(_of_number(n, way, set(unrun)), new.params) for n in names}
    causes |= {n: (instead,) for n in names if n.split("/", 1)[0] in otherwise}
    wrong = list_corrections(data[1], new.data, matched)
    notes = _notes(after, present, unrun)
    if old.decisions != new.decisions and not same_files(old, new):
        notes = (*notes, DECIDED)
    return Steps(causes, matched, wrong, notes)


DECIDED = "The decisions differ: what they change is told as a change of the data."
GONE = (
    "The ADaM of the old or the new build is gone: causes are told from the rows alone, and where "
    "these are equal, code can't be told from convention."
)


def _data_steps(
    old: Build, new: Build, derived: bool, right: Analysed, present: Analysed
) -> list[tuple[str, Numbers]]:
    """The steps from the old data to the new, under the same params and code."""
    last = numbers_of(present.results)
    ways = [
        (CONVENTION, bool(_deriving(old.params, new.params)) and not derived),
        (DECISION, old.decisions != new.decisions),
    ]
    if same_files(old, new):
        ways.append((LATER, old.params.cut.cutoff != new.params.cut.cutoff))
        several = [cause for cause, differs in ways if differs]
        return [((*several, CODE)[0] if len(several) < 2 else UNKNOWN, last)]
    if ways[0][1]:
        return [(UNKNOWN, last)]
    return [(CORRECTED, numbers_of(right.results)), (NEW, last)]


def same_files(old: Build, new: Build) -> bool:
    """Whether both builds were made from the very same files."""
    return bool(old.sources) and old.sources == new.sources


def _deriving(old: Params, new: Params) -> list[str]:
    """The params that differ and decide about the way to ADaM."""
    both = set(old.data.datasets) & set(new.data.datasets)
    return [
        key
        for key in differing(old, new)
        if key.startswith(DERIVING) and not key.endswith(OF_FILES)
        if not key.startswith("data.datasets") or key.split(".")[2] in both
    ]


def _made_otherwise(old: Build, new: Build) -> set[str]:
    """The analyses of datasets that the new params make in another way than the old ones."""
    made = {
        dataset
        for part, datasets in MADE_BY.items()
        if getattr(old.params, part) != getattr(new.params, part) and new.params.protocol
        for dataset in datasets
    }
    if not made:
        return set()
    plan = plan_report(new.params, columns_of(new.frames))
    return {
        name
        for name, analysis in plan.analyses.items()
        if made & set(analysis.reads(new.params).datasets)
    }


def _named(causes: tuple[str, ...], params: Params) -> tuple[str, ...]:
    """Of ADaM that was delivered it can't be said that a value was wrong: it changed."""
    if params.data.standard == "sdtm":
        return causes
    return tuple(CHANGED if cause == CORRECTED else cause for cause in causes)


def _of_number(name: str, way: Sequence[tuple[str, Numbers]], unrun: set[str]) -> tuple[str, ...]:
    if name.split("/", 1)[0] in unrun:
        return (UNKNOWN,)
    found = {
        cause
        for (_, here), (cause, there) in pairwise(way)
        if not _alike(here.get(name), there.get(name))
    }
    return tuple(c for c in CAUSES if c in found)


def _since(old: Params, new: Params) -> pd.Timestamp | None:
    later = new.cut.cutoff > old.cut.cutoff
    return pd.Timestamp(old.cut.cutoff) if later else None


def _is_derived(new: Build) -> bool:
    return new.params.data.standard == "sdtm"


def _notes(after: Numbers, present: Analysed, unrun: Mapping[str, str]) -> tuple[str, ...]:
    stale = len(changed(after, numbers_of(present.results)))
    notes = []
    if stale:
        notes.append(
            f"{stale} number(s) of the new build are not those of the present code: build it again."
        )
    told = [f"{name}: not attributable ({unrun[name]})." for name in sorted(unrun)]
    return (*notes, *told)


def _by_rows(names: list[str], old: Analysed, new: Analysed) -> dict[str, tuple[str, ...]]:
    """By the differences of the rows: only added ones are new data, others corrections."""
    apart = {
        a: different_rows(old.rows.get(a), new.rows.get(a))
        for a in dict.fromkeys(n.split("/", 1)[0] for n in names)
    }
    lines = pd.concat([old.results, new.results]).drop_duplicates("result").set_index("result")
    done: dict[str, tuple[str, ...]] = {}
    for name in names:
        behind = rows_behind(apart[name.split("/", 1)[0]], lines.loc[name])
        sides = set(behind["SIDE"])
        done[name] = {
            frozenset(): (UNKNOWN,),
            frozenset({"new"}): (NEW,),
        }.get(frozenset(sides), (CORRECTED,))
    return done


def differing(old: Params, new: Params, parts: Sequence[str] = ()) -> dict[str, tuple[str, str]]:
    """The params that differ, by their dotted key: the old value and the new one, as text.

    `parts` names the top-level keys that are looked at; without, all.
    """
    before, after = _flat(old.model_dump(mode="json")), _flat(new.model_dump(mode="json"))
    keys = dict.fromkeys([*before, *after])
    return {
        key: (before.get(key, "–"), after.get(key, "–"))
        for key in keys
        if before.get(key) != after.get(key) and (not parts or key.split(".")[0] in parts)
    }


def _flat(tree: object, path: str = "") -> dict[str, str]:
    if isinstance(tree, Mapping) and tree:
        return {
            key: value
            for name, below in tree.items()
            for key, value in _flat(below, f"{path}.{name}" if path else str(name)).items()
        }
    return {path: "not set" if tree is None else str(tree)}
