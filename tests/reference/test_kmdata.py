"""Hazard ratios and medians against published ones: 95 data sets of kmdata (A04, MIT).

Tolerances of data/README.md: hazard ratio within 5 % (all but the sets rated below 100 %), median
within 3 % or 0.3 months. docs/validation-kmdata.md must say what is estimated here.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from kmdata import (
    HR_TOLERANCE,
    MEDIAN_MONTHS,
    MEDIAN_TOLERANCE,
    PAGE,
    PLOT,
    WHOLE,
    curve_of,
    hazard_ratios,
    medians,
    page_text,
    plot_text,
)

from csr.stats.survival import quantile_time, survival_at


@pytest.fixture(scope="module")
def ratios(shared: Path) -> pd.DataFrame:
    return hazard_ratios(shared)


def test_hazard_ratios_are_those_published(ratios: pd.DataFrame) -> None:
    good = ratios[ratios["quality"] == WHOLE]
    assert len(ratios) == 95
    assert len(good) == 93
    outside = good[(good["ratio"] - 1).abs() > HR_TOLERANCE]
    assert outside.empty, outside.to_string()


def test_every_hazard_ratio_is_on_the_published_side_of_its_interval(ratios: pd.DataFrame) -> None:
    """Also of the two poor sets: the published value lies within our 95 % interval."""
    inside = (ratios["low"] <= ratios["published"]) & (ratios["published"] <= ratios["high"])
    assert inside.all()


def test_medians_are_those_published(shared: Path) -> None:
    """KEYNOTE-024, CheckMate-017, RECOURSE and CONCUR: ten arms."""
    found = medians(shared)
    allowed = (found["published"] * MEDIAN_TOLERANCE).clip(lower=MEDIAN_MONTHS)
    assert len(found) == 10
    assert ((found["ours"] - found["published"]).abs() <= allowed).all()


def test_checkmate_017_has_its_published_interval_and_year(shared: Path) -> None:
    """OS, 9.2 (7.3-13.3) against 6.0 (5.1-7.3) months; alive at one year 42 % against 24 %."""
    for arm, low, high, year in (("nivolumab", 7.3, 13.3, 0.42), ("d1", 5.1, 7.3, 0.24)):
        curve = curve_of(shared, "Checkmate017_1", arm)
        found = quantile_time(curve, 0.5)
        assert found.low == pytest.approx(low, abs=MEDIAN_MONTHS)
        assert found.high == pytest.approx(high, rel=MEDIAN_TOLERANCE, abs=MEDIAN_MONTHS)
        assert survival_at(curve, [12])[0].surv == pytest.approx(year, abs=0.01)


def test_the_page_says_what_is_estimated(ratios: pd.DataFrame, shared: Path, root: Path) -> None:
    """After a change: python tests/reference/kmdata.py."""
    assert (root / "docs" / PAGE).read_text(encoding="utf-8") == page_text(ratios, medians(shared))
    assert (root / "docs" / PLOT).read_text(encoding="utf-8") == plot_text(ratios)
