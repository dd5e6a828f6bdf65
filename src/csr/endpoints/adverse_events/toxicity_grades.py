"""The reported grade of CRS and ICANS against the one from components, episode by episode."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.cell_toxicity import (
    CRS,
    GRADES,
    ICANS,
    episode_needs,
    episodes_of,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)

NAME = "crs-components"
NONE = "none"
COLUMNS = ("SYNDROME", "REPORTED", "COMPONENTS")
LEVELS = (*GRADES, NONE)


def answer(adam: Adam, params: Params) -> Output:
    """Episodes of the safety subjects, counted by reported grade × grade from components."""
    parts = []
    subjects = pd.DataFrame()
    for syndrome in (CRS, ICANS):
        subjects, own = episodes_of(adam, params, syndrome)
        parts.append(
            own.assign(
                SYNDROME=syndrome,
                REPORTED=own["ATOXGR"].where(own["ATOXGR"].isin(GRADES), NONE),
                COMPONENTS=own["ATOXGRA"].where(own["ATOXGRA"].isin(GRADES), NONE),
            )
        )
    every = pd.concat(parts, ignore_index=True)
    rows = make_rows(population_rows(subjects, []), counted_rows(every, "ADCE", COLUMNS, "CESEQ"))
    out = ResultList(NAME, "safety")
    for syndrome in (CRS, ICANS):
        own = every[every["SYNDROME"] == syndrome]
        for reported in LEVELS:
            for components in LEVELS:
                n = ((own["REPORTED"] == reported) & (own["COMPONENTS"] == components)).sum()
                where = tuple(zip(COLUMNS, (syndrome, reported, components), strict=True))
                out.add(where, "events", n, method="episodes")
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The episodes with both grades."""
    return episode_needs(params) + reads("adce", "ATOXGR", "ATOXGRA")


CRS_COMPONENTS = Analysis(NAME, answer, "METHODS §5; Lee 2019", needs=needs)
