"""What a protocol decides about derivations, with the defaults of METHODS §9.

Each part is a frozen model; an unknown key is an error. Field descriptions are printed in the
report's methods section. Only two things have no default, because guessing them would answer the
trial's question for it: which exposure is the study treatment, and the primary strategy for new
anticancer therapy.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from csr.params.cell_toxicity import CellToxicity
from csr.params.manufacturing import Manufacturing
from csr.params.parts import AdamColumn, Column, Records, Rule, Text

Strategy = Literal["treatment-policy", "censor", "event"]


class DoseLevel(Rule):
    """A dose level: subjects whose first infusion lies in [low, high) are grouped under `label`."""

    label: Text
    planned: float = Field(
        gt=0, description="planned dose, in exposure.dose_unit (the unit of EXDOSE)"
    )
    low: float = Field(ge=0, description="lowest dose received that belongs to this level")
    high: float = Field(gt=0, description="doses received below this belong to this level")

    @model_validator(mode="after")
    def _in_order(self) -> DoseLevel:
        if not self.low < self.high:
            raise ValueError("low must be below high")
        return self


class Characteristic(Rule):
    """A baseline value copied into ADSL: the last non-missing one on or before first treatment.

    `value` is the column it stands in (a number where the column's name ends in N), `date` the
    column of its date; without a date the last record counts.
    """

    records: Records
    value: Column
    date: Column | None = None


class Exposure(Rule):
    """Which records of EX (or PR) are which part of the treatment."""

    study_treatment: Records = Field(
        description="the exposure that sets time zero (T0): the first CAR-T infusion or first dose"
    )
    lymphodepletion: Records | None = Field(None, description="lymphodepletion (in EX)")
    other: dict[Text, Records] = Field(
        default_factory=dict,
        description="further components by name (PD-1 antibody, chemotherapy, bridging; in EX)",
    )
    apheresis: Records | None = Field(None, description="leukapheresis, begun or completed")
    infusion_days: int = Field(
        0,
        ge=0,
        description="doses of the study treatment within so many days of the former one are one "
        "infusion (a dose given in fractions); 0: those of one day",
    )
    dose_unit: Text | None = Field(
        None,
        description="unit of the planned doses and of dose_levels, to which doses of the study "
        "treatment are converted; without, the one unit of EXDOSU (where it has several, the one "
        "in which the doses are those planned)",
    )
    planned_dose: Column | None = Field(
        None,
        description="column of the study treatment's exposure (of EX or SUPPEX) that holds the "
        "planned dose of an infusion; without, that of dose_levels",
    )
    dose_levels: tuple[DoseLevel, ...] = Field(
        (), description="TRT01A by dose received; without, TRT01A is ACTARM"
    )


class Disposition(Rule):
    """Where enrolment, end of study and long-term follow-up are recorded."""

    enrolled: Records | None = Field(
        None, description="enrolment; without, everyone who is no screen failure"
    )
    screen_failure: Records = Field(
        Records(domain="ds", where={"DSDECOD": ("SCREEN FAILURE",)}),
        description="screen failures (beside ARMCD SCRNFAIL or NOTASSGN in DM)",
    )
    end_of_study: Records = Field(
        Records(domain="ds", where={"DSCAT": ("DISPOSITION EVENT",)}),
        description="the record that ends the study for a subject (EOSSTT, DCSREAS)",
    )
    long_term: Records | None = Field(None, description="entry into long-term follow-up")


class Baseline(Rule):
    """What the efficacy baseline is, and who is efficacy-evaluable."""

    last_before: Literal["infusion", "lymphodepletion"] = Field(
        "infusion",
        description="efficacy baseline: the last tumour assessment (after bridging) before the "
        "first infusion, or before lymphodepletion",
    )
    early_event_is_evaluable: bool = Field(
        True,
        description="a death or progression without a post-baseline scan: evaluable, non-responder",
    )
    max_age_days: int = Field(
        28,
        ge=0,
        description="a baseline measurement of a tumour older than this on the day of the first "
        "infusion is a finding",
    )


class Response(Rule):
    """Timepoint responses and best overall response (METHODS §3)."""

    timepoint: Records = Field(
        Records(domain="rs", where={"RSTESTCD": ("OVRLRESP",)}),
        description="overall response at a timepoint, in RS",
    )
    evaluator: Annotated[Text, AfterValidator(str.upper)] = Field(
        "INVESTIGATOR", description="whose responses the endpoints use"
    )
    confirmation_days: int = Field(28, ge=0, description="days from CR or PR to its confirmation")
    ne_allowed: int = Field(1, ge=0, description="NE allowed between CR/PR and its confirmation")
    accept_sd: bool = Field(False, description="one SD between PR and its confirmation accepted")
    min_sd_days: int = Field(42, ge=0, description="minimum days of stable disease")
    sd_from: Literal["T0", "baseline-scan"] = Field(
        "T0", description="minimum duration of stable disease counts from"
    )
    cr_then_pr: Literal["query", "as-pd", "as-pr"] = Field(
        "query",
        description="CR followed by PR: by the rules and a data query, or the later PR is PD, or "
        "the CR was PR; queried in every case",
    )
    same_day_new_therapy: Literal["kept", "dropped"] = Field(
        "kept", description="an assessment on the day a new anticancer therapy starts"
    )
    non_cr_non_pd_is_disease_control: bool = Field(
        True, description="NON-CR/NON-PD counts as disease control"
    )
    early_death_days: int = Field(
        42, ge=0, description="a best response NE is put down to early death up to this day"
    )
    scan_dates: Literal["lesions", "recorded"] = Field(
        "lesions",
        description="scan date spread over days: first lesion date for PD, last for the rest; or "
        "the date recorded in RS",
    )
    impute_scan_day: Literal["no", "first", "last"] = Field(
        "no", description="a scan date without day: not imputed, or the first or last of the month"
    )
    timepoint_days: int = Field(
        14,
        ge=0,
        description="days within which scans of different lesions are one timepoint, and within "
        "which tumour records belong to an overall response that shares no link or visit with them",
    )
    too_small: tuple[Text, ...] = Field(
        ("TOO SMALL TO MEASURE", "TOO SMALL", "TSTM", "BELOW MEASURABLE LIMIT"),
        description="results of a target lesion that mean too small to measure",
    )
    too_small_mm: float = Field(
        5, gt=0, description="diameter of a target lesion that is too small to measure, in mm"
    )
    absent: tuple[Text, ...] = Field(
        ("ABSENT", "NOT PRESENT", "DISAPPEARED", "RESOLVED", "NOT VISIBLE", "GONE"),
        description="results of a lesion that mean it is gone (0 mm)",
    )


class Schedule(Rule):
    """When tumour assessments are planned, for the missed-visit rule (METHODS §4)."""

    every: tuple[tuple[int, int | None], ...] = Field(
        ((28, 168), (56, 365), (84, None)),
        description="(interval, until day) in days after T0; the last without an end",
    )
    window: int = Field(7, ge=0, description="days a visit may be early or late")

    @model_validator(mode="after")
    def _ends_open(self) -> Schedule:
        ends = [until for _, until in self.every]
        closed = [end for end in ends[:-1] if end is not None]
        if not ends or ends[-1] is not None or len(closed) != len(ends) - 1:
            raise ValueError("the last interval, and only that, has no end")
        if any(a >= b for a, b in pairwise(closed)) or any(i <= 0 for i, _ in self.every):
            raise ValueError("intervals must be positive and their ends ascending")
        return self


class TimeToEventRules(Rule):
    """What time-to-event endpoints leave to the protocol."""

    new_therapy: Strategy = Field(
        description="primary strategy for new anticancer therapy in PFS, DOR, DDC and TTP"
    )
    schedule: Schedule = Schedule()
    responders: Literal["confirmed", "unconfirmed"] = Field(
        "confirmed", description="duration of and time to response are of responders"
    )
    ddc_start: Literal["first-benefit", "T0"] = Field(
        "first-benefit", description="duration of disease control starts at"
    )


class AdverseEvents(Rule):
    """Treatment emergence and relationship (METHODS §5)."""

    teae_start: Literal["infusion", "lymphodepletion"] = Field(
        "infusion", description="treatment-emergent from the first"
    )
    teae_window_days: int | None = Field(
        None, ge=0, description="days after the latest infusion, inclusive; none: to the data cut"
    )
    initial_grade: Column = Field(
        "AEITOXGR",
        description="column of AE or SUPPAE with the grade at the start of an event, by which one "
        "begun before treatment is known to have become worse",
    )
    after_new_therapy: Literal["all", "related"] = Field(
        "all", description="events after new anticancer therapy that are treatment-emergent"
    )
    relationship: dict[AdamColumn, Column] = Field(
        default_factory=lambda: {"AREL": "AEREL"},
        description="derived relationship: column that holds the reported one, per component",
    )
    components: dict[AdamColumn, Text] = Field(
        default_factory=dict,
        description="derived relationship: the component of the treatment it is to, as exposure "
        "names it; nothing is related to a component that the subject never received",
    )
    related: tuple[str, ...] = Field(
        ("DEFINITE", "PROBABLE", "POSSIBLE", "RELATED", "Y"), description="count as related"
    )
    not_related: tuple[str, ...] = Field(
        ("NONE", "REMOTE", "UNLIKELY", "NOT RELATED", "UNRELATED", "N"),
        description="count as not related",
    )
    missing_relationship: Literal["related", "own-row"] = Field(
        "related", description="a relationship that is missing"
    )


class Protocol(Rule):
    """Everything a protocol decides about the way from SDTM to ADaM."""

    exposure: Exposure
    time_to_event: TimeToEventRules
    disposition: Disposition = Disposition()
    baseline: Baseline = Baseline()
    response: Response = Response()
    adverse_events: AdverseEvents = AdverseEvents()
    characteristics: dict[AdamColumn, Characteristic] = Field(
        default_factory=dict, description="baseline characteristics copied into ADSL"
    )
    new_therapy: tuple[Records, ...] = Field(
        (),
        description="new anticancer therapy: CM, PR or EX records; study lymphodepletion, "
        "bridging before infusion and combination drugs are not",
    )
    reinfusion_is_new_therapy: bool = Field(
        False, description="a planned re-infusion of the study treatment is new therapy"
    )
    manufacturing: Manufacturing | None = Field(
        None, description="how the cells were made; none: no times of manufacturing"
    )
    cell_toxicity: CellToxicity | None = Field(
        None, description="CRS, ICANS and kindred syndromes; none: not analysed as episodes"
    )
    clinical_progression: Records | None = Field(
        None, description="progression without imaging (sensitivity analysis of PFS)"
    )

    @model_validator(mode="after")
    def _components_are_given(self) -> Protocol:
        known = {"STUDY TREATMENT", *self.exposure.other}
        if self.exposure.lymphodepletion is not None:
            known.add("LYMPHODEPLETION")
        for column, component in self.adverse_events.components.items():
            if component not in known or column not in self.adverse_events.relationship:
                raise ValueError(
                    f"adverse_events.components: {column}: {component}; a column of relationship "
                    f"and one of {', '.join(sorted(known))} are allowed"
                )
        return self
