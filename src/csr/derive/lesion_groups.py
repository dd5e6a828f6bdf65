"""Whether a tumour record is of a target, non-target or new lesion, however that is spelled."""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import NOTHING, Sdtm, evaluator, text

TARGET, NON_TARGET, NEW = "TARGET", "NON-TARGET", "NEW"
DIAMETERS = ("DIAMETER", "LDIAM", "LPERP")


def lesion_id(frame: pd.DataFrame, prefix: str) -> pd.Series:
    """The lesion a record is of (--LNKID): case and blanks around it do not tell lesions apart."""
    return text(frame, f"{prefix}LNKID").str.strip().str.upper()


def group_of(words: pd.Series) -> pd.Series:
    """TARGET, NON-TARGET or NEW; anything else as it stands, in upper case."""
    plain = words.str.strip().str.upper().str.replace(r"[\s_]+", " ", regex=True)
    non_target = plain.str.match(r"NON[- ]?TARGET\b")
    known = plain.mask(plain.str.match(r"TARGET\b"), TARGET).mask(non_target, NON_TARGET)
    return known.mask(plain.str.match(r"NEW\b"), NEW)


def lesion_group(tr: pd.DataFrame, sdtm: Sdtm) -> pd.Series:
    """The group of each record of TR: its own (TRGRPID), else what TU says of the lesion."""
    own = group_of(text(tr, "TRGRPID"))
    found = sdtm.get("tu", NOTHING)
    named = pd.DataFrame(
        {
            "USUBJID": found["USUBJID"],
            "who": evaluator(found, "TU"),
            "lesion": lesion_id(found, "TU"),
            "group": group_of(text(found, "TUSTRESC")),
        }
    )
    key = ["USUBJID", "who", "lesion"]
    named = named[(named["lesion"] != "") & named["group"].isin((TARGET, NON_TARGET, NEW))]
    by_lesion = named.drop_duplicates([*key, "group"])
    by_lesion = by_lesion[~by_lesion.duplicated(key, keep=False)].set_index(key)["group"]
    of = pd.DataFrame(
        {"USUBJID": tr["USUBJID"], "who": evaluator(tr, "TR"), "lesion": lesion_id(tr, "TR")}
    )
    said = of.join(by_lesion, on=key)["group"].fillna("")
    return own.where(own != "", said)
