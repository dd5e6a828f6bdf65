"""A study's own time-to-event endpoint, by params alone: event-free survival (issue 14, point 4).

Eight subjects, the first infusion on 10 March 2024, scans every 28 days (window 7); expected days,
reasons and Kaplan-Meier estimates are counted by hand:

    day after the first infusion     event-free survival
    E-1  SD 28, PD 56                PD, day 56
    E-2  SD 28, therapy 40, PD 56    new therapy, day 40
    E-3  SD 28, death 60             death, day 60
    E-4  SD 28, SD 56                censored, day 56
    E-5  SD 28, PD 112               censored, day 28: day 56 and 84 were missed (limit 84 + 14)
    E-6  no scan, withdrawn          censored, day 0
    E-7  no scan, therapy 20         new therapy, day 20
    E-8  never treated               no record
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import adtte, write_study

from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays, place
from csr.displays.model import Display, Figure, Listing, Table
from csr.errors import ParamsError
from csr.params import Params
from csr.params.endpoints import Endpoints
from csr.params.file import read_params
from csr.params.time_to_event import LIBRARY
from csr.pipeline.data import Checked, check_data
from csr.pipeline.prose import shown_times, variables_of

T0 = dt.date(2024, 3, 10)
SUBJECTS = [f"E-{i}" for i in range(1, 9)]
SCANS = {
    "E-1": {28: "SD", 56: "PD"},
    "E-2": {28: "SD", 56: "PD"},
    "E-3": {28: "SD"},
    "E-4": {28: "SD", 56: "SD"},
    "E-5": {28: "SD", 112: "PD"},
}
THERAPY = {"E-2": 40, "E-7": 20}
EFS = """\
  time_to_event:
    - name: efs
      label: Event-free survival
      start: first-infusion
      events: [progression, death, new-therapy]
      censors: [missed-visits, left-study, last-adequate-assessment]
"""
PARAMS = """\
study: {id: EFS, title: Event-free survival, simulated: true}
cut: {id: cut-1, label: Cut 1, cutoff: 2024-12-31, transfer: 2025-01-02, report_date: 2025-01-10}
data:
  standard: sdtm
  folder: .
  datasets:
    dm: {file: dm.csv}
    ex: {file: ex.csv}
    rs: {file: rs.csv}
    cm: {file: cm.csv}
    ds: {file: ds.csv}
treatment:
  levels:
    - {value: A, label: Arm A}
conventions: {landmark_months: [1]}
protocol:
  exposure:
    study_treatment: {domain: ex}
  new_therapy:
    - {domain: cm, where: {CMCAT: [ANTICANCER]}}
  time_to_event:
    new_therapy: treatment-policy
    schedule: {every: [[28, null]], window: 7}
endpoints:
"""


def on(day: int) -> str:
    """The date of a day after the first infusion."""
    return (T0 + dt.timedelta(days=day)).isoformat()


def frames() -> dict[str, pd.DataFrame]:
    """SDTM of the eight subjects."""
    dm, ex, rs, cm, ds = ([] for _ in range(5))
    for subject in SUBJECTS:
        who, treated = {"USUBJID": subject}, subject != "E-8"
        died = on(60) if subject == "E-3" else ""
        arm = "A" if treated else ""
        dm.append(
            who
            | {
                "SUBJID": subject,
                "SITEID": "01",
                "RFICDTC": on(-10),
                "RFSTDTC": on(0) if treated else "",
                "RFXSTDTC": on(0) if treated else "",
                "RFPENDTC": on(150),
                "DTHDTC": died,
                "DTHFL": "Y" if died else "",
                "AGE": 60,
                "AGEU": "YEARS",
                "SEX": "F",
                "RACE": "ASIAN",
                "ARM": "A",
                "ARMCD": "A",
                "ACTARM": arm,
                "ACTARMCD": arm,
                "COUNTRY": "CHN",
            }
        )
        if treated:
            ex.append(
                who
                | {
                    "EXSEQ": 1,
                    "EXTRT": "CELLS",
                    "EXDOSE": 1,
                    "EXDOSU": "CELLS",
                    "EXSTDTC": on(0),
                    "EXENDTC": on(0),
                }
            )
        for seq, (day, response) in enumerate(SCANS.get(subject, {}).items(), 1):
            rs.append(
                who
                | {
                    "RSSEQ": seq,
                    "RSTESTCD": "OVRLRESP",
                    "RSTEST": "Overall Response",
                    "RSSTRESC": response,
                    "RSEVAL": "INVESTIGATOR",
                    "VISITNUM": seq,
                    "VISIT": f"VISIT {seq}",
                    "RSDTC": on(day),
                }
            )
        if subject in THERAPY:
            started = {"CMSEQ": 1, "CMTRT": "DRUG", "CMDECOD": "DRUG", "CMCAT": "ANTICANCER"}
            cm.append(who | started | {"CMSTDTC": on(THERAPY[subject]), "CMENDTC": ""})
        ended = {"E-3": "DEATH", "E-6": "WITHDRAWAL BY SUBJECT"}.get(subject)
        if ended:
            category = {"DSCAT": "DISPOSITION EVENT", "DSSCAT": "STUDY PARTICIPATION"}
            day = {"DSSTDTC": on(60)}
            ds.append(who | {"DSSEQ": 1, "DSTERM": ended, "DSDECOD": ended} | category | day)
    named = {"dm": dm, "ex": ex, "rs": rs, "cm": cm, "ds": ds}
    return {
        name: pd.DataFrame(rows).assign(STUDYID="EFS", DOMAIN=name.upper())
        for name, rows in named.items()
    }


def run(folder: Path, endpoints: str = EFS) -> tuple[Params, Checked]:
    """The study under params that declare these endpoints."""
    for name, frame in frames().items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "params.yaml"
    path.write_text(PARAMS + endpoints, encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, folder)
    assert checked.errors == (), checked.errors
    return params, checked


def results_of(display: Display, params: Params, checked: Checked) -> pd.DataFrame:
    done = [a.run(checked.adam, params).results for a in display.analyses]
    return pd.concat(done, ignore_index=True) if done else pd.DataFrame()


def drawn(name: str, params: Params, checked: Checked) -> Table | Listing | Figure:
    planned = next(p for p in checked.plan.displays if p.display.name == name)
    results = results_of(planned.display, params, checked)
    return place(planned.display, planned.number, results, checked.adam, params).drawing


def lines_of(table: object) -> list[tuple[str, ...]]:
    assert isinstance(table, Table)
    return [line.cells for line in table.lines]


def test_records_are_those_counted_by_hand(tmp_path: Path) -> None:
    _, checked = run(tmp_path)
    efs = checked.adam["adtte"].query("PARAMCD == 'EFS'").set_index("USUBJID")
    expected = {
        "E-1": (57, 0, "Progressive disease"),
        "E-2": (41, 0, "New anticancer therapy"),
        "E-3": (61, 0, "Death"),
        "E-4": (57, 1, "No event"),
        "E-5": (29, 1, "Two or more missed visits"),
        "E-6": (1, 1, "Lost to follow-up or withdrawn"),
        "E-7": (21, 0, "New anticancer therapy"),
    }
    assert {s: tuple(efs.loc[s, ["AVAL", "CNSR", "EVNTDESC"]]) for s in efs.index} == expected
    assert set(efs["PARAM"]) == {"Event-free survival"}
    assert efs.loc["E-2", ["SRCDOM", "SRCVAR"]].tolist() == ["ADSL", "NACTDT"]


def test_the_summary_is_that_counted_by_hand(tmp_path: Path) -> None:
    """S = 5/6 at 21 d, ·3/4 at 41, ·2/3 at 57 (5/12): median 57 d; 5/6 at one month."""
    params, checked = run(tmp_path)
    lines = {cells[0]: cells[1] for cells in lines_of(drawn("efs-summary", params, checked))}
    assert lines["Subjects with a record"] == "7"
    assert lines["Events, n (%)"] == "4 (57.1)"
    assert lines["Median (95% CI)"].startswith(f"{57 / 30.4375:.1f} (")
    assert lines["1 months"].startswith("83.3 (")
    assert lines["1 months"].endswith("[4]")
    estimate = results_of(display("efs-summary", params), params, checked)
    own = estimate[(estimate["analysis"] == "efs") & (estimate["level1"] == "A")]
    at = own[own["group2"] == "TIME"].set_index(["level2", "stat"])["value"]
    steps = {round(float(t) * 30.4375): v for (t, stat), v in at.items() if stat == "surv"}
    assert steps[21] == pytest.approx(100 * 5 / 6)
    assert steps[41] == pytest.approx(100 * 5 / 8)
    assert steps[57] == pytest.approx(100 * 5 / 12)
    assert steps[61] == 0


def display(name: str, params: Params) -> Display:
    return next(d for d in all_displays(params) if d.name == name)


def test_the_curve_and_the_reasons(tmp_path: Path) -> None:
    params, checked = run(tmp_path)
    curve = drawn("efs-curve", params, checked)
    assert isinstance(curve, Figure)
    assert "event-free survival. Arm A: 7 subjects, 4 events, median 1.9 months" in curve.alt
    lines = lines_of(drawn("censoring-reasons", params, checked))
    labels = [cells[0] for cells in lines]
    block = {cells[0]: cells[1] for cells in lines[labels.index("Event-free survival") :]}
    assert block == {
        "Event-free survival": "",
        "Event": "4 (57.1)",
        "New anticancer therapy": "2 (28.6)",
        "Death": "1 (14.3)",
        "Progressive disease": "1 (14.3)",
        "Censored": "3 (42.9)",
        "Lost to follow-up or withdrawn": "1 (14.3)",
        "No event": "1 (14.3)",
        "Two or more missed visits": "1 (14.3)",
    }
    listing = drawn("time-to-event-listing", params, checked)
    assert isinstance(listing, Listing)
    assert sum("Event-free survival" in cells for cells in listing.lines) == 7


def test_the_methods_say_what_it_is(tmp_path: Path) -> None:
    params, checked = run(tmp_path)
    results = pd.concat(
        [results_of(p.display, params, checked) for p in checked.plan.within(["14.2"])]
    )
    assert params.endpoints.time_to_event[0] in shown_times(params, set(results["analysis"]))
    said = variables_of(params, results)["time_to_event"]["declared"]
    assert "Overall survival: from first dose to death from any cause." in said
    assert (
        "Event-free survival: from first dose to progression, death from any cause or new "
        "anticancer therapy; censored, in this order: two or more missed visits, progression "
        "without a full date, lost to follow-up or withdrawn, no event." in said
    )


def test_nothing_else_changes(tmp_path: Path) -> None:
    """The displays that were there keep their numbers; records of ADTTE their place and number."""
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    _, more = run(tmp_path / "with")
    _, less = run(tmp_path / "without", "  {}\n")
    numbers = [{p.display.name: p.number for p in c.plan.displays} for c in (more, less)]
    assert set(numbers[0]) - set(numbers[1]) == {"efs-curve", "efs-summary"}
    assert {name: numbers[0][name] for name in numbers[1]} == numbers[1]
    kept = more.adam["adtte"].query("PARAMCD != 'EFS'").reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, less.adam["adtte"])


def test_variants_only_where_asked(tmp_path: Path) -> None:
    """Under treatment policy E-2 has its PD (day 56) and E-7 no event; gaps ignored: E-5 its PD."""
    asked = EFS + "      strategies: [treatment-policy, censor, gaps-ignored]\n"
    params, checked = run(tmp_path, asked)
    adtte = checked.adam["adtte"]
    times = adtte.pivot_table(index="USUBJID", columns="PARAMCD", values="AVAL")
    ends = adtte.pivot_table(index="USUBJID", columns="PARAMCD", values="CNSR")
    assert times.loc["E-2", ["EFS", "EFSTP", "EFSCNS", "EFSGAP"]].tolist() == [41, 57, 29, 57]
    assert ends.loc["E-2", ["EFS", "EFSTP", "EFSCNS", "EFSGAP"]].tolist() == [0, 0, 1, 0]
    assert ends.loc["E-7", ["EFS", "EFSTP", "EFSCNS"]].tolist() == [0, 1, 1]
    assert (times.loc["E-5", "EFSGAP"], ends.loc["E-5", "EFSGAP"]) == (113, 0)
    labels = [cells[0] for cells in lines_of(drawn("efs-strategies", params, checked))]
    assert labels[0] == "Primary analysis"
    assert "Censored at new anticancer therapy (FDA)" in labels
    assert set(adtte["PARAMCD"]) - {"EFS", "EFSTP", "EFSCNS", "EFSGAP"} == {
        code for code in adtte["PARAMCD"] if not code.startswith("EFS")
    }


def test_an_event_that_nothing_can_show_is_a_finding(tmp_path: Path) -> None:
    asked = EFS.replace("new-therapy]", "clinical-progression]")
    _, checked = run(tmp_path, asked)
    [finding] = [f for f in checked.findings if f.check == "event-never-seen"]
    assert "clinical-progression is an event of EFS" in finding.message


def test_from_apheresis_it_is_of_everyone_apheresed(tmp_path: Path) -> None:
    """No population of the apheresed is declared: the displays are left out, and why is said."""
    asked = """\
  time_to_event:
    - name: efs-aph
      label: Event-free survival from apheresis
      paramcd: EFSAPH
      start: apheresis
      events: [progression, death]
      censors: [last-adequate-assessment]
"""
    params, checked = run(tmp_path, asked)
    assert checked.plan.left_out["efs-aph-summary"] == "params declare no populations.apheresed"
    assert display("efs-aph-reasons", params).population == "apheresed"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("name: efs", "name: pfs"), "the name 'pfs' is taken"),
        (("name: efs", "name: dlt"), "the name 'dlt' is taken"),
        (("name: efs", "name: swimmer"), "'swimmer'"),
        (("name: efs", "name: response"), "'response-summary'"),
        (("name: efs", "name: EFS"), "endpoints.time_to_event.0.name"),
        (("name: efs", "name: efs\n      paramcd: PFS"), "the PARAMCD 'PFS' is taken"),
        (("name: efs", "name: efs\n      paramcd: PFSGAP"), "the PARAMCD PFSGAP is taken"),
        (("name: efs", "name: event-free"), "the PARAMCD EVENTFRETP is longer than 8"),
        (("start: first-infusion", "start: infusion"), "'first-infusion'"),
        (("progression, death", "progresion, death"), "endpoints.time_to_event.0.events"),
        (("[missed-visits,", "[new-therapy, missed-visits,"), "new-therapy can't be an event"),
        (("[missed-visits,", "[start, missed-visits,"), "start comes last"),
        (("[missed-visits, left-study, last-adequate-assessment]", "[]"), "name at least one"),
        (("start: first-infusion", "start: apheresis"), "missed-visits count from the first"),
        (
            ("      events: [progression, death, new-therapy]\n", ""),
            "start and events are declared",
        ),
        (
            ("[missed-visits,", "[death-without-progression, missed-visits,"),
            "but death is an event",
        ),
        (("label: Event", "labell: Event"), "Did you mean 'label'?"),
    ],
)
def test_what_cannot_be_is_an_error_of_params(
    tmp_path: Path, change: tuple[str, str], expected: str
) -> None:
    declared = EFS
    if "event-free" in change[1]:
        declared += "      strategies: [treatment-policy]\n"
    assert change[0] in declared
    with pytest.raises(ParamsError) as error:
        run(tmp_path, declared.replace(*change))
    assert expected in str(error.value)


def test_two_with_one_name_or_one_paramcd(tmp_path: Path) -> None:
    again = EFS.replace("  time_to_event:\n", "")
    with pytest.raises(ParamsError, match="the name 'efs' is taken"):
        run(tmp_path, EFS + again)
    with pytest.raises(ParamsError, match="the PARAMCD 'EFS' is taken"):
        run(tmp_path, EFS + again.replace("name: efs", "name: efs-2\n      paramcd: EFS"))
    asked = EFS + "      strategies: [treatment-policy]\n"
    with pytest.raises(ParamsError, match="EFSTP is taken"):
        run(tmp_path, asked + again.replace("name: efs", "name: efs-tp"))


def test_from_a_delivered_paramcd(tmp_path: Path) -> None:
    """Twelve subjects, those of OS with other days: events and median are those of its records."""
    efs = adtte().query("PARAMCD == 'PFS'").assign(PARAMCD="EFSINV", PARAM="EFS")
    path = write_study(tmp_path, adtte=pd.concat([adtte(), efs], ignore_index=True))
    declared = "  time_to_event: [{name: efs, label: Event-free survival, paramcd: EFSINV}]\n"
    path.write_text(path.read_text(encoding="utf-8") + declared, encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, tmp_path)
    found = results_of(display("efs-summary", params), params, checked)
    pfs = results_of(display("pfs-summary", params), params, checked)
    pd.testing.assert_series_equal(found["value"], pfs["value"])
    assert set(found["analysis"]) == {"efs", "efs-comparison"}
    notes = display("efs-summary", params).footnotes
    assert notes[0] == "As delivered in ADTTE, PARAMCD EFSINV."
    blocks = [cells[0] for cells in lines_of(drawn("censoring-reasons", params, checked))]
    assert "Event-free survival" in blocks


def test_a_delivered_paramcd_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    declared = "  time_to_event: [{name: efs, label: Event-free survival}]\n"
    path.write_text(path.read_text(encoding="utf-8") + declared, encoding="utf-8")
    [error] = check_data(read_params(path), tmp_path).errors
    assert error.check == "parameter-absent"
    assert "endpoints.efs names PARAMCD EFS" in error.message


def test_delivered_data_have_no_variants(tmp_path: Path) -> None:
    path = write_study(tmp_path)
    declared = "  time_to_event: [{name: efs, label: EFS, strategies: [censor]}]\n"
    path.write_text(path.read_text(encoding="utf-8") + declared, encoding="utf-8")
    with pytest.raises(ParamsError, match="derived from SDTM"):
        read_params(path)


APHERESIS = """\
    - name: efs-aph
      label: Event-free survival from apheresis
      paramcd: EFSAPH
      start: apheresis
      events: [progression, death]
      censors: [clinical-progression, left-study, last-adequate-assessment]
"""


def test_in_the_demonstration_it_is_pfs_with_new_therapy_as_an_event(tmp_path: Path) -> None:
    """EFS with the censorings of PFS has the records of PFSNT, and so have its handlings.

    Those of PFS are derived from another declaration, and held to METHODS elsewhere.
    """
    write_demo(tmp_path, subjects=60)
    path = tmp_path / "params" / "interim.yaml"
    censors = (
        "no-baseline, missed-visits, clinical-progression, left-study, last-adequate-assessment"
    )
    declared = EFS.replace("missed-visits, left-study, last-adequate-assessment", censors)
    declared += "      strategies: [treatment-policy, censor, gaps-ignored]\n"
    declared += "      evaluators: true\n" + APHERESIS
    text = path.read_text(encoding="utf-8")
    assert "\nendpoints:\n" in text
    text = text.replace("\nendpoints:\n", f"\nendpoints:\n{declared}")
    path.write_text(text, encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, path.parent)
    adtte = checked.adam["adtte"]
    columns = ["USUBJID", "STARTDT", "ADT", "AVAL", "CNSR", "EVNTDESC", "CNSDTDSC", "SRCSEQ"]
    same = {
        "EFS": "PFSNT",
        "EFSTP": "PFSTP",
        "EFSCNS": "PFSCNS",
        "EFSGAP": "PFSGAP",
        "EFSAPH": "PFSAPH",
    }
    for code, of_pfs in same.items():
        own, theirs = (adtte.loc[adtte["PARAMCD"] == c, columns] for c in (code, of_pfs))
        assert len(own) >= 30
        pd.testing.assert_frame_equal(
            own.reset_index(drop=True), theirs.reset_index(drop=True), obj=code
        )
    assert {"New anticancer therapy"} < set(adtte.query("PARAMCD == 'EFS'")["EVNTDESC"])
    assert set(adtte.query("PARAMCD == 'EFSIA'")["RSEVAL"]) == {"INDEPENDENT ASSESSOR"}
    shown = [p.display.name for p in checked.plan.displays if p.display.name.startswith("efs")]
    assert shown == [
        "efs-aph-curve",
        "efs-aph-reasons",
        "efs-aph-summary",
        "efs-curve",
        "efs-strategies",
        "efs-summary",
    ]
    for name in (*shown, "censoring-reasons", "time-to-event-listing"):
        assert drawn(name, params, checked)
    apheresed = int(checked.adam["adsl"]["APHDT"].notna().sum())
    summary = {cells[0]: cells[-1] for cells in lines_of(drawn("efs-aph-summary", params, checked))}
    assert summary["Subjects with a record"] == str(apheresed)
    reasons = {cells[0] for cells in lines_of(drawn("censoring-reasons", params, checked))}
    assert "Event-free survival" in reasons
    assert "Event-free survival from apheresis" not in reasons
    labels = {cells[0] for cells in lines_of(drawn("efs-strategies", params, checked))}
    assert "Primary strategy, independent assessor" in labels


def test_the_library_is_declared_by_the_same_model() -> None:
    names = {d.name for d in all_displays()}
    for endpoint in LIBRARY:
        assert endpoint.name in names or f"{endpoint.name}-summary" in names
        assert type(endpoint).model_validate(endpoint.model_dump()) == endpoint
        assert endpoint.name in Endpoints.model_fields
