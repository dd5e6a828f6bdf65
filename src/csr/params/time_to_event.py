"""Time-to-event endpoints, declared as data: ours, and the model by which a study declares its own.

A declaration names when the clock starts, what ends the time, what censors it, who has a record,
and which displays it has. `csr.derive.time_to_event` has a rule over the facts of a subject for
each name; the records of ADTTE, the analyses, the displays, the sentence of the methods and the key
in params follow from the declaration. Source: METHODS §4.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from csr.params.parts import AdamColumn, LongText, Rule, Text
from csr.params.protocol import Strategy, TimeToEventRules

EndpointName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,23}$")]
StartName = Literal["first-infusion", "apheresis", "first-response", "first-benefit"]
EventName = Literal["progression", "death", "new-therapy", "clinical-progression", "response"]
CensorName = Literal[
    "no-baseline",
    "new-therapy",
    "missed-visits",
    "undated-progression",
    "death-without-progression",
    "clinical-progression",
    "left-study",
    "last-adequate-assessment",
    "last-known-alive",
    "start",
]
AmongName = Literal["treated", "apheresed", "responders", "disease-control"]
Shown = Literal["curve", "summary", "comparison", "reasons", "strategies", "subgroups"]
Handling = Literal["treatment-policy", "censor", "event", "gaps-ignored", "clinical-progression"]

WHO_HAS_THE_START: dict[StartName, AmongName] = {
    "first-infusion": "treated",
    "apheresis": "apheresed",
    "first-response": "responders",
    "first-benefit": "disease-control",
}
SINCE: dict[StartName, str] = {
    "first-infusion": "first dose",
    "apheresis": "apheresis",
    "first-response": "first response",
    "first-benefit": "first disease control",
}
EVENT_WORDS: dict[EventName, str] = {
    "progression": "progression",
    "death": "death from any cause",
    "new-therapy": "new anticancer therapy",
    "clinical-progression": "clinical progression",
    "response": "confirmed response",
}
# How intercurrent events are handled otherwise: the end of PARAMCD, and the words for PARAM.
SUFFIX: dict[Handling, str] = {
    "treatment-policy": "TP",
    "censor": "CNS",
    "event": "NT",
    "gaps-ignored": "GAP",
    "clinical-progression": "CLN",
}
HANDLING_WORDS: dict[Handling, str] = {
    "treatment-policy": "treatment policy",
    "censor": "censored at new therapy",
    "event": "new therapy is an event",
    "gaps-ignored": "treatment policy, gaps ignored",
    "clinical-progression": "clinical progression is an event",
}
# These censor even where there is an event.
PRE_EMPTING = ("no-baseline", "new-therapy", "missed-visits")
OF_GAPS = ("no-baseline", "missed-visits")
AT_THE_END = 200
PARAMCD_LENGTH = 8


class TimeToEvent(Rule):
    """A time-to-event endpoint: from its start to the first of its events, or to a censoring."""

    name: EndpointName = Field(description="its name in params, analyses and displays")
    label: Text = Field(description="as reports call it: Event-free survival")
    paramcd: AdamColumn = Field(
        "", validate_default=False, description="PARAMCD in ADTTE; none: the name in capitals"
    )
    param: str = Field("", max_length=200, description="PARAM in ADTTE; none: the label")
    unit: Literal["days", "months"] = Field("days", description="unit of AVAL where delivered")
    start: StartName | None = Field(
        None,
        description="when the clock starts; needed where ADTTE is derived, from SDTM: "
        + ", ".join(get_args(StartName)),
    )
    events: tuple[EventName, ...] = Field(
        (),
        description="what ends the time; the earliest counts, on one day the one named first: "
        + ", ".join(get_args(EventName)),
    )
    censors: tuple[CensorName, ...] = Field(
        (),
        description="why a time is censored, tried in this order; no-baseline, new-therapy and "
        "missed-visits even where there is an event, the others where there is none; who has "
        "neither event nor reason is censored at the start, and a progression without a full date "
        "censors where progression is an event, named or not: " + ", ".join(get_args(CensorName)),
    )
    among: AmongName | None = Field(
        None,
        description="who has a record; none: who has the start: " + ", ".join(get_args(AmongName)),
    )
    strategies: tuple[Handling, ...] = Field(
        (),
        description="further handlings of intercurrent events, each a parameter of its own: "
        "PARAMCD with TP, CNS, NT, GAP or CLN at its end: " + ", ".join(get_args(Handling)),
    )
    evaluators: bool = Field(
        False,
        description="also by the other evaluators of ADRS: PARAMCD with their initials at its end",
    )
    displays: tuple[Shown, ...] = Field(
        ("curve", "summary", "comparison", "reasons", "strategies"),
        description="a figure; a table, and in it the comparison of groups; a block in the table "
        "of reasons for censoring; its handlings beside each other; rates in subgroups: "
        + ", ".join(get_args(Shown)),
    )
    order: int = Field(AT_THE_END, ge=0, description="place of its displays in section 14.2")
    event_words: str = Field("", max_length=200, description="the events, as a reader's text")
    since: str = Field("", max_length=200, description="the start, as a reader's text")
    notes: tuple[LongText, ...] = Field((), description="footnotes of its curve and summary")

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, raw: object) -> object:
        """With PARAMCD from the name, and the last censoring, which every time can have."""
        if not isinstance(raw, dict):
            return raw
        name, censors, events = (raw.get(key) for key in ("name", "censors", "events"))
        full = dict(raw)
        if not raw.get("paramcd") and isinstance(name, str):
            full["paramcd"] = name.replace("-", "").upper()[:8]
        if isinstance(censors, list | tuple) and censors:
            full["censors"] = _always_declared(
                censors, events if isinstance(events, list | tuple) else ()
            )
        return full

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if wrong := _contradiction(self):
            raise ValueError(f"{self.name}: {wrong}")
        return self

    @property
    def who(self) -> AmongName:
        """Who has a record; of a delivered endpoint, the treated."""
        return self.among or WHO_HAS_THE_START[self.start or "first-infusion"]

    @property
    def population(self) -> str:
        """The analysis set it is shown for: times from apheresis are of everyone apheresed."""
        return "apheresed" if self.who == "apheresed" else "safety"

    @property
    def said_events(self) -> str:
        """`progression or death from any cause`."""
        return self.event_words or one_of([EVENT_WORDS[event] for event in self.events])

    @property
    def said_start(self) -> str:
        """`first dose`; of a delivered endpoint whose start is not said, `start`."""
        return self.since or (SINCE[self.start] if self.start else "start")

    @property
    def described(self) -> str:
        """PARAM in ADTTE."""
        return self.param or self.label


def _always_declared(censors: Sequence[str], events: Sequence[str]) -> tuple[str, ...]:
    """With what holds of every endpoint: the start last, and a progression that has no full date.

    Such a progression is no event, but where the time ends must not be after it.
    """
    full = [*censors] if "start" in censors else [*censors, "start"]
    if "progression" in events and "undated-progression" not in full:
        after = sum(name in PRE_EMPTING for name in full)
        full.insert(after, "undated-progression")
    return tuple(full)


def in_sentence(label: str) -> str:
    """A label within a sentence: `overall survival`, but `EFS by central review`."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def one_of(words: Sequence[str]) -> str:
    """`a, b or c`."""
    *before, last = words or [""]
    return f"{', '.join(before)} or {last}" if before else last


def _contradiction(endpoint: TimeToEvent) -> str:
    """What of a declaration can't be, "" where all can."""
    e = endpoint
    if bool(e.start) != bool(e.events):
        return "start and events are declared together, or neither"
    for key, names in (("events", e.events), ("censors", e.censors), ("displays", e.displays)):
        if twice := [name for name, n in Counter[str](names).items() if n > 1]:
            return f"{key}: {', '.join(twice)} is named twice"
    if "comparison" in e.displays and "summary" not in e.displays:
        return "displays: the comparison is part of the summary, which is not named"
    return _contradiction_of_events(e) or _contradiction_of_start(e)


def _contradiction_of_events(e: TimeToEvent) -> str:
    if not e.events:
        return "censors: without events there is nothing to censor" if e.censors else ""
    if both := sorted(set(e.events) & set(e.censors)):
        return f"{', '.join(both)} can't be an event and censor it too"
    if "death-without-progression" in e.censors and "death" in e.events:
        return "censors: death-without-progression, but death is an event"
    if not e.censors and not (e.who == "responders" and "response" in e.events):
        return "censors: name at least one, or who has no event would have no record"
    if "start" in e.censors[:-1]:
        return "censors: start comes last, since it always applies"
    return ""


def _contradiction_of_start(e: TimeToEvent) -> str:
    if e.start == "apheresis":
        if timed := [c for c in OF_GAPS if c in e.censors]:
            return f"censors: {', '.join(timed)} count from the first infusion, not from apheresis"
        if e.who != "apheresed":
            return "among: from apheresis, everyone apheresed has a record (no guarantee time)"
    if e.start and e.start != "apheresis" and e.who == "apheresed":
        return "among: apheresed needs the start apheresis"
    if e.start == "first-response" and "response" in e.events:
        return "events: the response is the start"
    return ""


AS_PFS: tuple[CensorName, ...] = (
    "no-baseline",
    "new-therapy",
    "missed-visits",
    "undated-progression",
    "clinical-progression",
    "left-study",
    "last-adequate-assessment",
    "start",
)
SHOWN: tuple[Shown, ...] = ("curve", "summary", "comparison", "reasons")
BOTH: tuple[Handling, ...] = ("treatment-policy", "censor")
OS = TimeToEvent(
    name="os",
    label="Overall survival",
    param="Overall Survival",
    start="first-infusion",
    events=("death",),
    censors=("last-known-alive", "start"),
    displays=(*SHOWN, "subgroups"),
    order=50,
)
PFS = TimeToEvent(
    name="pfs",
    label="Progression-free survival",
    param="Progression-Free Survival",
    start="first-infusion",
    events=("progression", "death"),
    censors=AS_PFS,
    strategies=(*BOTH, "event", "gaps-ignored", "clinical-progression"),
    evaluators=True,
    displays=(*SHOWN, "strategies", "subgroups"),
    order=30,
)
DOR = TimeToEvent(
    name="dor",
    label="Duration of response",
    param="Duration of Response",
    start="first-response",
    events=("progression", "death"),
    censors=AS_PFS[1:],
    strategies=BOTH,
    evaluators=True,
    displays=SHOWN,
    order=35,
    notes=(
        "Subjects with a confirmed response; from the first CR or PR, not the confirming scan.",
    ),
)
DDC = TimeToEvent(
    name="ddc",
    label="Duration of disease control",
    param="Duration of Disease Control",
    start="first-benefit",
    events=("progression", "death"),
    censors=AS_PFS[1:],
    strategies=BOTH,
    displays=SHOWN,
    order=40,
    notes=(
        "Subjects with disease control as best response; from the first assessment that shows it.",
    ),
)
TTP = TimeToEvent(
    name="ttp",
    label="Time to progression",
    param="Time to Progression",
    start="first-infusion",
    events=("progression",),
    censors=(*AS_PFS[:4], "death-without-progression", *AS_PFS[4:]),
    strategies=BOTH,
    displays=SHOWN,
    order=45,
    notes=("Death without progression is censored at the last adequate assessment.",),
)
# Everyone analysed had the response, so that its times are described, not estimated.
TTR = TimeToEvent(
    name="ttr",
    label="Time to response",
    param="Time to Response (confirmed responders)",
    start="first-infusion",
    events=("response",),
    among="responders",
    displays=(),
    order=47,
)
# The endpoints with a key of params, in the order of displays that show several.
LIBRARY = (OS, PFS, DOR, DDC, TTP, TTR)


def under(
    endpoint: TimeToEvent, handling: Handling, suffix: str = "", words: str = ""
) -> TimeToEvent:
    """The endpoint with its intercurrent events handled otherwise, under another name."""
    named = {
        "paramcd": endpoint.paramcd + suffix,
        "param": f"{endpoint.described} ({words})" if words else endpoint.described,
    }
    events: tuple[EventName, ...] = endpoint.events
    censors: tuple[CensorName, ...] = endpoint.censors
    if handling == "clinical-progression":
        events = (*events, "clinical-progression")
        censors = tuple(c for c in censors if c != "clinical-progression")
        return endpoint.model_copy(update={**named, "events": events, "censors": censors})
    if handling == "censor" and "new-therapy" not in censors:
        place = 1 if censors[:1] == ("no-baseline",) else 0
        censors = (*censors[:place], "new-therapy", *censors[place:])
    elif handling != "censor":
        censors = tuple(c for c in censors if c != "new-therapy")
    if handling != "event":
        events = tuple(event for event in events if event != "new-therapy")
    elif "new-therapy" not in events:
        events = (*events, "new-therapy")
    if handling == "gaps-ignored":
        censors = tuple(c for c in censors if c not in OF_GAPS)
    return endpoint.model_copy(update={**named, "events": events, "censors": censors})


def variants(endpoint: TimeToEvent, handlings: Sequence[Handling]) -> tuple[TimeToEvent, ...]:
    """The endpoint under each of these handlings, named by its PARAMCD and PARAM."""
    one = endpoint.model_copy(update={"evaluators": False})
    return tuple(under(one, h, SUFFIX[h], HANDLING_WORDS[h]) for h in handlings)


def by_evaluator(endpoint: TimeToEvent, evaluator: str) -> TimeToEvent:
    """The endpoint as another evaluator saw it, named by the evaluator's initials."""
    initials = "".join(word[0] for word in evaluator.split())
    return endpoint.model_copy(
        update={
            "paramcd": endpoint.paramcd + initials,
            "param": f"{endpoint.described} ({evaluator.lower()})",
        }
    )


PFS_GAPS_IGNORED = variants(PFS, ["gaps-ignored"])[0]
PFS_FROM_APHERESIS = PFS_GAPS_IGNORED.model_copy(
    update={
        "paramcd": "PFSAPH",
        "param": "Progression-Free Survival from Apheresis (treatment policy, gaps ignored)",
        "start": "apheresis",
    }
)
OS_FROM_APHERESIS = OS.model_copy(
    update={
        "paramcd": "OSAPH",
        "param": "Overall Survival from Apheresis",
        "start": "apheresis",
    }
)


def library_endpoints(
    rules: TimeToEventRules, *, clinical_progression: bool
) -> tuple[TimeToEvent, ...]:
    """Every endpoint of ADTTE that a protocol asks for, in its order.

    PFS, DOR, DDC and TTP come under the protocol's primary strategy for new anticancer therapy and,
    each under its own name, under both ICH E9(R1) strategies; then the sensitivity analyses of PFS,
    that of clinical progression only where the protocol says what that is.
    """
    primary: Strategy = rules.new_therapy
    ddc = DDC
    if rules.ddc_start == "T0":
        ddc = DDC.model_copy(update={"start": "first-infusion", "among": "disease-control"})
    by_strategy: list[TimeToEvent] = []
    for endpoint in (PFS, DOR, ddc, TTP):
        first = under(endpoint, primary, "", HANDLING_WORDS[primary])
        by_strategy += [first, *variants(endpoint, BOTH)]
    sensitivity = variants(PFS, ["event", "gaps-ignored"])
    if clinical_progression:
        pfs = by_strategy[0].model_copy(update={"param": PFS.param})
        seen = variants(pfs, ["clinical-progression"])[0]
        sensitivity = (*sensitivity, seen)
    ttr = TTR
    if rules.responders == "unconfirmed":
        ttr = TTR.model_copy(update={"param": "Time to Response (confirmed or not)"})
    return (*by_strategy, *sensitivity, ttr, OS, OS_FROM_APHERESIS, PFS_FROM_APHERESIS)


def with_variants(endpoint: TimeToEvent) -> tuple[TimeToEvent, ...]:
    """An endpoint of the study's own as declared, and under each further handling it asks for."""
    return (endpoint, *variants(endpoint, endpoint.strategies))


def not_delivered(endpoint: TimeToEvent) -> str:
    """Why an endpoint of the study's own can't be of delivered ADaM, "" where it can."""
    if endpoint.strategies or endpoint.evaluators:
        return (
            "strategies and evaluators are derived from SDTM; of delivered ADaM, declare each "
            "parameter as an endpoint of its own"
        )
    return ""


def not_derived(
    endpoint: TimeToEvent, others: Sequence[TimeToEvent], rules: TimeToEventRules
) -> str:
    """Why an endpoint of the study's own can't be derived from SDTM beside the others, or ""."""
    if not endpoint.events:
        return "start and events are needed, since ADTTE is derived"
    codes = [e.paramcd for e in with_variants(endpoint)]
    if long := [code for code in codes if len(code) > PARAMCD_LENGTH]:
        return f"the PARAMCD {', '.join(long)} is longer than {PARAMCD_LENGTH}; give a shorter one"
    ours = library_endpoints(rules, clinical_progression=True)
    theirs = (v for other in others for v in with_variants(other))
    taken = {e.paramcd for e in (*ours, *theirs)}
    if twice := [code for code in codes if code in taken]:
        return f"the PARAMCD {', '.join(twice)} is taken"
    return ""
