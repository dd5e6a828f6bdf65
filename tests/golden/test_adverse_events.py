"""Adverse-event displays as short text, with numbers worked out by hand from a small study.

Six treated subjects of two doses; the events are EVENTS below. Rules: METHODS §5.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import write_study

from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays, columns_of, place
from csr.displays.model import Drawing, Figure, Listing, Table
from csr.errors import CsrError
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data

DISPLAYS = {d.name: d for d in all_displays()}
ROOT = Path(__file__).resolve().parents[2]
GROUPS = """
aesi:
  Infection: {AEBODSYS: [INFECTIONS]}
  Malignancy: {AEBODSYS: [NEOPLASMS]}
safety: {infections: Infection, second_malignancies: Malignancy, transgene: AETRANSG}
"""
# Subject, term, class, start, grade, serious, relationship, emergent, transgene.
EVENTS = (
    ("S-01", "Pneumonia", "INFECTIONS", "2026-01-20", "3", "Y", "RELATED", "Y", ""),
    ("S-01", "Cystitis", "INFECTIONS", "2026-02-20", "1", "N", "NOT RELATED", "Y", ""),
    ("S-02", "Pneumonia", "INFECTIONS", "2026-01-25", "2", "N", "PERHAPS", "Y", ""),
    ("S-07", "Pneumonia", "INFECTIONS", "2026-01-05", "2", "N", "NOT RELATED", "", ""),
    ("S-07", "Lymphoma", "NEOPLASMS", "2026-06-01", "3", "Y", "NOT RELATED", "", "DETECTED"),
    ("S-08", "Melanoma", "NEOPLASMS", "2026-01-02", "3", "N", "NOT RELATED", "", ""),
    ("S-08", "Basalioma", "NEOPLASMS", "2026-02-02", "1", "N", "", "Y", ""),
)


def adae() -> pd.DataFrame:
    columns = ("USUBJID", "AEDECOD", "AEBODSYS", "ASTDT", "AETOXGR", "AESER", "AEREL", "TRTEMFL",
               "AETRANSG")  # fmt: skip
    frame = pd.DataFrame(EVENTS, columns=list(columns))
    return frame.assign(
        STUDYID="SMALL", AETERM=frame["AEDECOD"], AESEQ=range(1, len(frame) + 1), AENDT=""
    )


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Params, dict[str, pd.DataFrame]]:
    folder = tmp_path_factory.mktemp("adverse-events")
    path = write_study(folder)
    adae().to_csv(folder / "data" / "adae.csv", index=False)
    path.write_text(path.read_text(encoding="utf-8") + GROUPS, encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, folder)
    assert not checked.errors
    words = [f for f in checked.findings if f.dataset == "ADAE" and f.column == "AEREL"]
    assert [f.values for f in words if f.check == "code"] == [("PERHAPS",)]
    return params, checked.adam


def lines_of(name: str, study: tuple[Params, dict[str, pd.DataFrame]]) -> list[tuple[str, ...]]:
    params, adam = study
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    table = display.draw(results, adam, params)
    assert isinstance(table, Table)
    return [line.cells for line in table.lines]


def test_infections(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    """Two subjects of dose 1; S-07's began before treatment. PERHAPS is a word of neither list:
    related, as a missing one is."""
    assert lines_of("infections", study) == [
        ("Any event", "2 (33.3)", "0", "2 (16.7)"),
        ("Related", "2 (33.3)", "0", "2 (16.7)"),
        ("Severe or grade ≥ 3", "1 (16.7)", "0", "1 (8.3)"),
        ("Serious", "1 (16.7)", "0", "1 (8.3)"),
        ("Fatal", "0", "0", "0"),
        ("By preferred term", "", "", ""),
        ("Pneumonia", "2 (33.3)", "0", "2 (16.7)"),
        ("Severe or grade ≥ 3", "1 (16.7)", "0", "1 (8.3)"),
        ("Cystitis", "1 (16.7)", "0", "1 (8.3)"),
    ]


def test_second_malignancies(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    """The lymphoma counts though it is outside the window of collection; the melanoma began before
    the first treatment (10 January)."""
    lines = lines_of("second-malignancies", study)
    assert lines[0] == ("Any event", "0", "2 (33.3)", "2 (16.7)")
    assert lines[1] == ("Related", "0", "1 (16.7)", "1 (8.3)")
    assert ("Detected", "0", "1 (16.7)", "1 (8.3)") in lines
    assert ("Not recorded", "0", "1 (16.7)", "1 (8.3)") in lines
    assert [line[0] for line in lines[-3:]] == ["Basalioma", "Lymphoma", "Severe or grade ≥ 3"]


def test_the_overview_and_the_groups_of_params_agree(
    study: tuple[Params, dict[str, pd.DataFrame]],
) -> None:
    """Emergent and of a group: S-01 (two events) and S-02 of dose 1, S-08 of dose 2."""
    overview = {line[0]: line[1:] for line in lines_of("ae-overview", study)}
    assert overview["TEAE of special interest"] == ("2 (33.3) [3]", "1 (16.7) [1]", "3 (25.0) [4]")
    assert overview["Related TEAE"] == ("2 (33.3) [2]", "1 (16.7) [1]", "3 (25.0) [3]")


def test_a_group_that_is_none_of_aesi_is_refused(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    path.write_text(path.read_text(encoding="utf-8") + "\nsafety: {infections: Bugs}\n")
    with pytest.raises(CsrError, match=r"safety.infections: 'Bugs' is no group of aesi"):
        read_params(path)


def test_arms_are_compared_where_there_is_a_reference() -> None:
    """The CDISC pilot has one: its figure shows both other arms."""
    path = ROOT / "params" / "cdisc-pilot.yaml"
    params = read_params(path)
    adam = check_data(params, path.parent).adam
    display = DISPLAYS["ae-tornado"]
    analysis = display.analyses[0]
    assert not analysis.unasked(params)
    drawing = display.draw(analysis.answer(adam, params).results, adam, params)
    assert isinstance(drawing, Figure)
    # shares of subjects with pruritus: 26 of 84 and 8 of 86, difference 21.6501 points
    assert "Xanomeline high dose: PRURITUS 21.7" in drawing.alt


SECTIONS = ("14.1", "14.3.1", "14.3.2", "16.2.1", "16.2.2", "16.2.3", "16.2.4", "16.2.7")
# The demonstration names no reference, so nothing is compared.
NOT_ASKED = {"ae-tornado"}


def is_empty(drawing: Drawing) -> bool:
    if isinstance(drawing, Table | Listing):
        return not drawing.lines
    if isinstance(drawing, Figure):
        return "No observations" in drawing.alt
    return not drawing.pages


@pytest.mark.slow
@pytest.mark.parametrize("cut", ["interim", "csr"])
def test_no_display_of_the_demonstration_is_empty(
    cut: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    params = read_params(folder / "params" / f"{cut}.yaml")
    adam = check_data(params, folder / "params").adam
    wanted = [d for d in DISPLAYS.values() if d.section in SECTIONS and d.name not in NOT_ASKED]
    empty = []
    for display in wanted:
        assert not display.reads(params).missing(columns_of(adam)), display.name
        parts = [a.answer(adam, params).results for a in display.analyses if not a.unasked(params)]
        results = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
        drawing = place(display, "1", results, adam, params).drawing
        if is_empty(drawing):
            empty.append(display.name)
    assert empty == []
