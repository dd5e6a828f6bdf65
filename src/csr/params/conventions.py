"""Conventions a protocol decides, with the defaults of METHODS §9; all are printed in reports."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from csr.params.parts import Rule


class Relationship(Rule):
    """Which values of AEREL count as related to study treatment, in whatever case.

    A value of neither list counts as related, and is a finding.
    """

    related: tuple[str, ...] = ("DEFINITE", "PROBABLE", "POSSIBLE", "RELATED", "Y")
    not_related: tuple[str, ...] = ("NONE", "REMOTE", "UNLIKELY", "NOT RELATED", "UNRELATED", "N")


class Conventions(Rule):
    """What a protocol decides. Defaults are those of METHODS §9; all are printed in the report."""

    conf_level: float = Field(0.95, gt=0.5, lt=1, description="confidence level of all intervals")
    km_interval: Literal["log-log", "log", "plain"] = Field(
        "log-log", description="transformation of the Kaplan-Meier interval"
    )
    cox_ties: Literal["efron", "breslow", "discrete"] = Field(
        "efron", description="ties in Cox models; discrete is R's exact and SAS's DISCRETE"
    )
    proportion_interval: Literal["clopper-pearson", "wilson", "jeffreys"] = Field(
        "clopper-pearson", description="interval of a response or event rate"
    )
    quantile_type: int = Field(
        2, ge=1, le=9, description="definition of quartiles (Hyndman-Fan; 2 = SAS PCTLDEF=5)"
    )
    days_per_month: float = Field(30.4375, gt=27, lt=32, description="length of a month in days")
    landmark_months: tuple[float, ...] = Field(
        (3, 6, 9, 12), description="months at which survival rates are printed"
    )
    response_landmark_days: int = Field(
        84, ge=1, description="day from which survival by response is counted (landmark)"
    )
    non_cr_non_pd_is_disease_control: bool = Field(
        True, description="NON-CR/NON-PD counts as disease control"
    )
    missing_relationship: Literal["related", "own-row"] = Field(
        "related", description="an adverse event whose relationship is missing"
    )
    soc_order: Literal["frequency", "alphabetical"] = Field(
        "frequency", description="order of system organ classes and preferred terms"
    )
    severity: Literal["AETOXGR", "AESEV"] = Field(
        "AETOXGR", description="grade variable (CTCAE grade or reported severity)"
    )
    related_windows: tuple[int, ...] = Field(
        (182, 365), description="windows of related adverse events, days after the first infusion"
    )
    common_percent: float = Field(
        10, ge=0, le=100, description="percent of any group from which an adverse event is common"
    )
    episode_gap_days: int = Field(
        1, ge=0, description="days between records of a term that are still one episode"
    )
    ongoing_to_cutoff: bool = Field(
        False,
        description="subjects without death or end of study were watched for adverse events to the "
        "data cut-off, whatever their last record",
    )
    early_death_days: int = Field(
        30, ge=0, description="days after the last study treatment in which a death is early"
    )
    percent_decimals: int = Field(1, ge=0, le=4, description="decimals of percentages")
