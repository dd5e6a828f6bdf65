"""Units: thresholds printed in two units, a step on either side; unit columns changed alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tests.spec.test_adlb import ADSL, EX, PROTOCOL

from csr.demo.write import write_demo
from csr.derive.adce import derive_adce
from csr.derive.adex import derive_adex
from csr.derive.adlb import derive_adlb
from csr.derive.adpc import derive_adpc
from csr.derive.adsl import derive_adsl
from csr.derive.adtr import derive_adtr
from csr.derive.advs import derive_adeg, derive_advs
from csr.derive.dose_units import with_dose_unit
from csr.derive.infusions import given
from csr.errors import Finding
from csr.params.file import read_params
from csr.params.laboratory import Laboratory
from csr.pipeline.from_sdtm import _join
from csr.read.source import read_source
from csr.standards.ctcae import read_terms
from csr.standards.laboratory_units import read_units
from csr.standards.units import conversion

TERMS = {term.name.casefold(): term for term in read_terms().values()}
# A number of the criteria's text, and its unit.
PRINTED = re.compile(
    r"(?P<sign>[<>]?)\s*(?P<number>\d[\d.,]*)(?:\s*-\s*[\d.,]+)?\s*"
    r"(?P<unit>x 10e9\s*/L|/mm3|mg/dL|mmol/L|g/dL|g/L)"
)
UNITS = {"x 10e9 /L": "10^9/L", "x 10e9/L": "10^9/L"}
IONIZED = "Ionized calcium"


def printed(shared: Path) -> list[tuple[str, str, int, str, str]]:
    """Term, unit, grade, sign and number as the text of CTCAE v5.0 has them."""
    path = shared / "data" / "A10_ctcae_v5_labs" / "ctcae_v5_lab_criteria_text.parquet"
    found = []
    for row in pd.read_parquet(path).to_dict("records"):
        ionized = row["TERM"].endswith("(Ionized)")
        for grade in range(1, 5):
            # Of CD4 the criteria have "<0.2 x 0.05 - 10e9 /L".
            text = str(row[f"GRADE_{grade}"]).replace("0.2 x 0.05 - 10e9", "0.2 - 0.05 x 10e9")
            if IONIZED in text:
                text = text.split(IONIZED)[1] if ionized else text.split(IONIZED)[0]
            first: dict[str, tuple[str, str]] = {}
            for match in PRINTED.finditer(text):
                unit = UNITS.get(match["unit"], match["unit"])
                first.setdefault(unit, (match["sign"], match["number"].replace(",", "")))
            bare = text.strip()[:1].isdigit()  # "150 mg/dL - 300 mg/dL": from the number on
            found += [(row["TERM"], u, grade, s, n) for u, (s, n) in first.items() if s or bare]
    return found


def step_of(number: str) -> float:
    """One unit of the last decimal that is printed."""
    return float(10.0 ** -len(number.partition(".")[2]))


def expected(numbers: dict[int, tuple[str, float]], value: float, low: bool, limit: float) -> int:
    """The highest grade whose number the value is beyond; beyond the limit it is 1 at least."""
    fuzz = 1e-9 * value
    grade = int(value < limit if low else value > limit)
    for level, (sign, number) in numbers.items():
        beyond = {
            "<": value < number - fuzz,
            ">": value > number + fuzz,
            "": value >= number - fuzz,
        }
        grade = max(grade, level if beyond[sign] else 0)
    return grade


def test_every_threshold_in_both_units_one_step_on_either_side(shared: Path) -> None:
    """Through the derivation: the grade is by the number printed for the unit of the result."""
    table: dict[tuple[str, str], dict[int, tuple[str, str]]] = {}
    for term, unit, grade, sign, number in printed(shared):
        table.setdefault((term, unit), {})[grade] = (sign, number)
    units: dict[str, list[str]] = {}
    for term, unit in table:
        units.setdefault(term, []).append(unit)
    checked = 0
    for place in range(3):
        records, wanted = [], []
        for term, ways in units.items():
            if len(ways) < 2 or len(ways) <= place:
                continue
            own = TERMS[term.casefold()]
            low = own.direction == "low"
            numbers = {g: (s, float(n)) for g, (s, n) in table[term, ways[place]].items()}
            every = [number for _, number in numbers.values()]
            limit = 1.2 * max(every) if low else 0.9 * min(every)
            if not {"LLN", "ULN"} & set(re.findall("LLN|ULN", str(own.texts))):
                limit = np.nan
            for _, number in table[term, ways[place]].values():
                for side in (-1, 0, 1):
                    value = float(number) + side * step_of(number)
                    records.append((own.test, value, ways[place], limit, low))
                    grade = expected(numbers, value, low, limit)
                    wanted.append((own, value, ways[place], grade))
        checked += _compare(records, wanted)
    assert checked > 150


def _compare(records: list[tuple], wanted: list[tuple]) -> int:
    if not records:
        return 0
    who = [str(i) for i in range(len(records))]
    lb = pd.DataFrame(
        {
            "USUBJID": who,
            "LBSEQ": 1.0,
            "LBTESTCD": [r[0] for r in records],
            "LBTEST": [r[0] for r in records],
            "LBSTRESC": [f"{r[1]:.12g}" for r in records],
            "LBSTRESN": [r[1] for r in records],
            "LBSTRESU": [r[2] for r in records],
            "LBSTNRLO": [r[3] if r[4] else np.nan for r in records],
            "LBSTNRHI": [np.nan if r[4] else r[3] for r in records],
            "LBDTC": "2026-01-12",
        }
    )
    adsl = pd.concat([ADSL[ADSL["USUBJID"] == "A"]] * len(who)).assign(USUBJID=who)
    doses = pd.concat([EX[EX["USUBJID"] == "A"].assign(USUBJID=w) for w in who])
    sdtm = {"lb": lb, "ex": doses.reset_index(drop=True)}
    rules = Laboratory(correct_calcium=False)
    frame = derive_adlb(sdtm, adsl.reset_index(drop=True), rules, PROTOCOL).frame
    rows = frame.set_index("USUBJID")
    for subject, (term, value, unit, grade) in zip(who, wanted, strict=True):
        letter = "L" if term.direction == "low" else "H"
        got = rows.loc[subject, f"ATOXGR{letter}"]
        assert rows.loc[subject, "AVAL"] == pytest.approx(value, rel=1e-12), (term.name, unit)
        assert got == str(grade), (term.name, value, unit, rows.loc[subject, f"ATOXREA{letter}"])
    return len(who)


Sdtm = dict[str, pd.DataFrame]
Study = tuple[Any, Sdtm, pd.DataFrame]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("units")
    write_demo(folder, subjects=60)
    path = folder / "params" / "interim.yaml"
    params = read_params(path)
    sdtm, _ = _join(read_source(params.data, path.parent).frames)
    adsl = derive_adsl(sdtm, params.protocol, pd.Timestamp(params.cut.cutoff)).frame
    return params, sdtm, adsl


def lb_of(study: Study, sdtm: Sdtm) -> tuple[pd.DataFrame, list[Finding]]:
    params, _, adsl = study
    return derive_adlb(sdtm, adsl, params.laboratory, params.protocol)


def vs_of(study: Study, sdtm: Sdtm) -> tuple[pd.DataFrame, list[Finding]]:
    params, _, adsl = study
    return derive_advs(sdtm, adsl, params.measurements, params.protocol)


def eg_of(study: Study, sdtm: Sdtm) -> tuple[pd.DataFrame, list[Finding]]:
    params, _, adsl = study
    return derive_adeg(sdtm, adsl, params.measurements, params.protocol)


def pc_of(study: Study, sdtm: Sdtm) -> tuple[pd.DataFrame, list[Finding]]:
    params, _, adsl = study
    return derive_adpc(sdtm, adsl, params.protocol, params.kinetics)


OTHER = {
    **{test: units.also[0] for test, units in read_units().items() if units.also},
    "TEMP": "F", "WEIGHT": "lb", "HEIGHT": "in", "SYSBP": "kPa", "DIABP": "kPa",
    "QTCFAG": "s", "QTAG": "s", "PRAG": "s", "QRSAG": "s",
}  # fmt: skip
# Domain, derivation, its key, what of it must not change.
FINDINGS: dict[str, tuple[Callable, list[str], list[str]]] = {
    "lb": (lb_of, ["USUBJID", "LBSEQ", "PARAMCD"],
           ["AVAL", "BASE", "CHG", "ANRLO", "ANRHI", "ATOXGRL", "ATOXGRH", "ANRIND", "ANL01FL"]),
    "vs": (vs_of, ["USUBJID", "VSSEQ"], ["AVAL", "BASE", "CHG", "ANRIND", "ANL01FL"]),
    "eg": (eg_of, ["USUBJID", "EGSEQ"], ["AVAL", "BASE", "CHG", "ANL01FL"]),
}  # fmt: skip


def turned(frame: pd.DataFrame, prefix: str, rows: pd.Index, other: dict[str, str]) -> pd.DataFrame:
    """The standardised results of these rows in another unit, with their limits; the rest as is."""
    out = frame.copy()
    limits = [c for c in (f"{prefix}STNRLO", f"{prefix}STNRHI") if c in out]
    for column in (f"{prefix}STRESN", *limits):
        out[column] = pd.to_numeric(out[column], errors="coerce").astype(float)
    by = [out.loc[rows, f"{prefix}TESTCD"], out.loc[rows, f"{prefix}STRESU"]]
    for (test, unit), own in out.loc[rows].groupby(by):
        known = read_units().get(test)
        found = conversion(unit, other[test], *([known.substance] if known else []))
        assert found is not None, (test, unit)
        for column in (f"{prefix}STRESN", *limits):
            out.loc[own.index, column] = own[column] * found.factor + found.offset
        values = out.loc[own.index, f"{prefix}STRESN"]
        out.loc[own.index, f"{prefix}STRESC"] = values.map("{:.12g}".format)
        out.loc[own.index, f"{prefix}STRESU"] = other[test]
    return out


def numbers_of(frame: pd.DataFrame, prefix: str) -> pd.Series:
    value = pd.to_numeric(frame[f"{prefix}STRESN"], errors="coerce")
    return value.notna() & (frame[f"{prefix}STRESU"] != "")


@pytest.mark.parametrize("domain", FINDINGS)
def test_a_convertible_unit_changes_nothing(study: Study, domain: str) -> None:
    """Every third result of each test in another unit, the recorded one as it was."""
    derive, keys, kept = FINDINGS[domain]
    sdtm = study[1]
    source = sdtm[domain].reset_index(drop=True)
    prefix = domain.upper()
    rows = source.index[numbers_of(source, prefix) & source[f"{prefix}TESTCD"].isin(OTHER)][::3]
    assert len(rows) > 30
    clean, _ = derive(study, {**sdtm, domain: source})
    other, found = derive(study, {**sdtm, domain: turned(source, prefix, rows, OTHER)})
    both = clean[[*keys, *kept]].merge(other[[*keys, *kept]], on=keys, suffixes=("", "_2"))
    assert len(both) == len(clean)
    for column in kept:
        one, two = both[column], both[f"{column}_2"]
        if one.dtype == object:
            assert (one == two).all(), (column, both[one != two].head())
        else:
            assert np.allclose(one, two, rtol=1e-6, atol=1e-9, equal_nan=True), column
    assert not [f for f in found if f.check in ("lab-unit", "unit-differs")]


@pytest.mark.parametrize("domain", FINDINGS)
@pytest.mark.parametrize("unit", ["furlong", "mmol", "copies/mL"])
def test_an_unknown_or_other_unit_is_a_finding_and_no_number(
    study: Study, domain: str, unit: str
) -> None:
    """Every tenth result: in no summary and no baseline, and named in a finding."""
    derive, _, _ = FINDINGS[domain]
    sdtm = study[1]
    source = sdtm[domain].reset_index(drop=True)
    prefix = domain.upper()
    rows = source.index[numbers_of(source, prefix) & source[f"{prefix}TESTCD"].isin(OTHER)][::10]
    broken = source.copy()
    broken.loc[rows, f"{prefix}STRESU"] = unit
    frame, found = derive(study, {**sdtm, domain: broken})
    keys = broken.loc[rows, ["USUBJID", f"{prefix}SEQ"]].assign(broken=True)
    keys[f"{prefix}SEQ"] = keys[f"{prefix}SEQ"].astype(float)
    own = frame.merge(keys, on=["USUBJID", f"{prefix}SEQ"])
    assert len(own) >= len(rows)
    assert set(own["ANL01FL"]) == {""}
    assert set(own["ABLFL"]) == {""}
    named = {r for f in found if f.check in ("lab-unit", "unit-differs") for r in f.rows}
    assert {int(r) + 1 for r in rows} <= named


def test_lesions_in_centimetres_and_in_no_unit(study: Study) -> None:
    params, sdtm, adsl = study
    source = sdtm["tr"].reset_index(drop=True)
    clean = derive_adtr({**sdtm, "tr": source}, adsl, params.protocol)
    value = pd.to_numeric(source["TRSTRESN"], errors="coerce")
    rows = source.index[value.notna() & (source["TRSTRESU"] == "mm")]
    turned_ = source.copy()
    turned_["TRSTRESN"] = value
    for column in ("TRSTRESN", "TRORRES", "TRSTRESC"):
        numbers = pd.to_numeric(turned_.loc[rows[::2], column], errors="coerce") / 10
        turned_.loc[rows[::2], column] = (
            numbers if column == "TRSTRESN" else numbers.map("{:g}".format)
        )
    turned_.loc[rows[::2], ["TRSTRESU", "TRORRESU"]] = "cm"
    other = derive_adtr({**sdtm, "tr": turned_}, adsl, params.protocol)
    for column in ("AVAL", "BASE", "NADIR", "PCHG"):
        assert np.allclose(clean[column], other[column], rtol=1e-9, equal_nan=True), column
    assert list(clean["TRGRESP"]) == list(other["TRGRESP"])
    broken = source.copy()
    broken.loc[value.notna(), ["TRSTRESU", "TRORRESU"]] = "furlong"
    assert derive_adtr({**sdtm, "tr": broken}, adsl, params.protocol)["AVAL"].isna().all()


@pytest.mark.parametrize(("unit", "size"), [("10^6 CELLS", 1e6), ("x10^9 cells", 1e9)])
def test_doses_of_cells_in_another_unit(study: Study, unit: str, size: float) -> None:
    """Every second infusion, as the pipeline derives them: dose, level and percent of plan stay."""
    params, sdtm, _ = study
    last = pd.Timestamp(params.cut.cutoff)
    planned = tuple(dose.planned for dose in params.endpoints.dlt.doses)
    source = sdtm["ex"].reset_index(drop=True)
    other = source.copy()
    other["EXDOSE"] = pd.to_numeric(other["EXDOSE"]).astype(float)
    rows = other.index[other["EXDOSU"] == "CELLS"][::2]
    other.loc[rows, "EXDOSE"] /= size
    other.loc[rows, "EXDOSU"] = unit
    frames = []
    for ex in (source, other):
        changed = {**sdtm, "ex": ex}
        doses = given(changed, params.protocol.exposure.study_treatment)
        protocol, found = with_dose_unit(doses, params.protocol, planned)
        assert {f.severity for f in found} <= {"note"}
        adsl = derive_adsl(changed, protocol, last).frame
        frames.append((adsl, derive_adex(changed, adsl, protocol)))
    (adsl, adex), (adsl2, adex2) = frames
    assert list(adsl["TRT01A"]) == list(adsl2["TRT01A"])
    assert np.allclose(adsl["DOSE1"], adsl2["DOSE1"], equal_nan=True)
    for code in ("PCTDOSE", "TDOSE", "NDOSE"):
        one, two = (f.loc[f["PARAMCD"] == code, "AVAL"].to_numpy(float) for f in (adex, adex2))
        assert len(one) > 10
        assert np.allclose(one, two, equal_nan=True), code
    broken = source.copy()
    broken.loc[rows, "EXDOSU"] = "furlong"
    lost = derive_adsl({**sdtm, "ex": broken}, params.protocol, last)
    assert "dose-unit" in {f.check for f in lost.findings}
    first = broken.loc[rows, "USUBJID"]
    assert lost.frame.loc[lost.frame["USUBJID"].isin(first), "DOSE1"].isna().any()


def test_concentrations_in_another_unit(study: Study) -> None:
    _, sdtm, _ = study
    source = sdtm["pc"].reset_index(drop=True)
    value = pd.to_numeric(source["PCSTRESN"], errors="coerce")
    rows = source.index[value.notna() & (source["PCSTRESU"] != "")][::2]
    assert len(rows) > 20
    clean, _ = pc_of(study, {**sdtm, "pc": source})
    other = source.copy()
    other["PCSTRESN"] = value
    limit = pd.to_numeric(other["PCLLOQ"], errors="coerce").astype(float)
    other["PCLLOQ"] = limit
    other.loc[rows, ["PCSTRESN", "PCLLOQ"]] /= 1000
    other.loc[rows, "PCSTRESC"] = other.loc[rows, "PCSTRESN"].map("{:.12g}".format)
    other.loc[rows, "PCSTRESU"] = "copies/ng"
    changed, _ = pc_of(study, {**sdtm, "pc": other})
    assert np.allclose(clean["AVAL"], changed["AVAL"], rtol=1e-6, equal_nan=True)
    broken = source.copy()
    broken.loc[rows, ["PCSTRESU", "PCORRESU"]] = "furlong"
    frame, found = pc_of(study, {**sdtm, "pc": broken})
    assert sum(len(f.rows) for f in found if f.check == "other-unit") == len(rows)
    assert frame["AVAL"].notna().sum() < clean["AVAL"].notna().sum()


def test_temperatures_of_episodes_in_fahrenheit(study: Study) -> None:
    params, sdtm, adsl = study
    rules, last = params.protocol.cell_toxicity, pd.Timestamp(params.cut.cutoff)
    source = sdtm["fa"].reset_index(drop=True)
    rows = source.index[source["FATESTCD"] == "TEMPMAX"]
    assert len(rows) > 3
    clean = derive_adce(sdtm, adsl, rules, params.protocol, last).frame
    other = source.copy()
    for column in ("FAORRES", "FASTRESC"):
        numbers = pd.to_numeric(other.loc[rows, column], errors="coerce")
        other.loc[rows, column] = (numbers * 9 / 5 + 32).map("{:.6g}".format)
    other.loc[rows, [c for c in ("FAORRESU", "FASTRESU") if c in other]] = "F"
    changed = derive_adce({**sdtm, "fa": other}, adsl, rules, params.protocol, last).frame
    assert list(clean["ATOXGRA"]) == list(changed["ATOXGRA"])
    assert list(clean["AGRADE"]) == list(changed["AGRADE"])
