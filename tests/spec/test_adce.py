"""ADCE of small made-up subjects: episodes, grades from components, what was given."""

from __future__ import annotations

import pandas as pd

from csr.derive.adce import derive_adce
from csr.derive.findings import Derived
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records
from csr.params.protocol import Exposure, Protocol, TimeToEventRules

PROTOCOL = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex")),
    time_to_event=TimeToEventRules(new_therapy="treatment-policy"),
)
RULES = CellToxicity(
    episodes={"CRS": Records(domain="ce", where={"CECAT": ("CRS",)})},
    intensive_care=Records(domain="fa", where={"FATESTCD": ("ICU",), "FASTRESC": ("Y",)}),
)
ADSL = pd.DataFrame(
    {
        "USUBJID": ["A"],
        "TRT01A": "Dose",
        "TRTSDT": pd.to_datetime(["2026-01-10"]),
        "DTHDT": pd.to_datetime([None]),
    }
)
EX = pd.DataFrame(
    {
        "USUBJID": ["A", "A"],
        "EXSEQ": [1.0, 2.0],
        "EXTRT": "CELLS",
        "EXDOSE": 1.0,
        "EXDOSU": "",
        "EXCAT": "",
        "EXSTDTC": ["2026-01-10", "2026-03-01"],
        "EXENDTC": "",
    }
)
CUTOFF = pd.Timestamp("2026-06-30")


def ce(*records: str) -> pd.DataFrame:
    """`link grade start end`, "-" for blank."""
    rows = [record.split() for record in records]
    frame = pd.DataFrame(rows, columns=["CELNKID", "CETOXGR", "CESTDTC", "CEENDTC"])
    frame = frame.replace("-", "")
    return frame.assign(
        USUBJID="A", CESEQ=[float(i) for i in range(1, len(rows) + 1)], CECAT="CRS", CETERM="CRS"
    )


def fa(*records: str) -> pd.DataFrame:
    """`link test result date`."""
    rows = [record.split("|") for record in records]
    frame = pd.DataFrame(rows, columns=["FALNKID", "FATESTCD", "FASTRESC", "FADTC"])
    return frame.assign(USUBJID="A")


NOTHING = fa()


def derived(events: pd.DataFrame, found: pd.DataFrame = NOTHING, **more: pd.DataFrame) -> Derived:
    sdtm = {"ce": events, "fa": found, "ex": EX, **more}
    return derive_adce(sdtm, ADSL, RULES, PROTOCOL, CUTOFF)


def test_records_less_than_the_gap_apart_are_one_episode() -> None:
    frame = derived(
        ce(
            "E1 1 2026-01-12 2026-01-14",
            "E2 2 2026-01-21 2026-01-22",  # 7 days after the first ended: one episode with it
            "E3 1 2026-01-31 2026-02-01",  # 9 days after: another
            "E4 1 2026-03-02 -",  # after infusion 2, and it has not ended
        )
    ).frame
    assert list(frame["CESEQ"]) == [1, 3, 4]
    assert list(frame["ATOXGR"]) == ["2", "1", "1"]
    assert list(frame["AINFN"]) == [1, 1, 2]
    # Onset from the latest infusion: 12 − 10, 31 − 10, 2 March − 1 March.
    assert list(frame["AINFDY"]) == [2, 21, 1]
    assert list(frame["ADURN"].iloc[:2]) == [11, 2]  # 12 to 22 January; 31 January to 1 February
    assert pd.isna(frame["ADURN"].iloc[2])


def test_the_worst_components_of_the_episode_grade_it() -> None:
    found = derived(
        ce("E1 2 2026-01-12 2026-01-14"),
        fa(
            "E1|TEMPMAX|37.5|2026-01-12",
            "E1|TEMPMAX|39.0|2026-01-13",
            "E1|HYPOTENS|NONE|2026-01-12",
            "E1|HYPOTENS|ONE VASOPRESSOR|2026-01-13",
            "E1|OXYGEN|LOW-FLOW|2026-01-13",
            "E1|ICU|Y|2026-01-13",
        ),
    )
    row = found.frame.iloc[0]
    assert (row["ATOXGR"], row["ATOXGRA"], row["ADIFFL"]) == ("2", "3", "Y")
    assert row["AGRADE"] == "3"
    assert row["ICUFL"] == "Y"
    differs = [f for f in found.findings if f.check == "astct-grade"]
    assert differs[0].values == ("2 reported, 3 by components",)


def test_without_components_the_reported_grade_stands() -> None:
    found = derived(ce("E1 2 2026-01-12 2026-01-14"), fa("E1|TEMPMAX|39.0|2026-01-13"))
    row = found.frame.iloc[0]
    assert (row["ATOXGRA"], row["AGRADE"]) == ("", "2")
    assert row["AGRREAS"] == "HYPOTENS not recorded; OXYGEN not recorded"
    assert [f.check for f in found.findings] == ["astct-components"]


def test_drugs_count_inside_the_episode_only() -> None:
    cm = pd.DataFrame(
        {
            "USUBJID": "A",
            "CMSEQ": [1.0, 2.0, 3.0],
            "CMDECOD": "TOCILIZUMAB",
            "CMCLAS": "",
            "CMSTDTC": ["2026-01-12", "2026-01-14", "2026-01-15"],
        }
    )
    row = derived(ce("E1 1 2026-01-12 2026-01-14"), cm=cm).frame.iloc[0]
    assert (row["TOCIFL"], row["TOCIN"], row["STERFL"]) == ("Y", 2, "")


def test_a_fatal_episode_is_grade_5() -> None:
    complete = fa("E1|TEMPMAX|39.0|x", "E1|HYPOTENS|NONE|x", "E1|OXYGEN|NONE|x")
    row = derived(ce("E1 5 2026-01-12 2026-01-14"), complete).frame.iloc[0]
    assert (row["ATOXGRA"], row["AGRADE"], row["ADIFFL"]) == ("1", "5", "")
