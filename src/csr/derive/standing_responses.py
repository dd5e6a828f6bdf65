"""The overall responses of RS that stand: of valid value, done, and of the accepted reader."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import Account
from csr.derive.findings import find_rows
from csr.derive.sources import Sdtm, accepted, done, evaluator, select_records, text
from csr.errors import Finding
from csr.params.protocol import Protocol

# In METHODS' order from best to worst; NE is none of them.
RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
KEYS = ("USUBJID", "RSSEQ")


def standing_responses(
    sdtm: Sdtm, protocol: Protocol, account: Account | None = None
) -> pd.DataFrame:
    """The records of RS that can be the overall response of a timepoint; the index is that of RS.

    Where a subject has several readers of one evaluator and an accepted one, only the accepted
    one's; where none of them is accepted, all (METHODS §10.2 says which then counts).
    """
    selected = select_records(sdtm, protocol.response.timepoint)
    account = account or open_account_of(sdtm)
    account.leave_out(
        sdtm["rs"].index.difference(selected.index) if "rs" in sdtm else pd.Index([]),
        "not an overall response",
    )
    rows = account.keep(selected, done(selected, "RS"), "not done")
    rows = account.keep(rows, _stands(rows), "not of the accepted reader")
    return account.keep(rows, _valid(rows), "not a response of RECIST 1.1")


def open_account_of(sdtm: Sdtm) -> Account:
    """An account of RS that no book keeps; derive_adrs opens the one that is kept."""
    return Account("ADRS", "RS", sdtm["rs"].index if "rs" in sdtm else pd.Index([]))


def find_not_standing(sdtm: Sdtm, protocol: Protocol) -> list[Finding]:
    """Responses of readers none of whom is accepted, and values that are no response."""
    selected = select_records(sdtm, protocol.response.timepoint)
    rows = selected[done(selected, "RS")]
    wrong = rows[_stands(rows) & ~_valid(rows)]
    nobody = rows[~_anyone_accepted(rows)]
    return [
        *find_rows(nobody, UNACCEPTED, KEYS),
        *find_rows(wrong, INVALID, KEYS, "RSSTRESC"),
    ]


def _valid(rows: pd.DataFrame) -> pd.Series:
    return text(rows, "RSSTRESC").isin(RESPONSES)


def _stands(rows: pd.DataFrame) -> pd.Series:
    return accepted(rows, "RS") | ~_anyone_accepted(rows)


def _anyone_accepted(rows: pd.DataFrame) -> pd.Series:
    own = [rows["USUBJID"], evaluator(rows, "RS")]
    return accepted(rows, "RS").groupby(own).transform("any").astype(bool)


INVALID = Finding(
    "error",
    "RS",
    "RSSTRESC",
    "response-value",
    f"outside {', '.join(RESPONSES)}; left out of every response",
    "correct the source, or map the values under codelists in the params",
)
UNACCEPTED = Finding(
    "warning",
    "RS",
    "RSACPTFL",
    "no-accepted-reader",
    "several readers and none accepted (RSACPTFL = Y): of their responses at a timepoint the worse "
    "is used",
    "flag the accepted reader in the source",
)
