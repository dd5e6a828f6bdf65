"""The kinetics of a real CAR-T study from its delivered data, by a params file alone.

Counts are of the public data (see its README): 475 samples of 20 patients; 30 are not used
themselves: 21 earlier ones before an infusion, 7 of an infusion that no visit tells the day of, and
2 that are one specimen's replicates. Peaks of two patients are read off the data by hand.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.cli import main
from csr.displays.catalogue import all_displays
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.pipeline.workspace import find_build

FOLDER = "data/A06_cart_qpcr_kinetics"


@pytest.fixture(scope="module")
def params_path(root: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    text = (root / "tests/data/cart19.yaml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("cart19") / "cart19.yaml"
    path.write_text(text.replace("@DATA@", str(shared / FOLDER)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def checked(params_path: Path) -> Checked:
    found = check_data(read_params(params_path), params_path.parent)
    assert not found.errors
    return found


def test_every_sample_is_used_or_has_a_reason(checked: Checked) -> None:
    adpc = checked.adam["adpc"]
    own = adpc[adpc["DTYPE"] == ""]
    assert len(own) == 475
    assert ((adpc["ANL01FL"] == "Y") == (adpc["REASEXC"] == "")).all()
    reasons = own["REASEXC"].value_counts()
    assert reasons.pop("") == 445
    assert sorted(reasons) == [2, 7, 21]
    assert (adpc["DTYPE"] == "AVERAGE").sum() == 1
    assert (own["BLQFL"] == "Y").sum() == 123
    assert (checked.adam["adsl"]["PKFL"] == "Y").all()


def test_the_profile_of_each_infusion(checked: Checked) -> None:
    adpp = checked.adam["adpp"]
    blood = adpp[adpp["PCSPEC"] == "PB"]
    infusions = blood.groupby("USUBJID")["AINFN"].max()
    assert infusions[infusions == 2].index.tolist() == ["CART19-019", "CART19-023", "CART19-039"]
    value = blood.set_index(["USUBJID", "AINFN", "PARAMCD"])["AVAL"]
    assert value["CART19-001", 1, "CMAX"] == 131714.18
    assert value["CART19-001", 1, "TMAX"] == 13
    # The second infusion of 023 was on day 70: its peak, on day 125, is day 55 after it.
    assert value["CART19-023", 1, "CMAX"] == 1724.02
    assert value["CART19-023", 2, "CMAX"] == 65118.74
    assert value["CART19-023", 2, "TMAX"] == 55
    assert value["CART19-023", 2, "TLST"] == 1514


@pytest.mark.slow
def test_the_chapter_builds_from_the_params_alone(params_path: Path, tmp_path: Path) -> None:
    chapter = [d.name for d in all_displays() if d.section in ("14.4", "16.2.5")]
    text = params_path.read_text(encoding="utf-8")
    path = tmp_path / "cart19.yaml"
    path.write_text(f"{text}displays: {{only: [{', '.join(chapter)}]}}\n", encoding="utf-8")
    assert main(["build", str(path), "--out", str(tmp_path / "out")]) == 0
    built = find_build("CART19/public", tmp_path / "out")
    left_out = (built / "displays/kinetics-excluded.md").read_text(encoding="utf-8")
    # Each display is there twice, for HTML and for PDF.
    assert left_out.count("CART19-") == 2 * 30
    assert left_out.count("time of the infusion that the visit names is not known") == 2 * 7
    every = (built / "displays/kinetics-listing.md").read_text(encoding="utf-8")
    assert every.count("CART19-") == 2 * 476
    results = pd.read_parquet(built / "results/results.parquet")
    assert len(results) > 0
    assert (built / "rendered/interim.pdf").stat().st_size > 0
