"""A second programming of the kinetics, from METHODS §6 alone: one profile, plain loops.

Written without the library's code; nothing of `csr` is imported.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Sample:
    """A sample: days since the infusion, copies (None: BLQ), taken before the infusion."""

    day: float
    copies: float | None
    before_dose: bool = False


@dataclass(frozen=True)
class Rules:
    """What a protocol decides; None as what a BLQ counts as: dropped."""

    log_down: bool = True
    before: float | None = 0.0
    between: float | None = None
    after: float | None = 0.0
    window: float = 2.0
    best_fit: bool = True
    points: int = 3


def segment(t1: float, c1: float, t2: float, c2: float, end: float, log_down: bool) -> float:
    """Area of one trapezoid from t1 to the earlier of t2 and `end`."""
    if end <= t1 or t2 == t1:
        return 0.0
    stop = min(t2, end)
    if log_down and 0 < c2 < c1:
        k = math.log(c1 / c2) / (t2 - t1)
        return (c1 - c1 * math.exp(-k * (stop - t1))) / k
    at_stop = c1 + (c2 - c1) * (stop - t1) / (t2 - t1)
    return (c1 + at_stop) / 2 * (stop - t1)


def counted(samples: list[Sample], rules: Rules) -> list[tuple[float, float]]:
    """The points of the curve, each BLQ replaced or dropped by its place."""
    known = [i for i, s in enumerate(samples) if s.copies is not None]
    points = []
    for i, sample in enumerate(samples):
        value = sample.copies
        if value is None:
            if not known or i < known[0]:
                value = rules.before
            elif i > known[-1]:
                value = rules.after
            else:
                value = rules.between
        if value is not None:
            points.append((sample.day, value))
    return points


def area(points: list[tuple[float, float]], end: float, log_down: bool) -> float:
    """From the first point to `end`, nothing extrapolated."""
    total = 0.0
    for (t1, c1), (t2, c2) in pairwise(points):
        total += segment(t1, c1, t2, c2, end, log_down)
    return total


def half_life(samples: list[Sample], tmax: float, rules: Rules) -> dict[str, float]:
    """λz by least squares on ln copies after the peak; {} where there is none."""
    usable = [(s.day, math.log(s.copies)) for s in samples
              if s.copies is not None and not s.before_dose and s.day > tmax]  # fmt: skip
    sizes = range(rules.points, len(usable) + 1) if rules.best_fit else [rules.points]
    fits = []
    for n in sizes:
        if n > len(usable):
            continue
        last = usable[-n:]
        mx, my = sum(x for x, _ in last) / n, sum(y for _, y in last) / n
        sxx = sum((x - mx) ** 2 for x, _ in last)
        sxy = sum((x - mx) * (y - my) for x, y in last)
        syy = sum((y - my) ** 2 for _, y in last)
        flat = len({y for _, y in last}) == 1
        if flat or sxx == 0 or syy == 0 or sxy >= 0:
            continue
        r2 = min(sxy * sxy / (sxx * syy), 1.0)
        fits.append((1 - (1 - r2) * (n - 1) / (n - 2), n, -sxy / sxx, last[0][0]))
    if not fits:
        return {}
    best = max(f[0] for f in fits)
    r2adj, n, rate, start = max((f for f in fits if best - f[0] < 1e-4), key=lambda f: f[1])
    half = math.log(2) / rate
    return {
        "LAMZ": rate, "LAMZHL": half, "LAMZNPT": n, "R2ADJ": r2adj,
        "SPAN": (usable[-1][0] - start) / half,
    }  # fmt: skip


def areas(
    samples: list[Sample], points: list[tuple[float, float]], rules: Rules
) -> dict[str, float]:
    """Areas between two days: 0 where all is BLQ; each needs a sample in it and one at its end."""
    found = {}
    anything = any(s.copies is not None for s in samples)
    for code, start, end in (("AUC28", 0.0, 28.0), ("AUC7_28", 7.0, 28.0)):
        if not any(start < s.day <= end for s in samples if not s.before_dose):
            continue
        if not anything:
            found[code] = 0.0
        elif points and points[-1][0] >= end - rules.window:
            found[code] = area(points, end, rules.log_down) - area(points, start, rules.log_down)
    return found


def parameters(samples: list[Sample], rules: Rules) -> dict[str, float]:
    """Every parameter that exists; one that can't be told is not in the answer."""
    after_dose = [s for s in samples if not s.before_dose]
    if not after_dose:
        return {}
    found = {"LSTSMP": after_dose[-1].day}
    points = counted(samples, rules)
    if points and points[0][0] > 0:
        points = [(0.0, 0.0), *points]  # nothing before the first infusion (METHODS §10.16)
    found |= areas(samples, points, rules)
    near = sorted((abs(s.day - 28), -s.day, s.copies or 0.0) for s in after_dose)
    if near[0][0] <= rules.window:
        found["C28"] = near[0][2]
    known = [s for s in after_dose if s.copies is not None]
    if not known:
        return {**found, "CMAX": 0.0}
    cmax = max(s.copies for s in known if s.copies is not None)
    tmax = next(s.day for s in known if s.copies == cmax)
    last = known[-1]
    assert last.copies is not None
    found |= {"CMAX": cmax, "TMAX": tmax, "TLST": last.day, "CLST": last.copies}
    if len(after_dose) >= 2:
        found["AUCLST"] = area(points, last.day, rules.log_down)
    lost = [s.day for s in after_dose if s.copies is None and s.day > tmax]
    if lost:
        found["FBLQ"] = lost[0]
    return found | half_life(samples, tmax, rules)
