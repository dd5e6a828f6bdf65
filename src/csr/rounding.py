"""The only place that rounds, and the only one that turns a statistic into text.

Rounding is half away from zero, as SAS `ROUND` does, with a relative fuzz of 1e-12, so that a
decimal half that binary floating point stores a hair too low still rounds up (METHODS §0b).
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

FUZZ = 1e-12
MOST_FUZZ = 1e-6  # of the last printed unit: a large count is never moved
NOT_ESTIMABLE = "NE"


def round_half_away(value: float, decimals: int) -> Decimal:
    """Round half away from zero: 62.5 → 63, −0.25 → −0.3 at one decimal, 28.749999999999996 → 28.8.

    Returns a `Decimal` with exactly `decimals` decimals; never a negative zero.
    Source: SAS ROUND function; METHODS §0 (65/104 = 62.5 % printed as 63).
    """
    fuzz = min(abs(value) * FUZZ, MOST_FUZZ * 10.0**-decimals)
    nudged = value + math.copysign(fuzz, value)
    rounded = Decimal(repr(float(nudged))).quantize(
        Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP
    )
    return abs(rounded) if rounded == 0 else rounded


def fmt_number(value: float | None, decimals: int) -> str:
    """A number with a fixed count of decimals; "NE" where it is not estimable (None or NaN)."""
    if value is None or math.isnan(value):
        return NOT_ESTIMABLE
    if math.isinf(value):
        return NOT_ESTIMABLE
    return str(round_half_away(value, decimals))


def fmt_count(value: float | None) -> str:
    """A count, without decimals."""
    return fmt_number(value, 0)


def fmt_percent(value: float | None, decimals: int = 1) -> str:
    """A percentage already on the scale 0–100, without the sign."""
    return fmt_number(value, decimals)


def fmt_n_percent(n: float | None, percent: float | None, decimals: int = 1) -> str:
    """`12 (14.0)`; a count of nought stands alone, and so does a count without a denominator."""
    count = fmt_count(n)
    if not n or percent is None or math.isnan(percent):
        return count
    return f"{count} ({fmt_percent(percent, decimals)})"


def fmt_interval(low: float | None, high: float | None, decimals: int) -> str:
    """`(18.3, 32.9)`, with NE for a limit that can't be estimated."""
    return f"({fmt_number(low, decimals)}, {fmt_number(high, decimals)})"


def fmt_p(value: float | None) -> str:
    """A p-value: four decimals, "<0.0001" and ">0.9999" at the ends (METHODS §0b)."""
    if value is None or math.isnan(value):
        return NOT_ESTIMABLE
    if value < 0.0001:
        return "<0.0001"
    if value > 0.9999:
        return ">0.9999"
    return fmt_number(value, 4)


def decimals_of(values: list[float]) -> int:
    """How many decimals the data carry (at the most 4): what summaries of them are printed with."""
    most = 0
    for value in values:
        if math.isnan(value):
            continue
        exponent = Decimal(repr(round(value, 6))).normalize().as_tuple().exponent
        most = max(most, -int(exponent))
    return min(most, 4)
