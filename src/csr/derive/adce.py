"""ADCE: episodes of CRS, ICANS and kindred syndromes, as reported and graded from components."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day, find_impossible_dates, infusion_day, study_day
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import first_infusion, infusion_table
from csr.derive.medication import given_during, select_medication
from csr.derive.moments import day_moments, latest_infusion, moments
from csr.derive.periods import impute_period
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.derive.toxicity_components import Components, Graded, grade_recorded
from csr.errors import Finding
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records
from csr.params.protocol import Protocol

KEYS = ("USUBJID", "CESEQ")
EPISODE = ["USUBJID", "ACAT1"]
DAY = pd.Timedelta(days=1)
FATAL = "5"
TAKEN = "taken as reported"


Decided = Mapping[tuple[str, str, float], str]


def derive_adce(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    rules: CellToxicity,
    protocol: Protocol,
    cutoff: pd.Timestamp,
    decided: Decided | None = None,
) -> Derived:
    """One row per episode: those of a syndrome and infusion less than the gap apart are one.

    ACAT1 the syndrome; CESEQ of its first record, CESEQS and LINKS of all; ASTDT, ASTDTF, AENDT,
    AENDTF, ASTDY, AENDY; ADURN (days, both included, blank while it goes on); AINFN, AINFDY (onset,
    days from the latest infusion); ATOXGR as reported, ATOXGRA from the components by ASTCT 2019
    with AGRREAS where there is none, FEVWFL Y where fever was not asked for; ADIFFL Y where the two
    differ (a finding); AGRADE the analysis grade, decided (`decided`: subject, syndrome and CESEQ →
    grade) or by the rules (AGRADED, what those give), AGRDT the day it was first recorded,
    AGRDAYS the grade of each day with components; TOCIFL, TOCIN, STERFL, VASOFL, ICUFL.
    An episode without an end ends the day before the next begins (AENDTF N, a finding).
    Source: METHODS §5, §10.12; Lee 2019.
    """
    records = _records(sdtm, adsl, rules, protocol, cutoff)
    frame = _merged(records, rules)
    _settle(sdtm, records, frame)
    components = Components(sdtm, rules)
    frame = _with_components(frame, sdtm, components, rules, cutoff)
    frame = _with_treatment(frame, sdtm, rules, cutoff)
    frame = merge_core(frame, adsl, ())
    frame["TRTA"] = frame["TRT01A"]
    frame["ASTDY"] = study_day(frame["ASTDT"], frame["TRTSDT"])
    frame["AENDY"] = study_day(frame["AENDT"], frame["TRTSDT"])
    frame["ADURN"] = infusion_day(frame["AENDT"], frame["ASTDT"]) + 1
    frame["AGRADED"] = analysis_grade(frame, rules)
    by_decision = decisions_of(frame, decided)
    frame["AGRADE"] = frame["AGRADED"].mask(by_decision != "", by_decision)
    found = [
        *find_impossible_dates(sdtm["ce"], "CE", "CESTDTC", KEYS),
        *components.findings,
        *_findings(frame),
    ]
    order = ["USUBJID", "ASTDT", "ACAT1"]
    ordered = frame.sort_values(order, kind="stable").drop(columns=["SRCROW", "FATALFL"])
    return Derived(ordered.reset_index(drop=True), found)


def _settle(sdtm: Sdtm, records: pd.DataFrame, episodes: pd.DataFrame) -> None:
    """The account of CE: records of other events, records not done, records in an episode."""
    frame = sdtm["ce"]
    account = open_account("ADCE", "CE", frame)
    account.leave_out(frame.index[~done(frame, "CE")], "not done")
    of_none = frame.index.difference(records["SRCROW"])
    account.leave_out(of_none, "of no syndrome the protocol names")
    known = set(zip(episodes["USUBJID"], episodes["ACAT1"], episodes["CESEQS"], strict=True))
    merged = {(who, kind, seq) for who, kind, seqs in known for seq in map(str, seqs)}
    keys = zip(records["USUBJID"], records["ACAT1"], records["CESEQ"].astype(str), strict=True)
    account.settle(pd.Index(records.loc[[key in merged for key in keys], "SRCROW"]))


def decisions_of(frame: pd.DataFrame, decided: Decided | None) -> pd.Series:
    """The grade people decided on for each episode, "" for none."""
    keys = zip(frame["USUBJID"], frame["ACAT1"], frame["CESEQ"], strict=True)
    known = decided or {}
    return pd.Series([known.get(key, "") for key in keys], index=frame.index, dtype=object)


def analysis_grade(frame: pd.DataFrame, rules: CellToxicity) -> pd.Series:
    """The grade that counts: of components, reported, or the higher; 5 where reported fatal."""
    reported, components = frame["ATOXGR"], frame["ATOXGRA"].replace("0", "")
    if rules.grade == "reported":
        grade = reported
    elif rules.grade == "components":
        grade = components.mask(components == "", reported)
    else:
        both = pd.concat([number(frame, "ATOXGR"), number(frame, "ATOXGRA")], axis=1).max(axis=1)
        grade = both.map("{:g}".format).where(both > 0, reported)
    fatal = (reported == FATAL) | (frame["FATALFL"] == "Y")
    return grade.mask(fatal, FATAL)


def _records(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    rules: CellToxicity,
    protocol: Protocol,
    cutoff: pd.Timestamp,
) -> pd.DataFrame:
    """The records of CE by syndrome, with their dates."""
    parts = []
    for syndrome, records in rules.episodes.items():
        own = select_records(sdtm, records)
        parts.append(own[done(own, "CE")].assign(ACAT1=syndrome, SRCROW=own.index[done(own, "CE")]))
    frame = merge_core(pd.concat(parts), adsl, ("DTHDT",)).reset_index(drop=True)
    limit = frame[["DTHDT"]].assign(cutoff=cutoff).min(axis=1)
    first = first_infusion(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol)
    start, end, _, _ = impute_period(sdtm, frame, "CE", first, limit)
    exact, whole = moments(text(frame, "CESTDTC")), day_moments(start.date)
    at = exact.where(start.flag == "", whole)
    at = at.assign(timed=at["timed"].eq(True), offset=at["offset"].astype(float))
    infusion = latest_infusion(frame["USUBJID"], at, infusion_table(sdtm, protocol), "event")
    fatal = (text(frame, "CEOUT").str.upper() == "FATAL") | (text(frame, "CESDTH") == "Y")
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "ACAT1": frame["ACAT1"],
            "SRCROW": frame["SRCROW"],
            "CESEQ": number(frame, "CESEQ"),
            "CETERM": text(frame, "CETERM"),
            "LINK": text(frame, f"CE{rules.link}").astype(str),
            "ATOXGR": text(frame, "CETOXGR"),
            "FATALFL": fatal.map({True: "Y", False: ""}),
            "ASTDT": start.date,
            "ASTDTF": start.flag,
            "AENDT": end.date,
            "AENDTF": end.flag,
            "AINFN": infusion["AINFN"],
            "AINFDY": infusion["AINFDY"],
        }
    )


def _merged(records: pd.DataFrame, rules: CellToxicity) -> pd.DataFrame:
    """Records less than the gap apart as one episode, with all their links."""
    rows = records.sort_values([*EPISODE, "ASTDT", "CESEQ"], kind="stable").reset_index(drop=True)
    rows["AINFN"] = rows["AINFN"].astype(float)
    rows = _with_ends(rows)
    episode = _episodes(rows, rules.merge_gap_days)
    grouped = rows.groupby(episode, sort=True)
    merged = grouped.first()
    last = grouped["AENDT"].agg(lambda own: own.iloc[-1])
    goes_on = last.isna() & merged["ASTDT"].notna()
    end = grouped["AENDT"].max()
    return merged.assign(
        AENDT=end.mask(goes_on),
        AENDTF=_flag_of_last(rows, episode, end),
        ATOXGR=grouped["ATOXGR"].max(),
        FATALFL=grouped["FATALFL"].max(),
        LINKS=grouped["LINK"].agg(lambda links: tuple(x for x in links if x)),
        CESEQS=grouped["CESEQ"].agg(tuple),
        CLOSED=grouped["CLOSED"].max(),
        RECORDS=grouped.size().astype(float),
        AINFDY=merged["AINFDY"].astype(float),
    ).drop(columns=["LINK", "FOLLOWS"])


def _with_ends(rows: pd.DataFrame) -> pd.DataFrame:
    """An end for every record without one that another of its syndrome follows: the day before.

    CLOSED Y where it was set; FOLLOWS, the day the next record begins. Of records that begin on one
    day those with an end come last.
    """
    order = rows.assign(open=rows["AENDT"].isna()).sort_values(
        [*EPISODE, "ASTDT", "open", "CESEQ"], ascending=[True, True, True, False, True],
        kind="stable",
    )  # fmt: skip
    order = order.drop(columns="open").reset_index(drop=True)
    following = order.groupby(EPISODE)["ASTDT"].shift(-1)
    same_day = following == order["ASTDT"]
    closed = order["AENDT"].isna() & following.notna()
    end = (following - DAY).where(~same_day, order["ASTDT"])
    return order.assign(
        AENDT=order["AENDT"].mask(closed, end),
        AENDTF=order["AENDTF"].mask(closed, "N"),
        CLOSED=closed.map({True: "Y", False: ""}),
        FOLLOWS=following,
    )


def _episodes(rows: pd.DataFrame, gap: int) -> pd.Series:
    """The number of the episode of each record, in the order of the rows.

    The gap counts from the latest end so far; from the start of a record whose end is only that
    another begins.
    """
    keys = [rows[k] for k in EPISODE] + [rows["AINFN"].fillna(-1)]
    known = rows["AENDT"].where(rows["CLOSED"] != "Y", rows["ASTDT"])
    far = known.fillna(pd.Timestamp("2262-01-01"))
    before = far.groupby(keys).cummax().groupby(keys).shift()
    apart = (rows["ASTDT"] - before).dt.days > gap
    new = before.isna() | apart | rows["ASTDT"].isna()
    changed = pd.Series(False, index=rows.index)
    for key in keys:
        changed |= key != key.shift()
    return (new | changed).cumsum()


def _flag_of_last(rows: pd.DataFrame, episode: pd.Series, end: pd.Series) -> pd.Series:
    """The imputation flag of the end an episode has."""
    latest = rows[rows["AENDT"] == episode.map(end)]
    flags = latest.groupby(episode[latest.index])["AENDTF"].last()
    return flags.reindex(end.index).fillna("")


def _with_components(
    frame: pd.DataFrame,
    sdtm: Sdtm,
    components: Components,
    rules: CellToxicity,
    cutoff: pd.Timestamp,
) -> pd.DataFrame:
    waived = _fever_waived(frame, sdtm, rules, cutoff)
    graded = [
        grade_recorded(str(row.ACAT1), components.of(str(row.USUBJID), row.LINKS), bool(waived[at]))
        for at, row in zip(frame.index, frame.itertuples(), strict=True)
    ]
    grades = [g.grade for g in graded]
    differs = [
        bool(a) and a != b and b != FATAL for a, b in zip(grades, frame["ATOXGR"], strict=True)
    ]
    return frame.assign(
        ATOXGRA=np.array(grades, dtype=object),
        AGRREAS=np.array([g.why for g in graded], dtype=object),
        AGRDT=pd.to_datetime(pd.Series([g.reached for g in graded], index=frame.index)),
        AGRDAYS=[_days(g) for g in graded],
        FEVWFL=waived.map({True: "Y", False: ""}),
        ADIFFL=["Y" if d else "" for d in differs],
    )


def _days(graded: Graded) -> str:
    """`2026-01-12 1; 2026-01-13 3`: the grade of each day with components."""
    return "; ".join(f"{day:%Y-%m-%d} {grade}" for day, grade in graded.days.items())


def _fever_waived(
    frame: pd.DataFrame, sdtm: Sdtm, rules: CellToxicity, cutoff: pd.Timestamp
) -> pd.Series:
    """Episodes with an antipyretic shortly before or in them, or tocilizumab or a corticosteroid
    from their infusion on: fever need not be there (Lee 2019)."""
    end = frame["AENDT"].fillna(cutoff)
    infused = frame["ASTDT"] - pd.to_timedelta(frame["AINFDY"].fillna(0), unit="D")
    shortly = frame["ASTDT"] - pd.Timedelta(days=rules.antipyretic_days)
    waived = given_during(frame, select_medication(sdtm, rules.antipyretics), shortly, end)
    for records in (rules.tocilizumab, rules.steroids):
        waived |= given_during(frame, select_medication(sdtm, records), infused, end)
    return waived


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
    own = select_medication(sdtm, records)
    if own.empty or records is None:
        return pd.Series(0, index=frame.index)
    prefix = records.domain[:2].upper()
    column = f"{prefix}STDTC" if f"{prefix}STDTC" in own else f"{prefix}DTC"
    given = pd.DataFrame({"USUBJID": own["USUBJID"], "day": earliest_day(text(own, column))})
    pairs = frame[["USUBJID", "ASTDT", "AENDT"]].assign(row=frame.index).merge(given, on="USUBJID")
    inside = (pairs["day"] >= pairs["ASTDT"]) & (pairs["day"] <= pairs["AENDT"].fillna(cutoff))
    return pairs[inside].groupby("row").size().reindex(frame.index, fill_value=0)


def _findings(frame: pd.DataFrame) -> list[Finding]:
    rows = frame.set_index("SRCROW")
    wrong = rows[rows["ADIFFL"] == "Y"]
    values = wrong.assign(
        shown=wrong["ATOXGR"] + " reported, " + wrong["ATOXGRA"] + " by components"
    )
    open_ = rows[(rows["ATOXGRA"] == "") & (rows["AGRREAS"] != TAKEN)]
    closed = rows[rows["CLOSED"] == "Y"]
    return [
        *find_rows(values, DIFFERS, KEYS, "shown"),
        *find_rows(open_, LACKS, KEYS, "AGRREAS"),
        *find_rows(closed, NO_END, KEYS, "AENDT"),
    ]


DIFFERS = Finding(
    "warning",
    "CE",
    "CETOXGR",
    "astct-grade",
    "the reported grade is not the one the components give by ASTCT 2019; both are shown",
    "confirm the grade or the components with the site",
)
LACKS = Finding(
    "note",
    "CE",
    "CELNKID",
    "astct-components",
    "the components do not give a grade; the reported one is used",
    "complete the components",
)
NO_END = Finding(
    "warning",
    "CE",
    "CEENDTC",
    "episode-without-end",
    "without an end, and another begins later: ended the day before that",
    "complete the end",
)
