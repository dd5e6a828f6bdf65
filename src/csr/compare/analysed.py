"""A build as `diff` sees it, and its analyses run again by the present code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import pandas as pd

from csr.displays.catalogue import columns_of, plan_report
from csr.errors import CsrError
from csr.params import Params
from csr.results import Adam


@dataclass(frozen=True)
class Analysed:
    """The results of a build and the rows of each analysis.

    `failed` says of an analysis that could not be run why.
    """

    results: pd.DataFrame
    rows: Mapping[str, pd.DataFrame]
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Build:
    """One build: its params, its frames (ADaM and those about the build), what it printed.

    `adam` names the frames that are ADaM. `sources` are the digests of the data it was made from
    (dataset, sha256) and `decisions` the lines of its decisions file.
    """

    params: Params
    frames: Adam
    adam: tuple[str, ...]
    analysed: Analysed
    sources: tuple[tuple[str, str], ...]
    decisions: tuple[str, ...] = ()

    @property
    def data(self) -> Adam:
        """The ADaM of the build; empty where it is gone."""
        return {name: self.frames[name] for name in self.adam}


def analyse(frames: Adam, params: Params, only: Collection[str] | None = None) -> Analysed:
    """Runs the analyses of the params' displays by the present code: those named, or all.

    One that the data do not allow under these params is left out, and said in `failed`.
    """
    results: list[pd.DataFrame] = []
    rows: dict[str, pd.DataFrame] = {}
    failed: dict[str, str] = {}
    for name, analysis in plan_report(params, columns_of(frames)).analyses.items():
        if only is not None and name not in only:
            continue
        try:
            output = analysis.run(frames, params)
        except (CsrError, KeyError, ValueError) as error:
            failed[name] = f"{type(error).__name__}: {error}"
            continue
        rows[name] = output.rows
        results.append(output.results)
    found = pd.concat(results, ignore_index=True) if results else pd.DataFrame()
    return Analysed(found, rows, failed)
