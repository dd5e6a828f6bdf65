"""A million adverse events by class, term, maximum grade and arm, against a plain pandas group-by.

Run by hand, from the checkout: `.venv/bin/python tests/performance/ae_million.py`. The data are
synthetic (a fixed seed): 1,000,000 ADAE records of 20,000 subjects in three arms. Both counts are
made in this process, one after the other, and compared number by number. The result stands in
docs/performance.md.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import ANY, SEVERITY_LEVELS
from csr.endpoints.adverse_events.ae_by_grade import AE_BY_SOC_PT_GRADE
from csr.params import Params
from csr.params.file import read_params
from csr.results import LEVELS

RECORDS, SUBJECTS = 1_000_000, 20_000
ARMS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
CLASSES, TERMS = 27, 540
ROUNDS = 5
GRADES = SEVERITY_LEVELS["AETOXGR"]


def make_study() -> dict[str, pd.DataFrame]:
    """ADSL and ADAE as they come out of a read: text columns hold str."""
    rng = np.random.default_rng(5)
    names = np.array([f"STUDY-{i:06d}" for i in range(SUBJECTS)], dtype=object)
    arms = np.array(ARMS, dtype=object)[rng.integers(0, len(ARMS), SUBJECTS)]
    adsl = pd.DataFrame(
        {"USUBJID": names, "TRT01A": arms, "TRT01P": arms, "SAFFL": "Y"}, dtype=object
    )
    term = rng.zipf(1.3, RECORDS) % TERMS
    who = np.sort(rng.integers(0, SUBJECTS, RECORDS))
    adae = pd.DataFrame(
        {
            "USUBJID": names[who],
            "AESEQ": pd.Series(who).groupby(who).cumcount().to_numpy() + 1.0,
            "AEBODSYS": np.array([f"Class {t % CLASSES:02d}" for t in range(TERMS)], object)[term],
            "AEDECOD": np.array([f"Term {t:03d}" for t in range(TERMS)], object)[term],
            "AETOXGR": np.array(["1", "2", "3", "4", "5", ""], dtype=object)[
                rng.choice(6, RECORDS, p=[0.45, 0.3, 0.15, 0.07, 0.01, 0.02])
            ],
            "TRTEMFL": "Y",
        }
    )
    return {"adsl": adsl, "adae": adae}


def plain_pandas(adam: dict[str, pd.DataFrame]) -> dict[tuple[str | None, ...], int]:
    """The same counts as one would write them in a notebook: subjects at their maximum grade over
    all events, in each class and in each term, by arm and over the arms."""
    events = adam["adae"].merge(adam["adsl"][["USUBJID", "TRT01A"]], on="USUBJID")
    events = events[events["TRTEMFL"] == "Y"]
    events["RANK"] = pd.to_numeric(events["AETOXGR"]).fillna(0).astype(int)
    label = {0: GRADES[-1], **{i: GRADES[i - 1] for i in range(1, 6)}}
    counts: dict[tuple[str | None, ...], int] = {}
    for terms in ([], ["AEBODSYS"], ["AEBODSYS", "AEDECOD"]):
        rest = (ANY,) * (2 - len(terms))
        worst = events.groupby(["USUBJID", "TRT01A", *terms])["RANK"].max().reset_index()
        by_arm = worst.groupby(["TRT01A", *terms, "RANK"])["USUBJID"].nunique()
        pooled = worst.groupby([*terms, "RANK"])["USUBJID"].nunique()
        for (arm, *where, rank), n in by_arm.items():
            counts[(arm, *where, *rest, label[rank])] = int(n)
        for key, n in pooled.items():
            *where, rank = key if isinstance(key, tuple) else (key,)
            counts[(None, *where, *rest, label[rank])] = int(n)
    return counts


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """The fastest of some rounds, in seconds, and what it gave."""
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        given = run()
        seconds.append(time.perf_counter() - start)
    return min(seconds), given


def memory() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Prints both times, their ratio, and the memory."""
    path = Path(__file__).resolve().parents[2] / "params" / "cdisc-pilot.yaml"
    params = read_params(path)
    conventions = params.conventions.model_copy(update={"severity": "AETOXGR"})
    params = Params.model_validate(
        params.model_copy(update={"conventions": conventions}).model_dump()
    )
    adam = make_study()
    size = sum(frame.memory_usage(deep=True).sum() for frame in adam.values()) / 2**20
    print(f"data {size:.0f} MB as text; process {memory():.0f} MB")
    plain_time, plain = timed(lambda: plain_pandas(adam))
    print(f"plain pandas: {plain_time:.2f} s; process {memory():.0f} MB")
    own_time, output = timed(lambda: AE_BY_SOC_PT_GRADE.answer(adam, params))
    print(f"csr: {own_time:.2f} s; process {memory():.0f} MB; ratio {own_time / plain_time:.2f}")
    results = output.results
    own = results[results["stat"] == "n"]
    keys = own[list(LEVELS[:4])].astype(object).where(own[list(LEVELS[:4])].notna(), None)
    found = dict(zip(keys.itertuples(index=False, name=None), own["value"], strict=True))
    assert all(found[key] == n for key, n in plain.items())
    assert sum(found.values()) == sum(plain.values())
    print(f"{len(plain)} counts equal; {len(output.rows)} rows, {len(results)} results")


if __name__ == "__main__":
    main()
