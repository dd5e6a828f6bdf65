"""Laboratory, vital signs, ECG and CRS displays of small made-up frames, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adsl, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Figure, Table
from csr.endpoints.laboratory.hys_law import is_candidate
from csr.params import Params
from csr.params.file import read_params

DISPLAYS = {d.name: d for d in all_displays()}
MORE = "\nlaboratory: {by_visit: [NEUT], visit_percent: 10}\nmeasurements: {visit_percent: 10}\n"
Adam = dict[str, pd.DataFrame]


@pytest.fixture
def params(tmp_path: Path) -> Params:
    path = write_study(tmp_path)
    path.write_text(PARAMS + MORE, encoding="utf-8")
    return read_params(path)


def subjects() -> pd.DataFrame:
    """Twelve subjects, six a dose, all of the safety set."""
    return adsl().assign(TRTSDT=pd.Timestamp("2026-01-10"))


def lab(*records: str) -> pd.DataFrame:
    """`subject test visit day value ULN grade-low grade-high`; day < 0: baseline; "-": blank."""
    columns = ["who", "test", "visit", "day", "value", "uln", "low", "high"]
    frame = pd.DataFrame([r.split() for r in records], columns=columns).replace("-", "")
    day = frame["day"].astype(int)
    value = pd.to_numeric(frame["value"])
    base = value.where(day < 0).groupby([frame["who"], frame["test"]]).transform("max")
    terms = {
        "NEUT": "Neutrophil count decreased",
        "HGB": "Anemia",
        "PLAT": "Platelet count decreased",
    }
    return pd.DataFrame(
        {
            "USUBJID": "S-" + frame["who"],
            "LBSEQ": [float(i) for i in range(len(frame))],
            "PARAMCD": frame["test"],
            "PARAM": frame["test"] + " (unit)",
            "AVAL": value,
            "AVALU": "unit",
            "ANRLO": 0.0,
            "ANRHI": pd.to_numeric(frame["uln"]),
            "BASE": base,
            "CHG": (value - base).where(day >= 0),
            "ABLFL": (day < 0).map({True: "Y", False: ""}),
            "ONTRTFL": (day >= 0).map({True: "Y", False: ""}),
            "ADT": pd.Timestamp("2026-01-10") + pd.to_timedelta(day, unit="D"),
            "AVISIT": frame["visit"],
            "AVISITN": day.astype(float),
            "AINFN": (day >= 0).astype(float),
            "AINFDY": day.where(day >= 0).astype(float),
            "ATOXDSCL": frame["test"].map(terms).fillna(""),
            "ATOXDSCH": "",
            "ATOXGRL": frame["low"],
            "ATOXGRH": frame["high"],
            "ANL01FL": "Y",
        }
    )


def drawn(name: str, adam: Adam, params: Params) -> Table | Figure:
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    drawing = display.draw(results, adam, params)
    assert isinstance(drawing, Table | Figure)
    return drawing


def lines_of(name: str, adam: Adam, params: Params) -> list[tuple[str, ...]]:
    table = drawn(name, adam, params)
    assert isinstance(table, Table)
    return [line.cells for line in table.lines]


NEUTROPHILS = (
    "01 NEUT BASELINE -3 3.0 6 0 -",
    "01 NEUT DAY7 7 0.4 6 4 -",
    "01 NEUT DAY28 28 2.0 6 0 -",
    "02 NEUT BASELINE -3 5.0 6 0 -",
    "02 NEUT DAY7 7 0.9 6 3 -",
    "02 NEUT DAY28 28 0.8 6 3 -",
    "07 NEUT BASELINE -3 1.4 6 2 -",
    "07 NEUT DAY7 7 0.7 6 3 -",
    "08 NEUT DAY7 7 2.5 6 0 -",
)


def test_shift_is_baseline_by_worst(params: Params) -> None:
    lines = lines_of("lab-shift-grade", {"adsl": subjects(), "adlb": lab(*NEUTROPHILS)}, params)
    # Of 12: S-01 0 → 4, S-02 0 → 3, S-07 2 → 3, S-08 without baseline, worst 0.
    assert lines == [
        ("Neutrophil count decreased", "", "", "", "", "", ""),
        ("Grade 0", "0", "0", "0", "1 (8.3)", "1 (8.3)", "0"),
        ("Grade 2", "0", "0", "0", "1 (8.3)", "0", "0"),
        ("Missing", "1 (8.3)", "0", "0", "0", "0", "0"),
    ]


def test_severe_results_by_group(params: Params) -> None:
    lines = lines_of("lab-grade3plus", {"adsl": subjects(), "adlb": lab(*NEUTROPHILS)}, params)
    # Dose 1 has six subjects, S-01 and S-02 of them; dose 2 has S-07.
    assert lines[1:3] == [
        ("Grade ≥ 3", "2 (33.3)", "1 (16.7)", "3 (25.0)"),
        ("Grade 4", "1 (16.7)", "0", "1 (8.3)"),
    ]
    assert lines[3][0] == "Neutrophil count decreased"


def test_values_by_visit(params: Params) -> None:
    lines = lines_of("lab-by-visit", {"adsl": subjects(), "adlb": lab(*NEUTROPHILS)}, params)
    # Baseline 3.0, 5.0 | 1.4: means 4, 1.4, 9.4/3; SD of two √2; of three √(6.5067/2) = 1.8037.
    assert lines[1] == ("BASELINE", "4.00 (1.41) [2]", "1.40 (NE) [1]", "3.13 (1.80) [3]")
    # Day 7: 0.4, 0.9 | 0.7, 2.5. Changes −2.6, −4.1 | −0.7 (S-08 has no baseline).
    assert lines[2] == ("DAY7", "0.65 (0.35) [2]", "1.60 (1.27) [2]", "1.13 (0.94) [4]")
    assert lines[3] == ("Change", "-3.35 (1.06) [2]", "-0.70 (NE) [1]", "-2.47 (1.70) [3]")


def test_cytopenia_that_lasts(params: Params) -> None:
    lines = lines_of("cytopenia", {"adsl": subjects(), "adlb": lab(*NEUTROPHILS)}, params)
    own = lines[lines.index(("Neutropenia", "", "", "")) + 1 :][:5]
    assert own == [
        ("Grade ≥ 3 after the first infusion", "2 (33.3)", "1 (16.7)", "3 (25.0)"),
        # S-01 recovered by day 28, S-02 did not; S-07 was last seen on day 7, 21 days before.
        ("Not recovered to grade ≤ 2 by day 28", "1 (16.7)", "0", "1 (8.3)"),
        ("Grade ≥ 3 before, not assessed by day 28", "0", "1 (16.7)", "1 (8.3)"),
        # Nobody has a result near day 90.
        ("Not recovered to grade ≤ 2 by day 90", "0", "0", "0"),
        ("Grade ≥ 3 before, not assessed by day 90", "2 (33.3)", "1 (16.7)", "3 (25.0)"),
    ]


@pytest.mark.parametrize("amino", [3.0, 3.1])
@pytest.mark.parametrize("bilirubin", [2.0, 2.1])
@pytest.mark.parametrize("phosphatase", [1.9, 2.0, float("nan")])
def test_hys_law_is_all_three(amino: float, bilirubin: float, phosphatase: float) -> None:
    """ALT or AST > 3 × ULN, bilirubin > 2 × ULN, alkaline phosphatase known and < 2 × ULN."""
    peaks = pd.DataFrame({"amino": [amino], "bilirubin": [bilirubin], "phosphatase": [phosphatase]})
    expected = (amino, bilirubin, phosphatase) == (3.1, 2.1, 1.9)
    assert is_candidate(peaks).iloc[0] == expected


def test_hys_law_counts_peaks_after_baseline(params: Params) -> None:
    records = (
        "01 ALT BASELINE -3 500 40 - -",  # before: does not count
        "01 ALT DAY7 7 30 40 - -",
        "02 AST DAY7 7 130 40 - -",  # 3.25 ×
        "02 BILI DAY14 14 45 20 - -",  # 2.25 ×
        "02 ALP DAY14 14 100 100 - -",
        "07 ALT DAY7 7 450 40 - -",  # 11.25 ×
        "07 BILI DAY7 7 20 20 - -",
    )
    adam = {"adsl": subjects(), "adlb": lab(*records)}
    lines = lines_of("hys-law-summary", adam, params)
    assert [line[1:] for line in lines] == [
        ("1 (16.7)", "1 (16.7)", "2 (16.7)"),
        ("0", "1 (16.7)", "1 (8.3)"),
        ("0", "1 (16.7)", "1 (8.3)"),
        ("1 (16.7)", "0", "1 (8.3)"),
        ("1 (16.7)", "0", "1 (8.3)"),
        ("1 (16.7)", "0", "1 (8.3)"),
    ]
    figure = drawn("hys-law", adam, params)
    assert isinstance(figure, Figure)
    assert "1 meet the criteria" in figure.alt


def measured(values: list[tuple[str, str, int, float, str]], sequence: str) -> pd.DataFrame:
    """subject, PARAMCD, day, value, text."""
    frame = pd.DataFrame(values, columns=["USUBJID", "PARAMCD", "day", "AVAL", "AVALC"])
    base = frame["AVAL"].where(frame["day"] < 0).groupby(frame["USUBJID"]).transform("max")
    return frame.assign(
        PARAM=frame["PARAMCD"],
        BASE=base,
        CHG=(frame["AVAL"] - base).where(frame["day"] >= 0),
        ABLFL=(frame["day"] < 0).map({True: "Y", False: ""}),
        ONTRTFL=(frame["day"] >= 0).map({True: "Y", False: ""}),
        ANL01FL="Y",
        **{sequence: 1.0},
    )


def test_ecog_and_qtc_shift(params: Params) -> None:
    ecog = measured(
        [("S-01", "ECOG", -3, 0, "0"), ("S-01", "ECOG", 28, 2, "2"), ("S-01", "ECOG", 56, 1, "1")],
        "QSSEQ",
    )
    lines = lines_of("ecog-shift", {"adsl": subjects(), "adecog": ecog}, params)
    assert lines[1] == ("0", "0", "0", "1 (8.3)", "0", "0", "0", "0")
    ecg = measured(
        [
            ("S-01", "QTCFAG", -3, 450.0, ""),  # 450 is not above 450
            ("S-01", "QTCFAG", 7, 481.0, ""),  # a rise of 31
            ("S-01", "INTP", -3, float("nan"), "NORMAL"),
            ("S-01", "INTP", 7, float("nan"), "Abnormal, Clinically Significant"),
        ],
        "EGSEQ",
    )
    shown = lines_of("ecg-shift", {"adsl": subjects(), "adeg": ecg}, params)
    assert ("≤ 450 ms", "0", "0", "1 (8.3)", "0", "0") in shown
    assert ("Normal", "0", "0", "1 (8.3)", "0", "") in shown
    assert ("> 30 ms", "1 (8.3)", "", "", "", "") in shown
    assert ("> 60 ms", "0", "", "", "", "") in shown


def test_crs_summary(params: Params) -> None:
    episodes = pd.DataFrame(
        [
            ("S-01", 1, 2.0, 5.0, "2", "2", 1.0, "Y", 2.0),
            ("S-01", 2, 4.0, 3.0, "1", "1", 2.0, "", 0.0),
            ("S-02", 1, 1.0, None, "3", "1", 1.0, "", 0.0),
            ("S-07", 1, 3.0, 4.0, "1", "", 1.0, "", 0.0),
        ],
        columns=[
            "USUBJID",
            "CESEQ",
            "AINFDY",
            "ADURN",
            "AGRADE",
            "ATOXGRA",
            "AINFN",
            "TOCIFL",
            "TOCIN",
        ],
    ).assign(ACAT1="CRS", ATOXGR=["2", "1", "3", "1"], STERFL="", VASOFL="", ICUFL="")
    start = pd.Timestamp("2026-01-12")
    episodes["ASTDT"] = start + pd.to_timedelta(range(4), unit="D")
    episodes["AENDT"] = episodes["ASTDT"].where(episodes["ADURN"].notna())
    doses = pd.DataFrame(
        {"USUBJID": ["S-01", "S-01", "S-02", "S-03", "S-07"], "AINFN": [1.0, 2.0, 1.0, 1.0, 1.0]}
    )
    adam = {"adsl": subjects(), "adce": episodes, "adex": doses}
    lines = {line[0]: line[1:] for line in lines_of("crs-summary", adam, params)}
    assert lines["Any CRS"] == ("2 (33.3)", "1 (16.7)", "3 (25.0)")
    assert lines["Grade 2"] == ("1 (16.7)", "0", "1 (8.3)")  # S-01's worst
    assert lines["Grade 3 or more"] == ("1 (16.7)", "0", "1 (8.3)")
    assert lines["Tocilizumab"] == ("1 (16.7)", "0", "1 (8.3)")
    # First episodes: 2, 1 | 3; durations 5, 3 | 4, S-02's has not ended.
    assert lines["Onset (day), median (range)"] == ("1.5 (1, 2)", "3.0 (3, 3)", "2.0 (1, 3)")
    assert lines["Duration (days), median (range)"] == ("4.0 (3, 5)", "4.0 (4, 4)", "4.0 (3, 5)")
    assert lines["Not ended"] == ("1", "0", "1")
    # Three of dose 1 had infusion 1 (S-01, S-02 with CRS), S-01 infusion 2.
    assert lines["Infusion 1"] == ("2 (66.7) / 3", "1 (100.0) / 1", "3 (75.0) / 4")
    assert lines["Infusion 2"] == ("1 (100.0) / 1", "–", "1 (100.0) / 1")
    matrix = lines_of("crs-components", adam, params)
    assert ("Grade 3", "1", "0", "0", "0", "0", "0") in matrix
    assert ("Grade 1", "1", "0", "0", "0", "0", "1") in matrix


def test_bounds_count_as_their_number_and_are_told(params: Params) -> None:
    """Day 7: <0.5, 0.9 | 0.7, 2.5: means as of 0.5, one in the footnote; the least is `<0.5`."""
    records = lab(*NEUTROPHILS).assign(AQUAL="")
    own = (records["USUBJID"] == "S-01") & (records["AVISIT"] == "DAY7")
    records.loc[own, ["AVAL", "AQUAL"]] = [0.5, "<"]
    adam = {"adsl": subjects(), "adlb": records}
    table = drawn("lab-by-visit", adam, params)
    assert isinstance(table, Table)
    assert table.lines[2].cells == ("DAY7", "0.70 (0.28) [2]", "1.60 (1.27) [2]", "1.15 (0.91) [4]")
    assert table.notes == (
        "Values that are known as < or > a number only count as that number: NEUT (unit) 1.",
    )
    results = DISPLAYS["lab-by-visit"].analyses[0].answer(adam, params).results
    least = results[(results["stat"] == "min") & (results["level3"] == "DAY7")]
    assert "known as < 0.5" in set(least["method"])


def test_interleukin_above_the_assay_is_in_the_course(params: Params) -> None:
    """Got: >5000 dropped. Right: it counts as 5000, and a footnote says of how many subjects."""
    values = ("10", "5000", "40", "60")
    records = lab(
        *(f"0{i} INTLK6 DAY7 7 {v} 7 - -" for i, v in zip((1, 2, 3, 7), values, strict=True))
    )
    records["AQUAL"] = ["", ">", "", ""]
    crs = pd.DataFrame({"USUBJID": [], "ACAT1": [], "AINFN": [], "AGRADE": []})
    adam = {"adsl": subjects(), "adlb": records, "adce": crs}
    figure = drawn("cytokines", adam, params)
    assert isinstance(figure, Figure)
    assert figure.notes == (
        "Results that are known as < or > a number only count as it: INTLK6 (unit) of 1 subjects.",
    )
    results = DISPLAYS["cytokines"].analyses[0].answer(adam, params).results
    median = results[results["stat"] == "median"]
    assert list(median["value"]) == [50.0]


def test_what_can_not_be_graded_is_counted_as_such(params: Params) -> None:
    records = lab(*NEUTROPHILS)
    records["ATOXREAL"] = ""
    own = (records["USUBJID"] == "S-08") & (records["AVISIT"] == "DAY7")
    records.loc[own, ["ATOXGRL", "ATOXREAL"]] = ["", "reference limits of another unit"]
    lines = lines_of("lab-grade3plus", {"adsl": subjects(), "adlb": records}, params)
    assert lines[3] == ("A result that can't be graded", "0", "1 (16.7)", "1 (8.3)")
    assert lines[4][0] == "Neutrophil count decreased"
    assert lines[7] == ("A result that can't be graded", "0", "1 (16.7)", "1 (8.3)")


def test_hys_law_counts_what_is_certain(params: Params) -> None:
    """ALT >1000 is above 10 × ULN; a bilirubin below 100 is above nothing; ALP above 50 is open."""
    records = lab(
        "01 ALT DAY7 7 1000 40 - -",
        "01 BILI DAY7 7 100 20 - -",
        "01 ALP DAY7 7 50 100 - -",
        "02 ALT DAY7 7 1000 40 - -",
        "02 BILI DAY7 7 100 20 - -",
        "02 ALP DAY7 7 50 100 - -",
        "03 ALT DAY7 7 1000 40 - -",
        "03 BILI DAY7 7 100 20 - -",
        "03 ALP DAY7 7 50 100 - -",
    ).assign(AQUAL=[">", "", "", ">", "<", "", ">", "", ">"])
    lines = lines_of("hys-law-summary", {"adsl": subjects(), "adlb": records}, params)
    assert [line[-1] for line in lines] == [
        "3 (25.0)",
        "3 (25.0)",
        "3 (25.0)",
        "2 (16.7)",
        "2 (16.7)",
        "1 (8.3)",
    ]


def test_totals_are_of_what_was_given(params: Params) -> None:
    """S-01: 250 on each of three days; S-02 without a frequency; S-07 in two units."""
    doses = pd.DataFrame(
        [
            ("S-01", 250.0, "mg/m2", 3.0, 750.0),
            ("S-02", 250.0, "mg/m2", None, None),
            ("S-07", 250.0, "mg/m2", 2.0, 500.0),
            ("S-07", 100.0, "mg", 1.0, 100.0),
        ],
        columns=["USUBJID", "AVAL", "AVALU", "ADMINS", "AMOUNT"],
    ).assign(PARAMCD="DOSE", PARCAT1="LYMPHODEPLETION", EXTRT="CTX")
    adam = {"adsl": subjects(), "adex": doses}
    results = DISPLAYS["exposure-other"].analyses[0].answer(adam, params).results
    own = results[results["level1"].isna() & results["stat"].isin(["n", "mean"])]
    found = {(r.level3, r.stat): r.value for r in own.itertuples()}
    assert (found["administrations", "n"], found["administrations", "mean"]) == (2, 3.0)
    assert (found["mg/m2", "n"], found["mg/m2", "mean"]) == (1, 750.0)
