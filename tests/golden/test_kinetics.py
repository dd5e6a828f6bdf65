"""Tables of kinetics and persistence as text, with numbers worked out by hand.

Four subjects, two a dose, all but S-4 with a quantifiable profile:

    Cmax        S-1 100   S-2 400   S-3 50   S-4 0 (all below the LLOQ)
    Tmax        S-1 7     S-2 10    S-3 7    S-4 not reached
    first BLQ   S-1 60.875 days (2 months), S-2 none (last sample at 182.625 days, 6 months),
                S-3 121.75 days (4 months)

Dose 1: mean (100 + 400)/2 = 250; SD √((150² + 150²)/1) = 212.13; CV 100·212.13/250 = 84.9 %;
geometric mean √(100·400) = 200; ln 100 and ln 400 are ln 4 apart, s² = (ln 4)²/2 = 0.96091,
geometric CV 100·√(e^0.96091 − 1) = 127.0 %.
Total: mean 550/4 = 137.5; geometric mean of three (100·400·50)^⅓ = 2000000^⅓ = 125.99; median of
four (50 + 100)/2 = 75.
Persistence, all three: 2/3 after month 2, 1/3 after month 4; at month 3 66.7 % with 2 at risk, at
month 6 33.3 % with 1; the median is 4 months.
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import write_study

from csr.displays.kinetics import (
    kinetics_by_visit,
    kinetics_missing,
    kinetics_parameters,
    persistence,
    persistence_summary,
)
from csr.displays.model import Display, Figure, Table
from csr.endpoints.kinetics.kinetics_summary import unasked
from csr.errors import DataError
from csr.params import Params, Population
from csr.params.file import read_params
from csr.params.kinetics import Kinetics

SUBJECTS = ["S-1", "S-2", "S-3", "S-4"]
DOSES = dict(zip(SUBJECTS, ["Dose 1", "Dose 1", "Dose 2", "Dose 2"], strict=True))
ALL_BLQ, NO_BLQ = "all samples below the limit", "no sample below the limit after the peak"
PARAMETERS = {
    "CMAX": ("Cmax (copies/ug)", [100, 400, 50, 0]),
    "TMAX": ("Tmax (days)", [7, 10, 7, math.nan]),
    "FBLQ": ("First BLQ (days)", [60.875, math.nan, 121.75, math.nan]),
    "LSTSMP": ("Last sample (days)", [90, 182.625, 150, 150]),
}
# S-1: day, copies (None: below the LLOQ), planned day of a second sample at the same visit
SAMPLES = [
    ("S-1", "Day 7", 7, 7.0, 100.0),
    ("S-1", "Day 7", 7, 8.0, 999.0),
    ("S-2", "Day 7", 7, 7.0, 400.0),
    ("S-3", "Day 7", 7, 7.0, 50.0),
    ("S-4", "Day 7", 7, 7.0, None),
    ("S-1", "Unscheduled", math.nan, 9.0, 777.0),
]


def adam() -> dict[str, pd.DataFrame]:
    """ADSL, ADPC and ADPP of the four subjects."""
    adsl = pd.DataFrame({"USUBJID": SUBJECTS, "TRT01A": DOSES.values(), "TRT01P": DOSES.values()})
    lines = [
        (who, code, name, place, value, NO_BLQ if who == "S-2" else ALL_BLQ)
        for place, (code, (name, values)) in enumerate(PARAMETERS.items(), 1)
        for who, value in zip(SUBJECTS, values, strict=True)
    ]
    adpp = pd.DataFrame(lines, columns=["USUBJID", "PARAMCD", "PARAM", "PARAMN", "AVAL", "WHY"])
    adpp = adpp.assign(
        PCSPEC="BLOOD", AINFN=1.0, AVALU="x", PPREASND=adpp["WHY"].where(adpp["AVAL"].isna(), "")
    )
    adpp["PPSEQ"] = adpp.groupby("USUBJID").cumcount() + 1.0
    adpc = pd.DataFrame(SAMPLES, columns=["USUBJID", "AVISIT", "NRELTM", "ARELTM", "AVAL"])
    adpc = adpc.assign(
        AVISITN=adpc["NRELTM"], PCSPEC="BLOOD", AINFN=1.0, ANL01FL="Y", ASEQ=1.0, PREDOSFL="",
        BLQFL=adpc["AVAL"].isna().map({True: "Y", False: ""}),
    )  # fmt: skip
    return {"adsl": adsl.assign(SAFFL="Y", PKFL="Y"), "adpc": adpc, "adpp": adpp}


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory) -> Params:
    own = read_params(write_study(tmp_path_factory.mktemp("kinetics")))
    sets = {**own.populations, "kinetics": Population(label="Kinetics", flag="PKFL")}
    rules = Kinetics(persistence_months=(3, 6, 12))
    return own.model_copy(update={"kinetics": rules, "populations": sets})


def drawn(
    display: Display, params: Params, data: dict[str, pd.DataFrame] | None = None
) -> Table | Figure:
    data = data or adam()
    frame = pd.concat([a.answer(data, params).results for a in display.analyses])
    found = display.draw(frame.reset_index(drop=True), data, params)
    assert isinstance(found, Table | Figure)
    return found


def cells(display: Display, params: Params) -> list[tuple[str, ...]]:
    table = drawn(display, params)
    assert isinstance(table, Table)
    return [line.cells for line in table.lines]


def test_parameters_by_hand(params: Params) -> None:
    lines = cells(kinetics_parameters.DISPLAY, params)
    assert [line[0] for line in lines[:2]] == ["Infusion 1", "Cmax (copies/ug)"]
    dose1 = ("2", "2", "250.0", "212.13", "84.9", "250.0", "100", "400", "200.0", "127.0")
    assert lines[2] == ("Dose 1", *dose1)
    assert lines[4][:4] == ("Total", "4", "3", "137.5")
    assert (lines[4][6], lines[4][9]) == ("75.0", "126.0")


def test_times_are_described_by_median_and_range_only(params: Params) -> None:
    lines = cells(kinetics_parameters.DISPLAY, params)
    place = next(i for i, line in enumerate(lines) if line[0] == "Tmax (days)")
    assert lines[place + 3] == ("Total", "3", "", "", "", "", "7.0", "7", "10", "", "")


def test_visits_take_the_sample_nearest_the_plan_and_no_unscheduled_one(params: Params) -> None:
    # As Cmax: the sample of day 8 (999) and the unscheduled one (777) are not in it.
    lines = cells(kinetics_by_visit.DISPLAY, params)
    assert {line[0] for line in lines if line[1]} == {"Day 7"}
    assert lines[1][1:4] == ("2", "2", "250.0")
    total = lines[-1]
    assert (total[1:4], total[9]) == (("4", "3", "137.5"), "126.0")


def test_missing_parameters_have_their_reasons(params: Params) -> None:
    lines = cells(kinetics_missing.DISPLAY, params)
    assert ("Profiles", "2", "2", "4") in lines
    place = lines.index(("First BLQ (days)", "1", "1", "2"))
    reasons = {(NO_BLQ, "1", "0", "1"), (ALL_BLQ, "0", "1", "1")}
    assert set(lines[place + 1 : place + 3]) == reasons


def test_persistence_by_hand(params: Params) -> None:
    lines = {line[0]: line[1:] for line in cells(persistence_summary.DISPLAY, params)}
    assert lines["Subjects with a quantifiable sample"] == ("2", "1", "3")
    assert lines["Transgene lost"] == ("1", "1", "2")
    assert lines["Median, months (95% CI)"][2].startswith("4.0 (")
    assert lines["3 months"][2].startswith("66.7 (")
    assert lines["3 months"][2].endswith("[2]")
    assert lines["6 months"][2].startswith("33.3 (")
    assert lines["12 months"] == ("NE [0]", "NE [0]", "NE [0]")


def test_the_persistence_figure_says_what_it_shows(params: Params) -> None:
    figure = drawn(persistence.DISPLAY, params)
    assert isinstance(figure, Figure)
    assert "Dose 2: 1 subjects, 1 events, median 4.0 months" in figure.alt


def test_without_kinetics_in_params_they_are_not_asked_for(params: Params, tmp_path: Path) -> None:
    assert unasked(params) == ""
    assert unasked(read_params(write_study(tmp_path))) == "params declare no kinetics"
    bare = params.model_copy(update={"populations": {}})
    assert unasked(bare) == "params declare no populations.kinetics"


def test_no_samples_give_empty_tables(params: Params) -> None:
    empty = {name: f if name == "adsl" else f.iloc[:0] for name, f in adam().items()}
    for module in (kinetics_by_visit, kinetics_parameters, kinetics_missing):
        table = drawn(module.DISPLAY, params, empty)
        assert isinstance(table, Table)
        assert table.lines == ()
    assert "No observations" in getattr(drawn(persistence.DISPLAY, params, empty), "alt", "")


def test_a_delivered_adpp_needs_only_codes_and_values(params: Params) -> None:
    bare = adam()
    bare["adpp"] = bare["adpp"][["USUBJID", "PARAMCD", "AVAL"]]
    lines = drawn(kinetics_missing.DISPLAY, params, bare)
    assert isinstance(lines, Table)
    assert not any(line.cells[0] == "not stated" for line in lines.lines)
    blank = {**bare, "adpp": bare["adpp"].assign(PPREASND="")}
    lines = drawn(kinetics_missing.DISPLAY, params, blank)
    assert isinstance(lines, Table)
    assert ("not stated", "1", "1", "2") in [line.cells for line in lines.lines]
    found = persistence.PERSISTENCE.answer(bare, params)
    assert found.rows.loc[found.rows["role"] == "counted", "SRCKEY"].eq("").all()


def test_a_parameter_twice_is_an_error(params: Params) -> None:
    twice = adam()
    twice["adpp"] = pd.concat([twice["adpp"], twice["adpp"].head(1)])
    with pytest.raises(DataError, match="more than once"):
        drawn(kinetics_parameters.DISPLAY, params, twice)


def test_small_values_keep_their_decimals(params: Params) -> None:
    # Copies a thousandth of those above: 0.1 and 0.4, mean 0.25; the data have two decimals (0.05).
    small = adam()
    small["adpc"]["AVAL"] /= 1000
    table = drawn(kinetics_by_visit.DISPLAY, params, small)
    assert isinstance(table, Table)
    assert table.lines[1].cells[3:9] == ("0.250", "0.2121", "84.9", "0.250", "0.10", "0.40")
