"""Independent re-derivations of what kinetics have beyond counts and moments: CV and geometric
statistics, by plain sums and products of the traced values."""

from __future__ import annotations

import math

import pandas as pd

from csr.results import Output, trace

ANALYSES = {"kinetics-by-visit", "kinetics-parameters"}
STATS = {"cv", "n_pos", "n_zero", "geomean", "geocv"}


def is_known_kinetics(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    return line["analysis"] in ANALYSES and line["stat"] in STATS


def of_kinetics(output: Output, line: pd.Series) -> float:
    """The number from its traced rows alone."""
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
