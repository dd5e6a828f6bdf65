"""What different datasets say of one fact, and should say alike: deaths, grades, responses.

Nothing is changed; each disagreement is a finding with its subjects. What is not there is not
compared.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.event_criteria import GRADES, grade_column
from csr.derive.findings import find_rows
from csr.derive.sources import seen_by, text
from csr.errors import Finding, Severity
from csr.params import Params
from csr.params.endpoints import Endpoints, ResponseEndpoint
from csr.params.narratives import Narratives
from csr.terms import folded, is_one_of

Adam = dict[str, pd.DataFrame]
EVENT = ("USUBJID", "AESEQ")
RESPONSES = ("bor", "bor_unconfirmed", "bor_other")
OBJECTIVE = ("CR", "PR")
CODES = (*OBJECTIVE, "SD", "NON-CR/NON-PD", "PD", "NE", "ND", "NED", "MISSING", "NA")
IMMUNE = ("iCR", "iPR", "iSD", "iUPD", "iCPD", "NON-iCR/NON-iUPD")
OVERALL = ("OVR", "OVRLRESP")
ADVERSE_EVENT = ("Adverse event", "Adverse events", "AE", "Toxicity", "Treatment-related")


def find_disagreements(adam: Adam, params: Params) -> list[Finding]:
    """Fatal events, deaths and their causes; grades of events and of the laboratory; responses
    after progression; responders and their durations; events of PFS and what they rest on."""
    return [
        *_response_codes(adam, params.endpoints),
        *_fatal_events(adam, params),
        *_deaths_without_event(adam),
        *_death_flags(adam),
        *_deaths_in_survival(adam, params),
        *_laboratory_grades(adam),
        *_after_progression(adam),
        *_responders_without_duration(adam, params),
        *_progression_free(adam, params),
    ]


def _response_codes(adam: Adam, endpoints: Endpoints) -> list[Finding]:
    """Best responses in words, or none at all: they would all count as no response."""
    adrs = adam.get("adrs")
    if adrs is None or not {"PARAMCD", "AVALC"} <= set(adrs):
        return []
    asked = {r.paramcd for name in RESPONSES if (r := getattr(endpoints, name)) is not None}
    found: list[Finding] = []
    for paramcd in sorted(asked):
        own = adrs[adrs["PARAMCD"] == paramcd]
        wrong = own[(own["AVALC"] != "") & ~own["AVALC"].isin((*CODES, *IMMUNE))]
        said = ", ".join(f"'{v[:40]}'" for v in sorted(wrong["AVALC"].unique())[:5])
        message = f"best overall response ({paramcd}) that is no code of response: {said}"
        found += _rows("error", "ADRS", "AVALC", "code", message, MAP, wrong, "AVALC")
        if len(own) and (own["AVALC"] == "").all():
            message = f"best overall response ({paramcd}) without a value in every record"
            action = "Deliver the responses, or leave the endpoint out of the params."
            found.append(Finding("warning", "ADRS", "AVALC", "no-value", message, action))
    return found


MAP = (
    "Map them under data.datasets.adrs.codelists in params, to "
    f"{', '.join(CODES[:6])}; nobody's response is guessed."
)


def _fatal(adae: pd.DataFrame) -> pd.Series:
    fatal = pd.Series(False, index=adae.index)
    for column, value in (("AEOUT", "FATAL"), ("AESDTH", "Y"), (grade_column(adae), "5")):
        if column in adae:
            fatal |= adae[column] == value
    return fatal


def _fatal_events(adam: Adam, params: Params) -> list[Finding]:
    """Fatal events of the living, of another day than the death, or with another cause of it."""
    adae, adsl = adam.get("adae"), adam.get("adsl")
    if adae is None or adsl is None or not {"USUBJID", *EVENT} <= set(adae):
        return []
    fatal, people = adae[_fatal(adae)], adsl.drop_duplicates("USUBJID").set_index("USUBJID")
    found: list[Finding] = []
    if "DTHFL" in people:
        alive = fatal["USUBJID"].map(people["DTHFL"]) != "Y"
        message = "fatal by outcome, seriousness or grade, but ADSL knows of no death (DTHFL)"
        found += _events("fatal-without-death", "AEOUT", message, fatal[alive])
    if "DTHDT" in people and "AENDT" in fatal:
        died = pd.to_datetime(fatal["USUBJID"].map(people["DTHDT"]))
        apart = died.notna() & fatal["AENDT"].notna() & (fatal["AENDT"].dt.normalize() != died)
        message = "fatal, and does not end on the day of death (DTHDT)"
        found += _events("fatal-date", "AENDT", message, fatal[apart])
    if "DTHCAUS" in people and "AEDECOD" in fatal:
        rules = params.narratives or Narratives()
        cause = fatal["USUBJID"].map(people["DTHCAUS"]).fillna("")
        other = is_one_of(cause, rules.progression) & ~is_one_of(
            fatal["AEDECOD"], rules.progression
        )
        message = "fatal, but the cause of death is the disease (DTHCAUS)"
        found += _events("fatal-cause", "AEOUT", message, fatal[other])
    return found


def _deaths_without_event(adam: Adam) -> list[Finding]:
    """Deaths of an adverse event of which none is fatal."""
    adae, adsl = adam.get("adae"), adam.get("adsl")
    if adae is None or adsl is None or "DTHCAUS" not in adsl or "USUBJID" not in adae:
        return []
    if not {"AEOUT", "AESDTH", grade_column(adae)} & set(adae):
        return []
    fatal = adae.loc[_fatal(adae), "USUBJID"]
    mine = folded(adsl["DTHCAUS"])
    terms = folded(adae["AEDECOD"]) if "AEDECOD" in adae else pd.Series(dtype=object)
    own = pd.MultiIndex.from_arrays([adsl["USUBJID"], mine])
    named = own.isin(pd.MultiIndex.from_arrays([adae.loc[terms.index, "USUBJID"], terms]))
    of_event = is_one_of(adsl["DTHCAUS"], ADVERSE_EVENT) | (named & (mine != ""))
    wrong = adsl[of_event & ~adsl["USUBJID"].isin(fatal)]
    message = "died of an adverse event, but none of the subject's events is fatal"
    return _rows("warning", "ADSL", "DTHCAUS", "death-without-event", message, COMPLETE, wrong)


COMPLETE = "correct the cause of death, or the outcome of the event"


def _death_flags(adam: Adam) -> list[Finding]:
    adsl = adam.get("adsl")
    if adsl is None or not {"DTHFL", "DTHDT"} <= set(adsl):
        return []
    wrong = adsl[adsl["DTHDT"].notna() & (adsl["DTHFL"] != "Y")]
    message = "a date of death (DTHDT) without the flag of it"
    return _rows("warning", "ADSL", "DTHFL", "death-flag", message, "correct ADSL", wrong)


def _deaths_in_survival(adam: Adam, params: Params) -> list[Finding]:
    """Deaths of ADSL up to the cut-off that overall survival does not have, or on another day."""
    adsl, adtte, survival = adam.get("adsl"), adam.get("adtte"), params.endpoints.of("os")
    if adsl is None or adtte is None or survival is None or "DTHFL" not in adsl:
        return []
    os = adtte[adtte["PARAMCD"] == survival.paramcd]
    people = adsl.drop_duplicates("USUBJID").set_index("USUBJID")
    died = os["USUBJID"].map(people["DTHFL"]) == "Y"
    day = pd.to_datetime(os["USUBJID"].map(people["DTHDT"])) if "DTHDT" in people else None
    known = died if day is None else died & (day <= pd.Timestamp(params.cut.cutoff))
    censored = os["CNSR"] > 0.5
    message = "overall survival is censored, but the subject died by the cut-off (ADSL)"
    found = _times("death-not-in-os", "CNSR", message, os[known & censored])
    if day is not None and "ADT" in os:
        apart = died & ~censored & day.notna() & os["ADT"].notna() & (os["ADT"] != day)
        message = "overall survival ends with a death on another day than that of ADSL (DTHDT)"
        found += _times("os-date-of-death", "ADT", message, os[apart])
    return found


def _laboratory_grades(adam: Adam) -> list[Finding]:
    """Events of a term the laboratory grades, of another grade than its worst result meanwhile."""
    adae, adlb = adam.get("adae"), adam.get("adlb")
    needed = {*EVENT, "AEDECOD", "AETOXGR", "ASTDT", "AENDT"}
    if adae is None or adlb is None or not needed <= set(adae) or "ADT" not in adlb:
        return []
    events = adae[adae["AETOXGR"].isin(GRADES) & adae["ASTDT"].notna()]
    events = events.assign(term=_spelling(events["AEDECOD"]), row=events.index)
    graded = [
        adlb.loc[adlb[grade].isin(("0", *GRADES)), ["USUBJID", "ADT", name, grade]]
        .rename(columns={name: "term", grade: "grade"})
        .assign(term=lambda f: _spelling(f["term"]))
        for name, grade in (("ATOXDSCL", "ATOXGRL"), ("ATOXDSCH", "ATOXGRH"))
        if {name, grade} <= set(adlb)
    ]
    if not graded or events.empty:
        return []
    results = pd.concat(graded, ignore_index=True)
    results = results[results["term"].isin(set(events["term"]) - {""})]
    both = events.merge(results, on=["USUBJID", "term"])
    meanwhile = (both["ADT"] >= both["ASTDT"]) & ~(both["ADT"] > both["AENDT"])
    worst = both[meanwhile].astype({"grade": int}).groupby("row")["grade"].max()
    said = events.set_index("row")["AETOXGR"].astype(int).reindex(worst.index)
    wrong = adae.loc[worst.index[worst != said]]
    message = "of another grade than the worst result of the laboratory while it lasted"
    action = "check the grade against the results"
    return find_rows(
        wrong, Finding("note", "ADAE", "AETOXGR", "ae-laboratory-grade", message, action), EVENT
    )


def _spelling(terms: pd.Series) -> pd.Series:
    """As MedDRA or as CTCAE writes it: Anaemia, Anemia."""
    return folded(terms).astype(object).str.replace("ae", "e", regex=False)


def _after_progression(adam: Adam) -> list[Finding]:
    """Overall responses of CR, PR or SD after a PD of the same evaluator."""
    adrs = adam.get("adrs")
    if adrs is None or not {"USUBJID", "PARAMCD", "AVALC", "ADT"} <= set(adrs):
        return []
    own = adrs[adrs["PARAMCD"].isin(OVERALL) & adrs["ADT"].notna()]
    who = [own["USUBJID"], text(own, "RSEVAL")]
    first = own["ADT"].where(own["AVALC"] == "PD").groupby(who).transform("min")
    better = own["AVALC"].isin([*OBJECTIVE, "SD"])
    message = "a response of CR, PR or SD after progression by the same evaluator"
    action = "check the responses; what comes after PD counts in no best response"
    wrong = own[better & (own["ADT"] > first)]
    return _rows("warning", "ADRS", "AVALC", "response-after-pd", message, action, wrong)


def _best(adam: Adam, chosen: ResponseEndpoint | None) -> pd.DataFrame | None:
    adrs = adam.get("adrs")
    if chosen is None or adrs is None or not {"PARAMCD", "AVALC", "USUBJID"} <= set(adrs):
        return None
    own = adrs[adrs["PARAMCD"] == chosen.paramcd]
    return own[seen_by(own, chosen.evaluator)]


def _responders_without_duration(adam: Adam, params: Params) -> list[Finding]:
    """Responders of whom there is no duration of response: DOR is not of those ORR counts."""
    ends, adtte = params.endpoints, adam.get("adtte")
    duration = ends.of("dor")
    best = _best(adam, ends.bor_unconfirmed if ends.unconfirmed_responders else ends.bor)
    if adtte is None or duration is None or best is None:
        return []
    timed = adtte.loc[adtte["PARAMCD"] == duration.paramcd, "USUBJID"]
    wrong = best[best["AVALC"].isin(OBJECTIVE) & ~best["USUBJID"].isin(timed)]
    if timed.empty:
        return []
    message = "a response (CR or PR) without a duration of response in ADTTE"
    action = "correct ADTTE or ADRS"
    return _rows("warning", "ADRS", "AVALC", "response-without-dor", message, action, wrong)


def _progression_free(adam: Adam, params: Params) -> list[Finding]:
    """Events of PFS of subjects without PD and death; and times censored on or after either."""
    ends, adtte, adrs, adsl = params.endpoints, *(adam.get(n) for n in ("adtte", "adrs", "adsl"))
    endpoint = ends.of("pfs")
    if adtte is None or adrs is None or adsl is None or endpoint is None or ends.bor is None:
        return []
    if not {"PARAMCD", "AVALC", "ADT"} <= set(adrs) or "ADT" not in adtte:
        return []
    own = adtte[adtte["PARAMCD"] == endpoint.paramcd]
    seen = adrs[seen_by(adrs, ends.bor.evaluator)]
    progressed = seen[
        (seen["AVALC"] == "PD") | ((seen["PARAMCD"] == "PD") & (seen["AVALC"] == "Y"))
    ]
    people = adsl.drop_duplicates("USUBJID").set_index("USUBJID")
    event = own["CNSR"] < 0.5
    died = own["USUBJID"].map(text(people, "DTHFL")) == "Y"
    told = set(adrs["PARAMCD"]) & {*OVERALL, "PD"}
    found: list[Finding] = []
    if told and "DTHFL" in people:
        nothing = event & ~own["USUBJID"].isin(progressed["USUBJID"]) & ~died
        message = "progression-free survival has an event without PD in ADRS and without death"
        found += _times("pfs-event-without-pd", "CNSR", message, own[nothing])
    timepoints = progressed[progressed["PARAMCD"].isin([*OVERALL, "PD"])]
    first = timepoints.groupby("USUBJID")["ADT"].min()
    day = pd.to_datetime(own["USUBJID"].map(first))
    if "DTHDT" in people:
        day = pd.concat([day, pd.to_datetime(own["USUBJID"].map(people["DTHDT"]))], axis=1).min(
            axis=1
        )
    late = ~event & day.notna() & (own["ADT"] > day)
    message = "progression-free survival is censored after the day of PD or death"
    return found + _times("pfs-censored-after-pd", "ADT", message, own[late])


def _times(check: str, column: str, message: str, wrong: pd.DataFrame) -> list[Finding]:
    keys = ("USUBJID", "PARAMCD")
    action = "correct ADTTE, or the dataset that says otherwise"
    return find_rows(wrong, Finding("warning", "ADTTE", column, check, message, action), keys)


def _events(check: str, column: str, message: str, wrong: pd.DataFrame) -> list[Finding]:
    action = "correct the event, or ADSL"
    return find_rows(wrong, Finding("warning", "ADAE", column, check, message, action), EVENT)


def _rows(
    severity: Severity,
    dataset: str,
    column: str,
    check: str,
    message: str,
    action: str,
    wrong: pd.DataFrame,
    value: str | None = None,
) -> list[Finding]:
    keys = ("USUBJID",)
    return find_rows(wrong, Finding(severity, dataset, column, check, message, action), keys, value)
