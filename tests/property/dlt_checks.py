"""Re-derives what dose finding reports from the rows of its analyses: plain loops, scipy's beta."""

from __future__ import annotations

import pandas as pd
from scipy.stats import beta

from csr.params import Params
from csr.results import Output, groups_of

STATS = (
    "post_mean",
    "post_lcl",
    "post_ucl",
    "prob_above",
    "boundary",
    "crossed",
    "shrunken",
    "isotonic",
    "mtd",
    "mtd_isotonic",
    "maximum_administered",
)


def of_dose_finding(
    output: Output, line: pd.Series, counted: int, total: int, params: Params
) -> float:
    """The value of a statistic of STATS; counts as traced by the caller."""
    rules, stat = params.endpoints.dlt, line["stat"]
    assert rules is not None
    if line["analysis"] == "mtd":
        return of_mtd(output, line, rules.values)
    a, b, p0, tau, fewest = *rules.prior, rules.target, 0.0, 1
    if line["analysis"] == "stopping-boundaries":
        rule = next(r for r in rules.stopping if r.label == dict(groups_of(line))["RULE"])
        a, b, p0, tau, fewest = rule.a, rule.b, rule.p0, rule.tau, rule.min_subjects
    above = [1 - beta.cdf(p0, a + x, b + total - x) for x in range(total + 1)]
    stops = next((x for x, p in enumerate(above) if p > tau and total >= fewest), None)
    tail = (1 - params.conventions.conf_level) / 2
    after = beta(a + counted, b + total - counted)
    return float(
        {
            "post_mean": 100 * (a + counted) / (a + b + total),
            "post_lcl": 100 * after.ppf(tail),
            "post_ucl": 100 * after.ppf(1 - tail),
            "prob_above": above[counted],
            "boundary": stops,
            "crossed": stops is not None and counted >= stops,
        }[stat]
    )


def of_mtd(output: Output, line: pd.Series, doses: tuple[str, ...]) -> float:
    rows = output.rows
    n = [len(rows[(rows["TRTA"] == d) & (rows["ITEM"] == "EVALUABLE")]) for d in doses]
    x = [len(rows[(rows["TRTA"] == d) & (rows["ITEM"] == "DLT")]) for d in doses]
    tried = [i for i, size in enumerate(n) if size]
    pooled = dict(zip(tried, pool([(n[i], x[i]) for i in tried]), strict=True))
    stat, dose = line["stat"], dict(groups_of(line))["TRTA"]
    if stat == "maximum_administered":
        return float(max(i for i, d in enumerate(doses) if (rows["TRTA"] == d).any()) + 1)
    if stat == "mtd_isotonic":
        return float(min(tried, key=lambda i: (round(abs(pooled[i] - 0.3), 9), -i)) + 1)
    if stat == "mtd":
        toxic = [i for i in tried if x[i] >= 2]
        return float(max(i for i in range(min(toxic)) if n[i] >= 6 and x[i] < 2) + 1)
    i = doses.index(str(dose))
    return 100 * (pooled[i] if stat == "isotonic" else (x[i] + 0.05) / (n[i] + 0.1))


def pool(counts: list[tuple[int, int]]) -> list[float]:
    """Pools adjacent violators of the shrunken rates, weighted by their inverse variance."""
    blocks: list[tuple[float, float, int]] = []
    for n, x in counts:
        weight = (n + 0.1) ** 2 * (n + 1.1) / ((x + 0.05) * (n - x + 0.05))
        blocks.append(((x + 0.05) / (n + 0.1), weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (r, v, k), (s, w, m) = blocks[-2:]
            blocks[-2:] = [((r * v + s * w) / (v + w), v + w, k + m)]
    return [rate for rate, _, size in blocks for _ in range(size)]
