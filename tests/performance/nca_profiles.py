"""Kinetic parameters of many profiles, against the plainest vectorised trapezoid of numpy.

Run by hand, from the checkout: `.venv/bin/python tests/performance/nca_profiles.py`. The profiles
are synthetic (a fixed seed): 1,000 and 100,000 of 15 samples. What is compared is timed in turns in
one process, and the ratio is the median of the ratios of the pairs. The result stands in
docs/performance.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from csr.derive.adpp import Analysed, analyse, parameters
from csr.derive.nca import Array, Profiles, area_to, count_blq
from csr.params.kinetics import Kinetics

DAYS = np.array([0, 1, 4, 7, 10, 14, 21, 28, 42, 56, 84, 112, 168, 252, 365], dtype=float)
PAIRS = 15
LINEAR = Kinetics(auc="linear")
LOG_DOWN = Kinetics()


def make_profiles(count: int) -> Profiles:
    """Rise to a peak and biphasic fall, with noise; below 50 copies BLQ."""
    rng = np.random.default_rng(6)
    time_of = np.tile(DAYS, (count, 1)) + np.where(DAYS > 0, rng.uniform(-0.2, 0.2, (count, 1)), 0)
    peak = np.exp(rng.normal(8.5, 1.0, (count, 1)))
    half = rng.uniform(3, 40, (count, 1))
    gone = time_of - 10
    shape = np.where(gone < 0, np.exp(0.9 * gone), 0.5 ** (gone / half))
    value = peak * shape * np.exp(rng.normal(0, 0.15, shape.shape))
    blq = value < 50
    post = np.broadcast_to(DAYS > 0, blq.shape).copy()
    return Profiles(time_of, np.where(blq, np.nan, value), blq, post)


def plain(profiles: Profiles) -> Array:
    """Area over all samples, BLQ 0, as one writes it in a line."""
    value = np.where(profiles.blq, 0.0, profiles.value)
    total: Array = np.sum(
        np.diff(profiles.time, axis=1) * (value[:, 1:] + value[:, :-1]) / 2, axis=1
    )
    return total


def area(profiles: Profiles, rules: Kinetics) -> Array:
    """The same area by csr: rules for BLQ by place, an end for each profile."""
    points = count_blq(profiles, rules.below_limit)
    return area_to(points, profiles.time[:, -1], rules.auc != "linear")


def everything(profiles: Profiles) -> list[Array]:
    """Every parameter of the report."""
    found: Analysed = analyse(profiles, LOG_DOWN)
    return [parameter.find(found).value for parameter in parameters(LOG_DOWN)]


def seconds(run: Callable[[], object]) -> float:
    """Time of one run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> None:
    """Prints the times and the ratios; stops where the areas differ."""
    zero = LINEAR.model_copy(
        update={"below_limit": LINEAR.below_limit.model_copy(update={"between": 0.0})}
    )
    for count in (1_000, 100_000):
        profiles = make_profiles(count)
        np.testing.assert_allclose(area(profiles, zero), plain(profiles), rtol=1e-12)
        for name, run in (
            ("area, linear", lambda p=profiles: area(p, zero)),
            ("area, linear up, log down", lambda p=profiles: area(p, LOG_DOWN)),
            ("every parameter", lambda p=profiles: everything(p)),
        ):
            pairs = [(seconds(lambda p=profiles: plain(p)), seconds(run)) for _ in range(PAIRS)]
            reference, own = (float(np.median(times)) for times in zip(*pairs, strict=True))
            ratio = float(np.median([mine / theirs for theirs, mine in pairs]))
            print(
                f"{count} profiles, {name}: plain {1000 * reference:.2f} ms, "
                f"csr {1000 * own:.2f} ms, ratio {ratio:.1f}"
            )


if __name__ == "__main__":
    main()
