"""How cellular kinetics (copies of the transgene over time) are read and analysed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from csr.params.parts import Column, Records, Rule, Text

# What a result below the limit of quantification counts as: a number, or not at all.
Below = Literal["dropped"] | Annotated[float, Field(ge=0)]
Days = Annotated[float, Field(ge=0)]
BLQ_WORDS = ("BLQ", "BQL", "BLOQ", "<BLQ", "<LLOQ", "<LLQ", "BELOW LLOQ")
LOD_WORDS = ("<LOD", "ND", "NOT DETECTED", "UNDETECTED", "NEGATIVE", "BELOW LOD")


class BelowLimit(Rule):
    """What a result below the limit of quantification counts as, by its place in the profile."""

    before: Below = Field(0.0, description="before the first quantifiable sample")
    between: Below = Field("dropped", description="between quantifiable samples")
    after: Below = Field(0.0, description="after the last quantifiable sample; never in AUClast")


class Terminal(Rule):
    """Which points after the peak the terminal half-life is fitted to, and when it is flagged."""

    rule: Literal["best-fit", "last-points"] = Field(
        "best-fit", description="best adjusted R², or the last `points` samples"
    )
    points: int = Field(3, ge=3, description="least number of points, or of the last ones")
    tolerance: float = Field(
        1e-4, ge=0, lt=1, description="adjusted R² so near the best is as good: most points"
    )
    peak_is_a_point: bool = Field(False, description="the sample of Tmax itself may be fitted")
    span: float = Field(2.0, ge=0, description="flagged below: half-lives the points span")
    r2adj: float = Field(0.9, ge=0, le=1, description="flagged below: adjusted R²")


class Kinetics(Rule):
    """Cellular kinetics by qPCR (METHODS §6)."""

    records: Records = Field(
        Records(domain="pc"), description="the SDTM records: one analyte (PCTESTCD)"
    )
    analyte: Text = Field("CAR transgene", description="what tables call the analyte")
    main_specimen: Text = Field("BLOOD", description="specimen (PCSPEC) of the main analysis")
    units: Text = Field("copies/ug", description="unit of every result")
    same_units: tuple[Text, ...] = Field((), description="other spellings of that unit")
    convert_units: dict[Text, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, description="other units: factor to the unit"
    )
    lloq: float | None = Field(
        None, gt=0, description="lower limit of quantification where a record has no PCLLOQ"
    )
    lod: float | None = Field(None, gt=0, description="limit of detection; lower results are <LOD")
    blq_words: tuple[Text, ...] = Field(BLQ_WORDS, description="results that mean below LLOQ")
    lod_words: tuple[Text, ...] = Field(LOD_WORDS, description="results that mean below LOD")
    below_limit: BelowLimit = BelowLimit()
    replicates: Literal["mean", "geometric-mean", "first"] = Field(
        "mean", description="several results of one specimen at one time"
    )
    auc: Literal["linear-up-log-down", "linear"] = Field(
        "linear-up-log-down", description="trapezoid rule, on actual times"
    )
    window_days: Days = Field(
        2.0, description="a sample so many days before the end of an area, or from day 28, suffices"
    )
    partial_aucs: tuple[tuple[Days, Days], ...] = Field(
        ((0, 7),), description="further areas: from and to, whole days after the infusion"
    )
    terminal: Terminal = Terminal()
    visit_day_of_infusion: Literal[0, 1] = Field(
        0, description="the day number visit names give the infusion (Day 0 or Day 1)"
    )
    unlabelled_day_zero: Literal["pre-dose", "post-dose"] = Field(
        "pre-dose", description="a sample of the infusion's day without time, pre or post"
    )
    time_zero: Literal["first-fraction", "last-fraction"] = Field(
        "first-fraction", description="time zero of an infusion that is given in fractions"
    )
    pre_dose_days: Days = Field(
        1.0, description="so many days before a further infusion a sample is its pre-dose sample"
    )
    persistence_months: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (3, 6, 12, 24, 36, 48, 60), description="months at which persistence is printed"
    )
    undetectable: int = Field(
        1,
        ge=1,
        description="so many results in a row below the limit after the peak are the loss of the "
        "transgene, and end its testing (long_term.persistence.undetectable is the same)",
    )
    persistence_day: int = Field(
        182, ge=1, description="day after the first infusion at which persistence is a proportion"
    )
    persistence_window: int = Field(
        28, ge=0, description="days before and after that day in which a sample counts"
    )
    dose: Column | None = Field(None, description="numeric column of ADSL: the dose of cells")

    @model_validator(mode="after")
    def _limits_in_order(self) -> Kinetics:
        if self.lloq is not None and self.lod is not None and self.lod > self.lloq:
            raise ValueError("lod can't be above lloq")
        for start, end in self.partial_aucs:
            if not start < end:
                raise ValueError("partial_aucs: each area ends after it begins")
            if start % 1 or end % 1:
                raise ValueError("partial_aucs: whole days")
        names = [self.auc_code(*a) for a in self.partial_aucs]
        if len(set(names)) < len(names):
            raise ValueError("partial_aucs: an area is named twice")
        return self

    @staticmethod
    def auc_code(start: float, end: float) -> str:
        """PARAMCD of a partial area: AUC0_7."""
        return f"AUC{start:g}_{end:g}"
