"""Death, and the last date a subject was known to be alive, each with the record it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from csr.derive.dates import earliest_day, impute_death, latest_day
from csr.derive.findings import find_rows
from csr.derive.sources import Sdtm, done, text
from csr.errors import Finding


@dataclass(frozen=True)
class DateSource:
    """A date in SDTM that says something of a subject: where it stands and which records count."""

    domain: str
    column: str
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unless: dict[str, tuple[str, ...]] = field(default_factory=dict)


# Records a living person leaves. Ends of events are not among them: they may be set to the death.
KNOWN_ALIVE = (
    DateSource("dm", "RFICDTC"),
    DateSource("sv", "SVSTDTC"),
    DateSource("sv", "SVENDTC"),
    DateSource("ex", "EXSTDTC"),
    DateSource("ex", "EXENDTC"),
    DateSource("pr", "PRSTDTC"),
    DateSource("vs", "VSDTC"),
    DateSource("lb", "LBDTC"),
    DateSource("eg", "EGDTC"),
    DateSource("pe", "PEDTC"),
    DateSource("qs", "QSDTC"),
    DateSource("pc", "PCDTC"),
    DateSource("is", "ISDTC"),
    DateSource("tu", "TUDTC"),
    DateSource("tr", "TRDTC"),
    DateSource("rs", "RSDTC"),
    DateSource("ae", "AESTDTC"),
    DateSource("cm", "CMSTDTC"),
    DateSource("ss", "SSDTC", where={"SSSTRESC": ("ALIVE",)}),
    DateSource(
        "ds",
        "DSSTDTC",
        unless={"DSDECOD": ("DEATH", "LOST TO FOLLOW-UP", "STUDY TERMINATED BY SPONSOR")},
    ),
)
# A contact about survival alone tells nothing of adverse events; neither events nor treatment alone
# show that a subject was watched.
SURVIVAL_CONTACT = frozenset({"ss"})
NOT_ALONE = frozenset({"ae", "cm", "ex"})
DEATH = (
    DateSource("dm", "DTHDTC"),
    DateSource("ds", "DSSTDTC", where={"DSDECOD": ("DEATH",)}),
    DateSource("ss", "SSDTC", where={"SSSTRESC": ("DEAD",)}),
    DateSource("ae", "AEENDTC", where={"AEOUT": ("FATAL",)}),
)
# (domain, column of the cause, which records), the first that has one gives DTHCAUS.
DEATH_CAUSE = (
    DateSource("dd", "DDSTRESC", where={"DDTESTCD": ("PRCDTH",)}),
    DateSource("ae", "AEDECOD", where={"AEOUT": ("FATAL",)}),
    DateSource("ds", "DSTERM", where={"DSDECOD": ("DEATH",)}),
)

NOTHING = pd.DataFrame(
    {c: pd.Series(dtype=object) for c in ("USUBJID", "text", "domain", "column")}
)


def death_texts(sdtm: Sdtm) -> pd.DataFrame:
    """Per dead subject the recorded date of death: USUBJID, DTHDTC, DTHDOM (DM before others)."""
    found = [_texts(sdtm, source) for source in _present(sdtm, DEATH)]
    return _first_per_subject(found).rename(columns={"text": "DTHDTC", "domain": "DTHDOM"})


def death_causes(sdtm: Sdtm) -> pd.DataFrame:
    """Per dead subject the cause: USUBJID, DTHCAUS, DTHCDOM (the domain it comes from)."""
    found = [_texts(sdtm, source) for source in _present(sdtm, DEATH_CAUSE)]
    return _first_per_subject(found).rename(columns={"text": "DTHCAUS", "domain": "DTHCDOM"})


def last_known_alive(sdtm: Sdtm, deaths: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Per subject the latest date known alive on or before cut-off and death.

    USUBJID, LSTALVDT, LALVDOM, LALVVAR. A partial date counts with its earliest possible day.
    """
    dates = _alive_dates(sdtm, deaths)
    usable = dates[(dates["date"] <= cutoff) & ~(dates["date"] > dates["died"])]
    ordered = usable.sort_values(["USUBJID", "date", "order"], kind="stable")
    last = ordered.groupby("USUBJID").tail(1)
    return last.rename(columns={"date": "LSTALVDT", "domain": "LALVDOM", "column": "LALVVAR"})[
        ["USUBJID", "LSTALVDT", "LALVDOM", "LALVVAR"]
    ].reset_index(drop=True)


def last_observed(
    sdtm: Sdtm, deaths: pd.DataFrame, cutoff: pd.Timestamp, t0: pd.Series
) -> pd.DataFrame:
    """Per subject the last day watched for adverse events: USUBJID, LSTOBSDT.

    The latest full date on or before cut-off and death, survival contacts aside; none where after
    time zero (`t0`, by subject) there are only events, medication and exposure (METHODS §10.13,
    §10.19).
    """
    dates = _alive_dates(sdtm, deaths)
    full = earliest_day(dates["text"]) == latest_day(dates["text"])
    own = dates[full & ~dates["domain"].str.lower().isin(SURVIVAL_CONTACT)]
    own = own[(own["date"] <= cutoff) & ~(own["date"] > own["died"])]
    alone = own["domain"].str.lower().isin(NOT_ALONE)
    after = own["date"] >= own["USUBJID"].map(t0)
    watched = own.loc[~alone & after, "USUBJID"].unique()
    last = own[own["USUBJID"].isin(watched)].groupby("USUBJID")["date"].max()
    return last.rename("LSTOBSDT").reset_index()


def find_records_after_death(sdtm: Sdtm, deaths: pd.DataFrame) -> list[Finding]:
    """Records of a living person dated after the death, by domain and column."""
    dates = _alive_dates(sdtm, deaths)
    late = dates[dates["date"] > dates["died"]]
    findings: list[Finding] = []
    for (domain, column), rows in late.groupby(["domain", "column"]):
        finding = Finding(
            "warning",
            str(domain),
            str(column),
            "after-death",
            "after the subject's death; not used as a date known alive",
            "correct the date, or the date of death",
        )
        findings += find_rows(rows.set_index("row"), finding, ("USUBJID",), "date")
    return findings


def derive_death(adsl: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """DTHDT and DTHDTF from DTHDTC and LSTALVDT; an imputed death is not after the cut-off."""
    date, flag = impute_death(adsl["DTHDTC"], adsl["LSTALVDT"])
    return pd.DataFrame(
        {"DTHDT": date.mask((flag != "") & (date > cutoff), cutoff), "DTHDTF": flag}
    )


def _alive_dates(sdtm: Sdtm, deaths: pd.DataFrame) -> pd.DataFrame:
    sources = _present(sdtm, KNOWN_ALIVE)
    found = [_texts(sdtm, source).assign(order=i) for i, source in enumerate(sources)]
    dates = pd.concat([NOTHING.assign(order=0), *found])
    dates = dates.assign(date=earliest_day(dates["text"]))
    died = deaths.set_index("USUBJID")["DTHDTC"].pipe(latest_day)
    return dates[dates["date"].notna()].assign(died=lambda d: d["USUBJID"].map(died))


def _present(sdtm: Sdtm, sources: tuple[DateSource, ...]) -> list[DateSource]:
    """The sources the transfer has."""
    return [s for s in sources if s.domain in sdtm and s.column in sdtm[s.domain]]


def _texts(sdtm: Sdtm, source: DateSource) -> pd.DataFrame:
    """Non-blank texts of one source: USUBJID, text, domain, column, row (index of the frame)."""
    frame = sdtm[source.domain]
    keep = done(frame, source.domain.upper()) & (text(frame, source.column) != "")
    for column, values in source.where.items():
        keep &= text(frame, column).str.upper().isin(values)
    for column, values in source.unless.items():
        keep &= ~text(frame, column).str.upper().isin(values)
    kept = frame[keep]
    return pd.DataFrame(
        {
            "USUBJID": kept["USUBJID"],
            "text": text(kept, source.column),
            "domain": source.domain.upper(),
            "column": source.column,
            "row": np.asarray(kept.index),
        }
    ).reset_index(drop=True)


def _first_per_subject(found: list[pd.DataFrame]) -> pd.DataFrame:
    first = pd.concat([NOTHING, *found]).drop_duplicates("USUBJID", keep="first")
    return first[["USUBJID", "text", "domain"]].reset_index(drop=True)
