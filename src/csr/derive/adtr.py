"""ADTR: sums of diameters of the target lesions, per evaluator and visit (METHODS §3)."""

from __future__ import annotations

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day, impute_scan, study_day
from csr.derive.sources import Sdtm, accepted, done, evaluator, number, text
from csr.derive.tumour_baseline import baseline_limit
from csr.params.protocol import Protocol

DIAMETERS = ("DIAMETER", "LDIAM", "LPERP")
SERIES = ["USUBJID", "TREVAL"]
VISIT = [*SERIES, "VISITNUM"]
NODE_NORMAL_MM = 10
PD_PERCENT, PD_MM, PR_PERCENT = 20, 5, -30
# A threshold met exactly in decimals may be missed by a hair in binary.
FUZZ = 1e-9


def derive_adtr(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """How the sum of diameters of the target lesions went, from baseline and from its nadir.

    One row per subject, evaluator (TREVAL) and visit; PARAMCD SDIAM, AVAL in mm, of the lesions
    that were measured. LSEXP, LSASS: lesions expected (those of the baseline) and assessed; ANL01FL
    Y where all were. BASE; CHG, PCHG from it; NADIR, the least complete sum before, baseline
    included; CHGNAD, PCHGNAD from it (missing from a nadir of 0). TRGRESP: target response by
    the RECIST 1.1 thresholds, NE where a lesion is missing unless it is PD anyway; blank at
    baseline. A lesion counts with DIAMETER, or with its short axis (LPERP) if a node and its
    longest diameter (LDIAM) otherwise. ADT is the last lesion date of the visit.
    """
    lesions = _lesions(sdtm)
    limit = lesions["USUBJID"].map(baseline_limit(adsl, protocol))
    lesions["before"] = lesions["day"] <= limit
    lesions = _expected_only(lesions)
    sums = _sums(lesions)
    sums = _with_baseline(sums)
    sums = _with_nadir(sums)
    sums["TRGRESP"] = _target_response(sums)
    return _finished(sums, adsl)


def _lesions(sdtm: Sdtm) -> pd.DataFrame:
    """One row per target lesion and visit with the diameter that counts."""
    frame = sdtm.get("tr", pd.DataFrame({"USUBJID": pd.Series(dtype=object)}))
    keep = accepted(frame, "TR") & done(frame, "TR") & (text(frame, "TRGRPID") == "TARGET")
    frame = frame[keep & text(frame, "TRTESTCD").isin(DIAMETERS)]
    dtc = text(frame, "TRDTC")
    rows = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "TREVAL": evaluator(frame, "TR"),
            "VISITNUM": number(frame, "VISITNUM"),
            "VISIT": text(frame, "VISIT"),
            "lesion": text(frame, "TRLNKID"),
            "test": text(frame, "TRTESTCD"),
            "mm": number(frame, "TRSTRESN"),
            "day": earliest_day(dtc),
            "ADT": impute_scan(dtc, "no").date,
        }
    ).dropna(subset=["mm"])
    keyed = rows.merge(_nodes(sdtm), on=["USUBJID", "lesion"], how="left")
    keyed["node"] = keyed["node"].eq(True)
    wanted = keyed["node"].map({True: "LPERP", False: "LDIAM"})
    rank = (keyed["test"] != "DIAMETER") * (1 + (keyed["test"] != wanted))
    chosen = keyed[rank < 2].assign(rank=rank).sort_values("rank", kind="stable")
    return chosen.drop_duplicates([*VISIT, "lesion"])


def _nodes(sdtm: Sdtm) -> pd.DataFrame:
    frame = sdtm.get("tu", pd.DataFrame({"USUBJID": pd.Series(dtype=object)}))
    located = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "lesion": text(frame, "TULNKID"),
            "node": text(frame, "TULOC").str.upper().str.startswith("LYMPH NODE"),
        }
    )
    return located.groupby(["USUBJID", "lesion"], as_index=False)["node"].any()


def _expected_only(lesions: pd.DataFrame) -> pd.DataFrame:
    """Lesions measured at the last visit before treatment; that visit is the baseline."""
    before = lesions[lesions["before"]].sort_values(["day", "VISITNUM"], kind="stable")
    last = before.groupby(SERIES, as_index=False)["VISITNUM"].last()
    last = last.rename(columns={"VISITNUM": "base_visit"})
    dated = lesions.merge(last, on=SERIES, how="inner")
    expected = dated.loc[dated["VISITNUM"] == dated["base_visit"], [*SERIES, "lesion"]]
    return dated.merge(expected, on=[*SERIES, "lesion"], how="inner")


def _sums(lesions: pd.DataFrame) -> pd.DataFrame:
    gone = (lesions["mm"] == 0) | (lesions["node"] & (lesions["mm"] < NODE_NORMAL_MM))
    ordered = lesions.assign(gone=gone).sort_values([*VISIT, "lesion"], kind="stable")
    by = ordered.groupby([*VISIT, "VISIT", "base_visit"], as_index=False)
    sums = by.agg(
        AVAL=("mm", "sum"),
        LSASS=("lesion", ", ".join),
        gone=("gone", "all"),
        day=("day", "min"),
        ADT=("ADT", "max"),
    )
    return sums.sort_values([*SERIES, "day", "VISITNUM"], kind="stable").reset_index(drop=True)


def _with_baseline(sums: pd.DataFrame) -> pd.DataFrame:
    is_base = sums["VISITNUM"] == sums["base_visit"]
    base = sums.loc[is_base, [*SERIES, "AVAL", "LSASS", "day"]]
    base = base.rename(columns={"AVAL": "BASE", "LSASS": "LSEXP", "day": "base_day"})
    merged = sums.merge(base, on=SERIES, how="inner")
    complete = merged["LSASS"] == merged["LSEXP"]
    return merged.assign(
        ABLFL=is_base.map({True: "Y", False: ""}),
        ANL01FL=complete.map({True: "Y", False: ""}),
        CHG=merged["AVAL"] - merged["BASE"],
        PCHG=_percent(merged["AVAL"], merged["BASE"]),
        after=merged["day"] >= merged["base_day"],
    )


def _with_nadir(sums: pd.DataFrame) -> pd.DataFrame:
    complete = sums["AVAL"].where((sums["ANL01FL"] == "Y") & sums["after"])
    series = [sums[c] for c in SERIES]
    so_far = complete.groupby(series).cummin().groupby(series).ffill()
    nadir = so_far.groupby(series).shift()
    return sums.assign(
        NADIR=nadir,
        CHGNAD=sums["AVAL"] - nadir,
        PCHGNAD=_percent(sums["AVAL"], nadir),
    )


def _percent(value: pd.Series, base: pd.Series) -> pd.Series:
    return 100 * (value - base) / base.where(base > 0)


def _target_response(sums: pd.DataFrame) -> pd.Series:
    """RECIST 1.1: PD ≥ 20 % and ≥ 5 mm over the nadir; PR ≥ 30 % below baseline; CR all gone."""
    complete = sums["ANL01FL"] == "Y"
    from_nothing = (sums["NADIR"] == 0) & (sums["AVAL"] > 0)
    grown = (sums["PCHGNAD"] >= PD_PERCENT - FUZZ) | from_nothing
    response = pd.Series("NE", index=sums.index, dtype=object)
    response[complete] = "SD"
    response[complete & (sums["PCHG"] <= PR_PERCENT + FUZZ)] = "PR"
    response[complete & sums["gone"]] = "CR"
    response[grown & (sums["CHGNAD"] >= PD_MM - FUZZ)] = "PD"
    return response.where(sums["NADIR"].notna(), "")


def _finished(sums: pd.DataFrame, adsl: pd.DataFrame) -> pd.DataFrame:
    own = sums.drop(columns=["gone", "day", "base_day", "base_visit", "after"])
    own = own.assign(PARAMCD="SDIAM", PARAM="Sum of Diameters of Target Lesions (mm)")
    frame = merge_core(own, adsl).rename(columns={"VISIT": "AVISIT", "VISITNUM": "AVISITN"})
    frame["ADY"] = study_day(frame["ADT"], frame["TRTSDT"])
    frame["ASEQ"] = frame.groupby("USUBJID").cumcount().add(1).astype(float)
    return frame
