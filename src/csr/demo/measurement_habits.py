"""How sites write laboratory results and vital signs: each habit of real data once, on one truth.

The values stay what they were; only the records differ. docs/demo-study.md says which there are,
and `tests/property/test_demo_measurements.py` holds csr to the truth.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.demo.visit_table import number_text

# Sites that write counts as G/L, that take urine at baseline, whose laboratory has another upper
# limit of ALT, that measure temperature in degrees Fahrenheit.
IN_GIGA, WITH_URINE, OTHER_LIMIT, IN_FAHRENHEIT = "02", "06", "07", "06"
DETECTED = 0.5  # neutrophils below it are `<0.5`
URINE_TIMES = 110.0  # creatinine of urine, in multiples of the serum's
UPPER_ALT = 55.0


def laboratory_as_written(table: pd.DataFrame, sites: np.ndarray) -> pd.DataFrame:
    """LB of all subjects (`_subject` their places in `sites`) as the sites and laboratories do."""
    out = pd.concat([table, _urine(table, sites)], ignore_index=True)
    site = sites[out["_subject"].to_numpy()]
    giga = (site == IN_GIGA) & (out["LBSTRESU"] == "10^9/L").to_numpy()
    out.loc[giga, ["LBORRESU", "LBSTRESU"]] = "G/L"
    below = (out["LBTESTCD"] == "NEUT") & (out["LBSTRESN"] < DETECTED)
    out.loc[below, ["LBORRES", "LBSTRESC"]] = f"<{DETECTED:g}"
    out.loc[below, "LBSTRESN"] = np.nan
    wide = (site == OTHER_LIMIT) & (out["LBTESTCD"] == "ALT").to_numpy()
    out.loc[wide, "LBORNRHI"], out.loc[wide, "LBSTNRHI"] = f"{UPPER_ALT:g}", UPPER_ALT
    high = out["LBSTRESN"] > out["LBSTNRHI"]
    out.loc[wide, "LBNRIND"] = np.where(high[wide], "HIGH", "NORMAL").astype(object)
    return out


def _urine(table: pd.DataFrame, sites: np.ndarray) -> pd.DataFrame:
    """Creatinine of urine beside that of serum, under the same code."""
    here = sites[table["_subject"].to_numpy()] == WITH_URINE
    own = table[here & (table["LBTESTCD"] == "CREAT") & (table["LBBLFL"] == "Y")]
    values = (own["LBSTRESN"] * URINE_TIMES).to_numpy(dtype=float)
    text = number_text(values, 0)
    return own.assign(
        LBCAT="URINALYSIS", LBSPEC="URINE", LBORRES=text, LBSTRESC=text, LBSTRESN=values,
        LBORRESU="umol/L", LBSTRESU="umol/L", LBORNRLO="2000", LBORNRHI="20000", LBSTNRLO=2000.0,
        LBSTNRHI=20000.0, LBNRIND="NORMAL", LBBLFL="",
    )  # fmt: skip


def vital_signs_as_written(table: pd.DataFrame, sites: np.ndarray) -> pd.DataFrame:
    """VS as the sites do: one measures temperature in degrees Fahrenheit."""
    out = table.copy()
    site = sites[out["_subject"].to_numpy()]
    rows = (site == IN_FAHRENHEIT) & (out["VSTESTCD"] == "TEMP").to_numpy()
    degrees = np.round(out.loc[rows, "VSSTRESN"].to_numpy(dtype=float) * 9 / 5 + 32, 1)
    out.loc[rows, "VSSTRESN"] = degrees
    text = number_text(degrees, 1)
    out.loc[rows, "VSORRES"], out.loc[rows, "VSSTRESC"] = text, text
    out.loc[rows, ["VSORRESU", "VSSTRESU"]] = "F"
    return out
