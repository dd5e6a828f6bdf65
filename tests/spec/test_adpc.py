"""ADPC: infusion, time, limits, replicates and what is left out, sample by sample."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from ascii_table import check, table
from study import PROTOCOL, subjects

from csr.derive.adpc import derive_adpc
from csr.derive.findings import Derived
from csr.derive.kinetics import derive_kinetics
from csr.derive.visit_names import read_visit
from csr.params.kinetics import Kinetics

ADSL = subjects(
    """
    | STUDYID | USUBJID | SAFFL | TRTSDT     |
    | S       | 1       | Y     | 2024-03-10 |
    | S       | 2       | Y     | 2024-03-10 |
    | S       | 3       | N     | .          |
    """
)
EX = table(
    """
    | USUBJID | EXSEQ | EXTRT | EXCAT           | EXDOSE | EXSTDTC          |
    | 1       | 1     | FLU   | LYMPHODEPLETION | 30     | 2024-03-05       |
    | 1       | 2     | CAR   | CAR-T           | 100    | 2024-03-10T12:00 |
    | 1       | 3     | FLU   | LYMPHODEPLETION | 30     | 2024-05-25       |
    | 1       | 4     | CAR   | CAR-T           | 100    | 2024-06-01T12:00 |
    | 1       | 5     | FLU   | LYMPHODEPLETION | 30     | 2024-09-01       |
    | 2       | 1     | CAR   | CAR-T           | 100    | 2024-03-10       |
    """
)
RULES = Kinetics(units="copies/ug", lloq=50, lod=10, same_units=("copies/µg",),
                 convert_units={"copies/ng": 1000})  # fmt: skip


def adpc(samples: str, rules: Kinetics = RULES, **columns: object) -> Derived:
    pc = table(samples)
    fixed: dict[str, object] = {
        "PCTESTCD": "CARDNA", "PCSPEC": "BLOOD", "PCSTRESU": "copies/ug"
    }  # fmt: skip
    pc = pc.assign(**{k: v for k, v in (fixed | columns).items() if k not in pc})
    return derive_adpc({"pc": pc, "ex": EX}, ADSL, PROTOCOL, rules)


def checks(found: Derived) -> set[str]:
    return {f.check for f in found.findings}


def test_a_sample_is_of_the_latest_infusion_until_the_next_lymphodepletion() -> None:
    found = adpc(
        """
        | USUBJID | PCSEQ | VISIT             | PCDTC            | PCSTRESC |
        | 1       | 1     | BASELINE          | 2024-03-01T09:00 | BLQ      |
        | 1       | 2     | DAY 0             | 2024-03-10T09:00 | BLQ      |
        | 1       | 3     | DAY 7             | 2024-03-17T12:00 | 5000     |
        | 1       | 4     | WEEK 4            | 2024-04-07       | 900      |
        | 1       | 5     | DAY -7 (2)        | 2024-05-25       | 300      |
        | 1       | 6     | INFUSION 2 DAY 0  | 2024-06-01T09:00 | 200      |
        | 1       | 7     | INFUSION 2 DAY 10 | 2024-06-11T18:00 | 8000     |
        | 1       | 8     | MONTH 6           | 2024-09-10       | 70       |
        """
    )
    check(
        found.frame.sort_values("PCSEQ"),
        """
        | PCSEQ | AINFN | ARELTM | NRELTM  | AVISIT   | PREDOSFL | ANL01FL |
        | 1     | 1     | -9.125 | .       | Baseline | Y        | .       |
        | 2     | 1     | -0.125 | 0       | Pre-dose | Y        | Y       |
        | 3     | 1     | 7      | 7       | Day 7    | .        | Y       |
        | 4     | 1     | 28     | 28      | Week 4   | .        | Y       |
        | 5     | 2     | -7     | -7      | Day -7   | Y        | .       |
        | 6     | 2     | -0.125 | 0       | Pre-dose | Y        | Y       |
        | 7     | 2     | 10.25  | 10      | Day 10   | .        | Y       |
        | 8     | 2     | 101    | 101     | Month 6  | .        | .       |
        """,
    )
    why = found.frame.set_index("PCSEQ")["REASEXC"]
    assert why[1] == why[5] == "an earlier sample before the infusion; the last one is used"
    assert why[8] == "after lymphodepletion for an infusion that is not recorded"
    assert "no-infusion" in checks(found)


def test_without_times_the_day_of_infusion_is_pre_dose_unless_it_says_post() -> None:
    samples = """
        | USUBJID | PCSEQ | VISIT      | PCDTC      | PCSTRESC |
        | 2       | 1     | Day 0      | 2024-03-10 | 60       |
        | 2       | 2     | Day 0 post | 2024-03-10 | 900      |
        """
    check(adpc(samples).frame, """
        | PCSEQ | PREDOSFL | ARELTM | AVISIT   |
        | 1     | Y        | 0      | Pre-dose |
        | 2     | .        | 0      | Day 0    |
        """)  # fmt: skip
    other = RULES.model_copy(update={"unlabelled_day_zero": "post-dose"})
    assert (adpc(samples, other).frame["PREDOSFL"] == "").all()


def test_results_below_the_limits_in_other_units_and_unreadable() -> None:
    found = adpc(
        """
        | USUBJID | PCSEQ | VISIT  | PCDTC      | PCSTRESC     | PCSTRESU  | PCSTAT   | PCREASND |
        | 1       | 1     | DAY 1  | 2024-03-11 | 49           | copies/ug | .        | .        |
        | 1       | 2     | DAY 2  | 2024-03-12 | 50           | Copies/µg | .        | .        |
        | 1       | 3     | DAY 3  | 2024-03-13 | 9.9          | copies/ug | .        | .        |
        | 1       | 4     | DAY 4  | 2024-03-14 | NOT DETECTED | .         | .        | .        |
        | 1       | 5     | DAY 5  | 2024-03-15 | <50          | copies/ug | .        | .        |
        | 1       | 6     | DAY 6  | 2024-03-16 | 2            | copies/ng | .        | .        |
        | 1       | 7     | DAY 7  | 2024-03-17 | 100          | %         | .        | .        |
        | 1       | 8     | DAY 8  | 2024-03-18 | 100          | .         | .        | .        |
        | 1       | 9     | DAY 9  | 2024-03-19 | clotted      | copies/ug | .        | .        |
        | 1       | 10    | DAY 10 | 2024-03-20 | -5           | copies/ug | .        | .        |
        | 1       | 11    | DAY 11 | 2024-03-21 | >1e7         | copies/ug | .        | .        |
        | 1       | 12    | DAY 12 | 2024-03-22 | .            | copies/ug | NOT DONE | CLOTTED  |
        | 1       | 13    | DAY 13 | 2024-03-23 | .            | copies/ug | .        | .        |
        """
    )
    check(
        found.frame,
        """
        | PCSEQ | AVAL | AVALC        | BLQFL | LODFL | REASEXC                                   |
        | 1     | .    | BLQ          | Y     | .     | .                                         |
        | 2     | 50   | 50           | .     | .     | .                                         |
        | 3     | .    | <LOD         | Y     | Y     | .                                         |
        | 4     | .    | <LOD         | Y     | Y     | .                                         |
        | 5     | .    | BLQ          | Y     | .     | .                                         |
        | 6     | 2000 | 2000         | .     | .     | .                                         |
        | 7     | .    | 100          | .     | .     | unit is not that of the analysis: %       |
        | 8     | .    | 100          | .     | .     | unit is not that of the analysis: (none)  |
        | 9     | .    | clotted      | .     | .     | the result is not a number                |
        | 10    | .    | -5           | .     | .     | the result is negative                    |
        | 11    | .    | >1e7         | .     | .     | above the upper limit of quantification   |
        | 12    | .    | .            | .     | .     | not done: clotted                         |
        | 13    | .    | .            | .     | .     | no result                                 |
        """,
    )
    assert {"other-unit", "not-a-number", "below-minimum", "above-limit"} <= checks(found)
    units = next(f for f in found.findings if f.check == "other-unit")
    assert units.count == 2


def test_dates_that_are_partial_impossible_or_missing_and_the_untreated() -> None:
    found = adpc(
        """
        | USUBJID | PCSEQ | VISIT | PCDTC      | PCSTRESC |
        | 1       | 1     | DAY 1 | 2024-03    | 60       |
        | 1       | 2     | DAY 2 | 2024-02-30 | 60       |
        | 1       | 3     | DAY 3 | .          | 60       |
        | 3       | 1     | DAY 1 | 2024-03-11 | 60       |
        """
    )
    assert list(found.frame.sort_values(["USUBJID", "PCSEQ"])["REASEXC"]) == [
        "the date is not complete",
        "the date is not possible",
        "no date",
        "never infused",
    ]
    assert (found.frame["ANL01FL"] == "").all()
    dates = [f for f in found.findings if f.check == "sample-date"]
    assert sum(f.count for f in dates) == 3


@pytest.mark.parametrize(
    ("how", "expected"), [("mean", 250.0), ("geometric-mean", 200.0), ("first", 100.0)]
)
def test_replicates_are_combined_and_half_blq_is_blq(how: str, expected: float) -> None:
    rules = RULES.model_copy(update={"replicates": how})
    found = adpc(
        """
        | USUBJID | PCSEQ | VISIT  | PCDTC            | PCSTRESC |
        | 1       | 1     | DAY 7  | 2024-03-17T12:00 | 100      |
        | 1       | 2     | DAY 7  | 2024-03-17T12:00 | 400      |
        | 1       | 3     | DAY 10 | 2024-03-20T12:00 | BLQ      |
        | 1       | 4     | DAY 10 | 2024-03-20T12:00 | 60       |
        """,
        rules,
    ).frame
    used = found[found["ANL01FL"] == "Y"]
    assert used["AVAL"].tolist()[0] == pytest.approx(expected)
    assert used["BLQFL"].tolist() == ["", "Y"]
    assert (found["REPFL"] == "Y").all()
    left = found[found["ANL01FL"] != "Y"]
    assert left["REASEXC"].str.startswith("replicate").all()
    assert len(left) == (2 if how == "first" else 4)


def test_specimens_are_kept_apart_and_parameters_are_of_each_infusion() -> None:
    pc = table(
        """
        | USUBJID | PCSEQ | PCSPEC | VISIT  | PCDTC            | PCSTRESC |
        | 1       | 1     | BLOOD  | DAY 7  | 2024-03-17T12:00 | 1000     |
        | 1       | 2     | MARROW | DAY 7  | 2024-03-17T12:00 | 7000     |
        | 1       | 3     | BLOOD  | DAY 14 | 2024-03-24T12:00 | 200      |
        | 1       | 4     | BLOOD  | DAY 0  | 2024-06-01T09:00 | 150      |
        | 1       | 5     | BLOOD  | DAY 8  | 2024-06-09T12:00 | 90       |
        """
    ).assign(PCTESTCD="CARDNA", PCSTRESU="copies/ug")
    adam, found = derive_kinetics({"pc": pc, "ex": EX}, ADSL, PROTOCOL, RULES)
    assert found == []
    adpp = adam["adpp"]
    check(
        adpp[adpp["PARAMCD"].isin(["CMAX", "AUC28"])],
        """
        | USUBJID | PCSPEC | AINFN | PARAMCD | AVAL | PPREASND                                  |
        | 1       | BLOOD  | 1     | CMAX    | 1000 | .                                         |
        | 1       | BLOOD  | 1     | AUC28   | .    | sampling stopped before the end of the area |
        | 1       | BLOOD  | 2     | CMAX    | 90   | .                                         |
        | 1       | BLOOD  | 2     | AUC28   | .    | sampling stopped before the end of the area |
        | 1       | MARROW | 1     | CMAX    | 7000 | .                                         |
        | 1       | MARROW | 1     | AUC28   | .    | sampling stopped before the end of the area |
        | 2       | BLOOD  | 1     | CMAX    | .    | no usable sample after the infusion       |
        | 2       | BLOOD  | 1     | AUC28   | .    | no usable sample after the infusion       |
        """,
    )
    # The residual 150 copies before infusion 2 are in its area: log-down 150 to 90 in 8 days.
    last = adpp[(adpp["PARAMCD"] == "AUCLST") & (adpp["AINFN"] == 2)]["AVAL"].item()
    assert last == pytest.approx(8 * (150 - 90) / np.log(150 / 90))
    check(adam["adsl"], """
        | USUBJID | PKFL | PKXREAS                                     |
        | 1       | Y    | .                                           |
        | 2       | N    | no usable kinetics result after the infusion |
        | 3       | N    | not treated                                 |
        """)  # fmt: skip


def test_no_sample_of_the_main_specimen_is_an_error() -> None:
    samples = """
        | USUBJID | PCSEQ | VISIT | PCDTC      | PCSTRESC |
        | 1       | 1     | DAY 7 | 2024-03-17 | 60       |
        """
    assert "main-specimen" in checks(adpc(samples, PCSPEC="SERUM"))


def test_several_analytes_are_an_error_for_their_profiles_would_be_mixed() -> None:
    samples = """
        | USUBJID | PCSEQ | PCTESTCD | VISIT | PCDTC      | PCSTRESC |
        | 1       | 1     | CARDNA   | DAY 7 | 2024-03-17 | 60       |
        | 1       | 2     | CARFLOW  | DAY 7 | 2024-03-17 | 60       |
        """
    assert "several-analytes" in checks(adpc(samples))


def test_without_pc_nobody_is_in_the_kinetics_set() -> None:
    adam, found = derive_kinetics({"ex": EX}, ADSL, PROTOCOL, RULES)
    assert [f.check for f in found] == ["no-domain"]
    assert adam["adpc"].empty
    assert (adam["adsl"]["PKFL"] == "N").all()
    assert set(adam["adpp"]["PPREASND"]) == {"no usable sample after the infusion"}


@pytest.mark.parametrize(
    ("text", "name", "day", "infusion", "side"),
    [
        ("Day 28 (2)", "Day 28", 28, 2, ""),
        ("Year 3.5 (2) LTFU", "Year 3.5", 1278.375, 2, ""),
        ("Day 1 pre", "Day 1", 1, None, "pre"),
        ("day 0 Post", "Day 0", 0, None, "post"),
        ("Day 14 post(2)", "Day 14", 14, 2, "post"),
        ("INFUSION 2 DAY 10", "Day 10", 10, 2, ""),
        ("Week 4", "Week 4", 28, None, ""),
        ("Month 6", "Month 6", 182.625, None, ""),
        ("Year 4 Month 8", "Year 4 Month 8", 1704.5, None, ""),
        ("Day -28", "Day -28", -28, None, ""),
        ("LTFU YEAR 1", "Year 1", 365.25, None, ""),
        ("Screening", "", None, None, ""),
        ("Presentation", "", None, None, ""),
    ],
)
def test_visit_names(
    text: str, name: str, day: float | None, infusion: float | None, side: str
) -> None:
    read = read_visit(text)
    assert (read.name, read.side) == (name, side)
    for found, expected in ((read.day, day), (read.infusion, infusion)):
        assert np.isnan(found) if expected is None else found == expected


def test_where_the_infusion_is_day_1_day_1_is_the_day_itself() -> None:
    assert read_visit("Day 1 post", 1).day == 0
    assert read_visit("Day -1", 1).day == -1
    assert read_visit("Week 4", 1).day == 28


def test_pre_dose_days_before_a_further_infusion_without_lymphodepletion() -> None:
    ex = EX[EX["EXSEQ"] != 3]
    pc = pd.DataFrame(
        {
            "USUBJID": "1", "PCSEQ": [1.0, 2.0], "PCTESTCD": "CARDNA", "PCSPEC": "BLOOD",
            "VISIT": "UNSCHEDULED", "PCDTC": ["2024-05-30", "2024-05-31"],
            "PCSTRESC": "70", "PCSTRESU": "copies/ug",
        }
    )  # fmt: skip
    found = derive_adpc({"pc": pc, "ex": ex}, ADSL, PROTOCOL, RULES).frame
    check(found.sort_values("PCSEQ"), """
        | PCSEQ | AINFN | ARELTM | PREDOSFL |
        | 1     | 1     | 81     | .        |
        | 2     | 2     | -1     | Y        |
        """)  # fmt: skip
