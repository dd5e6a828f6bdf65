"""The pilot's laboratory (pharmaverse ADLB, CTCAE v4 grades recorded) graded by v5.0.

Every difference between the recorded v4 grade and ours must be one of the changes between the
versions; how many there are of each is counted, so that none hides behind another.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.derive.adlb_delivered import complete_adlb
from csr.endpoints.laboratory.shift import shift_rows
from csr.params.laboratory import Laboratory

# The pharmaverse's codes; its calcium is graded as it is.
CODES = {"ALKPH": "ALP", "LYMPH": "LYM", "POTAS": "K", "CHOLES": "CHOL", "CA": "CACORR"}
BY_BASELINE = {"ALT", "AST", "ALKPH", "GGT", "BILI"}


@pytest.fixture(scope="module")
def compared(shared: Path) -> pd.DataFrame:
    """One row per result and direction: recorded and own grade, and the two terms."""
    path = shared / "data" / "A01_pharmaverse_oncology" / "adam" / "adlb.parquet"
    source = pd.read_parquet(path)
    source = source[source["DTYPE"].isna() & source["AVAL"].notna()].reset_index(drop=True)
    for column in ("ATOXGRL", "ATOXGRH", "ATOXDSCL", "ATOXDSCH", "ABLFL", "ONTRTFL"):
        source[column] = source[column].fillna("")
    graded = complete_adlb(source, Laboratory(tests=CODES))
    assert graded.findings == []
    own = graded.frame
    both = [
        own.assign(
            direction=letter,
            recorded=source[f"ATOXGR{letter}"],
            recorded_term=source[f"ATOXDSC{letter}"],
            grade=own[f"ATOXGR{letter}"],
            term=own[f"ATOXDSC{letter}"],
            why=own[f"ATOXREA{letter}"],
        )
        for letter in "LH"
    ]
    every = pd.concat(both, ignore_index=True)
    return every[(every["term"] != "") | (every["recorded"] != "")]


def explained(row: pd.Series) -> str:
    """Which change between the versions (or habit of the source) makes the grades differ."""
    code, base, high = row["PARAMCD"], row["BASE"], row["ANRHI"]
    if code in BY_BASELINE and np.isnan(base):
        return "v5 needs a baseline"
    if code in BY_BASELINE and base > high and row["recorded"] > row["grade"]:
        return "v5 grades an abnormal baseline by multiples of it"
    if code == "CREAT" and (row["recorded"], row["grade"]) == ("1", "0"):
        return "v4 grade 1 of creatinine by baseline alone" if row["AVAL"] <= high else ""
    if row["term"] == "" and row["recorded_term"] in ("Hyperglycemia", "Hypophosphatemia"):
        return "v5 has no grade of it by value"
    if row["recorded_term"] == "CD4 lymphocytes decreased":
        return "the source graded lymphocytes by the thresholds of CD4"
    if code == "HGB" and row["recorded"] == "":
        return "the source did not grade haemoglobin in mmol/L"
    if row["recorded_term"] == "" and row["term"] in (
        "Eosinophilia",
        "Hyperuricemia",
        "Lymphocyte count increased",
    ):
        return "the source did not grade this direction"
    return ""


def test_every_difference_is_one_of_the_versions(compared: pd.DataFrame) -> None:
    differ = compared[compared["recorded"] != compared["grade"]]
    reasons = differ.apply(explained, axis=1)
    assert differ[reasons == ""].empty
    counts = reasons.value_counts().to_dict()
    assert counts["v5 grades an abnormal baseline by multiples of it"] == 168
    assert counts["v4 grade 1 of creatinine by baseline alone"] == 514
    # Without a baseline, a value within the limits is grade 0 whatever the baseline was.
    assert "v5 needs a baseline" not in counts
    assert counts["the source did not grade this direction"] == 5420
    assert counts["the source graded lymphocytes by the thresholds of CD4"] == 21


def test_where_the_versions_agree_so_do_the_grades(compared: pd.DataFrame) -> None:
    same = compared[
        ~compared["PARAMCD"].isin(
            [*BY_BASELINE, "CREAT", "LYMPH", "HGB", "URATE", "GLUC", "PHOS", "EOS"]
        )
    ]
    assert len(same) > 10_000
    assert (same["recorded"] == same["grade"]).all()
    assert set(same["grade"]) >= {"0", "1", "2", "3"}


def test_the_pilot_through_the_shift_table(compared: pd.DataFrame) -> None:
    """Baseline grade × worst grade after it, by a plain loop over the subjects of each term."""
    own = compared[compared["term"] != ""].assign(TERM=compared["term"], LEVEL=compared["grade"])
    subjects = own[["USUBJID"]].drop_duplicates().assign(TRTA="All")
    shifts = shift_rows(own, subjects, ("0", "1", "2", "3", "4"))
    assert len(shifts) > 4000
    for term in ("Alanine aminotransferase increased", "Anemia", "Hypokalemia"):
        expected: dict[tuple[str, str], int] = {}
        for _, one in own[own["TERM"] == term].groupby("USUBJID"):
            base = [
                g for g, flag in zip(one["grade"], one["ABLFL"], strict=True) if flag == "Y" and g
            ]
            after = [
                g for g, on in zip(one["grade"], one["ONTRTFL"], strict=True) if on == "Y" and g
            ]
            pair = (max(base, default="Missing"), max(after, default="Missing"))
            expected[pair] = expected.get(pair, 0) + 1
        found = shifts[shifts["TERM"] == term].groupby(["BASELINE", "WORST"]).size()
        assert {k: int(n) for k, n in found.items()} == expected
        assert sum(expected.values()) > 200
