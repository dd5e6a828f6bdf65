"""The build folder: replaced as a whole, put back after a kill between the two renames."""

from __future__ import annotations

from pathlib import Path

import pytest

from csr.errors import UsageError
from csr.pipeline.workspace import MANIFEST, discard, find_build, make_staging, publish

NO_PROCESS = 2**22 + 1  # above Linux's highest process id


def finished(staging: Path, text: str) -> Path:
    (staging / MANIFEST).write_text(text, encoding="utf-8")
    return staging


def test_a_build_takes_its_place_and_the_former_goes(tmp_path: Path) -> None:
    place = tmp_path / "S" / "c"
    publish(finished(make_staging(place), "1"), place)
    publish(finished(make_staging(place), "2"), place)
    assert (place / MANIFEST).read_text(encoding="utf-8") == "2"
    assert [p.name for p in place.parent.iterdir()] == ["c"]


def test_what_killed_builds_left_is_cleared(tmp_path: Path) -> None:
    place = tmp_path / "S" / "c"
    left = place.parent / f".c.building-{NO_PROCESS}"
    left.mkdir(parents=True)
    discard(make_staging(place))
    assert not left.exists()


def test_a_kill_between_the_renames_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "S" / "c"
    former = place.parent / f".c.former-{NO_PROCESS}"
    former.mkdir(parents=True)
    finished(former, "whole")
    found = find_build("S/c", tmp_path)
    assert (found / MANIFEST).read_text(encoding="utf-8") == "whole"
    assert not former.exists()


def test_an_unknown_build_is_answered_with_those_there_are(tmp_path: Path) -> None:
    place = tmp_path / "S" / "c"
    publish(finished(make_staging(place), "1"), place)
    with pytest.raises(UsageError, match=r"S/other: no build there.*: S/c\."):
        find_build("S/other", tmp_path)
