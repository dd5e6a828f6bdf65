"""One build: read, check, decide, run the chapters, write the report, put it in its place."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from rich.console import Console

from csr.displays.catalogue import CHAPTERS, Plan
from csr.errors import AnalysisError, DataError, Finding, sort_findings
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline import prose
from csr.pipeline.chapters import NOTEBOOKS, read_results, write_box, write_parquet
from csr.pipeline.data import Checked, check_data
from csr.pipeline.failures import (
    Failure,
    missing_displays,
    note_failure,
    read_failures,
    told_missing,
)
from csr.pipeline.glyphs import find_missing_glyphs
from csr.pipeline.notebooks import run_notebooks
from csr.pipeline.plan import left_out_frame, write_plan
from csr.pipeline.progress import Reporter
from csr.pipeline.provenance import (
    finding_rows,
    findings_frame,
    sources_frame,
    versions_frame,
    write_manifest,
    write_restricted,
)
from csr.pipeline.stored import changed_since
from csr.pipeline.workspace import (
    discard,
    make_staging,
    place_of,
    project_folder,
    publish,
    publish_failed,
)
from csr.render.escape import escape_csv
from csr.render.fonts import FONTS, write_fonts
from csr.render.metadata import ReportMeta, write_metadata, write_variables
from csr.render.report import Settled, render, settle_renderer

STEPS = 6
REPORT_LABELS = {"interim": "Interim report", "long-term": "Long-term follow-up report"}
CONTENTS = "{{< include ../reports/parts/chapter-contents.md >}}"


@dataclass(frozen=True)
class Built:
    """A complete build: where it is and what it says of the data."""

    place: Path
    html: Path
    pdf: Path
    findings: tuple[Finding, ...]
    displays: int
    renderer: str
    seconds: float


def build_report(params_path: Path, out: Path, renderer: str, jobs: int, console: Console) -> Built:
    """Builds the report of one cut; the former build stays until this one is complete.

    Raises the CsrError of the stage that failed; the former build is then untouched.
    """
    params = read_params(params_path)
    place = place_of(params, out)
    staging = make_staging(place)
    try:
        with Reporter(console, STEPS) as progress:
            return _build(params_path, params, staging, place, renderer, jobs, progress)
    finally:
        discard(staging)


def _build(
    params_path: Path,
    params: Params,
    staging: Path,
    place: Path,
    renderer: str,
    jobs: int,
    progress: Reporter,
) -> Built:
    settled = settle_renderer(renderer)
    if settled.notice:
        progress.say(settled.notice)
    progress.step("reading and checking the data")
    checked = check_data(params, params_path.parent)
    if checked.errors:
        raise DataError(f"{len(checked.errors)} error(s) in the data", checked.findings)
    write_fonts(staging, [params_path.parent / folder for folder in params.report.fonts])
    more = [*find_missing_glyphs(checked.adam, staging / FONTS), *find_shortcodes(params)]
    checked = replace(checked, findings=tuple(sort_findings([*checked.findings, *more])))
    progress.step("writing ADaM")
    _write_inputs(params_path, params, checked, staging, settled)
    progress.step(f"running the chapters' notebooks, {jobs} at a time")
    sources = project_folder()
    stopped = run_notebooks(sources / "notebooks", staging, jobs, _chapters_of(checked.plan))
    _box_the_rest(staging, checked.plan, stopped)
    missing = missing_displays(read_failures(staging), checked.plan.displays)
    progress.step("writing prose and numbers")
    _write_report_sources(params, sources, staging, checked.plan, missing)
    progress.step(f"rendering HTML and PDF ({settled.renderer})")
    rendered = render(staging, params.report.template, settled.renderer)
    for warning in rendered.warnings:
        progress.say(f"{settled.renderer} warns: {warning}")
    progress.step("writing the manifest")
    write_manifest(staging, params, f"{settled.renderer}: {rendered.version}")
    if failures := read_failures(staging):
        failed = publish_failed(staging, place)
        raise AnalysisError(_told(failures, failed, place))
    publish(staging, place)
    return Built(
        place,
        place / rendered.html.relative_to(staging),
        place / rendered.pdf.relative_to(staging),
        checked.findings,
        len(checked.plan.displays),
        settled.renderer,
        progress.seconds,
    )


def _write_inputs(
    params_path: Path, params: Params, checked: Checked, staging: Path, settled: Settled
) -> None:
    """Everything the chapters read: params, ADaM, and the frames about the build."""
    shutil.copyfile(params_path, staging / "params.yaml")
    if params.decisions is not None:
        shutil.copyfile(params_path.parent / params.decisions, staging / "decisions.csv")
    for name, frame in checked.adam.items():
        write_parquet(frame, staging / "adam" / f"{name}.parquet")
    meta = {
        **{name: frame.astype(str) for name, frame in checked.accounts.items()},
        "findings": findings_frame(checked.findings),
        "decisions": checked.decisions,
        "sources": sources_frame(checked.sources, checked.accounts.get("cut_counts")),
        "versions": versions_frame(settled.renderer, settled.version),
    }
    meta |= changed_since(params, {**checked.adam, **meta}, set(checked.adam), params_path, staging)
    meta["left_out"] = left_out_frame(checked.plan)
    write_plan(staging, checked.plan)
    for name, frame in meta.items():
        write_parquet(frame, staging / "meta" / f"{name}.parquet")
    rows = escape_csv(finding_rows(checked.findings))
    rows.to_csv(staging / "meta" / "findings.csv", index=False)
    write_restricted(staging, checked.restricted, checked.restricted_findings, checked.sources)
    checked.accounts["accounts"].to_csv(staging / "meta" / "accounts.csv", index=False)


def _box_the_rest(staging: Path, plan: Plan, stopped: dict[str, str]) -> None:
    """Boxes in place of the displays that a chapter whose notebook stopped did not come to."""
    for chapter, kind in sorted(stopped.items()):
        unmade = [
            p
            for p in plan.within(NOTEBOOKS[chapter])
            if not (staging / "displays" / f"{p.display.name}.md").is_file()
        ]
        for planned in unmade:
            failure = Failure(kind, display=planned.display.name)
            note_failure(staging, chapter, failure)
            write_box(staging, planned, [failure])
        if not unmade:
            note_failure(staging, chapter, Failure(kind))


def _told(failures: list[Failure], failed: Path, place: Path) -> str:
    """What the user reads of an incomplete build."""
    lines = [f"{f.display or f.analysis or 'a chapter'}: {f.where}" for f in failures]
    kept = "; the former build is untouched" if place.exists() else ""
    return "\n".join([*dict.fromkeys(lines), f"The report without them is in {failed}{kept}."])


def _write_report_sources(
    params: Params, sources: Path, staging: Path, plan: Plan, missing: dict[str, str]
) -> None:
    """Merges the results, and writes what the report includes; `missing` displays are boxes."""
    results = merge_results(staging)
    unmade = set(plan.analyses) - set(results["analysis"])
    made = set(results["analysis"]) | unmade
    for section, title in CHAPTERS.items():
        own = [p.display.name for p in plan.within([section])]
        _write(
            staging / "displays" / f"chapter-{section}.md", _chapter(staging, section, title, own)
        )
    _copy_report(sources / "reports", staging / "reports", params.report.template)
    shutil.copyfile(sources / "_quarto.yml", staging / "_quarto.yml")
    parts, names = staging / "reports" / "parts", {p.display.name for p in plan.displays}
    _write(
        staging / "displays" / "synopsis.md",
        prose.join_parts(parts, prose.SYNOPSIS, made | names, names),
    )
    told = made | ({prose.TIMES} if prose.shown_times(params, made) else set())
    _write(staging / "displays" / "methods.md", prose.join_parts(parts, prose.METHODS, told, names))
    write_variables(staging, prose.variables_of(params, results, unmade))
    write_metadata(staging, replace(_meta(params), missing=told_missing(missing)))


def _copy_report(sources: Path, target: Path, report: str) -> None:
    """The sources of this report; those of others are no part of its build, nor of its project."""
    others = {path.name for path in sources.glob("*.qmd")} - {f"{report}.qmd"}
    shutil.copytree(
        sources, target, dirs_exist_ok=True, ignore=lambda folder, names: others & set(names)
    )


def find_shortcodes(params: Params) -> list[Finding]:
    """One note per text of the params that opens a shortcode of Quarto on title page or headers."""
    return [
        Finding(
            "note",
            "PARAMS",
            name.upper(),
            "shortcode",
            "The text holds '{{<', which Quarto would take for a command; the title page and the "
            "page headers show '{ {<'",
            "Write the text otherwise in params if that is not wanted.",
        )
        for name in _meta(params).with_shortcodes
    ]


def _chapter(staging: Path, section: str, title: str, names: list[str]) -> str:
    """A chapter's heading, its contents and its displays; nothing where it has no display."""
    if not names:
        return "\n"
    heading = f"## {section} {title} {{#chapter-{section.replace('.', '-')}}}\n\n{CONTENTS}\n"
    texts = [(staging / "displays" / f"{n}.md").read_text(encoding="utf-8") for n in names]
    return "\n".join([heading, *texts])


def merge_results(build: Path) -> pd.DataFrame:
    """All results of a build in one frame, saved as parquet and as JSON."""
    files = sorted((build / "results").glob("*.results.parquet"))
    names = tuple(f.name.removesuffix(".results.parquet") for f in files)
    results = read_results(build, names)
    write_parquet(results, build / "results" / "results.parquet")
    text = results.to_json(orient="records", double_precision=15, force_ascii=False, indent=1)
    _write(build / "results" / "results.json", text + "\n")
    return results


def _chapters_of(plan: Plan) -> list[str]:
    """The notebooks whose chapters have a display in this report."""
    return [name for name, own in NOTEBOOKS.items() if plan.within(own)]


def _meta(params: Params) -> ReportMeta:
    study, cut = params.study, params.cut
    return ReportMeta(
        study_id=study.id,
        study_title=study.title,
        label=REPORT_LABELS[params.report.template],
        short_title=f"{REPORT_LABELS[params.report.template]}: {cut.label}",
        cut=cut.label,
        cutoff=cut.cutoff,
        transfer=cut.transfer,
        report_date=cut.report_date,
        status=cut.status,
        simulated=study.simulated,
        protocol=study.protocol,
        sponsor=study.sponsor,
        indication=study.indication,
        note=study.note,
        font=params.report.font,
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
