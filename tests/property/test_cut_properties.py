"""What must hold of every data cut, on made-up SDTM (source of the properties: METHODS §0a)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd
from cut_checks import cells_after, lost, same
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from csr.cut import cut_sdtm

Sdtm = dict[str, pd.DataFrame]

DATES = (
    *("", "", "2014-03-01", "2014-03-02", "2014-03-03T10:00", "2014-03-31", "2014-04-01"),
    *("2014-04-15T23:59+08:00", "2014-05-01", "2014-05-20", "2014-06-01", "2014-07-31"),
    *("2014", "2014-03", "2014-04", "2014-05", "2015", "2014---20", "--05-01", "UNK"),
    *("2014-03-20/2014-05-20", "2014-04-01/2014-04-02", "2014-04-01 10:00"),
)
TEXTS = (
    *("", "HEADACHE", "due 2014-04-20", "from 2014-03-05 to 2014-05-05", "seen 03MAY2014"),
    *("2014-04-20", "2014-06", "in April 2014, not in 1999", "FINAL VISIT"),
)
POOLS: dict[str, tuple[object, ...]] = {
    "date": DATES,
    "text": TEXTS,
    "id": ("01", "02", "03"),
    "seq": (1.0, 2.0, 3.0),
    "day": (np.nan, -5.0, 1.0, 20.0, 60.0, 200.0),
    "yn": ("", "Y", "N"),
    "out": ("", "FATAL", "RECOVERED/RESOLVED", "NOT RECOVERED/NOT RESOLVED"),
    "rel": ("", "ONGOING", "AFTER", "BEFORE", "DURING"),
    "grade": ("", "3", "5"),
    "link": ("", "A", "B"),
    "duration": ("", "P3D", "P2M", "P1Y", "PT1H"),
    "arm": ("", "A", "B"),
    "disposition": ("RANDOMIZED", "ENROLLED", "SCREEN FAILURE", "DEATH", "COMPLETED"),
    "status": ("ALIVE", "DEAD"),
    "value": ("1", "2"),
    "qnam": ("X", "DTHCAUS"),
    "relid": ("R1", "R2"),
}
TABLES: dict[str, str] = {
    "dm": "USUBJID:id RFICDTC:date DMDTC:date RFSTDTC:date RFXSTDTC:date RFENDTC:date "
    "RFXENDTC:date RFPENDTC:date DTHDTC:date DTHFL:yn ARM:arm ACTARM:arm ARMNRS:arm DMDY:day",
    "ae": "USUBJID:id AESEQ:seq AELNKID:link AETERM:text AESTDTC:date AEENDTC:date AEDTC:date "
    "AEOUT:out AETOXGR:grade AESER:yn AESDTH:yn AESHOSP:yn AEENRF:rel AEDUR:duration AESTDY:day "
    "AEENDY:day",
    "cm": "USUBJID:id CMSEQ:seq CMSTDTC:date CMENDTC:date CMDTC:date CMENRTPT:rel CMENTPT:text",
    "mh": "USUBJID:id MHSEQ:seq MHSTDTC:date MHENTPT:date MHENRTPT:rel MHSTRTPT:rel MHSTTPT:date",
    "ex": "USUBJID:id EXSEQ:seq EXSTDTC:date EXENDTC:date EXENDY:day",
    "ds": "USUBJID:id DSSEQ:seq DSDECOD:disposition DSSTDTC:date DSDTC:date",
    "dd": "USUBJID:id DDSEQ:seq DDDTC:date",
    "ss": "USUBJID:id SSSEQ:seq SSSTRESC:status SSDTC:date",
    "ce": "USUBJID:id CESEQ:seq CESTDTC:date CEENDTC:date CEOUT:out",
    "fa": "USUBJID:id FASEQ:seq FALNKGRP:link FADTC:date",
    "lb": "USUBJID:id LBSEQ:seq LBDTC:date LBENDTC:date LBDY:day LBBLFL:yn LBORRES:text",
    "suppae": "USUBJID:id IDVARVAL:value QNAM:qnam QVAL:text",
    "relrec": "USUBJID:id RDOMAIN:domain IDVARVAL:value RELID:relid",
}
CUTOFFS = tuple(dt.date(2014, m, d) for m, d in ((3, 1), (3, 3), (4, 1), (4, 15), (5, 20), (7, 1)))


def _rows(table: str, most: int) -> st.SearchStrategy[list[tuple[object, ...]]]:
    kinds = [column.split(":")[1] for column in table.split()]
    pools = [POOLS.get(kind, ("AE", "CE", "FA", "LB")) for kind in kinds]
    return st.lists(st.tuples(*(st.sampled_from(pool) for pool in pools)), max_size=most)


@st.composite
def made_up_sdtm(draw: st.DrawFn) -> Sdtm:
    sdtm = {}
    for name, table in TABLES.items():
        columns = [column.split(":")[0] for column in table.split()]
        frame = pd.DataFrame(draw(_rows(table, 4)), columns=columns)
        numbers = [c for c in columns if c.endswith(("SEQ", "DY"))]
        frame = frame.astype({c: float if c in numbers else object for c in columns})
        sdtm[name] = frame.assign(DOMAIN=name.upper()) if name not in LINKS else frame
    sdtm["dm"] = sdtm["dm"].drop_duplicates("USUBJID", ignore_index=True)
    sdtm["suppae"] = sdtm["suppae"].assign(RDOMAIN="AE", IDVAR="AESEQ", QORIG="CRF")
    relrec = sdtm["relrec"]
    sdtm["relrec"] = relrec.assign(IDVAR=relrec["RDOMAIN"] + "SEQ", RELTYPE="")
    return sdtm


LINKS = ("suppae", "relrec")

# Few and always the same, since one example costs several cuts of 13 datasets; no shrinking, which
# would take minutes.
some = settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
cutoffs = st.sampled_from(CUTOFFS)


@some
@given(made_up_sdtm(), cutoffs)
def test_cutting_twice_is_cutting_once(sdtm: Sdtm, cutoff: dt.date) -> None:
    once = cut_sdtm(sdtm, cutoff=cutoff)
    twice = cut_sdtm(once.sdtm, cutoff=cutoff)
    same(twice.sdtm, once.sdtm)
    assert twice.resets.empty
    assert twice.counts["removed"].sum() == 0


@some
@given(made_up_sdtm(), cutoffs, cutoffs)
def test_a_cut_of_a_later_cut_is_the_cut(sdtm: Sdtm, one: dt.date, other: dt.date) -> None:
    early, late = sorted((one, other))
    of_later = cut_sdtm(cut_sdtm(sdtm, cutoff=late).sdtm, cutoff=early)
    same(of_later.sdtm, cut_sdtm(sdtm, cutoff=early).sdtm)


@some
@given(made_up_sdtm(), cutoffs, cutoffs)
def test_a_later_cut_loses_nothing(sdtm: Sdtm, one: dt.date, other: dt.date) -> None:
    early, late = sorted((one, other))
    assert lost(cut_sdtm(sdtm, cutoff=early), cut_sdtm(sdtm, cutoff=late)) == []


@some
@given(made_up_sdtm(), cutoffs)
def test_no_value_bears_a_date_after_the_cutoff(sdtm: Sdtm, cutoff: dt.date) -> None:
    cut = cut_sdtm(sdtm, cutoff=cutoff)
    assert cells_after(cut.sdtm, cutoff.isoformat()) == []


@some
@given(made_up_sdtm(), cutoffs, st.randoms(use_true_random=False))
def test_row_order_is_irrelevant(sdtm: Sdtm, cutoff: dt.date, random: st.Random) -> None:
    orders = {name: random.sample(range(len(frame)), len(frame)) for name, frame in sdtm.items()}
    marked = {name: frame.assign(ROW=np.arange(len(frame)) * 1.0) for name, frame in sdtm.items()}
    shuffled = {name: frame.iloc[orders[name]] for name, frame in marked.items()}
    one, other = cut_sdtm(marked, cutoff=cutoff), cut_sdtm(shuffled, cutoff=cutoff)
    same(
        {name: frame.sort_values("ROW", ignore_index=True) for name, frame in other.sdtm.items()},
        one.sdtm,
    )
    pd.testing.assert_frame_equal(one.counts, other.counts)
    pd.testing.assert_frame_equal(one.resets, other.resets)


@some
@given(made_up_sdtm(), cutoffs)
def test_the_accounts_add_up(sdtm: Sdtm, cutoff: dt.date) -> None:
    cut = cut_sdtm(sdtm, cutoff=cutoff)
    counts = cut.counts
    assert (counts["rows_before"] == counts["rows_after"] + counts["removed"]).all()
    assert (counts["modified"] <= counts["rows_after"]).all()
    for row in counts.itertuples():
        assert row.rows_after == len(cut.sdtm.get(row.domain, ()))


@some
@given(made_up_sdtm(), st.tuples(cutoffs, cutoffs, cutoffs))
def test_a_date_for_each_subject_is_each_subject_cut_at_it(
    sdtm: Sdtm, dates: tuple[dt.date, ...]
) -> None:
    by_subject = dict(zip(("01", "02", "03"), dates, strict=True))
    cut = cut_sdtm(sdtm, cutoff=by_subject)
    for subject, date in by_subject.items():
        alone = cut_sdtm(_of(sdtm, subject), cutoff=date)
        same(_of(cut.sdtm, subject), alone.sdtm)
    assert cells_after(cut.sdtm, {s: d.isoformat() for s, d in by_subject.items()}) == []


def _of(sdtm: Mapping[str, pd.DataFrame], subject: str) -> Sdtm:
    return {
        name: frame[frame["USUBJID"] == subject].reset_index(drop=True)
        for name, frame in sdtm.items()
    }
