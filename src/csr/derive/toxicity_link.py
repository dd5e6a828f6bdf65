"""One analysis grade of CRS and ICANS: ADAE carries that of the episode in ADCE (METHODS §10.12).

An adverse event of a syndrome (its terms are params') belongs to the episode it is linked to
(--LNKID, RELREC), else to one it overlaps in time: that of the highest grade, then the earliest.
Of several events of an episode the one in which the grade was reached carries it: the one whose
days hold the first day the components give it, else the one of the highest reported grade; the
others stay as reported, though never above the episode. AETOXGR stays as collected.
"""

from __future__ import annotations

import re

import pandas as pd

from csr.derive.event_criteria import GRADES
from csr.derive.findings import find_rows
from csr.derive.sources import Sdtm, number, text
from csr.derive.toxicity_components import Graded, days_at
from csr.errors import Finding
from csr.params.cell_toxicity import CellToxicity
from csr.results import Adam
from csr.terms import is_one_of

FATAL = "5"
DATED = tuple(g for g in GRADES if g not in ("1", FATAL))
OPEN = pd.Timestamp("2262-01-01")


def with_analysis_grades(
    adam: Adam, sdtm: Sdtm, rules: CellToxicity, cutoff: pd.Timestamp
) -> tuple[Adam, list[Finding]]:
    """ADAE and ADCE of `adam` with one grade for each episode, and what has no counterpart.

    ADAE gets AGRADE, the analysis grade (of an event of no episode, AETOXGR); AGRDIFL Y where the
    two differ; ASYNDR, the syndrome, and ACESEQ, the episode (CESEQ in ADCE), blank for others;
    AGRDY2 to AGRDY4 and AGRDX2 to AGRDX4, the days at the grade or a higher one, at least and at
    most. ADCE gets grade 5 where an event of the episode was fatal.
    """
    events, episodes = adam["adae"], _complete(adam["adce"])
    syndrome = syndrome_of(events, rules)
    belongs = _episode_of(events, episodes, syndrome, _related(sdtm, rules), cutoff)
    episodes = episodes.assign(AGRADE=_with_deaths(events, episodes, belongs))
    events = _graded(events, episodes, syndrome, belongs, cutoff)
    working = [c for c in ("LINKS", "CESEQS") if c in episodes]
    found = _findings(events, episodes, belongs)
    return adam | {"adae": events, "adce": episodes.drop(columns=working)}, found


def _complete(episodes: pd.DataFrame) -> pd.DataFrame:
    """Episodes with what a delivered ADCE may not have."""
    blank = pd.Series("", index=episodes.index, dtype=object)
    usual = {
        "CESEQS": episodes["CESEQ"].map(lambda sequence: (sequence,)),
        "ATOXGRA": blank,
        "AGRADED": episodes["AGRADE"],
        "AGRDAYS": blank,
        "AGRDT": pd.Series(pd.NaT, index=episodes.index, dtype="datetime64[ns]"),
    }
    return episodes.assign(**{c: v for c, v in usual.items() if c not in episodes})


def syndrome_of(events: pd.DataFrame, rules: CellToxicity) -> pd.Series:
    """The syndrome of each adverse event by its terms, "" for none."""
    names = [text(events, c) for c in ("AEDECOD", "AETERM")]
    found = pd.Series("", index=events.index, dtype=object)
    for syndrome, terms in rules.events.items():
        mine = is_one_of(names[0], terms) | is_one_of(names[1], terms)
        found = found.mask(mine & (found == "") & (syndrome in rules.episodes), syndrome)
    return found


def _related(sdtm: Sdtm, rules: CellToxicity) -> set[tuple[str, float, float]]:
    """Pairs (USUBJID, AESEQ, CESEQ) that are linked: by --LNKID, or by RELREC."""
    sides: list[pd.DataFrame] = []
    for domain, prefix in (("ae", "AE"), ("ce", "CE")):
        frame = sdtm.get(domain, pd.DataFrame({"USUBJID": []}))
        own = pd.DataFrame(
            {
                "USUBJID": frame["USUBJID"],
                f"{prefix}SEQ": number(frame, f"{prefix}SEQ"),
                "link": text(frame, f"{prefix}{rules.link}").astype(str),
            }
        )
        both = [p for p in (own[own["link"] != ""], _relrec(sdtm, prefix, frame)) if len(p)]
        sides.append(pd.concat(both) if both else own.iloc[:0])
    pairs = sides[0].merge(sides[1], on=["USUBJID", "link"])
    return set(pairs[["USUBJID", "AESEQ", "CESEQ"]].itertuples(index=False, name=None))


def _relrec(sdtm: Sdtm, prefix: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The records of a domain that RELREC names one by one; `link` is the relationship."""
    columns = ["USUBJID", f"{prefix}SEQ", "link"]
    nothing = pd.DataFrame(columns=columns)
    if "relrec" not in sdtm or not {"RDOMAIN", "IDVAR", "IDVARVAL", "RELID"} <= set(sdtm["relrec"]):
        return nothing
    related = sdtm["relrec"]
    own = related[(related["RDOMAIN"] == prefix) & (text(related, "USUBJID") != "")]
    parts = []
    for variable, records in own.groupby("IDVAR"):
        if variable not in frame:
            continue
        value = frame[variable].map(_plain)
        keyed = frame[["USUBJID"]].assign(IDVARVAL=value, SEQ=number(frame, f"{prefix}SEQ"))
        found = records[["USUBJID", "IDVARVAL", "RELID"]].merge(keyed, on=["USUBJID", "IDVARVAL"])
        renamed = found.rename(columns={"SEQ": f"{prefix}SEQ"})
        parts.append(renamed.assign(link="RELREC " + found["RELID"].astype(str))[columns])
    return pd.concat(parts) if parts else nothing


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _episode_of(
    events: pd.DataFrame,
    episodes: pd.DataFrame,
    syndrome: pd.Series,
    related: set[tuple[str, float, float]],
    cutoff: pd.Timestamp,
) -> pd.Series:
    """The row of ADCE each event belongs to; missing for none."""
    own = events.loc[syndrome != "", ["USUBJID", "AESEQ", "ASTDT", "AENDT"]]
    own = own.assign(ACAT1=syndrome[syndrome != ""], row=own.index)
    of = episodes[["USUBJID", "ACAT1", "ASTDT", "AENDT", "CESEQS", "AGRADE"]]
    pairs = own.merge(of.assign(episode=of.index), on=["USUBJID", "ACAT1"], suffixes=("", "_of"))
    pairs["linked"] = [
        any((who, seq, ce) in related for ce in sequences)
        for who, seq, sequences in zip(
            pairs["USUBJID"], pairs["AESEQ"], pairs["CESEQS"], strict=True
        )
    ]
    overlap = (pairs["ASTDT"] <= pairs["AENDT_of"].fillna(OPEN)) & (
        pairs["ASTDT_of"] <= pairs["AENDT"].fillna(OPEN)
    )
    pairs["order"] = pd.to_numeric(pairs["AGRADE"], errors="coerce").fillna(0.0)
    pairs = pairs[pairs["linked"] | overlap].sort_values(
        ["row", "linked", "order", "ASTDT_of"], ascending=[True, False, False, True], kind="stable"
    )
    first = pairs.drop_duplicates("row").set_index("row")["episode"]
    return first.reindex(events.index)


def _with_deaths(events: pd.DataFrame, episodes: pd.DataFrame, belongs: pd.Series) -> pd.Series:
    """AGRADE of the episodes, 5 where an event of one was fatal."""
    fatal = (text(events, "AETOXGR") == FATAL) | (text(events, "AESDTH") == "Y")
    fatal |= text(events, "AEOUT").str.upper() == "FATAL"
    dead = belongs[fatal & belongs.notna()].unique()
    decided = episodes["AGRADE"] != episodes["AGRADED"]
    return episodes["AGRADE"].mask(episodes.index.isin(dead) & ~decided, FATAL)


def _graded(
    events: pd.DataFrame,
    episodes: pd.DataFrame,
    syndrome: pd.Series,
    belongs: pd.Series,
    cutoff: pd.Timestamp,
) -> pd.DataFrame:
    grade = text(events, "AETOXGR").astype(object).copy()
    days = {f"AGRD{side}{g}": pd.Series(float("nan"), index=events.index)
            for g in DATED for side in ("Y", "X")}  # fmt: skip
    for at, own in events.groupby(belongs):
        episode = episodes.loc[at]
        if episode["AGRADE"] != "":
            grade[own.index] = _of_rows(own, episode)
        for name, value in _days(own, grade[own.index], episode, cutoff).items():
            days[name][own.index] = value
    differs = grade != text(events, "AETOXGR")
    sequence = belongs.map(episodes["CESEQ"]) if len(episodes) else belongs
    return events.assign(
        AGRADE=grade,
        AGRDIFL=differs.map({True: "Y", False: ""}),
        ASYNDR=syndrome,
        ACESEQ=sequence.astype(float),
        **days,
    )


def _of_rows(own: pd.DataFrame, episode: pd.Series) -> pd.Series:
    """The grades of the events of one episode."""
    reported = pd.to_numeric(text(own, "AETOXGR"), errors="coerce")
    whole = float(episode["AGRADE"])
    order = own.assign(order=reported.fillna(0.0)).sort_values(
        ["order", "ASTDT", "AESEQ"], ascending=[False, True, True], kind="stable"
    )
    carrier = order.index[0]
    holds = (own["ASTDT"] <= episode["AGRDT"]) & (own["AENDT"].fillna(OPEN) >= episode["AGRDT"])
    if holds.any() and episode["AGRADE"] == episode["ATOXGRA"]:
        carrier = own[holds].sort_values(["ASTDT", "AESEQ"]).index[0]
    capped = reported.clip(upper=whole).map("{:g}".format).where(reported.notna(), "")
    return capped.mask(own.index == carrier, episode["AGRADE"])


def _days(
    own: pd.DataFrame, grade: pd.Series, episode: pd.Series, cutoff: pd.Timestamp
) -> dict[str, pd.Series | float]:
    """AGRDYn and AGRDXn of the events of one episode, by dated components or by rows."""
    found: dict[str, pd.Series | float] = {}
    end = own["AENDT"].fillna(cutoff)
    for level in DATED:
        high = pd.to_numeric(grade, errors="coerce") >= int(level)
        if len(own) > 1:
            covered: set[pd.Timestamp] = set()
            for start, last in zip(own.loc[high, "ASTDT"], end[high], strict=True):
                if not pd.isna(start):
                    covered |= set(pd.date_range(start, last))
            least = most = pd.Series(float(len(covered)), index=own.index).where(high, 0.0)
        else:
            low, top = days_at(
                _graded_days(episode), int(level), episode["ASTDT"],
                episode["AENDT"] if pd.notna(episode["AENDT"]) else cutoff,
            )  # fmt: skip
            lasted = (end - own["ASTDT"]).dt.days + 1.0
            least = pd.Series(low, index=own.index).where(high, 0.0)
            most = lasted.clip(upper=top).where(high, 0.0)
            least = pd.concat([least, most], axis=1).min(axis=1)
        found |= {f"AGRDY{level}": least, f"AGRDX{level}": most}
    return found


def _graded_days(episode: pd.Series) -> Graded:
    """The grades of the days, where the analysis grade is the one of the components."""
    if episode["AGRADE"] != episode["ATOXGRA"]:
        return Graded(grade=str(episode["AGRADE"]) if episode["AGRADE"] in GRADES else "")
    pairs = re.findall(r"(\d{4}-\d\d-\d\d) (\d)", str(episode["AGRDAYS"]))
    return Graded(str(episode["AGRADE"]), days={pd.Timestamp(d): int(g) for d, g in pairs})


def _findings(events: pd.DataFrame, episodes: pd.DataFrame, belongs: pd.Series) -> list[Finding]:
    alone = events[(events["ASYNDR"] != "") & belongs.isna()]
    unseen = episodes[~episodes.index.isin(belongs.dropna().unique())]
    return [
        *find_rows(alone, NO_EPISODE, ("USUBJID", "AESEQ"), "ASYNDR"),
        *find_rows(unseen, NO_EVENT, ("USUBJID", "CESEQ"), "ACAT1"),
    ]


NO_EPISODE = Finding(
    "warning",
    "AE",
    "AEDECOD",
    "event-without-episode",
    "an adverse event of the syndrome without an episode in CE: it has the reported grade, and is "
    "not in the tables of episodes",
    "complete CE, or link the two",
)
NO_EVENT = Finding(
    "warning",
    "CE",
    "CETERM",
    "episode-without-event",
    "an episode without an adverse event of its syndrome: it is in no table of adverse events",
    "complete AE, link the two, or name the term (protocol.cell_toxicity.events)",
)
