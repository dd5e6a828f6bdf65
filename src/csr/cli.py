"""The command line: `csr build | check | results | trace | diff | demo`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from csr import __version__
from csr.compare.difference import compare_builds
from csr.compare.page import write_page
from csr.compare.told import write_json, write_text
from csr.demo.write import write_demo
from csr.endpoints.dose_escalation.design_characteristics import simulated
from csr.errors import CsrError, DataError, Finding, UsageError
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.pipeline.pipeline import build_report
from csr.pipeline.stored import derive_again, read_build
from csr.pipeline.workspace import find_build
from csr.read.source import describe_findings
from csr.render.escape import escape_csv, show_hidden
from csr.results import RESULT_COLUMNS, trace

OUT = Path("build")
app = typer.Typer(
    help="Reproducible analysis reports for clinical trials.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class RendererName(StrEnum):
    """Which program renders the report."""

    auto = "auto"
    quarto = "quarto"
    embedded = "embedded"


class Format(StrEnum):
    """How `csr results` writes."""

    table = "table"
    csv = "csv"
    json = "json"


class DiffFormat(StrEnum):
    """How `csr diff` writes."""

    table = "table"
    json = "json"


class DemoFormat(StrEnum):
    """How `csr demo` writes its datasets."""

    xpt = "xpt"
    dataset_json = "dataset-json"
    parquet = "parquet"


ParamsFile = Annotated[Path, typer.Argument(metavar="PARAMS", help="params file of the data cut")]
OutFolder = Annotated[Path, typer.Option("--out", help="folder of the builds")]
BuildName = Annotated[str, typer.Argument(metavar="BUILD", help="a build folder, or STUDY/CUT")]
Debug = Annotated[bool, typer.Option("--debug", help="show the traceback of a failure")]


@app.command()
def build(
    params: ParamsFile,
    renderer: Annotated[RendererName, typer.Option(help="auto: Quarto if it is on PATH")] = (
        RendererName.auto
    ),
    jobs: Annotated[int, typer.Option(min=1, help="chapters run at the same time")] = 2,
    out: OutFolder = OUT,
    debug: Debug = False,
) -> None:
    """Build the report of one data cut."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    built = build_report(params, out, renderer.value, jobs, console)
    typer.echo(f"HTML      {built.html}")
    typer.echo(f"PDF       {built.pdf}")
    typer.echo(f"Displays  {built.displays}")
    typer.echo(f"Findings  {_counted(built.findings)}; listed in the report, section 16.1")
    typer.echo(f"Time      {built.seconds:.0f} s, renderer {built.renderer}")


@app.command()
def check(params: ParamsFile, debug: Debug = False) -> None:
    """Check the data of one cut, and print every finding."""
    checked = check_data(read_params(params), params.parent)
    for line in describe_findings(checked.findings, checked.sources):
        typer.echo(line)
    typer.echo(f"{_counted(checked.findings)} in {len(checked.sources)} dataset(s)")
    if checked.errors:
        raise typer.Exit(DataError.exit_code)


@app.command()
def results(
    build: BuildName,
    analysis: Annotated[str | None, typer.Option(help="only this analysis")] = None,
    format: Annotated[Format, typer.Option(help="table, csv or json")] = Format.table,
    out: OutFolder = OUT,
    debug: Debug = False,
) -> None:
    """Print the results of a build, unrounded."""
    found = pd.read_parquet(find_build(build, out) / "results" / "results.parquet")
    if analysis is not None:
        known = sorted(found["analysis"].unique())
        if analysis not in known:
            raise UsageError(
                f"no analysis '{analysis}' in this build; there are {', '.join(known)}"
            )
        found = found[found["analysis"] == analysis]
    typer.echo(_as_text(found, format), nl=format is Format.table)


@app.command(name="trace")
def trace_result(
    build: BuildName,
    result: Annotated[str, typer.Argument(help="a result, as `csr results` names it")],
    format: Annotated[Format, typer.Option(help="table, csv or json")] = Format.table,
    out: OutFolder = OUT,
    debug: Debug = False,
) -> None:
    """Print the rows behind one number."""
    place = find_build(build, out)
    found = pd.read_parquet(place / "results" / "results.parquet")
    lines = found[found["result"] == result]
    if lines.empty:
        raise UsageError(
            f"no result '{result}' in this build; `csr results {build}` lists their names"
        )
    line = lines.iloc[0]
    rows = trace(pd.read_parquet(place / "results" / f"{line['analysis']}.rows.parquet"), line)
    if format is Format.table:
        typer.echo(f"{result} = {line['value']!r} {line['unit'] or ''}".rstrip())
        typer.echo(f"{len(rows)} row(s), {rows['USUBJID'].nunique()} subject(s)")
    typer.echo(_as_text(rows, format), nl=format is Format.table)


@app.command()
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="the earlier build, or STUDY/CUT")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="the later build, or STUDY/CUT")],
    format: Annotated[DiffFormat, typer.Option(help="table or json")] = DiffFormat.table,
    out_html: Annotated[Path | None, typer.Option(help="write an HTML page to this file")] = None,
    old_params: Annotated[
        Path | None, typer.Option(help="where the old build's data are: its params file")
    ] = None,
    out: OutFolder = OUT,
    debug: Debug = False,
) -> None:
    """Tell which numbers differ between two builds, and why each of them does."""
    here, there = (read_build(find_build(named, out)) for named in (old, new))
    derived = derive_again(here, there, old_params) if old_params is not None else None
    found = compare_builds(here, there, derived)
    if out_html is not None:
        out_html.write_text(write_page(found), encoding="utf-8", newline="\n")
    as_json = format is DiffFormat.json
    typer.echo(write_json(found) if as_json else write_text(found), nl=not as_json)


def _as_text(frame: pd.DataFrame, form: Format) -> str:
    if form is Format.csv:
        return escape_csv(frame).to_csv(index=False)
    if form is Format.json:
        return frame.to_json(orient="records", double_precision=15, force_ascii=False, indent=1)
    short = frame[[c for c in ("result", "value", "unit", "reason") if c in frame]]
    shown = short if set(RESULT_COLUMNS) <= set(frame) else frame
    plain = shown.map(lambda value: show_hidden(value) if isinstance(value, str) else value)
    return plain.to_string(index=False, na_rep="", max_colwidth=None)


def _counted(findings: tuple[Finding, ...]) -> str:
    counts = {s: sum(f.severity == s for f in findings) for s in ("error", "warning", "note")}
    return ", ".join(f"{n} {name}{'' if n == 1 else 's'}" for name, n in counts.items())


@app.command(name="simulate-design")
def simulate_design(params: ParamsFile, debug: Debug = False) -> None:
    """Simulate how 3+3 and BOIN do in the scenarios of endpoints.dlt.simulation."""
    read = read_params(params)
    if read.endpoints.dlt is None or read.endpoints.dlt.simulation is None:
        raise UsageError(f"{params}: declare scenarios under endpoints.dlt.simulation")
    table = simulated(read)
    wide = table.pivot_table("value", ["SCENARIO", "RULE", "QUANTITY"], "DOSE", sort=False)
    typer.echo(wide.round(2).to_string(na_rep=""))


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="an empty or new folder")],
    seed: Annotated[int, typer.Option(help="the same seed gives the same bytes")] = 21,
    subjects: Annotated[int, typer.Option(help="subjects screened, 60 to 2,000")] = 115,
    format: Annotated[DemoFormat, typer.Option(help="format of the datasets")] = DemoFormat.xpt,
    debug: Debug = False,
) -> None:
    """Write a simulated CAR-T study: SDTM of four transfers, decisions, params of four cuts."""
    for path in write_demo(folder, seed=seed, subjects=subjects, fmt=format.value):
        if path.suffix == ".yaml":
            typer.echo(f"csr build {path}")


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    if version:
        typer.echo(f"csr {__version__}")
        raise typer.Exit


def main(arguments: list[str] | None = None) -> int:
    """Runs a command and gives the exit code; failures csr explains are printed, not raised."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app(args=arguments, prog_name="csr")
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except CsrError as error:
        if "--debug" in arguments:
            raise
        typer.echo(f"csr: {error}", err=True)
        for line in describe_findings(getattr(error, "findings", ())):
            typer.echo(line, err=True)
        return error.exit_code
    except KeyboardInterrupt:
        typer.echo("csr: stopped; the former build is untouched", err=True)
        return 130
