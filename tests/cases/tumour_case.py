"""A case of tumours and response: its files as frames, changed or not, and what csr makes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from ruamel.yaml import YAML

from csr.endpoints.efficacy.tumour_burden import WATERFALL, answer
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

Frames = dict[str, pd.DataFrame]
Change = Callable[[Frames], Frames]


def frames_of(folder: Path) -> Frames:
    """The domains of a case, every cell as text."""
    return {
        file.stem: pd.read_csv(file, dtype=str, keep_default_na=False)
        for file in sorted(folder.glob("*.csv"))
    }


def run(case: Path, place: Path, change: Change | None = None, **protocol: object) -> Checked:
    """What csr makes of a case; `change` is made to its frames, `protocol` to its params."""
    place.mkdir(parents=True, exist_ok=True)
    frames = frames_of(case)
    for name, frame in (change(frames) if change else frames).items():
        frame.to_csv(place / f"{name}.csv", index=False)
    yaml = YAML()
    tree = yaml.load(case / "params.yaml")
    tree["protocol"].update(protocol)
    yaml.dump(tree, place / "params.yaml")
    return check_data(read_params(place / "params.yaml"), place)


def tumour_findings(checked: Checked) -> set[str]:
    """The checks that found something in RS, TR or TU."""
    return {f.check for f in checked.findings if f.dataset in ("RS", "TR", "TU")}


def sums(checked: Checked, who: str = "INVESTIGATOR") -> pd.DataFrame:
    """ADTR of one evaluator, in time."""
    adtr = checked.adam["adtr"]
    return adtr[adtr["TREVAL"] == who].sort_values(["USUBJID", "ASMTN"]).reset_index(drop=True)


def responses(checked: Checked, paramcd: str, who: str = "INVESTIGATOR") -> pd.DataFrame:
    """ADRS of one parameter and evaluator, in time."""
    adrs = checked.adam["adrs"]
    own = adrs[(adrs["PARAMCD"] == paramcd) & (adrs["RSEVAL"] == who)]
    return own.sort_values(["USUBJID", "ASMTN"]).reset_index(drop=True)


def times(checked: Checked, paramcd: str) -> pd.DataFrame:
    """ADTTE of one parameter, by subject."""
    adtte = checked.adam["adtte"]
    return adtte[adtte["PARAMCD"] == paramcd].set_index("USUBJID")


def waterfall(checked: Checked, place: Path) -> list[float]:
    """The bars of the waterfall."""
    found = answer(checked.adam, read_params(place / "params.yaml"), WATERFALL).results
    return list(found.loc[found["stat"] == "min", "value"])
