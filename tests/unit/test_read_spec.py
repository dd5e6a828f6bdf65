"""The declared specifications are complete and say what they mean."""

from __future__ import annotations

import re

import pytest

from csr.read.spec import StandardName, read_standard

ADAM = {"adsl", "adae", "adrs", "adtte", "adex", "adlb", "advs", "adtr"}
SDTM = {
    "dm", "ae", "ex", "ds", "lb", "vs", "eg", "tu", "tr", "rs", "pc", "pp", "sv", "cm", "mh", "pr",
    "ss", "dd", "ce", "fa", "is", "qs", "supp", "relrec", "ts",
}  # fmt: skip
KINDS = {"text", "number", "integer", "date", "datetime", "flag", "iso8601"}


@pytest.mark.parametrize(("name", "datasets"), [("adam", ADAM), ("sdtm", SDTM)])
def test_every_dataset_is_declared(name: StandardName, datasets: set[str]) -> None:
    assert datasets <= set(read_standard(name).datasets)


@pytest.mark.parametrize("name", ["adam", "sdtm"])
def test_declarations_refer_to_declared_columns(name: StandardName) -> None:
    standard = read_standard(name)
    for spec in standard.datasets.values():
        named = [*spec.cutoff, *(c for pair in spec.order for c in pair)]
        for column in named:
            declared = standard.column(spec, column)
            assert declared is not None, f"{spec.name}.{column}"
            assert declared.kind in {"date", "iso8601"}
        for need in spec.needs:
            assert standard.column(spec, need.when) is not None
            assert all(standard.column(spec, c) is not None for c in need.columns)
        columns = [*spec.columns.values(), *standard.common.values()]
        assert {c.kind for c in columns} <= KINDS
        assert {c.missing for c in columns} <= {"allowed", "warning", "error"}
        assert "--" not in "".join([*spec.columns, *spec.key])


def test_patterns_are_regular_expressions_that_meet_cdisc_names() -> None:
    adam, sdtm = read_standard("adam"), read_standard("sdtm")
    kinds = {n: adam.column(adam.spec("adqs"), n) for n in ("ZZDT", "ZZDTM", "ZZFL", "ZZSEQ", "ZZ")}
    assert {n: c.kind if c else None for n, c in kinds.items()} == {
        "ZZDT": "date", "ZZDTM": "datetime", "ZZFL": "flag", "ZZSEQ": "number", "ZZ": None,
    }  # fmt: skip
    assert kinds["ZZDT"] is not None
    assert kinds["ZZDT"].lenient
    dtc = sdtm.column(sdtm.spec("zz"), "ZZSTDTC")
    assert dtc is not None
    assert (dtc.name, dtc.kind, dtc.severity) == ("ZZSTDTC", "iso8601", "error")


def test_names_of_the_domain_stand_for_the_hyphens() -> None:
    sdtm = read_standard("sdtm")
    assert sdtm.datasets["lb"].key == ("USUBJID", "LBSEQ")
    assert sdtm.spec("suppae") is sdtm.datasets["supp"]
    assert sdtm.spec("qsph") is sdtm.datasets["qs"]
    assert sdtm.spec("zz").columns == {}


def test_codes_are_text_and_unique() -> None:
    for name in ("adam", "sdtm"):
        for spec in read_standard(name).datasets.values():  # type: ignore[arg-type]
            for column in spec.columns.values():
                if column.codelist is None:
                    continue
                codes = column.codelist.values
                assert all(isinstance(c, str) for c in codes), column
                assert len({c.casefold() for c in codes}) == len(codes)
                assert re.fullmatch(r"[A-Z]+( C\d+)?", column.codelist.source)
