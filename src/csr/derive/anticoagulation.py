"""Which results were taken under anticoagulation, for the grades of INR."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, latest_day
from csr.derive.sources import Sdtm, done, text
from csr.params.laboratory import Laboratory


def under_anticoagulation(results: pd.DataFrame, sdtm: Sdtm, rules: Laboratory) -> pd.Series:
    """Y where a medication that params call an anticoagulant was taken on the day of the result.

    `results` has USUBJID and ADT. A blank start or end of the medication bounds nothing.
    """
    if rules.anticoagulation != "medication":
        always = "Y" if rules.anticoagulation == "always" else ""
        return pd.Series(always, index=results.index, dtype=object)
    taken = _taken(sdtm, rules.anticoagulants)
    rows = results[["USUBJID", "ADT"]].assign(row=results.index)
    pairs = rows[rows["ADT"].notna()].merge(taken, on="USUBJID")
    during = (pairs["start"].isna() | (pairs["start"] <= pairs["ADT"])) & (
        pairs["end"].isna() | (pairs["end"] >= pairs["ADT"])
    )
    found = pd.Series("", index=results.index, dtype=object)
    found.loc[pairs.loc[during, "row"].unique()] = "Y"
    return found


def _taken(sdtm: Sdtm, names: tuple[str, ...]) -> pd.DataFrame:
    medication = sdtm.get("cm", pd.DataFrame({"USUBJID": pd.Series(dtype=object)}))
    said = (text(medication, "CMDECOD") + " " + text(medication, "CMTRT")).str.upper()
    named = pd.Series(False, index=medication.index)
    for name in names:
        named |= said.str.contains(name.upper(), regex=False)
    own = medication[named & done(medication, "CM")]
    return pd.DataFrame(
        {
            "USUBJID": own["USUBJID"],
            "start": earliest_day(text(own, "CMSTDTC")),
            "end": latest_day(text(own, "CMENDTC")),
        }
    )
