"""Patient profiles: a page for each subject with the course in one figure, and the worst events."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.profile_figure import draw_profile, profile_needs
from csr.displays.model import Column, Display, Listing, Page, Pages
from csr.displays.narratives.narratives import reasons_of
from csr.displays.tables.analysis_grade import fmt_grade, grade_said
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.displays.tables.subject_records import BySubject, amount, date_of
from csr.endpoints.narratives.narratives import NARRATIVES, narrative_needs
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.results import Adam, Needs, reads

COLUMNS = (
    Column("Adverse event", "left", 2.6),
    Column("Grade", "center", 0.6),
    Column("Serious", "center", 0.7),
    Column("Start (day)", "left", 1.2),
    Column("End (day)", "left", 1.2),
    Column("Relationship", "left", 1.2),
    Column("Outcome", "left", 1.7),
)
LEAST_GRADE, MOST_LINES = 3, 12


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Pages:
    """The subjects params ask for, in their order."""
    rules = params.narratives
    if rules is None or rules.profiles == "none":
        return Pages(())
    chosen = subjects_in(adam, params, "safety").sort_values("USUBJID")
    if rules.profiles == "narratives":
        chosen = chosen[chosen["USUBJID"].isin(reasons_of(adam, params)[0])]
    subjects = BySubject.of(adam, params)
    return Pages(tuple(_page(record, subjects) for record in chosen.to_dict("records")))


def _page(subject: Record, subjects: BySubject) -> Page:
    who, params = said(subject, "USUBJID"), subjects.params
    age = " ".join(w for w in (said(subject, "AGE"), said(subject, "SEX")) if w)
    facts = (
        ("Group", group_label(subject, params)),
        ("Age, sex", age),
        ("Infusions", _infusions(who, subjects) or date_of(subject, "TRTSDT")),
        ("Best response", _best(who, subjects)),
        ("Died", dated(subject, "DTHDT", "DTHADY", "DTHDTF").replace("\n", " ")),
    )
    return Page(
        f"Subject {who}",
        tuple((name, text) for name, text in facts if text),
        figure=draw_profile(subject, subjects),
        listing=_worst(who, subjects),
    )


def _infusions(who: str, subjects: BySubject) -> str:
    given = [r for r in subjects.records("adex", who) if said(r, "AINFN")]
    told = [
        f"{date_of(r, 'ASTDT')}: {amount(r.get('AVAL'))} {said(r, 'AVALU')}".strip(": ")
        for r in given
        if said(r, "PARAMCD") in ("", "DOSE")
    ]
    return "; ".join(dict.fromkeys(told))


def _best(who: str, subjects: BySubject) -> str:
    bor = subjects.params.endpoints.bor
    if bor is None:
        return ""
    found = subjects.responses(who, bor.paramcd, bor.evaluator)
    return said(found[0], "AVALC") if found else ""


def _worst(who: str, subjects: BySubject) -> Listing | None:
    records = [r for r in subjects.records("adae", who) if said(r, "TRTEMFL") == "Y"]
    bad = [r for r in records if said(r, "AESER") == "Y" or grade_said(r) in ("3", "4", "5")]
    if not bad:
        return None
    bad.sort(key=lambda r: (said(r, "AESER") != "Y", -float(grade_said(r) or 0)))
    lines: list[tuple[str, ...]] = [
        (
            said(r, "AEDECOD"),
            fmt_grade(r),
            said(r, "AESER"),
            dated(r, "ASTDT", "ASTDY", "ASTDTF").replace("\n", " "),
            dated(r, "AENDT", "AENDY", "AENDTF").replace("\n", " "),
            said(r, "AEREL"),
            said(r, "AEOUT"),
        )
        for r in bad[:MOST_LINES]
    ]
    if len(bad) > MOST_LINES:
        left = f"… and {len(bad) - MOST_LINES} more of grade {LEAST_GRADE} or more"
        lines.append((left, *[""] * (len(COLUMNS) - 1)))
    return Listing(COLUMNS, tuple(lines))


def needs(params: Params) -> Needs:
    """The panels, the head of the page, and what is listed of the worst events."""
    lost = "profiles do not tell it"
    head = reads("adsl", **dict.fromkeys(("AGE", "SEX", "DTHADY", "DTHDTF"), lost))
    doses = Needs(optional={("adex", c): lost for c in ("AVAL", "AVALU", "PARAMCD")})
    listed = ("AESER", "ASTDY", "ASTDTF", "AENDY", "AENDTF", "AEREL", "AEOUT")
    events = reads("adae", **dict.fromkeys(listed, lost))
    own = subject_needs(params, "safety") + narrative_needs(params) + profile_needs(params)
    return own + head + doses + events


DISPLAY = Display(
    name="patient-profile",
    kind="figure",
    section="14.3.3",
    order=30,
    title="Patient profiles",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(NARRATIVES,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Solid lines: infusions; dashed line: death. Bars: treatment-emergent adverse events with "
        "their grade (darker or orange: more severe; those of the highest grades where there are "
        "many); an event without an end is drawn to the data cut-off. Blood counts and kinetics on "
        "a log scale; open circles are samples below the limit of quantification, drawn at half of "
        "it; the dotted line is the limit. Listed below: serious events and those of grade ≥ 3.",
    ),
    source="ADSL, ADEX, ADAE, ADLB, ADPC, ADTR, ADRS",
)
