"""Adverse events of CRS and ICANS carry the analysis grade of their episode (METHODS §10.12)."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table

from csr.derive.toxicity_link import with_analysis_grades
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records

RULES = CellToxicity(episodes={"CRS": Records(domain="ce"), "ICANS": Records(domain="ce")})
CUTOFF = pd.Timestamp("2026-06-30")
EVENTS = """
    | USUBJID | AESEQ | AEDECOD                   | AETERM  | AETOXGR | ASTDT      | AENDT      |
    | 1       | 1     | Cytokine release syndrome | CRS     | 1       | 2026-01-12 | 2026-01-14 |
    | 1       | 2     | Hypotension               | low     | 2       | 2026-01-12 | 2026-01-14 |
    | 2       | 1     | Cytokine release syndrome | CRS     | 3       | 2026-01-12 | 2026-01-13 |
    | 2       | 2     | CYTOKINE RELEASE SYNDROME | CRS     | 1       | 2026-01-14 | .          |
    | 3       | 1     | Cytokine release syndrome | CRS     | 2       | 2026-03-01 | 2026-03-02 |
    | 4       | 1     | .                         | crs     | 2       | .          | .          |
    | 5       | 1     | Cytokine release syndrome | CRS     | .       | 2026-01-12 | 2026-01-14 |
    """
EPISODES = """
    | USUBJID | CESEQ | ACAT1 | ASTDT      | AENDT      | ATOXGR | ATOXGRA | AGRADE | AGRDT      |
    | 1       | 1     | CRS   | 2026-01-12 | 2026-01-14 | 1      | 3       | 3      | 2026-01-13 |
    | 2       | 4     | CRS   | 2026-01-12 | 2026-01-16 | 3      | 2       | 2      | 2026-01-15 |
    | 3       | 1     | CRS   | 2026-01-12 | 2026-01-14 | 2      | 2       | 2      | 2026-01-12 |
    | 4       | 1     | CRS   | 2026-01-12 | 2026-01-14 | 2      | 4       | 4      | 2026-01-12 |
    | 5       | 1     | CRS   | 2026-01-12 | 2026-01-14 | .      | .       | .      | .          |
    """


def linked(
    events: str = EVENTS, episodes: str = EPISODES, days: str = "", **sdtm: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, dict]:
    adam = {"adae": table(events), "adce": table(episodes).assign(AGRDAYS=days)}
    found, findings = with_analysis_grades(adam, dict(sdtm), RULES, CUTOFF)
    return found["adae"], found["adce"], {f.check: f.keys for f in findings}


def test_events_that_overlap_an_episode_carry_its_grade() -> None:
    """Of two rows the one that holds the day of the grade; the other at most at the episode's."""
    adae, _, findings = linked()
    check(
        adae,
        """
        | USUBJID | AESEQ | AETOXGR | AGRADE | AGRDIFL | ASYNDR | ACESEQ |
        | 1       | 1     | 1       | 3      | Y       | CRS    | 1      |
        | 1       | 2     | 2       | 2      | .       | .      | .      |
        | 2       | 1     | 3       | 2      | Y       | CRS    | 4      |
        | 2       | 2     | 1       | 2      | Y       | CRS    | 4      |
        | 3       | 1     | 2       | 2      | .       | CRS    | .      |
        | 4       | 1     | 2       | 2      | .       | CRS    | .      |
        | 5       | 1     | .       | .      | .       | CRS    | 1      |
        """,
    )
    assert findings["event-without-episode"] == ("USUBJID=3, AESEQ=1", "USUBJID=4, AESEQ=1")
    assert findings["episode-without-event"] == ("USUBJID=3, CESEQ=1", "USUBJID=4, CESEQ=1")


def test_the_highest_grade_of_events_is_that_of_their_episodes() -> None:
    adae, adce, _ = linked()
    own = adae[adae["ACESEQ"].notna() & (adae["AGRADE"] != "")]
    of_events = own.groupby(["USUBJID", "ACESEQ"])["AGRADE"].max()
    of_episodes = adce.set_index(["USUBJID", "CESEQ"])["AGRADE"]
    assert of_events.to_dict() == of_episodes.reindex(of_events.index).to_dict()


def test_a_link_joins_what_does_not_overlap() -> None:
    ae = table("| USUBJID | AESEQ | AELNKID |\n| 4 | 1 | K1 |")
    ce = table("| USUBJID | CESEQ | CELNKID |\n| 4 | 1 | K1 |")
    adae, _, findings = linked(ae=ae, ce=ce)
    row = adae[adae["USUBJID"] == "4"].iloc[0]
    assert (row["AGRADE"], row["ACESEQ"]) == ("4", 1)
    assert "USUBJID=4, AESEQ=1" not in findings["event-without-episode"]


@pytest.mark.parametrize("variable", ["AESEQ", "AESPID"])
def test_so_does_relrec(variable: str) -> None:
    ae = table("| USUBJID | AESEQ | AESPID |\n| 4 | 1 | 1 |")
    ce = table("| USUBJID | CESEQ |\n| 4 | 1 |")
    relrec = table(
        f"""
        | USUBJID | RDOMAIN | IDVAR      | IDVARVAL | RELID |
        | 4       | AE      | {variable} | 1        | R1    |
        | 4       | CE      | CESEQ      | 1        | R1    |
        | 3       | AE      | AESEQ      | 1        | R1    |
        """
    )
    adae, _, _ = linked(ae=ae, ce=ce, relrec=relrec)
    assert (
        adae.set_index(["USUBJID", "AESEQ"])["ACESEQ"].dropna().index.tolist().count(("4", 1)) == 1
    )
    assert pd.isna(adae.set_index(["USUBJID", "AESEQ"]).loc[("3", 1), "ACESEQ"])


def test_an_episode_with_a_fatal_event_is_grade_5() -> None:
    events = """
    | USUBJID | AESEQ | AEDECOD                   | AETERM | AEOUT | AETOXGR | ASTDT      | AENDT |
    | 1       | 1     | Cytokine release syndrome | CRS    | FATAL | 4       | 2026-01-12 | .     |
    """
    adae, adce, _ = linked(events)
    assert adce.iloc[0]["AGRADE"] == "5"
    assert (adae.iloc[0]["AGRADE"], adae.iloc[0]["AETOXGR"]) == ("5", "4")


ONE = """
    | USUBJID | CESEQ | ACAT1 | ASTDT      | AENDT      | ATOXGR | ATOXGRA | AGRADE | AGRDT      |
    | 1       | 1     | CRS   | 2026-01-12 | 2026-01-20 | 2      | 3       | 3      | 2026-01-13 |
    """
ROW = """
    | USUBJID | AESEQ | AEDECOD                   | AETERM | AETOXGR | ASTDT      | AENDT      |
    | 1       | 1     | Cytokine release syndrome | CRS    | 2       | 2026-01-12 | 2026-01-20 |
    """


@pytest.mark.parametrize(
    ("days", "least", "most"),
    [
        # Grade 3 from the 13th to the 15th; before the 13th and after the 16th not recorded.
        ("2026-01-13 3; 2026-01-16 1", 3, 4),
        ("2026-01-12 1; 2026-01-13 3; 2026-01-16 1", 3, 3),
        ("2026-01-13 3", 1, 9),
        ("2026-01-12 3; 2026-01-14 2; 2026-01-15 3", 3, 8),
        ("", 1, 9),
    ],
)
def test_days_at_a_grade_from_dated_components(days: str, least: float, most: float) -> None:
    row = linked(ROW, ONE, days)[0].iloc[0]
    assert (row["AGRDY3"], row["AGRDX3"]) == (least, most)
    assert (row["AGRDY4"], row["AGRDX4"]) == (0, 0)


def test_days_at_a_grade_from_rows_by_grade() -> None:
    """Grade 2, 3, 4, 2: five days at 3 or more, two at 4."""
    rows = """
    | USUBJID | AESEQ | AEDECOD                   | AETERM | AETOXGR | ASTDT      | AENDT      |
    | 1       | 1     | Cytokine release syndrome | CRS    | 2       | 2026-01-12 | 2026-01-12 |
    | 1       | 2     | Cytokine release syndrome | CRS    | 3       | 2026-01-13 | 2026-01-15 |
    | 1       | 3     | Cytokine release syndrome | CRS    | 4       | 2026-01-16 | 2026-01-17 |
    | 1       | 4     | Cytokine release syndrome | CRS    | 2       | 2026-01-18 | 2026-01-20 |
    """
    four = ONE.replace("| 3       | 3      |", "| 4       | 4      |").replace("01-13", "01-16")
    adae = linked(rows, four)[0]
    assert list(adae["AGRADE"]) == ["2", "3", "4", "2"]
    assert list(adae["AGRDY3"]) == [0, 5, 5, 0]
    assert list(adae["AGRDX4"]) == [0, 0, 2, 0]


def test_an_event_over_two_episodes_takes_the_higher() -> None:
    two = ONE + "| 1 | 2 | CRS | 2026-01-22 | 2026-01-25 | 1 | 4 | 4 | 2026-01-22 |\n"
    long = ROW.replace("2026-01-20", "2026-01-30")
    adae, _, findings = linked(long, two)
    assert (adae.iloc[0]["AGRADE"], adae.iloc[0]["ACESEQ"]) == ("4", 2)
    assert findings["episode-without-event"] == ("USUBJID=1, CESEQ=1",)
