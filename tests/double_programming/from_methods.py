"""Best overall response and progression-free survival, programmed a second time.

Written from METHODS §3 and §4 alone, by enumeration rather than by walking through the visits, and
without the library's own derivations: no import of csr. Days are days after T0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

RANK = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
ADEQUATE = frozenset({"CR", "PR", "SD", "NON-CR/NON-PD", "PD"})
Visits = list[tuple[int, str]]


@dataclass(frozen=True)
class Options:
    """The `P:` items of METHODS §3, with the defaults of §9."""

    apart: int = 28
    sd_from: int = 42
    ne: int = 1
    sd_between: bool = False
    same_day_kept: bool = True
    cr_then_pr: str = "query"


def considered(visits: Visits, therapy: int | None, options: Options) -> Visits:
    """Rule 1: before new therapy, up to the first progression; CR then PR as the protocol says."""
    if therapy is not None:
        last = therapy if options.same_day_kept else therapy - 1
        visits = [v for v in visits if v[0] <= last]
    answers = [r for _, r in visits]
    if options.cr_then_pr == "as-pd":
        for i, answer in enumerate(answers):
            if answer == "PR" and "CR" in answers[:i]:
                answers[i] = "PD"
    if options.cr_then_pr == "as-pr":
        until = answers.index("PD") if "PD" in answers else len(answers)
        for i in range(until):
            if answers[i] == "CR" and "PR" in answers[i:until]:
                answers[i] = "PR"
    stop = answers.index("PD") + 1 if "PD" in answers else len(answers)
    return [(day, answer) for (day, _), answer in zip(visits, answers, strict=True)][:stop]


def best_response(visits: Visits, therapy: int | None, options: Options, *, confirmed: bool) -> str:
    """Rules 2 to 7: the best of everything the kept assessments can claim."""
    kept = considered(visits, therapy, options)
    claims = {"NE"} | {"PD" for _, r in kept if r == "PD"}
    for day, answer in kept:
        late = day >= options.sd_from
        if late and answer in ("CR", "PR", "SD"):
            claims.add("SD")
        if late and answer == "NON-CR/NON-PD":
            claims.add(answer)
        if not confirmed and answer in ("CR", "PR"):
            claims.add(answer)
    if confirmed:
        claims |= confirmations(kept, options)
    return min(claims, key=RANK.index)


def confirmations(kept: Visits, options: Options) -> set[str]:
    """CR or PR for every pair of assessments of which the second confirms the first."""
    found = set()
    for i, j in combinations(range(len(kept)), 2):
        (first_day, first), (second_day, second) = kept[i], kept[j]
        if second_day - first_day < options.apart:
            continue
        between = [r for _, r in kept[i + 1 : j]]
        if between.count("NE") > options.ne:
            continue
        if first == second == "CR" and set(between) <= {"CR", "NE"}:
            found.add("CR")
        sds = between.count("SD")
        allowed = set(between) <= {"CR", "PR", "NE", "SD"} and sds <= int(options.sd_between)
        if first == "PR" and second in ("PR", "CR") and allowed:
            found.add("PR")
    return found


@dataclass(frozen=True)
class Subject:
    """What PFS needs of one subject: days after T0."""

    scans: tuple[tuple[int, str], ...]
    baseline: bool = True
    therapy: int | None = None
    death: int | None = None


def scheduled(every: tuple[tuple[int, int | None], ...], beyond: int) -> np.ndarray:
    """The days of the planned visits, from T0, to well after `beyond`."""
    days, at = [0], 0
    for interval, until in every:
        end = until if until is not None else beyond + 10 * interval
        while at + interval <= end:
            at += interval
            days.append(at)
    return np.array(days)


def limit(last: int, every: tuple[tuple[int, int | None], ...], window: int) -> int:
    """The second scheduled visit after the last adequate assessment, and twice the window.

    A scan within the window of a visit was that visit (docs/validation.md, disagreement 2).
    """
    visits = scheduled(every, last)
    near = visits[np.abs(visits - last) <= window]
    later = visits[visits > (near[0] if near.size else last)]
    return int(later[1]) + 2 * window


def pfs(
    who: Subject, strategy: str, every: tuple[tuple[int, int | None], ...], window: int
) -> tuple[int, bool]:
    """The day PFS ends and whether with an event: METHODS §4's table, row by row.

    The strategy "ignored" is treatment policy with every progression and death an event (the
    sensitivity analysis "gaps ignored"). An event, whichever, must be dated within the limit
    (docs/validation.md, disagreement 3).
    """
    seen = sorted(who.scans)
    adequate = [0, *(d for d, r in seen if r in ADEQUATE)]
    progressed = [d for d, r in seen if r == "PD"][:1]
    ends = progressed + ([who.death] if who.death is not None else [])
    end = min(ends) if ends else None

    def last(before: int) -> int:
        return max(d for d in adequate if d <= before)

    if strategy == "ignored":
        return (adequate[-1], False) if end is None else (end, True)
    if not who.baseline:
        return 0, False
    started = who.therapy is not None and (end is None or who.therapy < end)
    if started and strategy == "censor":
        return last(who.therapy or 0), False
    if started and strategy == "event":
        end = who.therapy
    if end is None:
        return adequate[-1], False
    before = last(end - 1)
    return (end, True) if end <= limit(before, every, window) else (before, False)
