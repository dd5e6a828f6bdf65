"""What holds of timepoints, sums and responses however the same scans are written down.

The demonstration's tumour records (60 subjects, two evaluators), rewritten: in another order,
without or with one or with many visit numbers, in cm, twice, under other evaluators' names, in
another case, over several days. Where dates tell the timepoints nothing may change. METHODS §10.1
to §10.4, §10.6.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cache

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.write import SEED
from csr.derive.adrs import derive_adrs
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import sums_of_diameters
from csr.derive.recist import derive_timepoints
from csr.params.parts import Records
from csr.params.protocol import Exposure, Protocol, TimeToEventRules
from csr.read.check import check_datasets

CUTOFF = dt.date(2040, 1, 1)
PROTOCOL = Protocol(
    exposure=Exposure(study_treatment=Records(domain="ex", where={"EXCAT": ("CAR-T INFUSION",)})),
    time_to_event=TimeToEventRules(new_therapy="censor"),
)
TUMOURS = ("tu", "tr", "rs")
SUMS = ["USUBJID", "TREVAL", "ASMTN", "ADT", "AVAL", "BASE", "PCHG", "NADIR", "PCHGNAD"]
SUMS += ["LSASS", "LSEXP", "ABLFL", "ANL01FL", "TRGRESP"]
ANSWERS = ["USUBJID", "RSEVAL", "PARAMCD", "AVALC", "ADT", "ASMTN", "CONFDT", "ANL01FL", "NEREAS"]
DERIVED = ["USUBJID", "EVAL", "ASMTN", "TRGRESP", "NTRGRESP", "NEWLPROG", "OVRLRESP"]
Sdtm = dict[str, pd.DataFrame]
Results = dict[str, pd.DataFrame]


@cache
def study() -> tuple[Sdtm, pd.DataFrame]:
    """SDTM of the whole simulated study as checked, and its ADSL."""
    truth = simulate_study(SEED, 60)
    written = write_state(truth, dt.date.fromordinal(truth.cuts[-1].transfer))
    wanted = {name: written[name] for name in ("dm", "ex", "ds", *TUMOURS)}
    sdtm, _ = check_datasets(wanted, standard="sdtm", cutoff=CUTOFF)
    return sdtm, derive_adsl(sdtm, PROTOCOL, pd.Timestamp(CUTOFF)).frame


def results(sdtm: Sdtm) -> Results:
    """Sums, responses and what RECIST gives; a column each test may compare, sorted."""
    adsl = study()[1]
    adtr = sums_of_diameters(sdtm, adsl, PROTOCOL).frame
    derived = derive_timepoints(sdtm, adsl, adtr, PROTOCOL)
    adrs = derive_adrs(sdtm, adsl, PROTOCOL).frame
    return {
        "sums": sorted_by(adtr[SUMS], SUMS[:4]),
        "answers": sorted_by(adrs[ANSWERS], ANSWERS[:4]),
        "derived": sorted_by(derived[DERIVED], DERIVED[:3]),
    }


@cache
def as_written() -> Results:
    """The results of the records as the simulation wrote them."""
    return results(study()[0])


def sorted_by(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    return frame.sort_values(columns, kind="stable").reset_index(drop=True)


def changed(change: Callable[[pd.DataFrame, str], pd.DataFrame]) -> Sdtm:
    """The study with a change made to each of its tumour domains."""
    sdtm = study()[0]
    return sdtm | {name: change(sdtm[name].copy(), name.upper()) for name in TUMOURS}


def same(found: Results, expected: Results) -> None:
    for name, frame in expected.items():
        assert len(frame) > 100
        assert_frame_equal(found[name], frame, rtol=1e-9, check_dtype=False)


def shuffled(frame: pd.DataFrame, _: str) -> pd.DataFrame:
    return frame.sample(frac=1, random_state=5).reset_index(drop=True)


def without_visits(frame: pd.DataFrame, _: str) -> pd.DataFrame:
    return frame.assign(VISITNUM=float("nan"), VISIT="UNSCHEDULED")


def under_one_visit(frame: pd.DataFrame, _: str) -> pd.DataFrame:
    return frame.assign(VISITNUM=99.0, VISIT="UNSCHEDULED")


def a_visit_a_lesion(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    part = (
        frame.get(f"{prefix}LNKID", pd.Series("", index=frame.index)).astype("category").cat.codes
    )
    return frame.assign(VISITNUM=frame["VISITNUM"] + 0.001 * (part + 1))


def without_links(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    return frame.drop(columns=[f"{prefix}LNKGRP"], errors="ignore")


def under_one_link(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    return frame.assign(**{f"{prefix}LNKGRP": "NA"}) if prefix != "TU" else frame


def in_cm(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    if prefix != "TR":
        return frame
    sized = frame["TRSTRESN"].notna() & (frame["TRSTRESU"] == "mm")
    return frame.assign(
        TRSTRESN=frame["TRSTRESN"].mask(sized, frame["TRSTRESN"] / 10),
        TRSTRESU=frame["TRSTRESU"].mask(sized, "cm"),
    )


def every_other_in_cm(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    if prefix != "TR":
        return frame
    other = frame.index % 2 == 0
    return frame.where(~pd.Series(other, index=frame.index), in_cm(frame, prefix))


def twice(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    again = frame.assign(**{f"{prefix}SEQ": frame[f"{prefix}SEQ"] + 1000})
    return pd.concat([frame, again], ignore_index=True)


def in_lower_case(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Groups, locations and lesion numbers; the words of results are a codelist's."""
    names = [c for c in ("TRGRPID", "TUSTRESC", "TULOC", f"{prefix}LNKID") if c in frame]
    return frame.assign(**{c: frame[c].str.lower() for c in names})


def without_visits_and_links(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    return without_links(without_visits(frame, prefix), prefix)


def twice_without_visits(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    return shuffled(twice(without_visits_and_links(frame, prefix), prefix), prefix)


@pytest.mark.parametrize(
    "change",
    [
        shuffled,
        without_visits,
        under_one_visit,
        a_visit_a_lesion,
        without_links,
        under_one_link,
        without_visits_and_links,
        in_cm,
        every_other_in_cm,
        twice,
        in_lower_case,
        twice_without_visits,
    ],
)
def test_the_same_scans_written_otherwise_give_the_same(
    change: Callable[[pd.DataFrame, str], pd.DataFrame],
) -> None:
    same(results(changed(change)), as_written())


OTHER = {"INVESTIGATOR": "INDEPENDENT ASSESSOR", "INDEPENDENT ASSESSOR": "INVESTIGATOR"}


def test_with_the_evaluators_swapped_the_results_are_swapped() -> None:
    """Every lesion number is the same for both, so that only the evaluator tells them apart."""

    def named_alike(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
        column = f"{prefix}LNKID"
        if column not in frame:
            return frame
        return frame.assign(**{column: frame[column].str.replace(r"^IN[VD]-", "", regex=True)})

    def swapped(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
        renamed = named_alike(frame, prefix)
        return renamed.assign(**{f"{prefix}EVAL": renamed[f"{prefix}EVAL"].map(OTHER)})

    straight, crossed = results(changed(named_alike)), results(changed(swapped))
    for name, who in (("sums", "TREVAL"), ("derived", "EVAL")):
        back = crossed[name].assign(**{who: crossed[name][who].map(OTHER)})
        keys = ["USUBJID", who, "ASMTN"]
        assert_frame_equal(sorted_by(back, keys), sorted_by(straight[name], keys))
    answers = crossed["answers"].assign(RSEVAL=crossed["answers"]["RSEVAL"].map(OTHER))
    assert_frame_equal(sorted_by(answers, ANSWERS[:4]), sorted_by(straight["answers"], ANSWERS[:4]))


@pytest.mark.parametrize("days", [1, 5])
def test_lesions_scanned_over_several_days_are_one_timepoint(days: int) -> None:
    """Every second target lesion some days later: sums and responses stay, dates move by rule."""

    def spread(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
        if prefix != "TR":
            return frame
        later = frame["TRLNKID"].str.endswith(("2", "4")) & (frame["VISITNUM"] > 5)
        moved = (pd.to_datetime(frame["TRDTC"]) + pd.Timedelta(days=days)).dt.strftime("%Y-%m-%d")
        return frame.assign(TRDTC=frame["TRDTC"].mask(later, moved))

    found, expected = results(changed(spread)), as_written()
    values = [c for c in SUMS if c != "ADT"]
    assert_frame_equal(found["sums"][values], expected["sums"][values])
    assert_frame_equal(found["derived"], expected["derived"])
    overall = [r["answers"].query("PARAMCD == 'OVR'") for r in (found, expected)]
    assert list(overall[0]["AVALC"]) == list(overall[1]["AVALC"])
    progressed = overall[1]["AVALC"].eq("PD").to_numpy()
    later = overall[0]["ADT"].to_numpy() >= overall[1]["ADT"].to_numpy()
    assert (overall[0]["ADT"].to_numpy() == overall[1]["ADT"].to_numpy())[progressed].all()
    assert later.all()


def test_a_lesion_measured_again_on_another_day_of_the_visit_is_another_timepoint() -> None:
    """Every scan once more six days later under its visit: the responses and their dates stay.

    Where nothing was measured (NE) a second look within the window is one timepoint.
    """

    def again(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
        if prefix != "TR":
            return frame
        own = frame[(frame["TRSTAT"] == "") & (frame["VISITNUM"] > 5)]
        moved = (pd.to_datetime(own["TRDTC"]) + pd.Timedelta(days=6)).dt.strftime("%Y-%m-%d")
        more = own.assign(TRDTC=moved, TRSEQ=own["TRSEQ"] + 1000)
        return pd.concat([frame, more], ignore_index=True)

    found, expected = results(changed(again)), as_written()
    overall = [
        r["answers"].query("PARAMCD == 'OVR' and AVALC != 'NE'")[[*ANSWERS[:2], "AVALC", "ADT"]]
        for r in (found, expected)
    ]
    assert_frame_equal(*(o.reset_index(drop=True) for o in overall))
    assert len(found["sums"]) > len(expected["sums"])


def test_what_is_in_the_transfer_of_one_evaluator_alone_is_the_same() -> None:
    """Without the other evaluator's records nothing of this one changes."""
    who = "INVESTIGATOR"

    def alone(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
        return frame[frame[f"{prefix}EVAL"] == who]

    found, expected = results(changed(alone)), as_written()
    for name, column in (("sums", "TREVAL"), ("answers", "RSEVAL"), ("derived", "EVAL")):
        own = expected[name][expected[name][column] == who].reset_index(drop=True)
        assert_frame_equal(found[name], own)
