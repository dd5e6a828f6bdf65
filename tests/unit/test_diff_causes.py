"""`csr diff`: planted differences, each attributed to its planted cause.

The study is the small one of tests/small_study.py; every expected cause is what the test planted.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.small_study import adae, adsl, adtte, write_study

from csr.compare.analysed import Build, analyse
from csr.compare.difference import Diff, compare_builds
from csr.compare.page import write_page
from csr.compare.rows import RowIndex
from csr.compare.since import changes_since
from csr.compare.told import write_json, write_text
from csr.errors import UsageError
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.pipeline.provenance import sources_frame
from csr.pipeline.stored import derive_again, digests
from csr.render.escape import escape_html
from csr.results import groups_of, trace

NEW, CODE, CONVENTION, LATER = "new data", "code", "convention", "known later"
CORRECTED = "changed data"  # the small study is ADaM, delivered already cut
UNKNOWN = "not attributable"
ONLY = """\
displays:
  only:
    - demographics
    - ae-overview
    - ae-by-soc-pt
    - ae-by-soc-pt-grade
    - os-summary
    - pfs-summary
"""
GRADED = {"ae-overview", "ae-by-soc-pt-grade"}


def build(folder: Path, params: str = "", cutoff: str = "", **frames: pd.DataFrame) -> Build:
    """What a build of the small study holds, in memory; `params` is added to its params file."""
    path = write_study(folder, **frames)
    text = path.read_text(encoding="utf-8")
    if cutoff:
        text = text.replace("cutoff: 2026-06-30", f"cutoff: {cutoff}")
    path.write_text(text + params + ONLY, encoding="utf-8")
    chosen = read_params(path)
    checked = check_data(chosen, folder)
    assert not checked.errors
    return Build(
        chosen,
        checked.adam,
        tuple(sorted(checked.adam)),
        analyse(checked.adam, chosen),
        digests(sources_frame(checked.sources)),
    )


def events() -> pd.DataFrame:
    return adae(["PYREXIA", "NAUSEA", "CYTOKINE RELEASE SYNDROME", "FATIGUE"] * 4)


def regraded() -> pd.DataFrame:
    """S-02's nausea of grade 2 was of grade 3 all along."""
    corrected = events()
    corrected.loc[1, "AETOXGR"] = "3"
    return corrected


def causes(diff: Diff) -> set[tuple[str, ...]]:
    return set(diff.numbers["causes"])


def line(diff: Diff, result: str) -> dict[str, Any]:
    found = diff.numbers[diff.numbers["result"] == result]
    assert len(found) == 1, result
    return found.iloc[0].to_dict()


SERIOUS_GRADE = "ae-overview/TRTA=Dose 1/CATEGORY=Severe or grade ≥ 3 TEAE/n"


def test_a_build_beside_itself_shows_nothing(tmp_path: Path) -> None:
    same = build(tmp_path)
    diff = compare_builds(same, same)
    assert diff.numbers.empty
    assert diff.corrections.empty
    assert not diff.params
    assert not diff.notes
    assert diff.compared == len(same.analysed.results)
    assert "None of" in write_text(diff)
    assert "No number differs" in write_page(diff)


def test_the_order_of_records_and_sequence_numbers_do_not_matter(tmp_path: Path) -> None:
    turned = events().iloc[::-1].reset_index(drop=True)
    turned["AESEQ"] = turned.groupby("USUBJID").cumcount() + 11
    old, new = build(tmp_path / "a", adae=events()), build(tmp_path / "b", adae=turned)
    assert compare_builds(old, new).numbers.empty


def test_a_corrected_grade_is_a_correction_wherever_it_shows(tmp_path: Path) -> None:
    old = build(tmp_path / "a", adae=events())
    diff = compare_builds(old, build(tmp_path / "b", adae=regraded()))
    assert causes(diff) == {(CORRECTED,)}
    assert set(diff.numbers["analysis"]) >= GRADED
    number = line(diff, SERIOUS_GRADE)
    assert (number["old"], number["new"]) == (2, 3)  # S-03 and S-04 had grades 3 and 4
    assert number["subjects"] == ("S-02",)
    assert diff.corrections.to_dict("records") == [
        {
            "dataset": "ADAE",
            "subject": "S-02",
            "record": "NAUSEA, 2026-01-12",
            "column": "AETOXGR",
            "old": "2",
            "new": "3",
        }
    ]
    adverse = diff.records.set_index("dataset").loc["ADAE"]
    assert adverse[["added", "removed", "corrected", "carried_on"]].tolist() == [0, 0, 1, 0]


@pytest.mark.parametrize(
    ("params", "analyses"),
    [
        ("conventions: {km_interval: plain}\n", {"os", "pfs"}),
        ("conventions: {quantile_type: 6}\n", {"demographics"}),
    ],
)
def test_a_convention_is_a_convention(tmp_path: Path, params: str, analyses: set[str]) -> None:
    old, new = build(tmp_path / "a"), build(tmp_path / "b", params)
    diff = compare_builds(old, new)
    assert causes(diff) == {(CONVENTION,)}
    assert analyses <= set(diff.numbers["analysis"])
    assert not set(diff.numbers["analysis"]) & GRADED
    assert list(diff.params) == ["conventions." + params.split("{")[1].split(":")[0]]
    assert all(subjects == () for subjects in diff.numbers["subjects"])


def test_a_grade_and_a_convention_are_told_apart(tmp_path: Path) -> None:
    old = build(tmp_path / "a", adae=events())
    new = build(tmp_path / "b", "conventions: {km_interval: plain}\n", adae=regraded())
    diff = compare_builds(old, new)
    by_grade = diff.numbers["analysis"].str.startswith("ae-")
    assert by_grade.any()
    assert (~by_grade).any()
    assert set(diff.numbers[by_grade]["causes"]) == {(CORRECTED,)}
    assert set(diff.numbers[~by_grade]["causes"]) == {(CONVENTION,)}


def test_a_number_that_two_causes_move_has_both(tmp_path: Path) -> None:
    longer = adtte()
    longer.loc[longer["PARAMCD"] == "OS", "AVAL"] += 5
    old = build(tmp_path / "a")
    new = build(tmp_path / "b", "conventions: {km_interval: plain}\n", adtte=longer)
    diff = compare_builds(old, new)
    assert line(diff, "os/TRTA=*/median")["causes"] == (CORRECTED,)  # has no interval
    limit = diff.numbers["result"].str.startswith("os/") & diff.numbers["stat"].eq("lcl")
    assert (CORRECTED, CONVENTION) in set(diff.numbers[limit]["causes"])


def test_added_events_are_new_and_a_removed_one_is_a_correction(tmp_path: Path) -> None:
    more = pd.concat([events(), events().iloc[[2]].assign(AESEQ=9, AEDECOD="RASH", AETERM="RASH")])
    old, new = build(tmp_path / "a", adae=events()), build(tmp_path / "b", adae=more)
    there = compare_builds(old, new)
    assert causes(there) == {(NEW,)}
    assert line(there, "ae-by-soc-pt/TRTA=*/AEBODSYS=GENERAL DISORDERS/AEDECOD=RASH/n")[
        "subjects"
    ] == ("S-03",)
    back = compare_builds(new, old)
    assert causes(back) == {(CORRECTED,)}
    assert back.corrections["column"].tolist() == ["record removed"]


def test_a_later_cut_carries_records_on_and_corrects_others(tmp_path: Path) -> None:
    """Cut-offs 15 and 30 June: S-02 dies on the 20th (new), S-06's PFS was wrong."""
    before = adtte().assign(ADT="2026-06-01")
    after = before.copy()
    dies = (after["USUBJID"] == "S-02") & (after["PARAMCD"] == "OS")
    after.loc[dies, ["AVAL", "CNSR", "ADT", "EVNTDESC"]] = [161, 0, "2026-06-20", "Death"]
    wrong = (after["USUBJID"] == "S-06") & (after["PARAMCD"] == "PFS")
    after.loc[wrong, "AVAL"] = 70
    old = build(tmp_path / "a", cutoff="2026-06-15", adtte=before)
    diff = compare_builds(old, build(tmp_path / "b", adtte=after))
    survival = diff.numbers[diff.numbers["analysis"] == "os"]
    assert set(survival["causes"]) == {(NEW,)}
    assert set(diff.numbers[diff.numbers["analysis"] == "pfs"]["causes"]) == {(CORRECTED,)}
    times = diff.records.set_index("dataset").loc["ADTTE"]
    assert times[["added", "corrected", "carried_on"]].tolist() == [0, 1, 1]


def test_other_code_is_code(tmp_path: Path) -> None:
    """The old build printed one number that the present code does not give from its data."""
    new = build(tmp_path)
    results = new.analysed.results.copy()
    name = "demographics/TRTA=*/VARIABLE=AGE/LEVEL=*/mean"
    results.loc[results["result"] == name, "value"] += 1
    printed = type(new.analysed)(results, new.analysed.rows)
    old = Build(new.params, new.frames, new.adam, printed, new.sources)
    diff = compare_builds(old, new)
    assert diff.numbers["result"].tolist() == [name]
    assert causes(diff) == {(CODE,)}
    stale = compare_builds(new, old)
    assert causes(stale) == {(CODE,)}
    assert "1 number(s) of the new build are not those of the present code" in stale.notes[0]


def test_where_the_old_data_are_gone_rows_alone_tell(tmp_path: Path) -> None:
    old = build(tmp_path / "a", adae=events())
    gone = Build(old.params, {}, (), old.analysed, old.sources)
    new = build(tmp_path / "b", "conventions: {km_interval: plain}\n", adae=regraded())
    diff = compare_builds(gone, new)
    of_survival = diff.numbers["analysis"].isin(["os", "pfs"])
    assert set(diff.numbers[of_survival]["causes"]) == {(UNKNOWN,)}
    moved = diff.numbers[diff.numbers["analysis"] == "ae-by-soc-pt-grade"]
    assert (CORRECTED,) in set(moved["causes"])
    assert "is gone" in diff.notes[0]


def test_the_terminal_names_no_subject_and_json_and_page_do(tmp_path: Path) -> None:
    spoilt = {"AETERM": {"NAUSEA": "<b>NAUSEA & co</b>"}}
    old = build(tmp_path / "a", adae=events().replace(spoilt))
    diff = compare_builds(old, build(tmp_path / "b", adae=regraded().replace(spoilt)))
    assert "S-0" not in write_text(diff)
    told = json.loads(write_json(diff))
    number = next(n for n in told["numbers"] if n["result"] == SERIOUS_GRADE)
    assert number["subjects"] == ["S-02"]
    assert number["causes"] == [CORRECTED]
    page = write_page(diff)
    assert "S-02" in page
    assert escape_html("<b>NAUSEA & co</b>") in page
    assert "<b>" not in page


def test_the_table_of_changes_leads_with_the_cut_and_ends_with_corrections(tmp_path: Path) -> None:
    old = build(tmp_path / "a", adae=events())
    told = changes_since(compare_builds(old, build(tmp_path / "b", adae=regraded())))
    assert told.iloc[0].tolist() == ["Data cut-off", "2026-06-30", "2026-06-30", "", ""]
    assert told.iloc[-1].tolist() == [
        "ADAE, NAUSEA, 2026-01-12: AETOXGR",
        "2",
        "3",
        CORRECTED,
        "S-02",
    ]
    severe = told[told["what"] == "Severe or grade ≥ 3 TEAE: n"].iloc[0]
    assert severe[["cause", "subjects"]].tolist() == [CORRECTED, "S-02"]


def test_old_data_are_known_by_their_digest(tmp_path: Path) -> None:
    old, new = build(tmp_path / "a"), build(tmp_path / "b", adsl=adsl().assign(AGE=60))
    first, second = derive_again(old, new, tmp_path / "a" / "params.yaml")
    assert set(first) == set(second) == set(old.adam)
    assert causes(compare_builds(old, new, (first, second))) == {(CORRECTED,)}
    with pytest.raises(UsageError, match="not those of the old build"):
        derive_again(old, new, tmp_path / "b" / "params.yaml")


def test_the_index_of_rows_finds_what_trace_finds(tmp_path: Path) -> None:
    analysed = build(tmp_path, adae=events()).analysed
    indices = {name: RowIndex(rows) for name, rows in analysed.rows.items()}
    for _, result in analysed.results.iterrows():
        name = result["analysis"]
        found = indices[name].subjects(groups_of(result), result["stat"] == "N")
        assert found == frozenset(trace(analysed.rows[name], result)["USUBJID"]), result["result"]


DECISION = "decision"


def test_two_cutoffs_of_the_same_files_hold_no_correction(tmp_path: Path) -> None:
    """Got: 13 values "corrected" that nobody had corrected. Right: what the earlier cut had reset
    or withheld is known later; other decisions or codelists are causes of their own."""
    times = adtte().assign(ADT="2026-06-01")
    new = build(tmp_path / "a", adtte=times)
    later = new.params.model_copy(
        update={"cut": new.params.cut.model_copy(update={"cutoff": dt.date(2026, 6, 15)})}
    )
    frames = dict(new.frames)
    reset = frames["adtte"].copy()
    reset.loc[reset["USUBJID"] == "S-02", ["AVAL", "CNSR"]] = [100.0, 1]
    frames["adtte"] = reset[reset["USUBJID"] != "S-07"].reset_index(drop=True)
    old = Build(later, frames, new.adam, analyse(frames, later), new.sources)
    diff = compare_builds(old, new)
    assert causes(diff) == {(LATER,)}
    assert diff.corrections.empty
    assert compare_builds(new, old).corrections.empty
    decided = Build(new.params, frames, new.adam, analyse(frames, new.params), new.sources, ("x",))
    assert causes(compare_builds(decided, new)) == {(DECISION,)}
    both = Build(later, frames, new.adam, analyse(frames, later), new.sources, ("x",))
    assert causes(compare_builds(both, new)) == {(UNKNOWN,)}


def test_a_codelist_is_a_convention_also_with_equal_files(tmp_path: Path) -> None:
    new = build(tmp_path / "a", adae=events())
    mapped = new.params.data.model_copy(deep=True)
    dataset = mapped.datasets["adae"].model_copy(update={"codelists": {"AETOXGR": {"9": "3"}}})
    data = mapped.model_copy(update={"datasets": {**mapped.datasets, "adae": dataset}})
    params = new.params.model_copy(update={"data": data})
    frames = {**new.frames, "adae": new.frames["adae"].assign(AETOXGR="3")}
    old = Build(params, frames, new.adam, analyse(frames, params), new.sources)
    assert causes(compare_builds(old, new)) == {(CONVENTION,)}
