"""The rates of `rates.yaml`, read strictly: every number the simulation draws with."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML


class Strict(BaseModel):
    """No unknown key, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Enrolment(Strict):
    """Who comes into the study, and who is never treated."""

    start: dt.date
    escalation_gap_days: int
    expansion_end: dt.date
    not_treated_fraction: float
    not_treated_reasons: dict[str, float]
    screen_failure_fraction: float
    out_of_specification: float
    expansion_shares: dict[str, float]
    bridging: float


class SubjectRates(Strict):
    """What the subjects are like at baseline."""

    age_mean: float
    age_sd: float
    age_range: tuple[int, int]
    male: float
    ecog_1: float
    peritoneal: float
    tumour: dict[str, float]
    lauren: dict[str, float]
    cldn182: dict[str, float]
    prior_lines: dict[str, float]


class EscalationRates(Strict):
    """Doses (cells) and the probability of a dose-limiting toxicity at each."""

    doses: tuple[float, ...]
    dlt_probability: tuple[float, ...]


class LogNormal(Strict):
    """A positive quantity by its median and the SD of its logarithm."""

    median: float
    log_sd: float
    minimum: float = 0.0


class Weibull(Strict):
    """A survival time in days."""

    scale: float
    shape: float


class Course(Strict):
    """How the disease goes."""

    best_response: dict[str, float]
    progression: dict[str, LogNormal]
    long_term_fraction: float
    survival_after_progression: Weibull
    long_survivor_after_progression: float
    death_without_progression: float
    lost_or_withdrawn: float
    new_therapy_after_progression: float
    new_therapy_before_progression: float
    second_infusion: float
    third_infusion: float
    scan_missed: float
    scan_not_evaluable: float
    contact_missed: float
    reader_difference: float


class Toxicity(Strict):
    """CRS, ICANS and how adverse events are recorded."""

    crs_first_infusion: float
    crs_later_infusion: float
    crs_grade: tuple[float, float, float, float]
    crs_onset_day: LogNormal
    crs_duration: LogNormal
    icans: float
    tocilizumab_by_crs_grade: tuple[float, float, float, float]
    steroid_by_crs_grade: tuple[float, float, float, float]
    fatal_event: float
    missing_grade: float
    missing_relationship: float
    partial_date: float


AdverseEventRate = tuple[
    str, float, int, int, float, tuple[float, float, float, float], float, float, str
]
LateEventRate = tuple[str, float, float, float, str]


class LaterAdverseEvents(Strict):
    """What happens after the first half year."""

    yearly_probability: float
    terms: dict[str, LateEventRate]


class Rates(Strict):
    """The whole file."""

    enrolment: Enrolment
    subjects: SubjectRates
    escalation: EscalationRates
    course: Course
    toxicity: Toxicity
    adverse_events: dict[str, AdverseEventRate]
    later_adverse_events: LaterAdverseEvents


@lru_cache(maxsize=1)
def read_rates() -> Rates:
    """The rates the package ships, with their sources in the file's comments.

    Raises pydantic's ValidationError where the file is edited into something else.
    """
    return Rates.model_validate(read_table("rates.yaml"))


@lru_cache(maxsize=8)
def read_table(name: str) -> Any:
    """One of the YAML files beside this module, as plain Python objects."""
    text = (files("csr.demo") / name).read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)
