"""Supplemental qualifiers go back to the records they were taken from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from csr.read.check import check_datasets
from csr.read.files import read_dataset
from csr.read.supp import join_supp

AE = pd.DataFrame(
    {
        "DOMAIN": "AE",
        "USUBJID": ["01", "01", "02"],
        "AESEQ": [1.0, 2.0, 1.0],
        "AESPID": ["A", "B", "01"],
        "AETERM": ["x", "y", "z"],
    }
)


def supp(*rows: tuple[str, str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL"])
    return frame.assign(RDOMAIN="AE", QLABEL="Label " + frame["QNAM"])


def test_by_number_by_text_and_by_subject() -> None:
    qualifiers = supp(
        ("01", "AESEQ", "   2", "AETRTEM", "Y"),
        ("02", "AESEQ", "1.0", "AETRTEM", "N"),
        ("01", "AESPID", "A", "AEX", "one"),
        ("01", "", "", "ALL", "both"),
    )
    joined, findings = join_supp(AE, qualifiers)
    assert findings == []
    assert joined["AETRTEM"].tolist() == ["", "Y", "N"]
    assert joined["AEX"].tolist() == ["one", "", ""]
    assert joined["ALL"].tolist() == ["both", "both", ""]
    assert joined.attrs["labels"]["AEX"] == "Label AEX"
    pd.testing.assert_frame_equal(joined[AE.columns], AE)


def test_what_does_not_fit_is_found_and_changes_nothing() -> None:
    qualifiers = supp(
        ("01", "AESEQ", "9", "A", "no such record"),
        ("09", "AESEQ", "1", "A", "no such subject"),
        ("01", "CMSEQ", "1", "A", "no such column"),
        ("01", "AESEQ", "1", "B", "first"),
        ("01", "AESPID", "A", "B", "second"),
        ("01", "AESEQ", "1", "AETERM", "never"),
    )
    other = supp(("01", "AESEQ", "1", "C", "of CM")).assign(RDOMAIN="CM")
    joined, findings = join_supp(AE, pd.concat([qualifiers, other]))
    assert {(f.severity, f.check): f.rows for f in findings} == {
        ("error", "no-parent"): (1, 2, 3, 7),
        ("error", "qualifier-twice"): (4, 5),
        ("warning", "column-exists"): (6,),
    }
    assert {f.dataset for f in findings} == {"SUPPAE"}
    assert joined["B"].tolist() == ["first", "", ""]
    assert joined["AETERM"].tolist() == ["x", "y", "z"]
    assert set(joined) - set(AE) == {"B"}


def test_no_qualifiers_and_no_records() -> None:
    joined, findings = join_supp(AE, supp())
    assert findings == []
    pd.testing.assert_frame_equal(joined, AE)
    joined, findings = join_supp(AE.iloc[:0], supp(("01", "AESEQ", "1", "A", "x")))
    assert [f.check for f in findings] == ["no-parent"]
    assert list(joined) == list(AE)


def test_the_pilots_population_flags(shared: Path) -> None:
    folder = shared / "data/A02_cdisc_pilot/sdtm"
    frames = {name: read_dataset(folder / f"{name}.xpt") for name in ("dm", "suppdm")}
    done, _ = check_datasets(frames, standard="sdtm")
    joined, findings = join_supp(done["dm"], done["suppdm"])
    assert findings == []
    # The published report: 254 subjects randomised and treated, 234 evaluable for efficacy.
    counts = {flag: int((joined[flag] == "Y").sum()) for flag in ("ITT", "SAFETY", "EFFICACY")}
    assert counts == {"ITT": 254, "SAFETY": 254, "EFFICACY": 234}
