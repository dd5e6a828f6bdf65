"""Two futures of the demonstration at 25 cut-offs: what is cut and printed can't tell them apart.

In the one everyone dies who does; in the other, whoever dies after the cut-off lives, and the event
that was fatal is still open. The other future is made here, from the data alone.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from csr.cut import Cut, Rules, cut_sdtm, declared_rules
from csr.demo.write import write_demo
from csr.params.file import read_params
from csr.read.check import check_datasets
from csr.read.source import read_source

pytestmark = pytest.mark.slow
Sdtm = dict[str, pd.DataFrame]
FIRST, LAST, CUTS = dt.date(2019, 9, 1), dt.date(2024, 3, 1), 25
CUTOFFS = [FIRST + i * (LAST - FIRST) / (CUTS - 1) for i in range(CUTS)]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Sdtm, Rules]:
    """SDTM of the transfer of the CSR, and the rules it is cut by."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, subjects=60)
    path = folder / "params" / "csr.yaml"
    params = read_params(path)
    source = read_source(params.data, path.parent)
    sdtm, _ = check_datasets(source.frames, standard="sdtm", cutoff=params.cut.cutoff)
    return sdtm, declared_rules(params.cut_rules)


def lives(sdtm: Sdtm, cutoff: dt.date, rules: Rules) -> Sdtm:
    """The data if whoever died after the cut-off were alive."""
    other = {name: frame.copy() for name, frame in sdtm.items()}
    dm, ae = other["dm"], other["ae"]
    later = dm["DTHDTC"].fillna("") > cutoff.isoformat()
    who = set(dm.loc[later, "USUBJID"])
    dm.loc[later, ["DTHDTC", "DTHFL"]] = ""
    for name, dead in (
        ("dd", lambda f: f["USUBJID"] != ""),
        ("ds", lambda f: f["DSDECOD"] == "DEATH"),
        ("ss", lambda f: f["SSSTRESC"] == "DEAD"),
        ("suppdm", lambda f: f["QNAM"].str.contains("DTH")),
    ):
        frame = other[name]
        gone = frame["USUBJID"].isin(who) & dead(frame)
        other[name] = frame[~gone].reset_index(drop=True)
    fatal = ae["USUBJID"].isin(who) & (ae["AEOUT"] == "FATAL")
    ae.loc[fatal, ["AEENDTC", "AESDTH", "AETOXGR"]] = ""
    ae.loc[fatal, "AEOUT"] = rules.ongoing_outcome
    if "AEENDY" in ae:
        ae.loc[fatal, "AEENDY"] = np.nan
    if "AEENRF" in ae:
        ae.loc[fatal, "AEENRF"] = "ONGOING"
    criteria = [c for c in rules.seriousness if c in ae]
    ae.loc[fatal & ~(ae[criteria] == "Y").any(axis=1), "AESER"] = "N"
    return other


def told(cut: Cut) -> dict[str, str]:
    """Everything of a cut that a build shows, as text."""
    found = {name: frame.to_csv(index=False) for name, frame in cut.sdtm.items()}
    found["counts"] = cut.printed_counts.to_csv(index=False)
    found["resets"] = cut.printed_resets.to_csv(index=False)
    found["findings"] = "\n".join(repr(f) + str(f.keys) for f in cut.findings if not f.restricted)
    return found


@pytest.mark.parametrize("cutoff", CUTOFFS, ids=str)
def test_the_futures_look_the_same(study: tuple[Sdtm, Rules], cutoff: dt.date) -> None:
    sdtm, rules = study
    one = told(cut_sdtm(sdtm, cutoff=cutoff, rules=rules))
    other = told(cut_sdtm(lives(sdtm, cutoff, rules), cutoff=cutoff, rules=rules))
    assert [name for name in one if one[name] != other[name]] == []


def test_they_are_two_futures(study: tuple[Sdtm, Rules]) -> None:
    """At the first cut-off most deaths are to come, a fatal event among them; the full account
    tells."""
    sdtm, rules = study
    assert (sdtm["ae"]["AEOUT"] == "FATAL").any()
    other = lives(sdtm, FIRST, rules)
    assert (sdtm["dm"]["DTHFL"] == "Y").sum() - (other["dm"]["DTHFL"] == "Y").sum() > 20
    cutoff = dt.date(2020, 5, 8)
    one, two = (cut_sdtm(s, cutoff=cutoff, rules=rules) for s in (sdtm, lives(sdtm, cutoff, rules)))
    assert not one.resets.equals(two.resets)
    assert not one.counts.equals(two.counts)
