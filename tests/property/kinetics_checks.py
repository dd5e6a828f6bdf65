"""Independent re-derivations of what kinetics have beyond counts and moments: CV and geometric
statistics, by plain sums and products of the traced values."""

from __future__ import annotations

import math
import statistics

import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from csr.results import Output, trace

ANALYSES = {
    "kinetics-by-visit",
    "kinetics-parameters",
    "kinetics-by-response",
    "reinfusion-ratio",
}
ORDERED = {"median", "min", "max"}
POWER = {
    "slope",
    "slope_lcl",
    "slope_ucl",
    "intercept",
    "dose_ratio",
    "limit_low",
    "limit_high",
    "proportional",
}
STATS = {"cv", "n_pos", "n_zero", "geomean", "geocv", "geomean_lcl", "geomean_ucl"}
RANKED = {"geomean", "spearman", "spearman_p", "wilcoxon_p"}
COMPETING = {"losses": 1, "deaths": 2, "loss": 1, "death": 2}


def is_known_kinetics(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    name, stat = line["analysis"], line["stat"]
    if name == "exposure-safety":
        return stat in RANKED
    if name == "persistence-competing-risk":
        return stat in COMPETING
    if name == "dose-proportionality":
        return stat in POWER
    if name == "reinfusion-ratio" and stat in ORDERED:
        return True
    return name in ANALYSES and stat in STATS


def of_kinetics(output: Output, line: pd.Series) -> float:
    """The number from its traced rows alone."""
    if line["analysis"] == "persistence-competing-risk":
        return of_competing(trace(output.rows, line), line)
    if line["analysis"] == "dose-proportionality":
        return of_power(trace(output.rows, line), line["stat"])
    if line["stat"] in RANKED - {"geomean"}:
        return of_ranks(trace(output.rows, line), line["stat"])
    values = [float(v) for v in trace(output.rows, line)["value"].dropna()]
    above = [v for v in values if v > 0]
    stat = line["stat"]
    if stat in ("n_pos", "n_zero"):
        return float(len(above) if stat == "n_pos" else sum(v == 0 for v in values))
    if stat in ORDERED:
        known = {"median": statistics.median, "min": min, "max": max}
        return float(known[stat](values))
    if stat == "cv":
        mean = sum(values) / len(values)
        return 100 * math.sqrt(squares(values) / (len(values) - 1)) / mean
    if stat == "geomean":  # the n-th root of the product, by the roots' product
        return math.prod(v ** (1 / len(above)) for v in above)
    s2 = squares([math.log(v) for v in above]) / (len(above) - 1)
    if stat in ("geomean_lcl", "geomean_ucl"):
        sign = -1 if stat == "geomean_lcl" else 1
        half = student.ppf(0.975, len(above) - 1) * math.sqrt(s2 / len(above))
        return math.exp(math.fsum(math.log(v) for v in above) / len(above) + sign * half)
    return 100 * math.sqrt(math.exp(s2) - 1)


def squares(values: list[float]) -> float:
    """The sum of squared distances from the mean."""
    mean = sum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values)


def of_power(own: pd.DataFrame, stat: str) -> float:
    """The line through the logarithms by the normal equations."""
    doses = [float(d) for d in own["DOSE"]]
    x, y = [math.log(d) for d in doses], [math.log(v) for v in own["value"]]
    n, mx, my = len(x), sum(x) / len(x), sum(y) / len(y)
    slope = math.fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True)) / squares(x)
    start = my - slope * mx
    left = math.fsum((b - start - slope * a) ** 2 for a, b in zip(x, y, strict=True))
    half = student.ppf(0.95, n - 2) * math.sqrt(left / (n - 2) / squares(x))
    ratio = max(doses) / min(doses)
    low, high = (1 + math.log(r) / math.log(ratio) for r in (0.8, 1.25))
    within = float(low <= slope - half and slope + half <= high)
    known = {"slope": slope, "slope_lcl": slope - half, "slope_ucl": slope + half}
    known |= {"intercept": start, "dose_ratio": ratio, "limit_low": low, "limit_high": high}
    return (known | {"proportional": within})[stat]


def of_competing(own: pd.DataFrame, line: pd.Series) -> float:
    """Aalen-Johansen by a plain loop over the times."""
    kind, stat = COMPETING[line["stat"]], line["stat"]
    if stat in ("losses", "deaths"):
        return float((own["event"] == kind).sum())
    alive, found = 1.0, 0.0
    for time in sorted(own.loc[own["event"] > 0, "value"].unique()):
        if time > float(line["level2"]) + 1e-12:
            break
        here = own[own["value"] == time]
        risk = (own["value"] >= time).sum()
        found += alive * (here["event"] == kind).sum() / risk
        alive *= 1 - (here["event"] > 0).sum() / risk
    return 100 * found


def ranks(values: list[float]) -> list[float]:
    """Ranks, ties averaged."""
    return [sum(w < v for w in values) + (sum(w == v for w in values) + 1) / 2 for v in values]


def of_ranks(own: pd.DataFrame, stat: str) -> float:
    """Spearman by Pearson's formula of the ranks; the rank sum by its normal approximation."""
    own = own[own["LEVEL"] != "Not graded"]
    values = [float(v) for v in own["value"]]
    if stat == "wilcoxon_p":
        placed = ranks(values)
        first = [r for r, level in zip(placed, own["LEVEL"], strict=True) if level == "Yes"]
        n, m = len(first), len(values) - len(first)
        u = sum(first) - n * (n + 1) / 2
        ties = sum(c**3 - c for c in pd.Series(values).value_counts())
        total = n + m
        sd = math.sqrt(n * m / 12 * (total + 1 - ties / (total * (total - 1))))
        z = (abs(u - n * m / 2) - 0.5) / sd
        return float(2 * norm.sf(z))
    levels = [0.0 if level == "None" else float(level) for level in own["LEVEL"]]
    x, y = ranks(values), ranks(levels)
    mx, my = sum(x) / len(x), sum(y) / len(y)
    over = math.fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    rho = over / math.sqrt(squares(x) * squares(y))
    if stat == "spearman":
        return rho
    t = rho * math.sqrt((len(x) - 2) / (1 - rho**2))
    return float(2 * student.sf(abs(t), len(x) - 2))
