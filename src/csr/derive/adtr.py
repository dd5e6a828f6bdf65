"""ADTR: sums of diameters of the target lesions, per evaluator and timepoint (METHODS §3, §10)."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import Account, open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import study_day
from csr.derive.findings import Derived, find_rows
from csr.derive.lesions import AT, SERIES, target_lesions
from csr.derive.sources import NOTHING, Sdtm, number
from csr.derive.timepoints import Timepoints, find_timepoints
from csr.derive.tumour_baseline import baseline_limit
from csr.errors import Finding
from csr.params.protocol import Protocol

PD_PERCENT, PD_MM, PR_PERCENT = 20, 5, -30
# A threshold met exactly in decimals may be missed by a hair in binary.
FUZZ = 1e-9
LESION = [*SERIES, "lesion"]


def derive_adtr(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """ADTR as `sums_of_diameters` gives it, without its findings."""
    return sums_of_diameters(sdtm, adsl, protocol).frame


def sums_of_diameters(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, timepoints: Timepoints | None = None
) -> Derived:
    """How the sum of diameters of the target lesions went, from baseline and from its nadir.

    One row per subject, evaluator (TREVAL) and timepoint (ASMTN); PARAMCD SDIAM, AVAL in mm, of the
    lesions that were measured. The baseline (ABLFL) is each lesion's last measurement on or before
    the baseline's limit, over as many timepoints as it took; its ASMTN is the last of them. LSEXP,
    LSASS: lesions expected (those of the baseline) and assessed; ANL01FL Y where all were: only
    then AVAL is the sum of the target lesions. BASE; CHG, PCHG from it; NADIR, the least complete
    sum before, baseline included; CHGNAD, PCHGNAD from it (missing from a nadir of 0). TRGRESP:
    target response by the RECIST 1.1 thresholds, NE where a lesion is missing unless it is PD
    anyway; PD where after CR any target lesion is there again; blank up to baseline. ADT is the
    last lesion date of the timepoint.
    """
    frame = sdtm.get("tr", NOTHING)
    account = open_account("ADTR", "TR", frame)
    known = timepoints or find_timepoints(sdtm, adsl, protocol)
    lesions, findings = target_lesions(sdtm, known.of["tr"], protocol, account)
    lesions = lesions.merge(_periods(known), on=AT, how="left")
    limit = lesions["USUBJID"].map(baseline_limit(adsl, protocol))
    lesions["before"] = (lesions["PERIOD"] == 0) & (lesions["day"] <= limit)
    lesions["age"] = (
        lesions["USUBJID"].map(adsl.set_index("USUBJID")["TRTSDT"]) - lesions["day"]
    ).dt.days
    lesions, more = _expected_only(lesions, frame, account, protocol.baseline.max_age_days)
    sums = _with_nadir(_with_baseline(_sums(lesions)))
    sums["TRGRESP"] = _target_response(sums)
    account.settle(pd.Index([row for rows in lesions["rows"] for row in rows]))
    return Derived(_finished(sums, known, adsl), [*findings, *more])


def _periods(timepoints: Timepoints) -> pd.DataFrame:
    return timepoints.points.rename(columns={"EVAL": "TREVAL"})[[*AT, "PERIOD"]]


def _expected_only(
    lesions: pd.DataFrame, frame: pd.DataFrame, account: Account, max_age: int
) -> tuple[pd.DataFrame, list[Finding]]:
    """Lesions of the baseline. `base`: the row is each one's last before treatment.

    The baseline has one number, that of its last timepoint; what was measured before it and was
    not the last of its lesion stays at its own timepoint.
    """
    before = lesions[lesions["before"]].sort_values([*LESION, "ASMTN"], kind="stable")
    last = before.drop_duplicates(LESION, keep="last")
    base_at = last.groupby(SERIES)["ASMTN"].max().rename("base_at")
    known = lesions.assign(base=lesions.index.isin(last.index)).join(base_at, on=SERIES)
    expected = pd.MultiIndex.from_frame(last[LESION])
    is_expected = pd.MultiIndex.from_frame(known[LESION]).isin(expected)
    new = known[~is_expected]
    why = new["base_at"].isna().map({True: NO_BASELINE, False: NOT_IN_BASELINE})
    for reason, own in new.groupby(why):
        account.leave_out(_rows_of(own), str(reason))
    old = known[known["base"] & (known["age"] > max_age)]
    undated = known[is_expected & ~known["base"] & known["ADT"].isna()]
    findings = [
        *_find(frame, undated, UNDATED),
        *_find(frame, new[new["base_at"].notna()], NOT_TARGET),
        *_find(frame, old, OLD_BASELINE),
    ]
    kept = known[is_expected]
    return kept.assign(ASMTN=kept["ASMTN"].mask(kept["base"], kept["base_at"])), findings


def _rows_of(lesions: pd.DataFrame) -> pd.Index:
    return pd.Index([row for rows in lesions["rows"] for row in rows])


def _find(frame: pd.DataFrame, lesions: pd.DataFrame, finding: Finding) -> list[Finding]:
    rows = frame.loc[_rows_of(lesions).unique()]
    return find_rows(rows.assign(TRSEQ=number(rows, "TRSEQ")), finding, ("USUBJID", "TRSEQ"))


def _sums(lesions: pd.DataFrame) -> pd.DataFrame:
    # A row of the baseline and one left at the same timepoint are two: `base` keeps them apart.
    ordered = lesions.assign(there=~lesions["gone"]).sort_values(
        [*AT, "base", "lesion"], kind="stable"
    )
    by = ordered.groupby([*AT, "base", "base_at"], as_index=False)
    sums = by.agg(
        AVAL=("mm", "sum"),
        LSASS=("lesion", ", ".join),
        gone=("gone", "all"),
        there=("there", "any"),
        ADT=("ADT", "max"),
    )
    return sums.sort_values([*AT, "base"], kind="stable").reset_index(drop=True)


def _with_baseline(sums: pd.DataFrame) -> pd.DataFrame:
    base = sums.loc[sums["base"], [*SERIES, "AVAL", "LSASS"]]
    base = base.rename(columns={"AVAL": "BASE", "LSASS": "LSEXP"})
    merged = sums.merge(base, on=SERIES, how="left")
    complete = merged["LSASS"] == merged["LSEXP"]
    return merged.assign(
        ABLFL=merged["base"].map({True: "Y", False: ""}),
        ANL01FL=complete.map({True: "Y", False: ""}),
        CHG=merged["AVAL"] - merged["BASE"],
        PCHG=_percent(merged["AVAL"], merged["BASE"]),
        after=merged["base"] | (merged["ASMTN"] > merged["base_at"]),
    )


def _with_nadir(sums: pd.DataFrame) -> pd.DataFrame:
    complete = sums["AVAL"].where((sums["ANL01FL"] == "Y") & sums["after"])
    series = [sums[c] for c in SERIES]
    so_far = complete.groupby(series).cummin().groupby(series).ffill()
    nadir = so_far.groupby(series).shift().where(sums["after"] & ~sums["base"])
    return sums.assign(
        NADIR=nadir,
        CHGNAD=sums["AVAL"] - nadir,
        PCHGNAD=_percent(sums["AVAL"], nadir),
    )


def _percent(value: pd.Series, base: pd.Series) -> pd.Series:
    return 100 * (value - base) / base.where(base > 0)


def _target_response(sums: pd.DataFrame) -> pd.Series:
    """RECIST 1.1: PD ≥ 20 % and ≥ 5 mm over the nadir; PR ≥ 30 % below baseline; CR all gone.

    After CR any target lesion that is there again is PD (METHODS §10.4).
    """
    complete = sums["ANL01FL"] == "Y"
    from_nothing = (sums["NADIR"] == 0) & (sums["AVAL"] > 0)
    grown = (sums["PCHGNAD"] >= PD_PERCENT - FUZZ) | from_nothing
    answered = sums["NADIR"].notna()
    cr = complete & sums["gone"] & answered
    series = [sums[c] for c in SERIES]
    cr_before = cr.astype(int).groupby(series).cumsum() - cr.astype(int) > 0
    response = pd.Series("NE", index=sums.index, dtype=object)
    response[complete] = "SD"
    response[complete & (sums["PCHG"] <= PR_PERCENT + FUZZ)] = "PR"
    response[cr] = "CR"
    response[grown & (sums["CHGNAD"] >= PD_MM - FUZZ)] = "PD"
    response[cr_before & sums["there"]] = "PD"
    return response.where(answered, "")


def _finished(sums: pd.DataFrame, timepoints: Timepoints, adsl: pd.DataFrame) -> pd.DataFrame:
    own = sums.drop(columns=["gone", "there", "base", "base_at", "after"])
    visits = timepoints.points.rename(
        columns={"EVAL": "TREVAL", "VISIT": "AVISIT", "VISITNUM": "AVISITN"}
    )
    own = own.merge(visits[[*AT, "AVISITN", "AVISIT"]], on=AT, how="left")
    own = own.assign(PARAMCD="SDIAM", PARAM="Sum of Diameters of Target Lesions (mm)")
    frame = merge_core(own, adsl)
    frame["ADY"] = study_day(frame["ADT"], frame["TRTSDT"])
    frame["ASEQ"] = frame.groupby("USUBJID").cumcount().add(1).astype(float)
    return frame


NO_BASELINE = "no baseline of this evaluator"
NOT_IN_BASELINE = "not measured at baseline"
NOT_TARGET = Finding(
    "warning",
    "TR",
    "TRLNKID",
    "target-without-baseline",
    "a target lesion that was not measured at the baseline; it is in no sum",
    "correct the lesion's number, or record it as non-target or new",
)
UNDATED = Finding(
    "warning",
    "TR",
    "TRDTC",
    "measurement-date",
    "a target lesion's measurement without a full date; its sum counts at the timepoint of its "
    "link or visit, and can't be drawn by day",
    "complete the date",
)
OLD_BASELINE = Finding(
    "warning",
    "TR",
    "TRDTC",
    "baseline-age",
    "a baseline measurement older than the protocol allows (baseline.max_age_days); it is used",
    "say in the report how many baselines are older",
)
