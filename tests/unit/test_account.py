"""Accounts: rows in are rows used and rows left out, each with a reason."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import (
    UNEXPLAINED,
    accounts_frame,
    find_unexplained,
    keep_accounts,
    open_account,
)

TR = pd.DataFrame({"TRSTAT": ["", "NOT DONE", "", ""]}, index=[3, 5, 8, 9])


def test_rows_in_are_used_or_left_out_for_a_reason() -> None:
    with keep_accounts() as book:
        account = open_account("ADTR", "TR", TR)
        kept = account.keep(TR, TR["TRSTAT"] == "", "not done")
        assert list(kept.index) == [3, 8, 9]
        account.settle(pd.Index([3, 8]))
    assert accounts_frame(book).to_numpy().tolist() == [
        ["ADTR", "TR", "in", "", 4],
        ["ADTR", "TR", "used", "", 2],
        ["ADTR", "TR", "left out", UNEXPLAINED, 1],
        ["ADTR", "TR", "left out", "not done", 1],
    ]
    [finding] = find_unexplained(book)
    assert (finding.dataset, finding.check) == ("TR", "account")
    assert finding.message.startswith("1 row(s) are not in ADTR")


def test_a_row_used_at_one_place_is_used() -> None:
    account = open_account("ADTR", "TR", TR)
    account.leave_out(pd.Index([3, 5]), "first reason")
    account.leave_out(pd.Index([5]), "second reason")
    account.use(pd.Index([3]))
    assert account.left_out() == {"first reason": 1}


def test_an_account_opened_outside_of_a_book_is_in_none() -> None:
    with keep_accounts() as book:
        pass
    open_account("ADTR", "TR", TR).leave_out(TR.index, "any")
    assert book == []
    assert list(accounts_frame(book).columns) == ["dataset", "source", "outcome", "reason", "rows"]
