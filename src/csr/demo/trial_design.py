"""TA, TE, TI, TV and TS: the design of the simulated study."""

from __future__ import annotations

import pandas as pd

from csr.demo.enrolment import STUDY, arm_of
from csr.demo.tumours import SCHEDULE
from csr.demo.variables import Row, frame_of
from csr.demo.visits import EARLY_DAYS

ELEMENTS = (
    ("SCRN", "SCREENING", "Informed consent", "Leukapheresis begins", "", "SCREENING"),
    ("APH", "APHERESIS AND BRIDGING", "Leukapheresis begins", "Next element begins", "",
     "PRE-TREATMENT"),
    ("CHEMO", "FIRST-LINE CHEMOTHERAPY", "First dose of chemotherapy", "Lymphodepletion begins",
     "P12W", "TREATMENT"),
    ("LD", "LYMPHODEPLETION", "First dose of lymphodepletion", "Infusion of CAR-T cells", "P5D",
     "TREATMENT"),
    ("INF", "INFUSION AND DLT OBSERVATION", "Infusion of CAR-T cells", "28 days after infusion",
     "P28D", "TREATMENT"),
    ("FU", "FOLLOW-UP", "29 days after infusion", "Death, withdrawal or 15 years", "P15Y",
     "FOLLOW-UP"),
)  # fmt: skip
CRITERIA = (
    ("INCL01", "Advanced solid tumour, claudin18.2-positive, standard therapy failed", "INCLUSION"),
    ("INCL02", "Age 18 to 75 years", "INCLUSION"),
    ("INCL03", "ECOG performance status 0 or 1", "INCLUSION"),
    ("INCL04", "At least one measurable lesion by RECIST 1.1", "INCLUSION"),
    ("EXCL01", "Active hepatitis B, hepatitis C or HIV infection", "EXCLUSION"),
    ("EXCL02", "Central nervous system metastasis", "EXCLUSION"),
)
SUMMARY = (
    ("TITLE", "Trial Title",
     "Simulated phase 1 study of autologous claudin18.2 CAR-T cells in advanced solid tumours"),
    ("SIMDATA", "Simulated Data", "Y: every record of this study is simulated"),
    ("TPHASE", "Trial Phase Classification", "PHASE I TRIAL"),
    ("INDIC", "Trial Disease/Condition Indication", "ADVANCED CLAUDIN18.2-POSITIVE SOLID TUMOURS"),
    ("TRT", "Investigational Therapy or Treatment", "CAR-CLDN18.2 T CELLS"),
    ("SDTIGVER", "SDTM IG Version", "3.4"),
    ("AEDICT", "Adverse Event Dictionary", "Terms in the manner of MedDRA, simulated"),
    ("DLTWIN", "DLT Observation Window", "P28D"),
    ("OBJPRIM", "Trial Primary Objective", "Safety, dose-limiting toxicity and "
     "maximum tolerated dose"),
    ("OBJSEC", "Trial Secondary Objective", "Kinetics, response, progression-free "
     "and overall survival"),
)  # fmt: skip
ARMS = (("MONO", 2.5e8), ("MONO", 3.75e8), ("MONO", 5.0e8), ("PD1", 2.5e8), ("LINE1", 2.5e8))


def trial_design() -> dict[str, pd.DataFrame]:
    """The five datasets of the trial's design; no date takes anything out of them."""
    rows = {"ta": _arms(), "te": _elements(), "ti": _criteria(), "tv": _visits(), "ts": _summary()}
    return {
        name: frame_of(
            name, [{"STUDYID": STUDY, "DOMAIN": name.upper(), **record} for record in records]
        )
        for name, records in rows.items()
    }


def _arms() -> list[Row]:
    rows: list[Row] = []
    for cohort, dose in ARMS:
        arm = arm_of(cohort, dose)
        elements = [e for e in ELEMENTS if e[0] != "CHEMO" or cohort == "LINE1"]
        rows += [
            {"ARMCD": arm.code, "ARM": arm.label, "TAETORD": order, "ETCD": e[0],
             "ELEMENT": e[1], "EPOCH": e[5]}
            for order, e in enumerate(elements, start=1)
        ]  # fmt: skip
    return rows


def _elements() -> list[Row]:
    return [
        {"ETCD": code, "ELEMENT": name, "TESTRL": start, "TEENRL": end, "TEDUR": length}
        for code, name, start, end, length, _ in ELEMENTS
    ]


def _criteria() -> list[Row]:
    return [
        {"IETESTCD": code, "IETEST": text, "IECAT": category, "TIVERS": 1.0}
        for code, text, category in CRITERIA
    ]


def _visits() -> list[Row]:
    planned: list[tuple[float, str, float]] = [
        (1, "SCREENING", -45), (2, "APHERESIS", -33), (3, "BASELINE", -7),
        (4, "LYMPHODEPLETION", -5),
    ]  # fmt: skip
    planned += [(5 + i, f"DAY {day}", day + 1) for i, day in enumerate(EARLY_DAYS)]
    planned += [(12 + i, f"WEEK {day // 7}", day + 1) for i, day in enumerate(SCHEDULE)]
    planned += [(500 + n, f"LTFU YEAR {n}", round(365.25 * n) + 1) for n in range(1, 16)]
    return [
        {"VISITNUM": number, "VISIT": name, "VISITDY": day, "TVSTRL": "As scheduled"}
        for number, name, day in planned
    ]


def _summary() -> list[Row]:
    return [
        {"TSSEQ": 1.0, "TSPARMCD": code, "TSPARM": name, "TSVAL": value}
        for code, name, value in SUMMARY
    ]
