"""ADCE of small made-up subjects: episodes, grades from components, what was given."""

from __future__ import annotations

import pandas as pd
import pytest

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


def grade(found: pd.DataFrame, reported: str = "1", **more: pd.DataFrame) -> tuple[str, str]:
    """Grade from components and analysis grade of an episode of 12 to 14 January."""
    row = derived(ce(f"E1 {reported} 2026-01-12 2026-01-14"), found, **more).frame.iloc[0]
    return row["ATOXGRA"], row["AGRADE"]


PRESSURE = ("E1|HYPOTENS|ONE VASOPRESSOR|2026-01-13", "E1|OXYGEN|NONE|2026-01-13")


def cm(name: str, start: str, end: str = "", **columns: str) -> pd.DataFrame:
    usual = {"CMTRT": name, "CMDECOD": name, "CMCLAS": ""}
    return pd.DataFrame(
        [{"USUBJID": "A", "CMSEQ": 1.0, **usual, "CMSTDTC": start, "CMENDTC": end, **columns}]
    )


@pytest.mark.parametrize(
    ("drug", "waived"),
    [
        (None, False),
        (cm("TOCILIZUMAB", "2026-01-12"), True),
        (cm("TOCILIZUMAB", "2026-01-10"), True),  # after the infusion of that day, for days
        (cm("TOCILIZUMAB", "2026-01-09"), False),  # before the infusion
        (cm("TOCILIZUMAB", "2026-01-15"), False),  # after the episode
        (cm("PARACETAMOL", "2026-01-11"), True),  # the day before
        (cm("PARACETAMOL", "2026-01-10"), False),  # an antipyretic works for hours
        (cm("PARACETAMOL", "2026-01-09", "2026-01-20"), True),  # was taken all the while
        (cm("IBUPROFEN", "2026-01-13"), True),
        (cm("DEXAMETHASONE", "2026-01-11", CMCLAS="CORTICOSTEROIDS FOR SYSTEMIC USE"), True),
        (cm("DEXAMETHASONE", "2026-01-11", CMCLAS="ANTIEMETICS"), False),
        (cm("DEXAMETHASONE", "2026-01-11").drop(columns="CMCLAS"), True),
        (cm("", "2026-01-12", CMTRT="Paracetamol 500 mg"), True),  # not coded
        (cm("x", "2026-01-12", CMTRT="Tocilizumab").drop(columns="CMDECOD"), True),
        (cm("VANCOMYCIN", "2026-01-12"), False),
    ],
)
def test_after_antipyretics_hypotension_and_hypoxia_grade_alone(
    drug: pd.DataFrame | None, waived: bool
) -> None:
    """Lee 2019, also astct_grades.json `fever_rule`: 37.0 °C and a vasopressor are grade 3 then."""
    found = fa("E1|TEMPMAX|37.0|2026-01-13", *PRESSURE)
    more = {} if drug is None else {"cm": drug}
    assert grade(found, **more) == (("3", "3") if waived else ("", "1"))
    assert grade(fa(*PRESSURE), **more) == (("3", "3") if waived else ("", "1"))


def test_fever_once_in_the_episode_is_enough() -> None:
    found = fa("E1|TEMPMAX|38.2|2026-01-12", "E1|TEMPMAX|36.9|2026-01-13", *PRESSURE)
    assert grade(found) == ("3", "3")


def temperatures(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """FAORRES, FAORRESU, FASTRESC, FASTRESU of a temperature, beside a vasopressor."""
    columns = ["FAORRES", "FAORRESU", "FASTRESC", "FASTRESU"]
    frame = pd.DataFrame(rows, columns=columns).assign(FATESTCD="TEMPMAX")
    rest = pd.DataFrame(
        {"FATESTCD": ["HYPOTENS", "OXYGEN"], "FASTRESC": ["ONE VASOPRESSOR", "NONE"]}
    )
    both = pd.concat([frame, rest], ignore_index=True).fillna("")
    return both.assign(USUBJID="A", FALNKID="E1", FADTC="2026-01-13", FASEQ=range(1, len(both) + 1))


@pytest.mark.parametrize(
    ("recorded", "fever"),
    [
        (("99.1", "F", "", ""), False),
        (("100.3", "F", "", ""), False),  # 37.94 °C
        (("100.4", "F", "", ""), True),  # 38.0 °C
        (("38.0", "C", "", ""), True),
        (("37.9", "C", "", ""), False),
        (("100.4", "°F", "38.0", "C"), True),
        (("99.1", "F", "99.1", ""), False),
        (("311.2", "K", "", ""), True),  # 38.05 °C
        (("38.5", "", "", ""), True),  # no unit at all: can only be °C
        (("", "", "38.5", ""), True),
        (("101.3", "", "", ""), None),  # no unit at all: not °C
        (("38.5", "furlong", "", ""), None),
        (("99.1", "F", "39.1", "C"), None),  # at odds with itself
    ],
)
def test_a_temperature_is_read_with_its_unit(
    recorded: tuple[str, str, str, str], fever: bool | None
) -> None:
    """None: the unit is in doubt, a finding and no number."""
    found = derived(ce("E1 1 2026-01-12 2026-01-14"), temperatures(recorded))
    assert found.frame.iloc[0]["AGRADE"] == ("3" if fever else "1")
    doubts = [f for f in found.findings if f.check == "temperature-unit"]
    assert bool(doubts) == (fever is None)


def test_a_blank_unit_is_that_of_the_other_temperatures() -> None:
    found = temperatures(("99.1", "F", "", ""), ("99.5", "", "", ""))
    assert grade(found) == ("", "1")


def test_an_episode_without_an_end_ends_before_the_next() -> None:
    """Told apart by their starts; what follows after another infusion ends it too."""
    found = derived(
        ce(
            "E1 1 2026-01-12 -",
            "E2 3 2026-02-10 2026-02-12",
            "E3 1 2026-02-25 -",
            "E4 2 2026-03-03 -",
        )
    )
    frame = found.frame
    assert [f"{d:%m-%d}" if pd.notna(d) else "" for d in frame["AENDT"]] == [
        "02-09",
        "02-12",
        "03-02",
        "",
    ]
    assert list(frame["AENDTF"]) == ["N", "", "N", ""]
    [open_] = [f for f in found.findings if f.check == "episode-without-end"]
    assert open_.keys == ("USUBJID=A, CESEQ=1", "USUBJID=A, CESEQ=3")


def test_records_by_grade_without_ends_are_one_episode() -> None:
    """Each begins within the gap of the former: one episode, to the end of the last."""
    row = derived(ce("E1 1 2026-01-12 -", "E2 3 2026-01-14 -", "E3 1 2026-01-16 2026-01-18"))
    [episode] = row.frame.to_dict("records")
    assert (episode["ATOXGR"], episode["RECORDS"]) == ("3", 3)
    assert episode["AENDT"] == pd.Timestamp("2026-01-18")
    going = derived(ce("E1 1 2026-01-12 2026-01-13", "E2 3 2026-01-14 -")).frame
    assert list(going["AENDT"].isna()) == [True]


def test_components_of_grade_0_leave_the_reported_grade() -> None:
    """A CRS with ICANS' normal components does not stop being reported."""
    normal = ("CONSCIOU|NORMAL", "SEIZURE|NONE", "MOTOR|NONE", "ICP|NONE", "ICE|10")
    icans = RULES.model_copy(
        update={"episodes": {"ICANS": Records(domain="ce", where={"CECAT": ("CRS",)})}}
    )
    sdtm = {"ce": ce("E1 2 2026-01-12 2026-01-14"), "ex": EX}
    sdtm["fa"] = fa(*(f"E1|{component}|2026-01-13" for component in normal))
    found = derive_adce(sdtm, ADSL, icans, PROTOCOL, CUTOFF)
    row = found.frame.iloc[0]
    assert (row["ATOXGRA"], row["AGRADE"], row["ADIFFL"]) == ("0", "2", "Y")


@pytest.mark.parametrize(
    ("how", "wanted"), [("reported", "2"), ("components", "1"), ("higher", "2")]
)
def test_the_analysis_grade_by_protocol(how: str, wanted: str) -> None:
    complete = fa("E1|TEMPMAX|39.0|x", "E1|HYPOTENS|NONE|x", "E1|OXYGEN|NONE|x")
    rules = RULES.model_copy(update={"grade": how})
    sdtm = {"ce": ce("E1 2 2026-01-12 2026-01-14"), "fa": complete, "ex": EX}
    assert derive_adce(sdtm, ADSL, rules, PROTOCOL, CUTOFF).frame.iloc[0]["AGRADE"] == wanted


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_records_does_not_matter(seed: int) -> None:
    records = ce(
        "E1 1 2026-01-12 -",
        "E2 3 2026-01-14 2026-01-16",
        "E3 1 2026-02-10 -",
        "E4 2 2026-03-03 2026-03-04",
        "E5 1 2026-03-03 -",
    )
    mixed = records.sample(frac=1, random_state=seed)
    wanted, got = derived(records).frame, derived(mixed).frame
    pd.testing.assert_frame_equal(got, wanted)
