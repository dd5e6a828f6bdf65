"""The kinetics datasets and the population they are analysed in."""

from __future__ import annotations

import pandas as pd

from csr.derive.adpc import derive_adpc
from csr.derive.adpp import derive_adpp
from csr.derive.infusions import infusions
from csr.derive.sources import Sdtm, text
from csr.errors import Finding
from csr.params.kinetics import Kinetics
from csr.params.protocol import Protocol

KINETICS_FLAG = "PKFL"
NOT_TREATED = "not treated"
NO_RESULT = "no usable kinetics result after the infusion"


def derive_kinetics(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, rules: Kinetics
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """ADPC, ADPP and ADSL with PKFL (Y: treated, with a usable result of the main specimen after an
    infusion; PKXREAS says why not)."""
    adpc, findings = derive_adpc(sdtm, adsl, protocol, rules)
    flagged = flag_kinetics(adsl, adpc, rules)
    flags = flagged.set_index("USUBJID")["PKFL"]
    adpc["PKFL"] = adpc["USUBJID"].map(flags)
    given = infusions(sdtm, protocol)[["USUBJID", "AINFN"]].drop_duplicates()
    adpp = derive_adpp(adpc, given, adsl, rules)
    adpp["PKFL"] = adpp["USUBJID"].map(flags)
    return {"adsl": flagged, "adpc": adpc, "adpp": adpp}, findings


def flag_kinetics(adsl: pd.DataFrame, adpc: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """ADSL with PKFL and PKXREAS. Where ADSL has PKFL already, it stays."""
    if "PKFL" in adsl:
        return adsl
    valid = (adpc["ANL01FL"] == "Y") & (adpc["PREDOSFL"] != "Y")
    valid &= adpc["PCSPEC"] == rules.main_specimen
    sampled = adsl["USUBJID"].isin(adpc.loc[valid, "USUBJID"])
    treated = text(adsl, "SAFFL") == "Y"
    why = pd.Series(NO_RESULT, index=adsl.index, dtype=object).mask(sampled, "")
    why = why.mask(~treated, NOT_TREATED)
    return adsl.assign(PKFL=(why == "").map({True: "Y", False: "N"}), PKXREAS=why)


def analysed_samples(adpc: pd.DataFrame | None, rules: Kinetics | None) -> pd.DataFrame | None:
    """The samples of the main specimen in the analysis; None without kinetics."""
    if adpc is None or rules is None:
        return None
    return adpc[(adpc["ANL01FL"] == "Y") & (adpc["PCSPEC"] == rules.main_specimen)]
