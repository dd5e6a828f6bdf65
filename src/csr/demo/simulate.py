"""The whole study from one seed: escalation, subjects, their histories, findings and data cuts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from csr.demo.actions import take_actions
from csr.demo.adverse_events import add_adverse_events, number_events
from csr.demo.background import add_background, add_milestones
from csr.demo.corrections import plan_corrections
from csr.demo.course import add_new_therapy, add_treatment, simulate_course, simulate_untreated
from csr.demo.enrolment import STUDY, enrol
from csr.demo.escalation import Slot, simulate_escalation
from csr.demo.findings import (
    simulate_ecg,
    simulate_ecog,
    simulate_immunogenicity,
    simulate_vital_signs,
)
from csr.demo.habits import write_as_sites_do
from csr.demo.kinetics import simulate_kinetics
from csr.demo.laboratory import simulate_laboratory
from csr.demo.planted_events import plant_events
from csr.demo.planted_records import plant_records
from csr.demo.rates import Rates, read_rates
from csr.demo.scripts import NEVER, Script, assign_scripts
from csr.demo.truth import CutDates, Subject, Truth
from csr.demo.tumour_records import tumour_tables
from csr.demo.tumours import add_scans
from csr.demo.visit_table import visit_table
from csr.demo.visits import add_contacts, add_visits
from csr.errors import UsageError

FEWEST, MOST = 60, 2000


def simulate_study(seed: int, subjects: int, *, tidy: bool = False) -> Truth:
    """The truth about a study with so many enrolled subjects (screen failures come on top).

    The same seed and number always give the same study. Each subject has its own stream of random
    numbers, so that a change in one leaves the others as they were. A `tidy` study says the same,
    but every site writes alike (`habits`).
    Raises UsageError for fewer than 60 (the edge cases need them) or more than 2,000 subjects.
    """
    if not FEWEST <= subjects <= MOST:
        raise UsageError(
            f"--subjects {subjects}: must be {FEWEST} to {MOST}; the escalation and the planted "
            f"edge cases need {FEWEST}."
        )
    rates = read_rates()
    streams = np.random.SeedSequence(seed).spawn(3)
    rng = np.random.default_rng(streams[0])
    slots = simulate_escalation(rng, rates)
    everyone = enrol(rng, rates, slots, subjects)
    escalated = sorted(
        (s for s in everyone if s.phase == "ESCALATION"), key=lambda s: s.planned_infusion
    )
    dead = [s.number for s, slot in zip(escalated, slots, strict=True) if slot.early_death]
    dlts = {s.number for s, slot in zip(escalated, slots, strict=True) if slot.dlt}
    scripts = assign_scripts(everyone, dead)
    for subject, stream in zip(everyone, streams[1].spawn(len(everyone)), strict=True):
        _live(np.random.default_rng(stream), rates, subject, scripts, subject.number in dlts)
    cuts = _cut_dates(slots, everyone)
    plant_events(everyone, scripts, cuts[1].cutoff)
    if not tidy:
        plant_records(everyone, scripts)
    take_actions(everyone)
    for subject in everyone:
        number_events(subject)
    findings = _findings(streams[2], everyone, scripts, tidy=tidy)
    if not tidy:
        first = {s.usubjid: s.first_infusion for s in everyone if s.first_infusion is not None}
        findings = write_as_sites_do(findings, pd.Series(first, dtype=float))
    truth = Truth(seed, everyone, findings, cuts)
    return plan_corrections(truth)


def _live(
    rng: np.random.Generator, rates: Rates, subject: Subject, scripts: dict[int, Script], dlt: bool
) -> None:
    """One subject's whole history, in the order in which each part needs the ones before."""
    script = scripts.get(subject.number)
    subject.case = script.case if script else ""
    if subject.phase != "SCREENING":
        if subject.arm_status:
            simulate_untreated(rng, rates, subject)
        else:
            _treat(rng, rates, subject, script, dlt)
    if subject.phase == "SCREENING" or not subject.infusions:
        add_visits(rng, subject)
    add_contacts(rng, rates, subject)
    if subject.phase != "SCREENING":
        add_background(rng, rates, subject)
    add_milestones(subject)


def _treat(
    rng: np.random.Generator, rates: Rates, subject: Subject, script: Script | None, dlt: bool
) -> None:
    simulate_course(rng, rates, subject, script, dlt)
    add_scans(rng, rates, subject, script)
    seen = subject.progression
    add_treatment(rng, subject, NEVER if seen is None else seen)
    add_new_therapy(rng, rates, subject, seen, script)
    if script is None and subject.new_therapy is not None:
        stop = subject.new_therapy + 7
        subject.scans = [s for s in subject.scans if s.day <= stop]
    add_visits(rng, subject)
    if script and "death month only" in script.marks and subject.death:
        death = subject.death
        subject.death = replace(death, when=replace(death.when, precision="month"))
    add_adverse_events(rng, rates, subject, script, dlt)


def _findings(
    stream: np.random.SeedSequence,
    subjects: list[Subject],
    scripts: dict[int, Script],
    *,
    tidy: bool,
) -> dict[str, pd.DataFrame]:
    visits = visit_table(subjects)
    rngs = [np.random.default_rng(s) for s in stream.spawn(6)]
    return {
        "lb": simulate_laboratory(rngs[0], subjects, visits, STUDY, tidy=tidy),
        "vs": simulate_vital_signs(rngs[1], subjects, visits, STUDY, tidy=tidy),
        "eg": simulate_ecg(rngs[2], subjects, visits, STUDY),
        "qs": simulate_ecog(rngs[3], subjects, visits, STUDY),
        "is": simulate_immunogenicity(rngs[4], subjects, visits, STUDY),
        **tumour_tables(subjects, STUDY, tidy=tidy),
        "pc": simulate_kinetics(rngs[5], subjects, scripts, STUDY),
    }


def _cut_dates(slots: list[Slot], subjects: list[Subject]) -> tuple[CutDates, ...]:
    """The four cuts: in the escalation with one subject pending, twice in between, and at the end.

    The pending subject is the last of the third cohort (of the last, should there be no third).
    """
    cohort = min(3, max(s.cohort for s in slots))
    infused = sorted(s.infusion for s in slots if s.cohort == cohort)
    board = max(infused[-1] + 7, infused[-2] + 29)
    starts = sorted(s.planned_infusion for s in subjects if s.infusions)
    interim = starts[round(len(starts) * 0.55)] + 60
    final = starts[-1] + 380
    long_term = max(s.end_of_follow_up for s in subjects) + 14
    days = {"dsmb": board, "interim": interim, "csr": final, "long-term": long_term}
    delays = {"dsmb": 10, "interim": 35, "csr": 42, "long-term": 60}
    return tuple(CutDates(name, day, day + delays[name]) for name, day in days.items())
