"""ADPP: the kinetic parameters of every subject, specimen and infusion, or why one is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csr.derive import nca
from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.nca import Found, Points, Profiles
from csr.derive.nca_terminal import Fit, terminal
from csr.derive.sources import text
from csr.params.kinetics import Kinetics

GROUP = ["USUBJID", "PCSPEC", "AINFN"]
END_DAY = 28.0


@dataclass(frozen=True)
class Analysed:
    """Profiles with what several parameters need."""

    profiles: Profiles
    points: Points
    cmax: Found
    tmax: Found
    clast: Found
    tlast: Found
    fit: Fit
    rules: Kinetics
    first: nca.Array  # which profiles are of a first infusion
    from_zero: nca.Array  # where C(T0) = 0 was put before the first sample

    def area(self, start: float, end: float) -> Found:
        """Area between two days after the infusion."""
        log_down = self.rules.auc == "linear-up-log-down"
        days = (start, end)
        return nca.auc_between(self.profiles, self.points, days, self.rules.window_days, log_down)

    def fitted(self, name: str) -> Found:
        """A column of the terminal fit."""
        return Found(getattr(self.fit, name), self.fit.reason)


@dataclass(frozen=True)
class Parameter:
    """A parameter: code, name, unit ("" none; {c} the concentration's), what it needs, how."""

    code: str
    name: str
    unit: str
    needs: str
    find: Callable[[Analysed], Found]


def parameters(rules: Kinetics) -> tuple[Parameter, ...]:
    """Every parameter the report gives, in its order."""
    areas = tuple(
        Parameter(
            rules.auc_code(a, b),
            f"AUC day {a:g} to {b:g}",
            "day*{c}",
            f"a sample in days {a:g} to {b:g}, and one at or after day {b:g}, less the window",
            lambda x, a=a, b=b: x.area(a, b),  # type: ignore[misc]
        )
        for a, b in rules.partial_aucs
    )
    return (*PEAK, *areas, *LAST, *_loss(rules), *TERMINAL)


def _loss(rules: Kinetics) -> tuple[Parameter, ...]:
    n = rules.undetectable
    words = "" if n == 1 else f", {n} in a row"
    return (
        Parameter("FBLQ", f"First below the limit after the peak{words}", "days",
                  "a BLQ sample after Tmax" if n == 1 else f"{n} BLQ samples in a row after Tmax",
                  lambda x: nca.first_blq_after(x.profiles, x.tmax, n)),
        Parameter("LSTSMP", "Time of last sample", "days", "a sample after the infusion",
                  lambda x: nca.last_sample(x.profiles)),
    )  # fmt: skip


def analyse(profiles: Profiles, rules: Kinetics, first: nca.Array | None = None) -> Analysed:
    """Peak, last sample, points of the areas and terminal fit of every profile.

    `first`: which profiles are of a first infusion (all, where not said).
    """
    cmax, tmax = nca.peak(profiles)
    clast, tlast = nca.last_quantifiable(profiles)
    which = np.ones(len(profiles.time), dtype=bool) if first is None else first
    points, put = nca.from_time_zero(nca.count_blq(profiles, rules.below_limit), which)
    fit = terminal(profiles, tmax, rules.terminal)
    return Analysed(profiles, points, cmax, tmax, clast, tlast, fit, rules, which, put)


def derive_adpp(
    adpc: pd.DataFrame, infused: pd.DataFrame, adsl: pd.DataFrame, rules: Kinetics
) -> pd.DataFrame:
    """One row per subject, specimen, infusion and parameter; AVAL or PPREASND, never neither.

    `infused` (USUBJID, AINFN): every infusion has its parameters of the main specimen, also where
    no sample was usable. Times are days since the infusion, areas of the samples with ANL01FL = Y.
    CRIT1FL, CRIT2FL (Y) on LAMZHL: span or adjusted R² below the limits of params; CRIT1FL on areas
    of a first infusion: C(T0) = 0 was put before the first sample. Source: METHODS §6, §10.16.
    """
    account = open_account("ADPP", "ADPC", adpc)
    for reason, rows in adpc[adpc["ANL01FL"] != "Y"].groupby("REASEXC"):
        account.leave_out(rows.index, str(reason) or "not in the analysis")
    used = adpc[adpc["ANL01FL"] == "Y"]
    used = account.keep(used, used["AINFN"].notna(), "of no infusion")
    account.settle(used.index)
    keys = _profile_keys(used, infused, rules)
    found = analyse(profiles_of(used, keys), rules, (keys["AINFN"] == 1).to_numpy())
    frames = []
    for place, parameter in enumerate(parameters(rules)):
        value, reason = parameter.find(found)
        unit = parameter.unit.format(c=rules.units)
        shown = f"{parameter.name} ({unit})" if unit else parameter.name
        frames.append(
            keys.assign(
                PARAMCD=parameter.code, PARAM=shown, PARAMN=float(place + 1), AVAL=value,
                AVALU=unit, PPREASND=reason.astype(object), **_criteria(parameter, found),
            )
        )  # fmt: skip
    adpp = pd.concat(frames).sort_values([*GROUP, "PARAMN"], kind="stable")
    adpp = adpp.assign(PPSEQ=adpp.groupby("USUBJID").cumcount() + 1.0)
    adpp = merge_core(adpp.reset_index(drop=True), adsl)
    return adpp.assign(TRTA=text(adpp, "TRT01A"), PPCAT=rules.analyte)


def _criteria(parameter: Parameter, found: Analysed) -> dict[str, object]:
    if parameter.code.startswith("AUC"):
        put = np.where(found.from_zero, "Y", "").astype(object)
        return {"CRIT1": FROM_ZERO, "CRIT1FL": put, "CRIT2": "", "CRIT2FL": ""}
    if parameter.code != "LAMZHL":
        return {"CRIT1": "", "CRIT1FL": "", "CRIT2": "", "CRIT2FL": ""}
    rule = found.rules.terminal
    with np.errstate(invalid="ignore"):
        short, poor = found.fit.span < rule.span, found.fit.r2adj < rule.r2adj
    return {
        "CRIT1": f"Span < {rule.span:g} half-lives",
        "CRIT1FL": np.where(short, "Y", "").astype(object),
        "CRIT2": f"Adjusted R2 < {rule.r2adj:g}",
        "CRIT2FL": np.where(poor, "Y", "").astype(object),
    }


def _profile_keys(used: pd.DataFrame, infused: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """The profiles: every infusion in the main specimen, and others with a sample after it."""
    after = used.loc[used["PREDOSFL"] != "Y", GROUP]
    main = infused[["USUBJID", "AINFN"]].assign(PCSPEC=rules.main_specimen)
    keys = pd.concat([main[GROUP], after]).drop_duplicates()
    return keys.sort_values(GROUP, kind="stable").reset_index(drop=True)


def profiles_of(used: pd.DataFrame, keys: pd.DataFrame) -> Profiles:
    """The samples as padded arrays, one row per profile of `keys` (with a 0…n-1 index).

    A pre-dose sample stands at time 0, before one taken then.
    """
    rows = keys.assign(row=range(len(keys)))
    samples = used[[*GROUP, "ARELTM", "AVAL", "BLQFL", "PREDOSFL"]].merge(rows, on=GROUP)
    pre = (samples["PREDOSFL"] == "Y").to_numpy()
    samples["time"] = samples["ARELTM"].mask(pre, 0.0)
    samples["after"] = ~pre
    samples = samples.sort_values(["row", "time", "after"], kind="stable")
    place = samples.groupby("row").cumcount().to_numpy()
    shape = (len(keys), int(place.max()) + 1 if len(place) else 1)
    at = (samples["row"].to_numpy(), place)

    def padded(values: pd.Series, empty: object, kind: type) -> nca.Array:
        array: nca.Array = np.full(shape, empty, dtype=kind)
        array[at] = values.to_numpy()
        return array

    return Profiles(
        padded(samples["time"], np.nan, float),
        padded(samples["AVAL"], np.nan, float),
        padded(samples["BLQFL"] == "Y", False, bool),
        padded(samples["after"], False, bool),
    )


def _auc_last(x: Analysed) -> Found:
    log_down = x.rules.auc == "linear-up-log-down"
    return nca.auc_last(x.profiles, x.points, x.tlast, log_down, x.first)


FROM_ZERO = "C(T0) = 0 before the first sample"
SOME = "a quantifiable sample after the infusion"
TWO = "two samples, one of them quantifiable after the infusion"
TO_28 = "a sample to day 28, and one at or after it, less the window"
FIT = "three quantifiable samples after the peak on a falling curve"
PEAK = (
    Parameter("CMAX", "Cmax", "{c}", "a sample after the infusion", lambda x: x.cmax),
    Parameter("TMAX", "Tmax", "days", SOME, lambda x: x.tmax),
    Parameter("AUC28", "AUC day 0 to 28", "day*{c}", TO_28,
              lambda x: x.area(0.0, END_DAY)),
    Parameter("C28", "Copies at day 28", "{c}", "a sample within the window of day 28",
              lambda x: nca.value_near(x.profiles, END_DAY, x.rules.window_days)),
)  # fmt: skip
LAST = (
    Parameter("AUCLST", "AUC to last quantifiable", "day*{c}", TWO, _auc_last),
    Parameter("CLST", "Last quantifiable copies", "{c}", SOME, lambda x: x.clast),
    Parameter("TLST", "Time of last quantifiable", "days", SOME, lambda x: x.tlast),
)  # fmt: skip
TERMINAL = (
    Parameter("LAMZ", "Terminal rate", "/day", FIT, lambda x: x.fitted("rate")),
    Parameter("LAMZHL", "Terminal half-life", "days", FIT, lambda x: x.fitted("half_life")),
    Parameter("LAMZNPT", "Points of the terminal fit", "", FIT, lambda x: x.fitted("points")),
    Parameter("R2ADJ", "Adjusted R2 of the terminal fit", "", FIT, lambda x: x.fitted("r2adj")),
    Parameter("SPAN", "Half-lives the terminal fit spans", "", FIT, lambda x: x.fitted("span")),
)
