"""Independent re-derivations of what kinetics have beyond counts and moments: CV and geometric
statistics, by plain sums and products of the traced values."""

from __future__ import annotations

import math

import pandas as pd
from scipy.stats import norm
from scipy.stats import t as student

from csr.results import Output, trace

ANALYSES = {"kinetics-by-visit", "kinetics-parameters"}
STATS = {"cv", "n_pos", "n_zero", "geomean", "geocv"}
RANKED = {"geomean", "spearman", "spearman_p", "wilcoxon_p"}
COMPETING = {"losses": 1, "deaths": 2, "loss": 1, "death": 2}


def is_known_kinetics(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    name, stat = line["analysis"], line["stat"]
    if name == "exposure-safety":
        return stat in RANKED
    if name == "persistence-competing-risk":
        return stat in COMPETING
    return name in ANALYSES and stat in STATS


def of_kinetics(output: Output, line: pd.Series) -> float:
    """The number from its traced rows alone."""
    if line["analysis"] == "persistence-competing-risk":
        return of_competing(trace(output.rows, line), line)
    if line["stat"] in RANKED - {"geomean"}:
        return of_ranks(trace(output.rows, line), line["stat"])
    values = [float(v) for v in trace(output.rows, line)["value"]]
    above = [v for v in values if v > 0]
    stat = line["stat"]
    if stat in ("n_pos", "n_zero"):
        return float(len(above) if stat == "n_pos" else sum(v == 0 for v in values))
    if stat == "cv":
        mean = sum(values) / len(values)
        return 100 * math.sqrt(squares(values) / (len(values) - 1)) / mean
    if stat == "geomean":  # the n-th root of the product, by the roots' product
        return math.prod(v ** (1 / len(above)) for v in above)
    s2 = squares([math.log(v) for v in above]) / (len(above) - 1)
    return 100 * math.sqrt(math.exp(s2) - 1)


def squares(values: list[float]) -> float:
    """The sum of squared distances from the mean."""
    mean = sum(values) / len(values)
    return math.fsum((v - mean) ** 2 for v in values)


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
