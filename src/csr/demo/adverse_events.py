"""Adverse events, with CRS and ICANS graded from their components, and what was given for them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from csr.demo.neurotoxicity import add_crs, add_icans
from csr.demo.rates import AdverseEventRate, LateEventRate, Rates
from csr.demo.scripts import Script
from csr.demo.truth import AdverseEvent, Infusion, Relation, Subject
from csr.demo.when import Precision, When

COLLECTED_AFTER_INFUSION = 182
LAST_OUTCOME = "NOT RECOVERED/NOT RESOLVED"
AESI = {
    "Gastric mucosal lesion": "GASTRIC MUCOSAL INJURY",
    "Pneumonia": "INFECTION",
    "Upper respiratory tract infection": "INFECTION",
    "Herpes zoster": "INFECTION",
    "Hypogammaglobulinaemia": "HYPOGAMMAGLOBULINAEMIA",
    "Myelodysplastic syndrome": "SECOND MALIGNANCY",
}
LATE_CATEGORY = {
    "Infections and infestations": "INFECTION",
    "Nervous system disorders": "NEUROLOGIC",
    "Endocrine disorders": "AUTOIMMUNE",
    "Blood and lymphatic system disorders": "HAEMATOLOGIC",
}
CYTOPENIAS = ("count decreased", "cell count", "Anaemia")
RELATED: tuple[Relation, ...] = ("DEFINITE", "PROBABLE", "POSSIBLE")
UNRELATED: tuple[Relation, ...] = ("UNLIKELY", "NOT RELATED")


def add_adverse_events(
    rng: np.random.Generator, rates: Rates, subject: Subject, script: Script | None, dlt: bool
) -> None:
    """All adverse events of a treated subject, in order of onset, numbered."""
    for infusion in subject.infusions:
        again = bool(script and script.crs_again and infusion.number == 2)
        add_crs(rng, rates, subject, infusion, again)
        for term, rate in rates.adverse_events.items():
            share = 1.0 if infusion.number == 1 else 0.6
            if rng.random() < rate[1] * share:
                _add_common(rng, subject, infusion, term, rate)
    if (script and script.icans) or rng.random() < rates.toxicity.icans:
        add_icans(subject)
    if dlt:
        _add_dlt(subject)
    _add_later(rng, rates, subject)
    if script and "second malignancy" in script.marks:
        _add_second_malignancy(subject)
    if subject.death and subject.death.cause_class == "ADVERSE EVENT":
        _add_fatal(rng, subject, bool(script))
    for event in subject.events:
        _stop_when_unseen(subject, event)
        _relate_combination(rng, subject, event)
        _record_imperfectly(rng, rates, event)
    number_events(subject)


def number_events(subject: Subject) -> None:
    """Sequence numbers in order of onset: they never change, whatever is known."""
    subject.events.sort(key=lambda e: (e.onset.day, e.decod, e.term))
    for sequence, event in enumerate(subject.events, start=1):
        event.sequence = sequence
    subject.medications.sort(key=lambda m: (m.start.day, m.decod))
    for sequence, medication in enumerate(subject.medications, start=1):
        medication.sequence = sequence


def _add_common(
    rng: np.random.Generator,
    subject: Subject,
    infusion: Infusion,
    term: str,
    rate: AdverseEventRate,
) -> None:
    soc, _, earliest, latest, duration, grades, related, serious, chinese = rate
    onset = infusion.day + int(rng.integers(earliest, latest + 1))
    last = min(infusion.day + COLLECTED_AFTER_INFUSION, subject.seen_until())
    if onset >= last or (subject.new_therapy is not None and onset >= subject.new_therapy):
        return
    length = max(1, round(duration * float(np.exp(rng.normal(0, 0.5)))))
    grade = 1 + int(rng.choice(4, p=np.array(grades) / sum(grades)))
    is_serious = bool(rng.random() < serious)
    cytopenia = any(word in term for word in CYTOPENIAS)
    subject.events.append(
        AdverseEvent(
            term=chinese if subject.site == "02" else term.upper(),
            decod=term,
            soc=soc,
            onset=When(onset),
            end=When(onset + length - 1),
            grade=grade,
            cart=_relation(rng, related if onset >= infusion.day else 0.0),
            lymphodepletion=_relation(rng, 0.95 if cytopenia else 0.3),
            hospitalised=is_serious,
            life_threatening=is_serious and grade == 4,
            treated=grade >= 2,
            aesi=AESI.get(term, ""),
        )
    )


def _relation(rng: np.random.Generator, related: float) -> Relation:
    choices = RELATED if rng.random() < related else UNRELATED
    return choices[int(rng.integers(len(choices)))]


def _add_dlt(subject: Subject) -> None:
    """The planted dose-limiting toxicity: gastric mucosal injury of grade 3, over a week."""
    start = subject.planned_infusion
    subject.events.append(
        AdverseEvent(
            term="GASTRIC MUCOSAL INJURY",
            decod="Gastric mucosal lesion",
            soc="Gastrointestinal disorders",
            onset=When(start + 12),
            end=When(start + 40),
            grade=3,
            cart="PROBABLE",
            hospitalised=True,
            treated=True,
            dlt=True,
            aesi="GASTRIC MUCOSAL INJURY",
        )
    )


def _add_later(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    start = subject.planned_infusion + COLLECTED_AFTER_INFUSION + 1
    terms = rates.later_adverse_events.terms
    shares = np.array([rate[1] for rate in terms.values()])
    for year_start in range(start, subject.seen_until(), 365):
        if rng.random() >= rates.later_adverse_events.yearly_probability:
            continue
        name = list(terms)[int(rng.choice(len(terms), p=shares / shares.sum()))]
        onset = year_start + int(rng.integers(0, 365))
        if onset < subject.seen_until():
            _append_later(rng, subject, name, terms[name], onset)


def _append_later(
    rng: np.random.Generator, subject: Subject, term: str, rate: LateEventRate, onset: int
) -> None:
    soc, _, related, serious, chinese = rate
    subject.events.append(
        AdverseEvent(
            term=chinese if subject.site == "02" else term.upper(),
            decod=term,
            soc=soc,
            onset=When(onset),
            end=When(onset + int(rng.integers(6, 120))),
            grade=1 + int(rng.choice(3, p=[0.4, 0.45, 0.15])),
            cart=_relation(rng, related),
            hospitalised=bool(rng.random() < serious),
            treated=True,
            aesi=AESI.get(term, ""),
            late_category=LATE_CATEGORY.get(soc, ""),
        )
    )


def _add_second_malignancy(subject: Subject) -> None:
    onset = subject.planned_infusion + 2310
    subject.events.append(
        AdverseEvent(
            term="MYELODYSPLASTIC SYNDROME",
            decod="Myelodysplastic syndrome",
            soc="Neoplasms benign, malignant and unspecified (incl cysts and polyps)",
            onset=When(onset, "month"),
            end=None,
            grade=3,
            outcome=LAST_OUTCOME,
            cart="UNLIKELY",
            lymphodepletion="POSSIBLE",
            important=True,
            treated=True,
            aesi="SECOND MALIGNANCY",
            late_category="NEW MALIGNANCY",
            transgene="NOT TESTED",
        )
    )


def _add_fatal(rng: np.random.Generator, subject: Subject, planted: bool) -> None:
    """The planted one lasts eight days, and its end is recorded as a month."""
    if subject.death is None:
        return
    end = subject.death.when
    onset = end.day - (7 if planted else int(rng.integers(2, 12)))
    related = bool(rng.random() < 0.2)
    subject.events.append(
        AdverseEvent(
            term="上消化道出血" if subject.site == "02" else "UPPER GASTROINTESTINAL HAEMORRHAGE",
            decod="Upper gastrointestinal haemorrhage",
            soc="Gastrointestinal disorders",
            onset=When(onset),
            end=replace(end, precision="month") if planted else end,
            grade=5,
            outcome="FATAL",
            cart="POSSIBLE" if related else "UNLIKELY",
            hospitalised=not planted and bool(rng.random() < 0.5),
            fatal=True,
            treated=True,
        )
    )


def _stop_when_unseen(subject: Subject, event: AdverseEvent) -> None:
    """An event still there when the subject dies or leaves has no end."""
    last = subject.seen_until()
    if not event.fatal and event.end is not None and event.end.day >= last:
        event.end, event.outcome = None, LAST_OUTCOME


def _relate_combination(rng: np.random.Generator, subject: Subject, event: AdverseEvent) -> None:
    cohort = subject.arm.cohort if subject.arm else ""
    if cohort == "PD1":
        event.pd1 = _relation(rng, 0.25)
    if cohort == "LINE1":
        event.chemotherapy = _relation(rng, 0.1)


def _record_imperfectly(rng: np.random.Generator, rates: Rates, event: AdverseEvent) -> None:
    toxicity = rates.toxicity
    planted = event.dlt or event.fatal or event.episode or event.aesi == "SECOND MALIGNANCY"
    if planted:
        return
    if rng.random() < toxicity.missing_grade:
        event.grade = None
    if rng.random() < toxicity.missing_relationship:
        event.cart = ""
    precision: Precision = "month"
    if rng.random() < toxicity.partial_date:
        event.onset = replace(event.onset, precision=precision)
    if event.end is not None and rng.random() < toxicity.partial_date:
        event.end = replace(event.end, precision=precision)
