"""Supplemental qualifiers (SUPP--) joined back to their domain [SDTMIG 3.4, section 8.4]."""

from __future__ import annotations

import pandas as pd

from csr.errors import Finding
from csr.read.conform import as_text
from csr.read.marking import Place, mark

KEY = ("USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "QNAM")


def join_supp(parent: pd.DataFrame, supp: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """The domain with one text column per QNAM, "" where a record has no such qualifier.

    Both as `check_datasets` gives them. A qualifier belongs to the records of its subject whose
    column IDVAR is IDVARVAL (numbers compared as numbers, blanks around the text ignored), or to
    all records of the subject where IDVAR is blank. Rows of `parent` keep their number and order;
    QLABEL becomes the column's label.

    Errors among the findings (1-based rows of the SUPP-- dataset): a qualifier without a record in
    the domain (also one of another RDOMAIN, or whose IDVAR the domain does not have), and a second
    value of the same qualifier for a record, of which the first is kept. A QNAM the domain has as a
    column already is a warning and never overwrites it.
    """
    rows = supp.reset_index(drop=True)
    domain = str(parent["DOMAIN"].iloc[0]) if "DOMAIN" in parent and len(parent) else ""
    at = Place(rows, f"supp{domain}", KEY)
    taken = rows["QNAM"].isin(parent.columns)
    hits = _hits(parent, rows[(rows["RDOMAIN"] == domain) | (domain == "")])
    orphan = ~rows.index.isin(hits["supp"])
    twice = hits.loc[hits.duplicated(["parent", "QNAM"], keep=False), "supp"]
    no_parent = f"{{records}} without a record in {domain}"
    second = "{records} giving a record the same qualifier twice; the first is used"
    existing = f"{{records}} with a qualifier that {domain} has as a column; the column is kept"
    findings = [
        *mark(at, orphan, "error", "IDVARVAL", "no-parent", no_parent),
        *mark(at, rows.index.isin(twice), "error", "QNAM", "qualifier-twice", second),
        *mark(at, taken, "warning", "QNAM", "column-exists", existing),
    ]
    used = hits[~hits["supp"].isin(rows.index[taken])].drop_duplicates(["parent", "QNAM"])
    return _joined(parent, rows, used), findings


def _hits(parent: pd.DataFrame, supp: pd.DataFrame) -> pd.DataFrame:
    """One row per qualifier and record it belongs to: positions in both, QNAM and QVAL."""
    records = pd.DataFrame({"USUBJID": parent["USUBJID"].to_numpy(), "parent": range(len(parent))})
    found = [pd.DataFrame(columns=["supp", "parent", "QNAM", "QVAL"])]
    for idvar, qualifiers in supp.groupby("IDVAR", sort=False):
        asked = qualifiers.assign(supp=qualifiers.index, at=_compared(qualifiers["IDVARVAL"]))
        if idvar == "":
            met = asked.merge(records, on="USUBJID")
        elif idvar in parent:
            values = _compared(as_text(parent[idvar])).to_numpy()
            met = asked.merge(records.assign(at=values), on=["USUBJID", "at"])
        else:
            continue
        found.append(met[["supp", "parent", "QNAM", "QVAL"]])
    hits = pd.concat([f for f in found if len(f)] or found, ignore_index=True)
    return hits.sort_values("supp", kind="stable")


def _compared(values: pd.Series) -> pd.Series:
    """Texts without blanks around them; numbers in one form ("1", " 1" and "1.0" are the same)."""
    text = values.str.strip()
    numbers = pd.to_numeric(text.where(text.str.fullmatch(r"-?\d+(\.\d+)?"), ""), errors="coerce")
    return text.where(numbers.isna(), as_text(numbers))


def _joined(parent: pd.DataFrame, supp: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    new: dict[str, pd.Series] = {}
    for name, qualifiers in used.groupby("QNAM", sort=False):
        values = pd.Series("", index=range(len(parent)), dtype=object)
        values.loc[qualifiers["parent"].to_numpy(dtype=int)] = qualifiers["QVAL"].to_numpy()
        new[str(name)] = values.set_axis(parent.index)
    joined = pd.concat([parent, pd.DataFrame(new, index=parent.index)], axis=1)
    labels = dict(zip(supp["QNAM"], supp["QLABEL"], strict=True)) if "QLABEL" in supp else {}
    old = parent.attrs.get("labels", {})
    joined.attrs = parent.attrs | {"labels": old | {n: labels.get(n, "") for n in new}}
    return joined
