"""What the earlier transfers got wrong, and when it was put right."""

from __future__ import annotations

from dataclasses import replace

from csr.demo.truth import AdverseEvent, Revision, Subject, Truth

CORRECTED_AFTER = 5
REGRADED_EVERY = 23
RELATED_ANEW_EVERY = 41


def plan_corrections(truth: Truth) -> Truth:
    """Marks records that an earlier transfer held differently.

    After each of the first three transfers some grades and relationships of events before its
    cut-off are corrected, one event is withdrawn (it was a duplicate), one laboratory value and one
    kinetics value put right; one death before the interim cut-off is entered after its transfer.
    """
    for earlier, cut in zip((None, *truth.cuts), truth.cuts[:-1], strict=False):
        since = earlier.cutoff if earlier else 0
        events = [
            (subject, event)
            for subject in truth.subjects
            for event in subject.events
            if since < event.onset.day <= cut.cutoff - 10
        ]
        _regrade([e for _, e in events], cut.transfer + CORRECTED_AFTER)
        if events:
            _withdraw(*events[len(events) // 2], cut.transfer + CORRECTED_AFTER)
    _enter_a_death_late(truth)
    return replace(truth, revisions=_revise_values(truth))


def _regrade(events: list[AdverseEvent], corrected: int) -> None:
    ordinary = [e for e in events if not (e.fatal or e.episode or e.grade is None)]
    for event in ordinary[::REGRADED_EVERY]:
        before = event.grade - 1 if event.grade and event.grade > 1 else 2
        event.earlier = (*event.earlier, ("AETOXGR", str(before), corrected))
    for event in ordinary[7::RELATED_ANEW_EVERY]:
        before_relation = "UNLIKELY" if event.cart != "UNLIKELY" else "POSSIBLE"
        event.earlier = (*event.earlier, ("AEREL", before_relation, corrected))


def _withdraw(subject: Subject, event: AdverseEvent, corrected: int) -> None:
    last = max(e.sequence for e in subject.events)
    subject.events.append(
        replace(event, sequence=last + 1, withdrawn_on=corrected, dlt=False, episode="",
                components=(), earlier=(), fatal=False)
    )  # fmt: skip


def _enter_a_death_late(truth: Truth) -> None:
    """A death in the half year before the interim cut-off, entered three weeks too late."""
    interim = truth.cuts[1]
    first, last = interim.cutoff - 200, interim.cutoff - 15
    dead = [
        s for s in truth.subjects if s.death and s.infusions and first < s.death.when.day <= last
    ]
    chosen = [s for s in dead if s.case] or dead
    for subject in chosen[:1]:
        if subject.death:
            subject.death = replace(subject.death, entered_on=interim.transfer + 21)


def _revise_values(truth: Truth) -> tuple[Revision, ...]:
    revisions = []
    for cut in truth.cuts[:-1]:
        for domain, test, column in (("lb", "PLAT", "LBSTRESN"), ("pc", "CARDNA", "PCSTRESN")):
            table = truth.findings[domain]
            code = f"{domain.upper()}TESTCD"
            rows = table[(table[code] == test) & (table["_day"] <= cut.cutoff - 5)]
            rows = rows[rows[column].notna()]
            if rows.empty:
                continue
            row = rows.iloc[len(rows) // 2]
            wrong = round(float(row[column]) * 10)
            prefix = domain.upper()
            values = (
                (f"{prefix}ORRES", str(wrong)),
                (f"{prefix}STRESC", str(wrong)),
                (f"{prefix}STRESN", float(wrong)),
            )
            revisions.append(
                Revision(domain, row["USUBJID"], int(row[f"{prefix}SEQ"]), values,
                         cut.transfer + CORRECTED_AFTER)
            )  # fmt: skip
    return tuple(revisions)
