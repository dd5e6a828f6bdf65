"""What makes two records of two builds the same record, and what dates its content.

Sequence numbers never do: they are numbered anew in every transfer. A dataset that is not declared
here is matched on USUBJID and PARAMCD, and where that repeats, on dates and visits.
"""

from __future__ import annotations

from dataclasses import dataclass

ALL = "*"


@dataclass(frozen=True)
class NaturalKey:
    """The natural key of an ADaM dataset.

    `key` names the record; where it repeats within a build, `then` is added to it. `dated` says of
    which columns a date is the date (ALL: of the whole record): when that date is after the earlier
    cut-off, a change of these columns is new data and no correction. `derived` columns (ALL, or the
    end of their names) have no date: when csr derived them, their change is a correction only
    where a record of the subject in `rests_on` was corrected; `recorded` exempts parameters.
    """

    key: tuple[str, ...]
    then: tuple[str, ...] = ()
    dated: tuple[tuple[str, tuple[str, ...]], ...] = ()
    derived: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    recorded: tuple[str, ...] = ()


OTHER = NaturalKey(
    ("USUBJID", "PARAMCD"),
    ("ADT", "ASTDT", "ADTM", "AVISITN", "AVISIT", "ATPTN", "ATPT"),
    dated=(("ADT", (ALL,)), ("ASTDT", (ALL,))),
    derived=("FL",),
)
NATURAL_KEYS = {
    "adsl": NaturalKey(
        ("USUBJID",),
        dated=(
            ("TRTSDT", (ALL,)),
            ("TRTEDT", ("TRTEDT", "TRTDURD", "NINF", "INF1EDT", "INF2DT")),
            ("DTHDT", ("DTHDT", "DTHDTC", "DTHDTF", "DTHFL", "DTHADY", "DTHCAUS", "DTHPLACE")),
            ("EOSDT", ("EOSDT", "EOSSTT", "DCSREAS", "DCSREASP", "DCDECOD")),
            ("LSTALVDT", ("LSTALVDT",)),
            ("LSTOBSDT", ("LSTOBSDT",)),
            ("LTFUSDT", ("LTFUSDT",)),
            ("NACTDT", ("NACTDT", "NACTDTF")),
            ("CLPDDT", ("CLPDDT",)),
            ("TUBLDT", ("TUBLDT", "TUBLFL", "MEASFL")),
        ),
        derived=("FL", "XREAS", "DOM", "VAR", "DTC"),
        rests_on=("adex", "adrs", "adtr"),
    ),
    "adae": NaturalKey(
        ("USUBJID", "AEDECOD", "AETERM"),
        ("ASTDT", "AESTDTC"),
        dated=(
            ("ASTDT", (ALL,)),
            (
                "AENDT",
                (
                    "AENDT",
                    "AENDTF",
                    "AENDY",
                    "AEENDTC",
                    "AEENDY",
                    "AEDUR",
                    "ADURN",
                    "ADURU",
                    "AEENRF",
                    "AEOUT",
                    "AESDTH",
                ),
            ),
        ),
        derived=("FL", "AINFN", "APERIOD", "APERIODC"),
    ),
    "adcm": NaturalKey(
        ("USUBJID", "CMDECOD", "CMTRT"),
        ("ASTDT", "CMSTDTC"),
        dated=(
            ("ASTDT", (ALL,)),
            (
                "AENDT",
                (
                    "AENDT",
                    "AENDTF",
                    "AENDY",
                    "CMENDTC",
                    "CMENDY",
                    "CMENRF",
                    "CMENRTPT",
                    "CMENTPT",
                    "CMDUR",
                ),
            ),
            ("CMENTPT", ("CMENTPT", "CMENRTPT")),
        ),
        derived=("FL",),
    ),
    "admh": NaturalKey(
        ("USUBJID", "MHDECOD", "MHTERM"),
        ("ASTDT", "MHSTDTC"),
        dated=(
            ("ASTDT", (ALL,)),
            ("AENDT", ("AENDT", "MHENDTC", "MHENRF", "MHENRTPT", "MHENTPT")),
            ("MHENDTC", ("MHENDTC", "MHENRF", "MHENRTPT", "MHENTPT")),
        ),
        derived=("FL",),
    ),
    "addv": NaturalKey(
        ("USUBJID", "DVDECOD", "DVTERM"), ("ASTDT", "DVSTDTC"), dated=(("ASTDT", (ALL,)),)
    ),
    "adex": NaturalKey(
        ("USUBJID", "PARAMCD", "EXTRT", "EXCAT"),
        ("ASTDT", "PARCAT1", "AINFN"),
        dated=(("ASTDT", (ALL,)), ("AENDT", (ALL,))),
        derived=(ALL,),
        recorded=("DOSE",),
    ),
    "adtr": NaturalKey(
        ("USUBJID", "PARAMCD", "TREVAL"), ("ADT", "AVISITN"), dated=(("ADT", (ALL,)),)
    ),
    "adrs": NaturalKey(
        ("USUBJID", "PARAMCD", "RSEVAL"),
        ("ADT", "VISITNUM"),
        dated=(("ADT", (ALL,)), ("CONFDT", (ALL,))),
        derived=(ALL,),
        rests_on=("adtr", "adrs"),
        recorded=("OVR",),
    ),
    "adtte": NaturalKey(
        ("USUBJID", "PARAMCD", "RSEVAL"),
        dated=(("ADT", (ALL,)),),
        derived=(ALL,),
        rests_on=("adsl", "adtr", "adrs"),
    ),
    "adce": NaturalKey(
        ("USUBJID", "ACAT1", "AINFN"),
        ("ASTDT",),
        dated=(("ASTDT", (ALL,)), ("AENDT", (ALL,))),
        derived=("FL",),
    ),
    "adpc": NaturalKey(
        ("USUBJID", "PARAMCD", "PCSPEC"),
        ("ADT", "AVISIT", "DTYPE"),
        dated=(("ADT", (ALL,)),),
        derived=("FL", "REASEXC", "AINFN", "ARELTM", "NRELTM", "AINFDY"),
    ),
    "adpp": NaturalKey(
        ("USUBJID", "PARAMCD", "PCSPEC", "AINFN"), derived=(ALL,), rests_on=("adpc",)
    ),
}


def natural_key(dataset: str) -> NaturalKey:
    """The natural key of a dataset, by its lower-case name."""
    return NATURAL_KEYS.get(dataset, OTHER)
