"""Episodes: which records of an adverse event are one (METHODS §5)."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.endpoints.adverse_events.ae_episodes import merge_episodes


def records(*lines: tuple[str, str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["USUBJID", "AEDECOD", "ASTDT", "AENDT"])
    dates = {c: pd.to_datetime(frame[c], errors="coerce") for c in ("ASTDT", "AENDT")}
    return frame.assign(AESEQ=range(1, len(frame) + 1), **dates)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # the next day, or the same day, goes on; a day between does not
        ((("2026-01-01", "2026-01-05"), ("2026-01-06", "2026-01-09")), [(9, 2)]),
        ((("2026-01-01", "2026-01-05"), ("2026-01-05", "2026-01-09")), [(9, 2)]),
        ((("2026-01-01", "2026-01-05"), ("2026-01-07", "2026-01-09")), [(5, 1), (3, 1)]),
        # within a longer one: the longer one's end stands
        ((("2026-01-01", "2026-01-20"), ("2026-01-03", "2026-01-04")), [(20, 2)]),
        (
            (
                ("2026-01-01", "2026-01-20"),
                ("2026-01-03", "2026-01-04"),
                ("2026-01-21", "2026-01-22"),
            ),
            [(22, 3)],
        ),
        # one that has not ended takes in all that follow, and has no end
        ((("2026-01-01", ""), ("2026-03-01", "2026-03-04")), [(None, 2)]),
        # without a start: an episode of its own
        ((("", "2026-01-04"), ("2026-01-01", "2026-01-02")), [(2, 1), (None, 1)]),
    ],
)
def test_contiguous_records(
    lines: tuple[tuple[str, str], ...], expected: list[tuple[int | None, int]]
) -> None:
    found = merge_episodes(records(*(("S1", "Rash", *line) for line in lines)), ["AEDECOD"], 1)
    days = (found["AENDT"] - found["ASTDT"]).dt.days + 1
    got = [
        (None if pd.isna(d) else int(d), int(n))
        for d, n in zip(days, found["RECORDS"], strict=True)
    ]
    assert got == expected


def test_terms_and_subjects_are_apart_and_the_gap_is_a_convention() -> None:
    frame = records(
        ("S1", "Rash", "2026-01-01", "2026-01-05"),
        ("S1", "Fever", "2026-01-06", "2026-01-07"),
        ("S2", "Rash", "2026-01-06", "2026-01-07"),
        ("S1", "Rash", "2026-01-08", "2026-01-09"),
    )
    assert len(merge_episodes(frame, ["AEDECOD"], 1)) == 4
    merged = merge_episodes(frame, ["AEDECOD"], 3)
    assert len(merged) == 3
    assert list(merged.loc[merged["RECORDS"] == 2, "AESEQ"]) == [1]
