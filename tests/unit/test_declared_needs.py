"""Needs by column: joined, told what is missing, and nothing else handed over."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.results import Analysis, Needs, Output, reads, reads_either, reads_if_there

AE = reads("adae", "USUBJID", "AEDECOD", AESER="the serious ones are left out")
CE = reads_if_there("adce", "CRS is not marked", "USUBJID", "ASTDT")
WHEN = reads_either("adae", ["ASTDT"], ["ASTDY", "ASTDTF"])
COLUMNS = {"adae": {"USUBJID", "AEDECOD", "ASTDT"}, "adsl": {"USUBJID"}}


def test_what_is_missing_is_named_by_dataset_and_column() -> None:
    assert (AE + CE + WHEN).missing(COLUMNS) == ()
    assert AE.missing({}) == ("ADAE",)
    assert AE.missing({"adae": {"USUBJID"}}) == ("ADAE.AEDECOD",)
    assert WHEN.missing({"adae": {"ASTDY"}}) == ("ADAE.ASTDT or ASTDY and ASTDTF",)


def test_what_can_be_done_without_says_its_consequence() -> None:
    assert (AE + CE).without(COLUMNS) == (
        ("ADAE.AESER", "the serious ones are left out"),
        ("ADCE", "CRS is not marked"),
    )
    half = {"adce": {"USUBJID"}}
    assert CE.without(half) == (("ADCE.ASTDT", "CRS is not marked"),)
    assert CE.missing(half) == ()


def test_needed_by_one_is_needed_by_both() -> None:
    both = AE + reads("adae", "AESER")
    assert both.missing(COLUMNS) == ("ADAE.AESER",)
    assert both.without(COLUMNS) == ()
    assert (CE + reads("adce", "USUBJID")).missing(COLUMNS) == ("ADCE",)
    assert sum((AE, CE), Needs()) == AE + CE


def test_only_what_is_declared_is_handed_over() -> None:
    adam = {
        "adae": pd.DataFrame(columns=["AEDECOD", "USUBJID", "AETERM", "ASTDT", "AESER"]),
        "adce": pd.DataFrame(columns=["USUBJID"]),
        "adlb": pd.DataFrame(columns=["USUBJID"]),
    }
    kept = (AE + CE).of(adam)
    assert {name: list(frame) for name, frame in kept.items()} == {
        "adae": ["AEDECOD", "USUBJID", "AESER"]
    }


def test_an_analysis_cannot_read_what_it_does_not_declare() -> None:
    def answer(adam: dict[str, pd.DataFrame], params: object) -> Output:
        return Output(adam["adae"][["AETERM"]], pd.DataFrame())

    adam = {"adae": pd.DataFrame(columns=["USUBJID", "AEDECOD", "AETERM"])}
    analysis = Analysis("x", answer, needs=AE)
    with pytest.raises(KeyError, match="AETERM"):
        analysis.run(adam, None)
