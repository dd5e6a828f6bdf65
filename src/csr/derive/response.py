"""Best overall response by RECIST 1.1, of one subject as seen by one evaluator (METHODS §3).

Days are counted from time zero (T0 is day 0). The rules, in the order they are applied:

1. Assessments count before new anticancer therapy and up to the first PD, that one included.
2. CR: a CR, and another CR at least 28 days later, only CR or NE between, at most one NE.
3. PR: a PR, and a PR or CR at least 28 days later, only CR, PR or NE between, at most one NE
   (one SD where the protocol accepts it).
4. SD: any CR, PR or SD at least 42 days after T0 (or the baseline scan).
5. NON-CR/NON-PD: the same of NON-CR/NON-PD.
6. PD. 7. NE, with its reason.

The best of these, in that order, is the confirmed best overall response. Unconfirmed, any CR or PR
counts at once. The numbers are the protocol's (`csr.params.protocol.Response`).

Source: Eisenhauer 2009 §4.3.1, §4.6; METHODS §3.
Tests: tests/reference/test_recist_cases.py, tests/spec/test_response.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from csr.params.protocol import Response

OBJECTIVE = ("CR", "PR")
STABLE_OR_BETTER = ("CR", "PR", "SD")


@dataclass(frozen=True)
class Assessment:
    """One timepoint response; `first` and `last` are the days it can have been (a full date: one).

    `row` is the caller's way back to the record.
    """

    response: str
    first: int
    last: int
    row: int = 0


@dataclass(frozen=True)
class Best:
    """A best overall response: the assessment that gave it, the one that confirmed it, why NE."""

    response: str
    given_by: Assessment | None = None
    confirmed_by: Assessment | None = None
    reason: str = ""


@dataclass(frozen=True)
class Course:
    """What one evaluator saw in one subject after baseline, and what else happened, in days.

    `assessments` are in order of time. `sd_from` is the day stable disease counts from.
    """

    assessments: tuple[Assessment, ...]
    new_therapy: int | None = None
    death: int | None = None
    sd_from: int = 0


def best_overall_response(course: Course, rules: Response, *, confirmed: bool) -> Best:
    """The best overall response, confirmed (rules 2 and 3) or not, of the assessments of rule 1.

    Where several assessments give the same response the first of them is named. NE comes with its
    reason: new anticancer therapy, early death, no assessment, all NE, or seen too early.
    """
    kept = assessments_that_count(course, rules)
    for response, candidates in _rules_in_order(kept, course.sd_from, rules, confirmed):
        best = next(candidates, None)
        if best is not None:
            return replace(best, response=response)
    return _not_evaluable(course, kept, rules)


def assessments_that_count(course: Course, rules: Response) -> tuple[Assessment, ...]:
    """Rule 1: before new anticancer therapy, up to the first PD inclusive."""
    kept: list[Assessment] = []
    for assessment in course.assessments:
        if not _before(assessment, course.new_therapy, rules):
            break
        kept.append(assessment)
        if assessment.response == "PD":
            break
    return tuple(kept)


def first_response(course: Course, rules: Response, *, confirmed: bool) -> Assessment | None:
    """The first CR or PR, or the first that rule 2 or 3 confirms: where a response starts."""
    kept = assessments_that_count(course, rules)
    if not confirmed:
        return next((a for a in kept if a.response in OBJECTIVE), None)
    responses = (
        best.given_by
        for i in range(len(kept))
        for best in (*_confirmed_cr(kept, i, rules), *_confirmed_pr(kept, i, rules))
    )
    return next(responses, None)


def first_benefit(course: Course, rules: Response) -> Assessment | None:
    """The first CR, PR or SD (NON-CR/NON-PD by protocol): where disease control starts."""
    kept = assessments_that_count(course, rules)
    return next((a for a in kept if a.response in disease_control(rules)), None)


def disease_control(rules: Response) -> tuple[str, ...]:
    """The responses that are disease control."""
    extra = ("NON-CR/NON-PD",) if rules.non_cr_non_pd_is_disease_control else ()
    return (*STABLE_OR_BETTER, *extra)


def cr_then_pr(assessments: Sequence[Assessment]) -> tuple[Assessment, ...]:
    """The PRs that follow a CR before any PD: each a query to the site (RECIST allows none)."""
    before_pd = _up_to_pd(assessments)
    seen_cr, queried = False, []
    for assessment in before_pd:
        seen_cr |= assessment.response == "CR"
        if seen_cr and assessment.response == "PR":
            queried.append(assessment)
    return tuple(queried)


def read_cr_then_pr(
    assessments: Sequence[Assessment], rules: Response, new_therapy: int | None = None
) -> tuple[Assessment, ...]:
    """The assessments as the protocol reads CR followed by PR.

    `as-pd`: the first PR after the CR is PD. `as-pr`: every CR before the last such PR was PR; a PR
    seen under a new anticancer therapy (from day `new_therapy`) says nothing of a CR before it.
    `query`: as recorded.
    """
    queried = cr_then_pr(assessments)
    if rules.cr_then_pr == "as-pr":
        queried = tuple(a for a in queried if _before(a, new_therapy, rules))
    if not queried or rules.cr_then_pr == "query":
        return tuple(assessments)
    if rules.cr_then_pr == "as-pd":
        first = queried[0]
        return tuple(replace(a, response="PD") if a is first else a for a in assessments)
    before = list(assessments).index(queried[-1])
    return tuple(
        replace(a, response="PR") if i < before and a.response == "CR" else a
        for i, a in enumerate(assessments)
    )


def _rules_in_order(
    kept: tuple[Assessment, ...], sd_from: int, rules: Response, confirmed: bool
) -> tuple[tuple[str, Iterator[Best]], ...]:
    cr = _confirmed_cr if confirmed else _any_of("CR")
    pr = _confirmed_pr if confirmed else _any_of("PR")
    each = range(len(kept))
    return (
        ("CR", (best for i in each for best in cr(kept, i, rules))),
        ("PR", (best for i in each for best in pr(kept, i, rules))),
        ("SD", _long_enough(kept, STABLE_OR_BETTER, sd_from, rules)),
        ("NON-CR/NON-PD", _long_enough(kept, ("NON-CR/NON-PD",), sd_from, rules)),
        ("PD", (Best("PD", a) for a in kept if a.response == "PD")),
    )


def _any_of(
    response: str,
) -> Callable[[tuple[Assessment, ...], int, Response], tuple[Best, ...]]:
    return lambda kept, i, _: (Best(response, kept[i]),) if kept[i].response == response else ()


def _confirmed_cr(kept: tuple[Assessment, ...], i: int, rules: Response) -> tuple[Best, ...]:
    """Rule 2."""
    return _confirmed(kept, i, ("CR", ("CR",), ("CR", "NE"), 0), rules)


def _confirmed_pr(kept: tuple[Assessment, ...], i: int, rules: Response) -> tuple[Best, ...]:
    """Rule 3."""
    sd_allowed = 1 if rules.accept_sd else 0
    return _confirmed(kept, i, ("PR", OBJECTIVE, ("CR", "PR", "NE", "SD"), sd_allowed), rules)


def _confirmed(
    kept: tuple[Assessment, ...],
    i: int,
    rule: tuple[str, tuple[str, ...], tuple[str, ...], int],
    rules: Response,
) -> tuple[Best, ...]:
    response, confirming, allowed_between, sd_allowed = rule
    if kept[i].response != response:
        return ()
    ne = sd = 0
    for later in kept[i + 1 :]:
        far_enough = later.first - kept[i].last >= rules.confirmation_days
        if later.response in confirming and far_enough:
            return (Best(response, kept[i], later),)
        ne += later.response == "NE"
        sd += later.response == "SD"
        if later.response not in allowed_between or ne > rules.ne_allowed or sd > sd_allowed:
            return ()
    return ()


def _long_enough(
    kept: tuple[Assessment, ...], responses: tuple[str, ...], sd_from: int, rules: Response
) -> Iterator[Best]:
    """Rules 4 and 5."""
    return (
        Best("", a)
        for a in kept
        if a.response in responses and a.first - sd_from >= rules.min_sd_days
    )


def _not_evaluable(course: Course, kept: tuple[Assessment, ...], rules: Response) -> Best:
    """Rule 7."""
    therapy, death = course.new_therapy, course.death
    first = kept[0] if kept else None
    dropped = len(kept) < len(course.assessments)
    if therapy is not None and (dropped or therapy <= course.sd_from + rules.min_sd_days):
        return Best("NE", first, reason="new anticancer therapy")
    if death is not None and death <= rules.early_death_days:
        return Best("NE", first, reason="early death")
    if not kept:
        return Best("NE", reason="no post-baseline assessment")
    if all(a.response == "NE" for a in kept):
        return Best("NE", first, reason="all assessments not evaluable")
    return Best("NE", first, reason="response seen too early")


def _before(assessment: Assessment, new_therapy: int | None, rules: Response) -> bool:
    if new_therapy is None:
        return True
    if rules.same_day_new_therapy == "kept":
        return assessment.last <= new_therapy
    return assessment.last < new_therapy


def _up_to_pd(assessments: Sequence[Assessment]) -> Sequence[Assessment]:
    for i, assessment in enumerate(assessments):
        if assessment.response == "PD":
            return assessments[:i]
    return assessments
