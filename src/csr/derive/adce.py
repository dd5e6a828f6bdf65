"""ADCE: episodes of CRS, ICANS and kindred syndromes, as reported and graded from components."""

from __future__ import annotations

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import (
    find_impossible_dates,
    impute_end,
    impute_start,
    infusion_day,
    study_day,
)
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusions
from csr.derive.measurements import with_infusion
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.errors import Finding
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records
from csr.params.protocol import Protocol
from csr.standards.astct import components_of, grade_components, worse

KEYS = ("USUBJID", "CESEQ")


def derive_adce(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: CellToxicity, protocol: Protocol, cutoff: pd.Timestamp
) -> Derived:
    """One row per episode: those of a syndrome and infusion less than the gap apart are one.

    ACAT1 the syndrome; CESEQ of its first record; ASTDT, ASTDTF, AENDT, ASTDY, AENDY; ADURN (days,
    both included, blank while it goes on); AINFN, AINFDY (onset, days from the latest infusion);
    ATOXGR as reported, ATOXGRA from the components by ASTCT 2019 with AGRREAS where there is none,
    ADIFFL Y where the two differ (a finding); AGRADE the one tabulated; TOCIFL, TOCIN, STERFL,
    VASOFL, ICUFL.
    Source: METHODS §5; Lee 2019.
    """
    infused = infusions(sdtm, protocol)
    records = _records(sdtm, adsl, rules, cutoff)
    frame = _merged(with_infusion(records.assign(ADT=records["ASTDT"]), infused), rules)
    frame = _with_components(frame, sdtm, rules)
    frame = _with_treatment(frame, sdtm, rules, cutoff)
    frame = merge_core(frame, adsl, ())
    frame["TRTA"] = frame["TRT01A"]
    frame["ASTDY"] = study_day(frame["ASTDT"], frame["TRTSDT"])
    frame["AENDY"] = study_day(frame["AENDT"], frame["TRTSDT"])
    frame["ADURN"] = infusion_day(frame["AENDT"], frame["ASTDT"]) + 1
    own = frame["ATOXGRA"] if rules.grade == "components" else frame["ATOXGR"]
    graded = own.mask(own == "", frame["ATOXGR"]).mask(frame["ATOXGR"] == "5", "5")
    frame = frame.assign(AGRADE=graded)
    found = [*find_impossible_dates(sdtm["ce"], "CE", "CESTDTC", KEYS), *_findings(frame)]
    order = ["USUBJID", "ASTDT", "ACAT1"]
    ordered = frame.sort_values(order, kind="stable").drop(columns="SRCROW")
    return Derived(ordered.reset_index(drop=True), found)


def _records(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: CellToxicity, cutoff: pd.Timestamp
) -> pd.DataFrame:
    """The records of CE by syndrome, with their dates."""
    parts = []
    for syndrome, records in rules.episodes.items():
        own = select_records(sdtm, records)
        parts.append(own[done(own, "CE")].assign(ACAT1=syndrome, SRCROW=own.index[done(own, "CE")]))
    frame = merge_core(pd.concat(parts), adsl, ("DTHDT",)).reset_index(drop=True)
    start = impute_start(text(frame, "CESTDTC"), frame["TRTSDT"], text(frame, "CEENDTC"))
    limit = frame[["DTHDT"]].assign(cutoff=cutoff).min(axis=1)
    end = impute_end(text(frame, "CEENDTC"), limit)
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "ACAT1": frame["ACAT1"],
            "SRCROW": frame["SRCROW"],
            "CESEQ": number(frame, "CESEQ"),
            "CETERM": text(frame, "CETERM"),
            "LINK": text(frame, f"CE{rules.link}"),
            "ATOXGR": text(frame, "CETOXGR"),
            "ASTDT": start.date,
            "ASTDTF": start.flag,
            "AENDT": end.date,
        }
    )


def _merged(records: pd.DataFrame, rules: CellToxicity) -> pd.DataFrame:
    """Records less than the gap apart as one episode, with all their links."""
    by = ["USUBJID", "ACAT1", "AINFN"]
    rows = records.sort_values([*by, "ASTDT", "CESEQ"], kind="stable").reset_index(drop=True)
    rows["AINFN"] = rows["AINFN"].astype(float)
    open_end = rows["AENDT"].fillna(pd.Timestamp("2262-01-01"))
    keys = [rows[k].fillna(-1) if k == "AINFN" else rows[k] for k in by]
    before = open_end.groupby(keys).cummax().groupby(keys).shift()
    apart = (rows["ASTDT"] - before).dt.days > rules.merge_gap_days
    episode = (before.isna() | apart | rows["ASTDT"].isna()).cumsum()
    grouped = rows.assign(open_end=open_end).groupby(episode, sort=True)
    merged = grouped.first()
    end = grouped["open_end"].max()
    return merged.assign(
        AENDT=end.where(end < pd.Timestamp("2262-01-01")),
        ATOXGR=grouped["ATOXGR"].max(),
        LINKS=grouped["LINK"].agg(lambda links: tuple(x for x in links if x)),
        RECORDS=grouped.size().astype(float),
        AINFDY=merged["AINFDY"].astype(float),
    ).drop(columns=["open_end", "LINK", "ADT"])


def _with_components(frame: pd.DataFrame, sdtm: Sdtm, rules: CellToxicity) -> pd.DataFrame:
    records = select_records(sdtm, rules.components)
    records = records[done(records, "FA")]
    code = text(records, "FATESTCD").str.upper()
    result = text(records, "FASTRESC").where(
        text(records, "FASTRESC") != "", text(records, "FAORRES")
    )
    link = text(records, f"FA{rules.link}")
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for who, linked, test, value in zip(records["USUBJID"], link, code, result, strict=True):
        found.setdefault((str(who), linked), []).append((test, value))
    grades, reasons = [], []
    for row in frame.itertuples():
        own = [c for linked in row.LINKS for c in found.get((str(row.USUBJID), linked), [])]
        grade, why = _graded(str(row.ACAT1), own)
        grades.append("" if grade is None else str(grade))
        reasons.append(why)
    differs = [
        a not in ("", "0", b) and b != "5" for a, b in zip(grades, frame["ATOXGR"], strict=True)
    ]
    return frame.drop(columns="LINKS").assign(
        ATOXGRA=grades, AGRREAS=reasons, ADIFFL=["Y" if d else "" for d in differs]
    )


def _graded(syndrome: str, recorded: list[tuple[str, str]]) -> tuple[int | None, str]:
    if not components_of(syndrome):
        return None, "taken as reported"
    worst: dict[str, str] = {}
    for component, value in recorded:
        worst[component] = worse(syndrome, component, worst.get(component, ""), value)
    return grade_components(syndrome, worst)


def _with_treatment(
    frame: pd.DataFrame, sdtm: Sdtm, rules: CellToxicity, cutoff: pd.Timestamp
) -> pd.DataFrame:
    """What was given (or where the subject was) between the first and the last day."""
    counted = {
        "TOCIFL": rules.tocilizumab,
        "STERFL": rules.steroids,
        "VASOFL": rules.vasopressors,
        "ICUFL": rules.intensive_care,
    }
    out = frame.copy()
    for flag, records in counted.items():
        n = _during(frame, sdtm, records, cutoff)
        out[flag] = (n > 0).map({True: "Y", False: ""})
        if flag == "TOCIFL":
            out["TOCIN"] = n.astype(float)
    return out


def _during(
    frame: pd.DataFrame, sdtm: Sdtm, records: Records | None, cutoff: pd.Timestamp
) -> pd.Series:
    own = select_records(sdtm, records)
    if own.empty or records is None:
        return pd.Series(0, index=frame.index)
    prefix = records.domain[:2].upper()
    own = own[done(own, prefix)]
    column = f"{prefix}STDTC" if f"{prefix}STDTC" in own else f"{prefix}DTC"
    day = pd.to_datetime(text(own, column).str[:10], format="%Y-%m-%d", errors="coerce")
    given = pd.DataFrame({"USUBJID": own["USUBJID"], "day": day})
    pairs = frame[["USUBJID", "ASTDT", "AENDT"]].assign(row=frame.index).merge(given, on="USUBJID")
    inside = (pairs["day"] >= pairs["ASTDT"]) & (pairs["day"] <= pairs["AENDT"].fillna(cutoff))
    return pairs[inside].groupby("row").size().reindex(frame.index, fill_value=0)


def _findings(frame: pd.DataFrame) -> list[Finding]:
    differs = Finding(
        "warning",
        "CE",
        "CETOXGR",
        "astct-grade",
        "the reported grade is not the one the components give by ASTCT 2019; both are shown",
        "confirm the grade or the components with the site",
    )
    lacks = Finding(
        "note",
        "CE",
        "CELNKID",
        "astct-components",
        "the components do not give a grade; the reported one is used",
        "complete the components",
    )
    rows = frame.set_index("SRCROW")
    wrong = rows[rows["ADIFFL"] == "Y"]
    values = wrong.assign(
        shown=wrong["ATOXGR"] + " reported, " + wrong["ATOXGRA"] + " by components"
    )
    open_ = rows[(rows["ATOXGRA"] == "") & (rows["AGRREAS"] != "taken as reported")]
    return [*find_rows(values, differs, KEYS, "shown"), *find_rows(open_, lacks, KEYS, "AGRREAS")]
