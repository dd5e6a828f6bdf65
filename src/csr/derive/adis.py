"""ADIS: immunogenicity, anti-drug antibodies with baseline before the first infusion."""

from __future__ import annotations

import pandas as pd

from csr.derive.advs import derive_measured
from csr.derive.findings import Derived
from csr.derive.sources import Sdtm
from csr.params.measurements import MeasurementRules
from csr.params.parts import Records
from csr.params.protocol import Protocol

BEFORE_INFUSION = MeasurementRules(baseline="infusion")


def derive_adis(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> Derived:
    """One row per result of IS: AVALC, ADT, ABLFL (the last on or before the first infusion),
    ONTRTFL Y after it, ANL01FL Y where there is a dated result. Source: METHODS §6.
    """
    return derive_measured(sdtm, adsl, Records(domain="is"), BEFORE_INFUSION, protocol)
