"""What became of each row a derivation was given: used, or left out and why (METHODS §10.20).

A derivation opens an account of every source it reads, takes rows out of it only through the
account, and settles it with the rows that its result rests on. What is then neither used nor left
out for a reason is a fault of the program, and a finding. Accounts opened while `keep_accounts`
runs are kept in its book, which the build writes beside its data; elsewhere they cost nothing.

    account = open_account("ADTR", "TR", sdtm["tr"])
    rows = account.keep(rows, done(rows, "TR"), "not done")
    account.settle(result.index)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

import pandas as pd

from csr.errors import Finding

COLUMNS = ("dataset", "source", "outcome", "reason", "rows")
IN, USED, LEFT_OUT = "in", "used", "left out"
UNEXPLAINED = "for no reason the derivation gives"


class Account:
    """The rows of one source as one dataset used them; rows are known by their index.

    `source` names the dataset the rows are of. A row left out at one place and used at another was
    used.
    """

    def __init__(self, dataset: str, source: str, index: pd.Index) -> None:
        self.dataset, self.source = dataset, source
        self._rows = frozenset(index)
        self._size = len(index)
        self._why: dict[object, str] = {}

    def keep(self, frame: pd.DataFrame, wanted: pd.Series, reason: str) -> pd.DataFrame:
        """The rows of `frame` that are wanted; the others are left out for `reason`."""
        keep = wanted.astype(bool)
        self.leave_out(frame.index[~keep], reason)
        return frame[keep]

    def leave_out(self, rows: pd.Index, reason: str) -> None:
        """Leaves rows out; the first reason given for a row is its reason."""
        for row in rows:
            self._why.setdefault(row, reason)

    def settle(self, used: pd.Index) -> None:
        """Closes the account: `used` are the source's rows that are in the result."""
        self.use(used)
        self.leave_out(pd.Index(sorted(self._rows - set(used), key=str)), UNEXPLAINED)

    def settle_by(self, frame: pd.DataFrame, keys: Sequence[str], result: pd.DataFrame) -> None:
        """Closes the account of `frame`: used are its rows whose keys are in the result.

        Keys that one of the two does not have tell nothing apart.
        """
        shared = [key for key in keys if key in frame and key in result]
        there = set(result[shared].astype(str).itertuples(index=False, name=None))
        own = frame[shared].astype(str).itertuples(index=False, name=None)
        self.settle(frame.index[[key in there for key in own]])

    def use(self, rows: pd.Index) -> None:
        """Takes back that rows were left out: they are used elsewhere in the dataset."""
        for row in rows:
            self._why.pop(row, None)

    def left_out(self) -> dict[str, int]:
        """Reason → how many rows, in the order of the reasons' names."""
        counted = Counter(why for row, why in self._why.items() if row in self._rows)
        return dict(sorted(counted.items()))

    def lines(self) -> list[tuple[str, str, str, str, int]]:
        """Rows in, used, and left out by reason: as COLUMNS."""
        gone = self.left_out()
        where = (self.dataset, self.source)
        return [
            (*where, IN, "", self._size),
            (*where, USED, "", self._size - sum(gone.values())),
            *((*where, LEFT_OUT, reason, n) for reason, n in gone.items()),
        ]


_BOOK: ContextVar[list[Account] | None] = ContextVar("accounts", default=None)


@contextmanager
def keep_accounts() -> Iterator[list[Account]]:
    """The book in which every account opened meanwhile is kept."""
    book: list[Account] = []
    token = _BOOK.set(book)
    try:
        yield book
    finally:
        _BOOK.reset(token)


def open_account(dataset: str, source: str, frame: pd.DataFrame) -> Account:
    """An account of the rows of `frame`, which are those of `source`, for `dataset`."""
    account = Account(dataset, source, frame.index)
    book = _BOOK.get()
    if book is not None:
        book.append(account)
    return account


def accounts_frame(book: list[Account]) -> pd.DataFrame:
    """One line per dataset, source and outcome (in, used, left out with its reason)."""
    lines = [line for account in book for line in account.lines()]
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype({"rows": int})


def find_unexplained(book: list[Account]) -> list[Finding]:
    """Sources of which a derivation lost rows without saying why: a fault of the program."""
    return [
        Finding(
            "warning",
            account.source,
            "",
            "account",
            f"{n} row(s) are not in {account.dataset}, {UNEXPLAINED}",
            "report it: a derivation has to say why it leaves a row out",
        )
        for account in book
        if (n := account.left_out().get(UNEXPLAINED, 0))
    ]
