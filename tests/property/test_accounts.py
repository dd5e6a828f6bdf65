"""Every derivation accounts for its rows: in = used + left out, each for a reason (METHODS §10.20).

The demonstration (60 subjects, every domain) and the pharmaverse SDTM, through the whole way.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.derive.account import IN, LEFT_OUT, UNEXPLAINED, USED
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

# Domains whose rows become rows (or sums) of a dataset, and that dataset.
MADE_OF = {
    ("ADSL", "DM"), ("ADEX", "EX"), ("ADAE", "AE"), ("ADTR", "TR"), ("ADRS", "RS"),
    ("ADTTE", "ADSL"), ("ADCM", "CM"), ("ADMH", "MH"), ("ADDV", "DV"), ("ADMFG", "ADSL"),
    ("ADLB", "LB"), ("ADVS", "VS"), ("ADEG", "EG"), ("ADECOG", "QS"), ("ADPC", "PC"),
    ("ADPP", "ADPC"), ("ADIS", "IS"), ("ADCE", "CE"), ("ADLTF", "ADSL"),
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """The last cut of a small demonstration study."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, seed=1, subjects=60)
    path = folder / "params" / "csr.yaml"
    return check_data(read_params(path), path.parent)


@pytest.fixture(scope="module")
def pharmaverse(root: Path) -> Checked:
    """pharmaversesdtm, with oncology of three readers."""
    path = root / "params" / "pharmaverse-onco.yaml"
    return check_data(read_params(path), path.parent)


def totals(checked: Checked) -> pd.DataFrame:
    """Rows by dataset and source: in, used, left out."""
    accounts = checked.accounts["accounts"]
    return accounts.pivot_table(
        index=["dataset", "source"], columns="outcome", values="rows", aggfunc="sum", fill_value=0
    )


@pytest.mark.parametrize("study", ["demo", "pharmaverse"])
def test_rows_in_are_used_or_left_out_for_a_reason(
    study: str, request: pytest.FixtureRequest
) -> None:
    checked = request.getfixturevalue(study)
    found = totals(checked)
    assert (found[IN] == found[USED] + found[LEFT_OUT]).all()
    accounts = checked.accounts["accounts"]
    assert UNEXPLAINED not in set(accounts["reason"])
    assert (accounts.loc[accounts["outcome"] == LEFT_OUT, "reason"] != "").all()
    assert "account" not in {f.check for f in checked.findings}
    assert not accounts.duplicated(["dataset", "source", "outcome", "reason"]).any()


def test_every_dataset_has_its_account(demo: Checked) -> None:
    found = totals(demo)
    assert set(found.index) >= {k for k in MADE_OF if k[0].lower() in demo.adam}
    assert {k[0].lower() for k in found.index} >= set(demo.adam)


def test_what_became_a_row_is_as_many_rows(demo: Checked) -> None:
    """One row a record: as many as the account says were used."""
    found = totals(demo)
    for dataset, source in (("ADAE", "AE"), ("ADCM", "CM"), ("ADVS", "VS"), ("ADMH", "MH")):
        assert found.loc[(dataset, source), USED] == len(demo.adam[dataset.lower()])
    overall = demo.adam["adrs"].query("PARAMCD == 'OVR'")
    assert found.loc[("ADRS", "RS"), USED] == len(overall)
    given = demo.adam["adex"].query("PARAMCD == 'DOSE'")
    assert found.loc[("ADEX", "EX"), USED] == len(given)
    counted = demo.adam["adpc"].query("ANL01FL == 'Y'")
    assert found.loc[("ADPP", "ADPC"), USED] == len(counted)
