"""Target lesions as measured: which record is of which lesion, and its diameter in mm (§10.4).

A lesion is an evaluator's: the same TRLNKID of two evaluators is two lesions. Fragments (T01.1,
T01.2) add up to the lesion they were; lesions that merged (T01/T02) are measured as one. Too small
to measure is 5 mm, absent is 0. Source: Eisenhauer 2009 §4.3.2 and appendix II; METHODS §10.4.
"""

from __future__ import annotations

import re

import pandas as pd

from csr.derive.account import Account
from csr.derive.dates import earliest_day, impute_scan
from csr.derive.findings import Derived, find_rows
from csr.derive.lesion_groups import DIAMETERS, TARGET, lesion_group, lesion_id
from csr.derive.sources import NOTHING, Sdtm, accepted, done, evaluator, number, text
from csr.derive.units import InUnit, convert, find_unit_doubts, read_in_unit
from csr.errors import Finding
from csr.params.protocol import Protocol, Response

KEYS = ("USUBJID", "TRSEQ")
SERIES = ["USUBJID", "TREVAL"]
AT = [*SERIES, "ASMTN"]
STATE = "TUMSTATE"
NODE_NORMAL_MM = 10
FUZZ = 1e-6
# How far a result and its standardised result may differ (METHODS §10.8).
AGREE = 0.02
# NODULE is no node, and neither is NON-NODAL or EXTRANODAL.
NODE = r"(?<!NON-)(?<!NON )\b(?:LYMPH[ -]?NODES?|NODES?|NODAL|LN|LYMPHADENOPATHY)\b"
FRAGMENT = re.compile(r"^(?P<whole>.+)\.\d+$")


def target_lesions(
    sdtm: Sdtm, timepoints: pd.Series, protocol: Protocol, account: Account
) -> Derived:
    """One row per target lesion and timepoint at which it was measured.

    USUBJID, TREVAL, ASMTN, lesion, mm (of a lesion merged with one before it: 0), node, gone (0 mm,
    or a node below 10 mm), day (earliest), ADT (its last full date), rows (those of TR it rests
    on). `timepoints`: ASMTN by the index of TR. A lesion with two different diameters at one
    timepoint, or with a fragment that was not measured, has no row there: a finding.
    """
    read = _read(sdtm, timepoints, protocol, account)
    rows = _with_axis(_with_wholes(read.frame, sdtm), sdtm)
    counting, found = _counting(rows, account)
    wholes, mixed = _wholes(counting, account)
    return Derived(wholes, [*read.findings, *_find_axis(rows), *found, *mixed])


# What a record says


def _read(sdtm: Sdtm, timepoints: pd.Series, protocol: Protocol, account: Account) -> Derived:
    """The records of TR that say how large a target lesion is: lesion, test, mm."""
    frame = sdtm.get("tr", NOTHING)
    frame = frame.assign(TRSEQ=number(frame, "TRSEQ"))
    rows = account.keep(frame, accepted(frame, "TR"), "not of the accepted reader")
    rows = account.keep(rows, lesion_group(rows, sdtm) == TARGET, "not of a target lesion")
    words = _words(rows, protocol.response)
    test = text(rows, "TRTESTCD").str.upper()
    sized = test.isin(DIAMETERS) | ((test == STATE) & words.notna())
    rows = account.keep(rows, sized, "not a diameter")
    rows = account.keep(rows, done(rows, "TR") | words[rows.index].notna(), "not done")
    nameless = lesion_id(rows, "TR") == ""
    findings = find_rows(rows[nameless], NAMELESS, KEYS)
    rows = account.keep(rows, ~nameless, "without the lesion's number (TRLNKID)")
    read, odd = _in_mm(rows)
    findings += find_rows(rows[odd], AT_ODDS, KEYS)
    account.leave_out(rows.index[odd], "the result and the standardised result disagree")
    mm = read.value.where(~words[rows.index].notna() | read.value.notna(), words[rows.index])
    mm = mm.mask(odd)
    silent = mm.isna() & ~read.lost & ~odd
    findings += find_rows(rows.assign(said=_said(rows))[silent], WORD, KEYS, "said")
    findings += _find_units(rows, read)
    account.leave_out(rows.index[read.lost], "unit missing or unknown")
    account.leave_out(rows.index[silent], "neither a number nor a word the protocol knows")
    dtc = text(rows, "TRDTC")
    found = pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "TREVAL": evaluator(rows, "TR"),
            "TRSEQ": number(rows, "TRSEQ"),
            "ASMTN": timepoints.reindex(rows.index),
            "lesion": lesion_id(rows, "TR"),
            "test": text(rows, "TRTESTCD").str.upper(),
            "mm": mm,
            "day": earliest_day(dtc),
            "ADT": impute_scan(dtc, "no").date,
        }
    )
    return Derived(found[mm.notna()], findings)


def _said(rows: pd.DataFrame) -> pd.Series:
    """What was recorded: the standardised result, else the original one."""
    standard = text(rows, "TRSTRESC").astype(str).str.strip()
    return standard.where(standard != "", text(rows, "TRORRES").astype(str).str.strip())


def _words(rows: pd.DataFrame, rules: Response) -> pd.Series:
    """The size that a word stands for, in mm; missing where none does."""
    meant = {_plain(word): rules.too_small_mm for word in rules.too_small}
    meant |= {_plain(word): 0.0 for word in rules.absent}
    said = _said(rows).map(_plain).map(meant)
    reason = text(rows, "TRREASND").astype(str).map(_plain)
    too_small = reason.isin({_plain(word) for word in rules.too_small})
    return said.astype(float).mask(said.isna() & too_small, rules.too_small_mm)


def _plain(word: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9<>=]+", " ", word.upper()).split())


def _in_mm(rows: pd.DataFrame) -> tuple[InUnit, pd.Series]:
    """Numbers in mm by their unit, and which records are at odds with themselves.

    Blank throughout is mm; 0 needs no unit. At odds: the result as recorded, in its own unit, is
    not the standardised one (2 % and half a unit of the last decimal of each).
    """
    numeric, standard = number(rows, "TRSTRESN"), text(rows, "TRSTRESU").astype(str)
    numeric = numeric.where(numeric.notna(), number(rows, "TRSTRESC"))
    original, recorded = number(rows, "TRORRES"), text(rows, "TRORRESU").astype(str)
    only = numeric.isna()
    unit = standard.mask(only & (recorded.str.strip() != ""), recorded)
    kind = text(rows, "TRTESTCD").str.upper()
    numeric = numeric.where(~only, original)
    read = read_in_unit(numeric, unit, "mm", kind, assumed="mm")
    own = convert(original, recorded, "mm")
    half = convert(_half_unit(text(rows, "TRORRES")), recorded, "mm")
    half = half + convert(_half_unit(text(rows, "TRSTRESC")), read.unit, "mm")
    odd = ((own - read.value).abs() > AGREE * read.value.abs() + half) & ~only
    zero = numeric == 0
    filled, lost = read.filled & ~zero, read.lost & ~zero
    return InUnit(read.value.mask(zero, 0.0), read.unit, filled, lost), odd


def _half_unit(written: pd.Series) -> pd.Series:
    """Half a unit of the last decimal of a number as written: 0.5 for 12, 0.05 for 1.2."""
    decimals = written.astype(str).str.strip().str.extract(r"\.(\d+)$")[0].fillna("").str.len()
    half: pd.Series = 0.5 * 10.0 ** -decimals.astype(float)
    return half


def _find_units(rows: pd.DataFrame, read: InUnit) -> list[Finding]:
    unit = text(rows, "TRSTRESU").astype(str).str.strip()
    if len(rows) and not (unit != "").any() and read.filled.any():
        return find_rows(rows[read.filled], NO_UNIT, KEYS)
    return find_unit_doubts(rows, read, ("TR", "TRSTRESU"), KEYS, "mm")


# Which lesion, and which axis of it


def _with_wholes(rows: pd.DataFrame, sdtm: Sdtm) -> pd.DataFrame:
    """whole: the lesion a record is of; covers: all of them, where several merged."""
    found = sdtm.get("tu", NOTHING)
    known: dict[tuple[str, str], set[str]] = {}
    named = (
        zip(rows["USUBJID"], rows["TREVAL"], rows["lesion"], strict=True),
        zip(found["USUBJID"], evaluator(found, "TU"), lesion_id(found, "TU"), strict=True),
    )
    for subject, who, lesion in (row for source in named for row in source):
        known.setdefault((subject, who), set()).add(lesion)
    covers = [
        _covers(lesion, known[(subject, who)])
        for subject, who, lesion in zip(
            rows["USUBJID"], rows["TREVAL"], rows["lesion"], strict=True
        )
    ]
    first = [own[0] for own in covers]
    return rows.assign(
        covers=pd.Series(covers, index=rows.index, dtype=object),
        whole=pd.Series(first, index=rows.index, dtype=object),
    )


def _covers(lesion: str, known: set[str]) -> tuple[str, ...]:
    parts = [_whole(part.strip(), known) for part in lesion.split("/")]
    if len(parts) > 1 and all(part in known for part in parts):
        return tuple(dict.fromkeys(parts))
    return (_whole(lesion, known),)


def _whole(lesion: str, known: set[str]) -> str:
    found = FRAGMENT.match(lesion)
    return found["whole"] if found and found["whole"] in known else lesion


def _with_axis(rows: pd.DataFrame, sdtm: Sdtm) -> pd.DataFrame:
    """node, and rank: the record that counts first; 9 for one that does not count for the lesion.

    A node where the location of the lesion, or of what it came from, names a lymph node, or where
    only a short axis is given. A node counts with its short axis, any other lesion with its longest
    diameter, and DIAMETER is whichever counts.
    """
    nodes = _nodes(sdtm)
    has = _tests(rows)
    keys = list(zip(rows["USUBJID"], rows["TREVAL"], strict=True))
    marked = []
    for key, lesion, covers, test in zip(
        keys, rows["lesion"], rows["covers"], rows["test"], strict=True
    ):
        own = has.get((*key, covers[0]), set())
        node = own == {"LPERP"} or any((*key, part) in nodes for part in (lesion, *covers))
        short = node and bool(own & {"LPERP", "DIAMETER"})
        ranks = {"DIAMETER": 0, "LPERP" if short else "LDIAM": 1, STATE: 2}
        marked.append((node, ranks.get(test, 9), node and not short and test == "LDIAM"))
    columns = list(zip(*marked, strict=True)) if marked else [(), (), ()]
    names = ("node", "rank", "longest")
    kinds = (bool, int, bool)
    return rows.assign(
        **{
            name: pd.Series(list(column), index=rows.index, dtype=kind)
            for name, column, kind in zip(names, columns, kinds, strict=True)
        }
    )


def _tests(rows: pd.DataFrame) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = {}
    for row in rows[rows["test"] != STATE].to_dict("records"):
        found.setdefault((row["USUBJID"], row["TREVAL"], row["whole"]), set()).add(row["test"])
    return found


def _nodes(sdtm: Sdtm) -> set[tuple[str, str, str]]:
    """Lesions whose location names a lymph node."""
    found = sdtm.get("tu", NOTHING)
    is_node = text(found, "TULOC").str.upper().str.contains(NODE, regex=True).astype(bool)
    nodes = found[is_node]
    return set(zip(nodes["USUBJID"], evaluator(nodes, "TU"), lesion_id(nodes, "TU"), strict=True))


def _counting(rows: pd.DataFrame, account: Account) -> tuple[pd.DataFrame, list[Finding]]:
    """One record of each lesion and timepoint; sure: its diameter is one."""
    of = [*AT, "lesion"]
    counts = account.keep(rows, rows["rank"] < 9, "the other axis of the lesion")
    best = counts.groupby(of)["rank"].transform("min")
    counts = account.keep(counts, counts["rank"] == best, "another record of the lesion counts")
    sizes = counts.groupby(of)["mm"]
    sure = (sizes.transform("max") - sizes.transform("min")) <= FUZZ
    shown = counts.assign(said=counts["mm"].map("{:g} mm".format))
    findings = find_rows(shown[~sure], TWO_SIZES, KEYS, "said")
    account.leave_out(counts.index[~sure], "two different diameters at one timepoint")
    ordered = counts.assign(sure=sure).sort_values([*of, "TRSEQ"], kind="stable")
    once = ordered.drop_duplicates(of)
    account.leave_out(ordered.index.difference(once.index), "recorded twice")
    return once, findings


# The lesion as a whole


def _wholes(rows: pd.DataFrame, account: Account) -> tuple[pd.DataFrame, list[Finding]]:
    """The size of each lesion at each timepoint, from what was recorded of it and its fragments."""
    found: dict[tuple, dict[float, dict[str, list[dict]]]] = {}
    for row in rows.reset_index(names="row").to_dict("records"):
        at = found.setdefault((row["USUBJID"], row["TREVAL"]), {}).setdefault(row["ASMTN"], {})
        for lesion in row["covers"]:
            at.setdefault(lesion, []).append(row)
    made: list[dict] = []
    lost: list[object] = []
    for series, by_time in sorted(found.items()):
        fragments: dict[str, set[str]] = {}
        for asmtn, lesions in sorted(by_time.items()):
            for lesion, own in sorted(lesions.items()):
                size = _size(lesion, own, fragments)
                rows_of = tuple(row["row"] for row in own)
                if size is None:
                    lost += rows_of
                    continue
                made.append(
                    {"USUBJID": series[0], "TREVAL": series[1], "ASMTN": asmtn, "lesion": lesion}
                    | size
                    | {"rows": rows_of}
                )
    unsure = rows.loc[[row for row in dict.fromkeys(lost) if rows.loc[row, "sure"]]]
    account.leave_out(unsure.index, "a fragment or a merged lesion that was not measured for sure")
    frame = pd.DataFrame(made, columns=[*AT, "lesion", "mm", "node", "gone", "day", "ADT", "rows"])
    kinds = {"day": "datetime64[ns]", "ADT": "datetime64[ns]", "ASMTN": float, "mm": float}
    return frame.astype(kinds | {"node": bool, "gone": bool}), find_rows(unsure, PIECES, KEYS)


def _size(lesion: str, own: list[dict], fragments: dict[str, set[str]]) -> dict | None:
    """mm, node, gone, day and ADT of a lesion; None where it was not measured for sure.

    `fragments`: by lesion those known so far; one that was seen before must be measured again.
    """
    merged = [row for row in own if len(row["covers"]) > 1]
    direct = [row for row in own if row["lesion"] == lesion]
    pieces = {row["lesion"]: row for row in own if row not in merged and row not in direct}
    known = fragments.setdefault(lesion, set())
    known |= set(pieces)
    whole = sum(row["mm"] for row in direct) > 0 or merged
    unsure = not all(row["sure"] for row in own) or len(merged) > 1
    doubled = bool(whole and pieces) or bool(merged and direct)
    if unsure or doubled or (pieces and set(pieces) != known):
        return None
    node = any(row["node"] for row in own)
    total = float(sum(row["mm"] for row in own))
    dates = [row["ADT"] for row in own if not pd.isna(row["ADT"])]
    days = [row["day"] for row in own if not pd.isna(row["day"])]
    return {
        "mm": total if not merged or merged[0]["covers"][0] == lesion else 0.0,
        "node": node,
        "gone": total == 0 or (node and total < NODE_NORMAL_MM),
        "day": min(days, default=pd.NaT),
        "ADT": max(dates, default=pd.NaT),
    }


def _find_axis(rows: pd.DataFrame) -> list[Finding]:
    return find_rows(rows[rows["longest"]], LONGEST, KEYS)


def _warn(column: str, check: str, message: str, action: str) -> Finding:
    return Finding("warning", "TR", column, check, message, action)


AT_ODDS = _warn(
    "TRSTRESN",
    "lesion-at-odds",
    "the result as recorded, in its own unit, is not the standardised one; the lesion counts as "
    "not measured",
    "correct the result or its unit",
)
NAMELESS = _warn(
    "TRLNKID",
    "lesion-without-number",
    "a diameter of a target lesion that names no lesion; it is in no sum",
    "give the lesion in the source",
)
WORD = _warn(
    "TRSTRESC",
    "lesion-word",
    "a target lesion's result is neither a number nor a word for too small or absent; the lesion "
    "counts as not measured",
    "correct the source, or name the word under response.too_small or response.absent in params",
)
NO_UNIT = _warn(
    "TRSTRESU",
    "unit-blank",
    "no diameter has a unit; all are taken to be mm",
    "give the unit in the source",
)
LONGEST = _warn(
    "TRTESTCD",
    "node-without-short-axis",
    "a lymph node of which only the longest diameter is recorded, which was taken",
    "give the short axis (LPERP), or correct the location in TU",
)
TWO_SIZES = _warn(
    "TRSTRESN",
    "lesion-two-sizes",
    "two different diameters of one lesion at one timepoint; the lesion counts as not measured",
    "correct the source",
)
PIECES = _warn(
    "TRLNKID",
    "lesion-fragments",
    "a fragment of the lesion is missing, or the lesion is measured both whole and in parts; it "
    "counts as not measured",
    "measure every fragment, or the lesion as a whole",
)
