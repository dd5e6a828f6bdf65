"""Says where the results of two builds differ: `python tests/same_results.py BUILD_A BUILD_B …`.

Pairs of build folders; a params file in the place of one stands for its analyses, run here and now
without drawing or rendering anything. Compares every result by its identity: value to the last bit,
unit, method and reason; names the analyses that only one has. Exit code 1 where any value differs.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

import csr
from csr.compare.analysed import analyse

TEXTS = ["unit", "method", "reason", "population"]


def read(build: Path) -> pd.DataFrame:
    """The results of a build, or of a params file, by identity."""
    if build.is_file():
        params = csr.read_params(build)
        results = analyse(csr.check(build).adam, params).results
    else:
        results = pd.read_parquet(build / "results" / "results.parquet")
    order = results.groupby("result").cumcount()
    return results.assign(order=order).set_index(["result", "order"])


def compare(a: Path, b: Path) -> int:
    """Prints what differs; returns how many results have another value, or are in one alone."""
    old, new = read(a), read(b)
    gone = sorted(set(old["analysis"]) - set(new["analysis"]))
    came = sorted(set(new["analysis"]) - set(old["analysis"]))
    both = old.index.intersection(new.index)
    left, right = old.loc[both], new.loc[both]
    same = (left["value"] == right["value"]) | (left["value"].isna() & right["value"].isna())
    texts = (left[TEXTS].fillna("") == right[TEXTS].fillna("")).all(axis=1)
    only_old = len(old.index.difference(new.index))
    only_new = len(new.index.difference(old.index))
    print(
        f"{a} / {b}: {len(both)} results in both, {int((~same).sum())} values differ, "
        f"{int((~texts).sum())} texts differ, {only_old} only in the first, {only_new} only in the "
        f"second; analyses gone: {', '.join(gone) or 'none'}; new: {', '.join(came) or 'none'}"
    )
    for result, _ in both[~same][:10]:
        print(f"  {result}")
    return int((~same).sum()) + only_old + only_new


if __name__ == "__main__":
    places = [Path(p) for p in sys.argv[1:]]
    differ = [compare(a, b) for a, b in zip(places[::2], places[1::2], strict=True)]
    sys.exit(1 if any(differ) else 0)
