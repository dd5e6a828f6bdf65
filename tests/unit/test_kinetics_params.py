"""What kinetics and constants refuse, and a delivered ADPC that lacks what it needs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from csr.derive.kinetics_delivered import complete_kinetics
from csr.errors import DataError
from csr.params.kinetics import Kinetics
from csr.read.mapping import add_constants

RULES = Kinetics(main_specimen="PB")
ADSL = pd.DataFrame({"USUBJID": ["A", "B"], "SAFFL": "Y", "TRT01A": "X"})


def samples(**columns: object) -> pd.DataFrame:
    rows: dict[str, object] = {
        "USUBJID": ["A", "A", "A", "A"], "PCSPEC": "PB", "PARAMCD": "CARDNA",
        "VISIT": ["Day 0 pre", "Day 7", "Day 0 (2)", "Day 7 (2)"],
        "AFRLT": [0.0, 7.0, 100.0, 108.0], "AVAL": [0.0, 900.0, 40.0, 700.0],
        "AVALU": "copies/ug",
    }  # fmt: skip
    return pd.DataFrame(rows | columns)


@pytest.mark.parametrize(
    "wrong",
    [
        {"lloq": 10, "lod": 50},
        {"lloq": 0},
        {"partial_aucs": [[7, 7]]},
        {"partial_aucs": [[0, 7.5]]},
        {"partial_aucs": [[0, 7], [0, 7]]},
        {"terminal": {"points": 2}},
        {"below_limit": {"between": -1}},
        {"below_limit": {"between": "LLOQ"}},
        {"auc": "log"},
        {"window": 2},
    ],
)
def test_params_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Kinetics.model_validate(wrong)


def test_constants_never_overwrite_a_column() -> None:
    frame = pd.DataFrame({"USUBJID": ["A"]})
    full = add_constants(frame, {"SAFFL": "Y", "DOSE": 1.5})
    assert full.iloc[0].tolist() == ["A", "Y", 1.5]
    with pytest.raises(DataError, match="the file has USUBJID already"):
        add_constants(frame, {"USUBJID": "B"})


@pytest.mark.parametrize("column", ["AFRLT", "PCSPEC", "VISIT"])
def test_a_delivered_adpc_that_lacks_what_kinetics_need_is_not_completed(column: str) -> None:
    given = {"adsl": ADSL, "adpc": samples().drop(columns=column)}
    adam, found = complete_kinetics(given, RULES)
    assert [(f.severity, f.check) for f in found] == [("warning", "missing-column")]
    assert adam == given


def test_several_analytes_in_one_delivered_adpc_are_an_error() -> None:
    mixed = samples(PARAMCD=["CARDNA", "CARFLOW", "CARDNA", "CARDNA"])
    _, found = complete_kinetics({"adsl": ADSL, "adpc": mixed}, RULES)
    assert [f.check for f in found] == ["several-analytes"]


def test_infusions_of_a_delivered_adpc_are_told_by_the_visits() -> None:
    adam, found = complete_kinetics({"adsl": ADSL, "adpc": samples()}, RULES)
    assert found == []
    adpc = adam["adpc"]
    assert adpc["AINFN"].tolist() == [1, 1, 2, 2]
    assert adpc["ARELTM"].tolist() == [0, 7, 0, 8]
    assert adpc["PREDOSFL"].tolist() == ["Y", "", "Y", ""]
    peaks = adam["adpp"][adam["adpp"]["PARAMCD"] == "CMAX"]
    assert peaks["AVAL"].tolist()[:2] == [900, 700]
    assert peaks["PPREASND"].tolist()[2] == "no usable sample after the infusion"
    assert adam["adsl"]["PKFL"].tolist() == ["Y", "N"]


def test_a_delivered_adpc_with_its_own_times_and_flags_keeps_them() -> None:
    own = samples(
        AINFN=1.0, ARELTM=[-0.1, 7.0, np.nan, 9.0], ANL01FL=["Y", "Y", "Y", ""],
        VISIT="Unscheduled",
    ).drop(columns="AFRLT")  # fmt: skip
    adam, found = complete_kinetics({"adsl": ADSL, "adpc": own}, RULES)
    assert [f.check for f in found] == ["sample-time"]
    reasons = adam["adpc"].sort_values("PCSEQ")["REASEXC"].tolist()
    assert reasons == [
        "",
        "",
        "no time since the infusion",
        "not chosen for analysis in the data (ANL01FL)",
    ]


def test_samples_of_an_infusion_that_no_visit_dates_are_left_out() -> None:
    visits = ["Day 0 pre", "Day 7", "Day 14 (2)", "Month 6"]
    adam, found = complete_kinetics({"adsl": ADSL, "adpc": samples(VISIT=visits)}, RULES)
    assert [f.count for f in found] == [2]
    adpc = adam["adpc"].sort_values("PCSEQ")
    assert adpc["AINFN"].isna().tolist() == [False, False, True, True]
    assert (adpc["REASEXC"] == "").tolist() == [True, True, False, False]
