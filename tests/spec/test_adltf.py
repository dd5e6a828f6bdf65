"""Yearly contacts: every status by hand, and the overdue list of the demo on a checked date."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.derive.adltf import derive_adltf
from csr.displays.catalogue import all_displays
from csr.params.file import read_params
from csr.params.long_term import LongTerm
from csr.pipeline.data import check_data

DISPLAYS = {d.name: d for d in all_displays()}
CUTOFF = pd.Timestamp("2024-12-31")
# First infusion 2020-01-10, so that the years are due on 2021-01-09 (365 days), 2022-01-10 (round
# 730.5 = 730: 2022-01-09), 2023-01-10 (1096), 2024-01-10 (1461), 2025-01-09 (1826).
RULES = LongTerm(years=5, window_days=45)


def adsl(died: str = "", left: str = "") -> pd.DataFrame:
    dates = {"TRTSDT": "2020-01-10", "DTHDT": died or None, "EOSDT": left or None}
    columns = {name: pd.to_datetime([value]) for name, value in dates.items()}
    return pd.DataFrame({"USUBJID": ["A"], "LTFUFL": ["Y"], "TRT01A": ["Dose"], **columns})


def statuses(*contacts: str, died: str = "", left: str = "") -> list[str]:
    records = [contact.split() for contact in contacts]
    ss = pd.DataFrame(
        {
            "USUBJID": "A",
            "SSTESTCD": "SURVSTAT",
            "SSSTRESC": [r[1] if len(r) > 1 else "ALIVE" for r in records],
            "SSDTC": [r[0] for r in records],
        }
    )
    found = derive_adltf({"ss": ss}, adsl(died, left), RULES, CUTOFF)
    return list(found["AVALC"])


KEPT = ("2021-01-09", "2022-01-20", "2023-01-01", "2024-02-24")


def test_kept_within_the_window_and_not_due_while_it_is_open() -> None:
    # 2024-02-24 is day 45 after 2024-01-10; year 5 is due after the cut-off.
    assert statuses(*KEPT) == ["KEPT"] * 4 + ["NOT DUE"]


def test_late_after_the_window_and_missed_where_a_later_year_was_kept() -> None:
    late = statuses("2021-03-01", *KEPT[1:])  # 51 days after 2021-01-09
    assert late == ["LATE", "KEPT", "KEPT", "KEPT", "NOT DUE"]
    assert statuses(KEPT[0], *KEPT[2:]) == ["KEPT", "MISSED", "KEPT", "KEPT", "NOT DUE"]


def test_overdue_where_nobody_was_reached_since() -> None:
    # Year 3 and 4 have no contact: both windows (to 2023-02-24 and 2024-02-24) have passed.
    assert statuses(*KEPT[:2]) == ["KEPT", "KEPT", "OVERDUE", "OVERDUE", "NOT DUE"]
    unknown = statuses(*KEPT[:3], "2024-01-12 UNKNOWN")
    assert unknown == ["KEPT", "KEPT", "KEPT", "OVERDUE", "NOT DUE"]


def test_nothing_is_due_of_the_dead_or_of_who_left() -> None:
    # Death on 2023-02-24, the last day of year 3's window: it was not missed.
    assert statuses(*KEPT[:2], died="2023-02-24") == ["KEPT", "KEPT", "ENDED", "ENDED", "ENDED"]
    # The end of study a day later: year 3 was missed, and nothing is overdue.
    assert statuses(*KEPT[:2], left="2023-02-25") == ["KEPT", "KEPT", "MISSED", "ENDED", "ENDED"]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder / "params"


def test_the_overdue_list_of_the_demo_at_the_end_of_2024(demo: Path) -> None:
    """Checked in SS: 08-0091 (infused 2022-05-31) was of unknown status at year 2, 2024-06-03.

    Due 730 days after the infusion, 2024-05-30; 215 days later is 2024-12-31 (1 + 30 + 31 + 31 + 30
    + 31 + 30 + 31). Last contact: year 1, 2023-06-03. 01-0032 missed year 1, but was reached in
    years 2 and 3; 05-0060 misses year 4 only in 2025.
    """
    path = demo / "at-2024.yaml"
    text = (demo / "long-term.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("cutoff: 2038-03-28", "cutoff: 2024-12-31"), encoding="utf-8")
    params = read_params(path)
    assert str(params.cut.cutoff) == "2024-12-31"
    adam = check_data(params, demo).adam
    listing = DISPLAYS["overdue-contacts"].draw(pd.DataFrame(), adam, params)
    assert [(line[0], *line[2:]) for line in listing.lines] == [
        ("SIM-CLDN18-08-0091", "2022-05-31", "Year 2", "2024-05-30", "215", "2023-06-03")
    ]
    display = DISPLAYS["contact-completeness"]
    results = display.analyses[0].answer(adam, params).results
    year = results[results["level1"] == "2"].set_index("level2")["value"]
    # Of the nine subjects alive at year 2, eight were reached.
    table = display.draw(results, adam, params)
    cells = {line.cells[0]: line.cells[1:] for line in table.lines}
    assert cells["2"][:5] == ("9", "8 (88.9)", "0", "0", "1 (11.1)")
    assert year["OVERDUE"].max() == pytest.approx(100 / 9)


def test_delayed_events_of_the_demo(demo: Path) -> None:
    """Rates re-derived from the rows: events per person-year, and Garwood's limits."""
    from scipy.stats import chi2

    params = read_params(demo / "long-term.yaml")
    adam = check_data(params, demo).adam
    display = DISPLAYS["delayed-ae"]
    output = display.analyses[0].answer(adam, params)
    counted = output.rows[output.rows["event"].notna()]
    wide = output.results[output.results["level1"].isna()]
    values = wide.set_index(["level2", "stat"])["value"]
    assert set(counted["CATEGORY"]) == set(params.long_term.delayed)
    for category, own in counted.groupby("CATEGORY"):
        n, years = own["event"].sum(), own["value"].sum()
        assert values[category, "rate"] == pytest.approx(100 * n / years)
        low = chi2.ppf(0.025, 2 * n) / 2 if n else 0.0
        assert values[category, "rate_lcl"] == pytest.approx(100 * low / years)
        high = chi2.ppf(0.975, 2 * n + 2) / 2
        assert values[category, "rate_ucl"] == pytest.approx(100 * high / years)
        events = adam["adae"]
        column, wanted = next(iter(params.long_term.delayed[category].items()))
        subjects = set(events.loc[events[column].isin(wanted), "USUBJID"])
        members = set(adam["adsl"].loc[adam["adsl"]["SAFFL"] == "Y", "USUBJID"])
        assert n == len(subjects & members)
