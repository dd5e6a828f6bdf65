"""Two futures of one study, the same until the cut-off: nothing a build prints tells them apart.

In the one subjects die after the cut-off; in the other they live, and their events are still open
in the transfer. All files of a build but the restricted account (and digests of the source, which
differ where the source does) are the same, to the byte.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from csr.params.file import read_params
from csr.pipeline import pipeline
from csr.pipeline.chapters import Chapter
from csr.pipeline.data import check_data
from csr.pipeline.workspace import RESTRICTED, make_staging, project_folder
from csr.render.report import settle_renderer

SUBJECTS = [f"01-{i:03d}" for i in range(1, 9)]
DIES = ["01-003", "01-006"]
FLAGS = {"N for the others": "N", "blank for the others": ""}
PARAMS = """\
study: {id: TWO, title: Two futures, simulated: true}
cut: {id: cut-1, label: Cut 1, cutoff: 2026-06-01, transfer: 2026-09-02, report_date: 2026-09-10}
data:
  standard: sdtm
  folder: .
  datasets:
    dm: {file: dm.csv}
    ex: {file: ex.csv}
    ae: {file: ae.csv}
    ds: {file: ds.csv}
    dd: {file: dd.csv}
    ss: {file: ss.csv}
    suppdm: {file: suppdm.csv}
    suppae: {file: suppae.csv}
    relrec: {file: relrec.csv}
conventions: {severity: AESEV}
treatment:
  levels:
    - {value: A, label: Arm A}
protocol:
  exposure:
    study_treatment: {domain: ex}
  time_to_event:
    new_therapy: treatment-policy
    schedule: {every: [[42, null]], window: 7}
"""


def with_columns(domain: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Records of a domain, each with STUDYID and DOMAIN (RDOMAIN has none)."""
    frame = pd.DataFrame(rows)
    frame.insert(0, "STUDYID", "TWO")
    if not {"RDOMAIN"} <= set(frame):
        frame.insert(1, "DOMAIN", domain)
    return frame


# fmt: off
def study(dying: list[str], no: str) -> dict[str, pd.DataFrame]:
    """SDTM of a transfer three months after the cut-off; `dying` died in between."""
    dm, ex, ae, ds, ss, dd, supp, relrec, suppae = ([] for _ in range(9))
    for i, subject in enumerate(SUBJECTS):
        who = {"USUBJID": subject}
        dead = subject in dying
        known = subject == "01-001"  # died before the cut-off, and is known to have
        last = "2026-07-03" if subject in DIES else "2026-04-01" if known else "2026-05-20"
        dm.append(
            who
            | {"SUBJID": subject[-3:], "SITEID": "01", "RFICDTC": "2026-01-02",
               "RFSTDTC": "2026-01-10", "RFXSTDTC": "2026-01-10", "RFXENDTC": "2026-01-10",
               "RFENDTC": "2026-01-10",
               "RFPENDTC": last, "DTHDTC": last if dead or known else "",
               "DTHFL": "Y" if dead or known else no, "AGE": 40 + i, "AGEU": "YEARS", "SEX": "F",
               "RACE": "ASIAN", "ARM": "A", "ARMCD": "A", "ACTARM": "A", "ACTARMCD": "A",
               "COUNTRY": "CHN"}
        )
        ex.append(who | {"EXSEQ": 1, "EXTRT": "CELLS", "EXDOSE": 1, "EXDOSU": "CELLS",
                         "EXSTDTC": "2026-01-10", "EXENDTC": "2026-01-10"})
        for seq, term in enumerate(("PNEUMONIA", "NAUSEA"), 1):
            fatal = dead and seq == 1
            closed = seq == 2
            ae.append(
                who
                | {"AESEQ": seq, "AETERM": term, "AEDECOD": term, "AEBODSYS": "BODY",
                   "AESEV": "SEVERE",
                   "AESER": "Y" if fatal else "N", "AESDTH": "Y" if fatal else no, "AESHOSP": "N",
                   "AEREL": "RELATED", "AEACN": "NONE", "AESTDTC": "2026-05-10",
                   "AEENDTC": last if fatal else "2026-05-15" if closed else "",
                   "AEOUT": "FATAL" if fatal else "RECOVERED/RESOLVED" if closed
                            else "NOT RECOVERED/NOT RESOLVED"}
            )
        ds.append(who | {"DSSEQ": 1, "DSTERM": "CONSENT",
                         "DSDECOD": "INFORMED CONSENT OBTAINED",
                         "DSCAT": "PROTOCOL MILESTONE", "DSSTDTC": "2026-01-02"})
        ss.append(who | {"SSSEQ": 1, "SSTESTCD": "SURVSTAT", "SSTEST": "Survival Status",
                         "SSSTRESC": "ALIVE", "SSDTC": "2026-04-01"})
        if known or dead:
            end = "2026-04-01" if known else last
            ds.append(who | {"DSSEQ": 2, "DSTERM": "DEATH", "DSDECOD": "DEATH",
                             "DSCAT": "DISPOSITION EVENT", "DSSTDTC": end})
            dd.append(who | {"DDSEQ": 1, "DDTESTCD": "PRCDTH", "DDTEST": "Primary Cause of Death",
                             "DDORRES": "PNEUMONIA", "DDSTRESC": "PNEUMONIA", "DDDTC": end})
            ss.append(who | {"SSSEQ": 2, "SSTESTCD": "SURVSTAT", "SSTEST": "Survival Status",
                             "SSSTRESC": "DEAD", "SSDTC": end})
            supp.append({"RDOMAIN": "DM"} | who | {"IDVAR": "", "IDVARVAL": "", "QNAM": "DTHCAUS",
                                                   "QLABEL": "Cause", "QVAL": "PNEUMONIA",
                                                   "QORIG": "CRF"})
            suppae.append({"RDOMAIN": "AE"} | who | {"IDVAR": "AESEQ", "IDVARVAL": "1",
                                                     "QNAM": "AEDTHREL",
                                                     "QLABEL": "Death related", "QVAL": "Y",
                                                     "QORIG": "CRF"})
            for domain, variable in (("AE", "AESEQ"), ("DD", "DDSEQ")):
                relrec.append({"RDOMAIN": domain} | who | {"IDVAR": variable, "IDVARVAL": "1",
                                                           "RELTYPE": "", "RELID": "D1"})
    named = {"dm": dm, "ex": ex, "ae": ae, "ds": ds, "ss": ss, "dd": dd, "suppdm": supp,
             "relrec": relrec, "suppae": suppae}
    return {name: with_columns(name.upper(), rows) for name, rows in named.items()}


# fmt: on
def build_of(folder: Path, frames: dict[str, pd.DataFrame]) -> Path:
    """Everything of a build but the pages, which are made from it: data, accounts, displays."""
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "params.yaml"
    path.write_text(PARAMS, encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, folder)
    assert checked.errors == (), checked.errors
    build = make_staging(folder / "out" / "cut")
    pipeline._write_inputs(path, params, checked, build, settle_renderer("embedded"))
    for name in pipeline._chapters_of(checked.plan):
        chapter = Chapter(build, name)
        chapter.analyse()
        chapter.draw()
    pipeline._write_report_sources(params, project_folder(), build, checked.plan, {})
    return build


def contents(build: Path) -> dict[str, object]:
    """Every file of a build by name, without the restricted account, and without the digests of
    source files, which tell that a file is another and no more."""
    found: dict[str, object] = {}
    for path in sorted(p for p in build.rglob("*") if p.is_file()):
        name = path.relative_to(build).as_posix()
        if name.startswith(RESTRICTED):
            continue
        if path.suffix == ".parquet":
            frame = pd.read_parquet(path)
            found[name] = frame.drop(columns="sha256", errors="ignore").to_csv(index=False)
        elif path.suffix == ".ttf":
            continue
        else:
            found[name] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("no", FLAGS.values(), ids=FLAGS)
def test_no_file_of_a_build_tells_of_a_death_after_the_cut_off(tmp_path: Path, no: str) -> None:
    with_deaths = build_of(tmp_path / "dies", study(DIES, no))
    without = build_of(tmp_path / "lives", study([], no))
    one, other = contents(with_deaths), contents(without)
    digests = {"displays/sources.md", "displays/chapter-16.1.md"}
    assert set(one) == set(other)
    assert len(one) > 40
    assert [name for name in one if name not in digests and one[name] != other[name]] == []
    # The display of the source files differs by two digests a changed file, and nothing else.
    for name in digests:
        lines = (str(one[name]).split(), str(other[name]).split())
        assert len(lines[0]) == len(lines[1])


@pytest.mark.slow
def test_the_restricted_account_tells_all_and_is_its_owners(tmp_path: Path) -> None:
    build = build_of(tmp_path / "dies", study(DIES, "N"))
    folder = build / RESTRICTED
    assert folder.stat().st_mode & 0o077 == 0
    files = sorted(folder.iterdir())
    assert [p.name for p in files] == [
        "cut_counts.csv",
        "cut_resets.csv",
        "findings.csv",
        "sources.csv",
    ]
    assert all(p.stat().st_mode & 0o077 == 0 for p in files)
    counts = pd.read_csv(folder / "cut_counts.csv").set_index("domain")
    assert counts.loc["DD", ["rows_before", "rows_after", "removed"]].tolist() == [3, 1, 2]
    resets = pd.read_csv(folder / "cut_resets.csv")
    assert set(resets.loc[resets["reset"] == "death", "cells"]) == {2}
    printed = pd.read_parquet(build / "meta" / "cut_counts.parquet").set_index("domain")
    untold = printed.index[printed["removed"] == "not shown"]
    assert set(untold) == {"DM", "DD", "DS", "SS", "SUPPDM", "SUPPAE", "RELREC"}
    assert printed.loc["AE", ["rows_before", "removed", "modified"]].tolist() == ["16", "0", "0"]


@pytest.mark.slow
def test_a_grade_5_taken_back_is_named_in_the_restricted_account_alone(tmp_path: Path) -> None:
    frames = study(DIES, "N")
    fatal = frames["ae"]["AEOUT"] == "FATAL"
    frames["ae"] = frames["ae"].assign(AETOXGR=["5" if f else "3" for f in fatal])
    del frames["suppae"], frames["relrec"]
    folder = tmp_path / "grades"
    folder.mkdir()
    for name, frame in frames.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    path = folder / "params.yaml"
    kept = [x for x in PARAMS.splitlines() if "suppae" not in x and "relrec" not in x]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    checked = check_data(read_params(path), folder)
    assert checked.errors == ()
    assert {f.check for f in checked.restricted_findings} == {"cut-grade-5"}
    assert not [f for f in checked.findings if f.check == "cut-grade-5"]
    assert not [f for f in checked.findings if set(DIES) & set(json.dumps(f.keys).split("=, "))]
