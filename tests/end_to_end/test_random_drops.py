"""Builds of the small study with columns taken out at random: the rest of the report is made."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from tests.small_study import adae, adrs, adsl, adtte
from tests.unit.test_delivered_columns import FRAMES, checked

from csr.cli import main
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
ALL = {"adsl": adsl, "adae": adae, "adrs": adrs, "adtte": adtte, **FRAMES}
# What makes a record one of a subject and a parameter, and what params name.
KEPT = {
    *("STUDYID", "USUBJID", "PARAMCD", "AVAL", "AVALC", "CNSR", "AESEQ", "TRT01A", "TRT01P"),
    *("SAFFL", "AEDECOD"),
}
OTHERS = ("demographics", "vitals-abnormal", "response-summary", "data-findings")


@pytest.mark.parametrize("seed", range(10))
def test_a_build_without_some_columns(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    candidates = [(d, c) for d, make in ALL.items() for c in make() if c not in KEPT]
    gone = chance.sample(candidates, 2)
    frames = {d: make() for d, make in ALL.items()}
    for dataset, column in gone:
        frames[dataset] = frames[dataset].drop(columns=column)
    found = checked(tmp_path, **frames)
    assert not found.errors, gone
    named = {f"{d.upper()}.{c}" for d, c in gone}
    concerned = [p.display.name for p in found.plan.displays if named & {w for w, _ in p.without}]
    lacking = [n for n, columns in found.plan.lacking.items() if named & set(columns)]
    only = sorted({*concerned[:4], *lacking[:4], *OTHERS})
    path = tmp_path / "params.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}displays: {{only: [{', '.join(only)}]}}\n", encoding="utf-8")
    assert main(["build", str(path), "--out", str(tmp_path / "out")]) == 0, gone
    built = find_build("SMALL/cut-1", tmp_path / "out")
    plan = json.loads((built / "meta/plan.json").read_text(encoding="utf-8"))
    drawn = {d["display"] for d in plan["displays"]}
    assert drawn == {n for n in only if n not in found.plan.left_out}
    for name in lacking[:4]:
        assert any(where in plan["left_out"][name] for where in named)
