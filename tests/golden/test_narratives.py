"""Narratives and profiles of a few made-up subjects: every sentence and where it is from."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adae, write_study

from csr.displays.catalogue import all_displays, place
from csr.displays.model import Page, Pages, Placed
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.render.html import write_html
from csr.render.typst import write_typst

DISPLAYS = {d.name: d for d in all_displays()}
RULES = """
narratives: {special: [CRS]}
aesi: {CRS: {AEDECOD: [Cytokine release syndrome]}}
"""


def drawn(name: str, folder: Path, **changed: pd.DataFrame) -> Placed:
    path = write_study(folder, **changed)
    path.write_text(PARAMS + RULES, encoding="utf-8")
    params = read_params(path)
    return place_of(name, check_data(params, folder).adam, params)


def place_of(name: str, adam: dict[str, pd.DataFrame], params: Params) -> Placed:
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    return place(display, "14.3.3.1", results, adam, params)


def pages(placed: Placed) -> dict[str, Page]:
    assert isinstance(placed.drawing, Pages)
    return {page.title: page for page in placed.drawing.pages}


def sentences(page: Page) -> dict[str, list[str]]:
    return {p.heading: [f"{s.text} [{s.source}]" for s in p.sentences] for p in page.passages}


def test_who_has_a_narrative(tmp_path: Path) -> None:
    # DTHFL: S-09 to S-12. Serious (every fourth event): S-04 (NAUSEA). CRS (S-03) is grade 3.
    found = pages(drawn("narratives", tmp_path))
    assert list(found) == [f"Subject S-{i:02d}" for i in (3, 4, 9, 10, 11, 12)]
    reasons = {title: dict(page.facts)["Narrative because of"] for title, page in found.items()}
    assert reasons["Subject S-03"] == "CRS, severe or grade ≥ 3"
    assert reasons["Subject S-04"] == "Serious adverse event"
    assert reasons["Subject S-12"] == "Death"


def test_a_narrative_says_what_is_recorded_and_where(tmp_path: Path) -> None:
    told = sentences(pages(drawn("narratives", tmp_path))["Subject S-04"])
    # The fourth event: nausea, grade 4, serious, days 3 to 11 of the study. ADAE has no criteria of
    # seriousness, so that none is said to be "not recorded".
    assert told["NAUSEA (serious adverse event)"] == [
        "On 2026-01-12, NAUSEA began, grade 4. [ADAE AESEQ=1]",
        "It was serious. [ADAE AESEQ=1]",
        "Relationship to the study treatment: RELATED. [ADAE AESEQ=1]",
        "Action taken with the study treatment: DOSE NOT CHANGED. [ADAE AESEQ=1]",
        "It ended on 2026-01-20; outcome: RECOVERED/RESOLVED. [ADAE AESEQ=1]",
    ]
    # Age 41 + 3·3, the second of F, M.
    assert told["Background"] == ["50-year-old male subject (Asian). [ADSL]"]
    # The fourth subject of RESPONSES is SD; (i % 3) % 2 = 0 for i = 3: an event.
    assert told["Response and outcome"] == [
        "Best overall response: SD. [ADRS CBOR]",
        "Progression-free survival ended with an event (Death) on 2026-06-01. [ADTTE PFS]",
    ]
    # No ADEX was delivered: nothing is said of the treatment, nor that there was none.
    assert "Treatment" not in told


def test_what_is_missing_is_said_to_be(tmp_path: Path) -> None:
    events = adae()
    events.loc[3, ["ASTDT", "AENDT", "AEREL", "AEOUT", "AETOXGR", "AEACN"]] = ""
    told = sentences(pages(drawn("narratives", tmp_path, adae=events))["Subject S-04"])
    event = told["NAUSEA (serious adverse event)"]
    assert event[0].startswith("On a date that was not recorded, NAUSEA began, grade not recorded.")
    assert event[2].startswith("Relationship was not recorded.")
    assert event[3].startswith("It had no recorded end at the data cut-off, 2026-06-30;")


@pytest.mark.parametrize("term", ["<script>alert(1)</script>", '#read("x")', "{{< env HOME >}}"])
def test_text_of_the_data_is_never_code(tmp_path: Path, term: str) -> None:
    events = adae(["A", "B", "C", term, "E"])
    placed = drawn("narratives", tmp_path, adae=events)
    page, markup = write_html(placed), write_typst(placed)
    assert "<script>" not in page
    assert "{{<" not in page + markup
    assert '#read("x")' not in markup.replace('\\"', "")
    assert page.count("csr-page") == 5
    assert markup.count("#csr-subject(") == 5


def test_a_profile_has_its_figure_and_its_worst_events(tmp_path: Path) -> None:
    placed = drawn("patient-profile", tmp_path)
    found = pages(placed)
    page = found["Subject S-04"]
    assert page.listing is not None
    assert [line[:3] for line in page.listing.lines] == [("NAUSEA", "4", "Y")]
    assert page.figure is not None
    assert "1 of 1 adverse events" in page.figure.alt
    # S-12 has no event, no count, no sample and no scan: nothing to draw, and nothing drawn.
    assert found["Subject S-12"].figure is None
    assert isinstance(placed.drawing, Pages)
    assert "patient-profile-002.svg" in placed.drawing.figures("patient-profile")
    assert "patient-profile-002.svg" in write_html(placed)
    assert "/displays/patient-profile-002.svg" in write_typst(placed)


def test_no_narrative_where_nobody_needs_one(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    path.write_text(
        PARAMS + "\nnarratives: {deaths: none, serious: false, dose_limiting: false}\n",
        encoding="utf-8",
    )
    params = read_params(path)
    placed = place_of("narratives", check_data(params, tmp_path).adam, params)
    assert pages(placed) == {}
    assert "No observations" in write_html(placed)
    assert "No observations" in write_typst(placed)
