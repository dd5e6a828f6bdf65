"""The shape of the house: what may import what, where things stand, what files must not hold."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from csr.displays.catalogue import CHAPTERS, REPORT_SECTIONS, all_displays
from csr.displays.model import Display
from csr.pipeline.chapters import NOTEBOOKS
from csr.results import Analysis

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "csr"
MODULES = sorted(SOURCE.rglob("*.py"))
STAGES = (
    "read",
    "cut",
    "derive",
    "stats",
    "endpoints",
    "displays",
    "render",
    "compare",
    "pipeline",
    "package",
    "demo",
    "cli",
)
LEAVES = {
    "errors",
    "params",
    "relationship",
    "results",
    "rounding",
    "standards",
    "terms",
    "__init__",
}
# Rooms of drawing that chapters share.
SHARED_DRAWING = {"tables", "figures"}
# The simulated study is a stage of its own that only the command line uses.
ALONE = {"demo"}


def room_of(module: Path) -> str:
    parts = module.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
            if node.module == "csr":
                names = [f"csr.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith("csr.")}
    return found


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(SOURCE)))
def test_a_module_imports_only_leaves_and_stages_to_its_left(module: Path) -> None:
    room = room_of(module)
    if room in ("__main__", "__init__"):  # the command line, and the face of the library
        return
    assert room in (*STAGES, *LEAVES), f"{room}: neither a stage nor a leaf"
    for other in imports_of(module) - {room, "__version__"}:
        if room in LEAVES:
            assert other in LEAVES, f"leaf {room} imports {other}"
        elif other not in LEAVES:
            assert STAGES.index(other) < STAGES.index(room), f"{room} imports {other}"
            assert other not in ALONE or room == "cli", f"{room} imports {other}"


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(SOURCE)))
def test_modules_and_public_names_are_documented(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module says what it is"
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), f"{node.name} has no docstring"


def test_the_root_shows_the_stages_and_the_leaves() -> None:
    shown = {p.stem for p in SOURCE.iterdir() if not p.name.startswith("__")}
    assert shown == {*STAGES, *LEAVES} - {"__init__"}


@pytest.mark.parametrize("stage", ["endpoints", "displays"])
def test_rooms_have_the_names_of_the_chapters(stage: str) -> None:
    rooms = {p.name for p in (SOURCE / stage).iterdir() if (p / "__init__.py").is_file()}
    assert rooms <= set(NOTEBOOKS) | (SHARED_DRAWING if stage == "displays" else set())


def test_a_display_stands_in_the_room_of_its_section() -> None:
    room_of_section = {s: room for room, sections in NOTEBOOKS.items() for s in sections}
    for module in (SOURCE / "displays").glob("*/*.py"):
        name = f"csr.displays.{module.parent.name}.{module.stem}"
        display = getattr(import_module(name), "DISPLAY", None)
        if display is not None:
            assert room_of_section[display.section] == module.parent.name, name


def test_no_analysis_or_display_can_leave_out_which_columns_it_reads() -> None:
    for kind in (Analysis, Display):
        (field,) = (f for f in dataclasses.fields(kind) if f.name == "needs")
        assert field.default is dataclasses.MISSING
        assert field.default_factory is dataclasses.MISSING


def test_no_module_is_called_utils() -> None:
    assert not [m for m in MODULES if m.stem in {"utils", "helpers", "common", "misc"}]


@pytest.mark.parametrize("notebook", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda n: n.stem)
def test_notebooks_are_thin_and_hold_no_outputs(notebook: Path) -> None:
    assert notebook.stem in NOTEBOOKS
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    assert 3 <= len(code) <= 8
    tagged = [c for c in code if "parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for cell in code:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        source = "".join(cell["source"])
        tree = ast.parse(source)
        banned = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.BinOp)
        assert not [n for n in ast.walk(tree) if isinstance(n, banned)], source
        assert len(source.splitlines()) <= 6


def test_every_chapter_has_its_notebook() -> None:
    assert {n.stem for n in ROOT.glob("notebooks/*.ipynb")} == set(NOTEBOOKS)
    assert {s for sections in NOTEBOOKS.values() for s in sections} == set(CHAPTERS)


@pytest.mark.parametrize("report", sorted(REPORT_SECTIONS))
def test_a_report_includes_its_sections_in_order(report: str) -> None:
    text = (ROOT / "reports" / f"{report}.qmd").read_text(encoding="utf-8")
    included = re.findall(r"include \.\./displays/chapter-([\d.]+)\.md", text)
    assert included == [section for section in CHAPTERS if section in REPORT_SECTIONS[report]]


def test_every_display_is_in_a_report() -> None:
    assert {s for sections in REPORT_SECTIONS.values() for s in sections} == set(CHAPTERS)
    assert {d.section for d in all_displays()} <= set(CHAPTERS)
    names = [d.name for d in all_displays()]
    assert len(names) == len(set(names))


def test_reports_compute_nothing() -> None:
    for report in [*ROOT.glob("reports/*.qmd"), *ROOT.glob("reports/parts/*.md")]:
        text = report.read_text(encoding="utf-8")
        assert "```{python" not in text
        assert "`{python}" not in text


def test_locks_are_hashed_and_name_no_registry() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "index-url" not in text
        assert "://" not in text
        pinned = re.findall(r"^[A-Za-z0-9_.-]+==", text, flags=re.M)
        assert pinned
        assert text.count("--hash=sha256:") >= len(pinned)


def test_every_dependency_is_justified() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    for requirement in [r for group in groups for r in group]:
        name = re.split(r"[<>=]", requirement)[0]
        assert f"| `{name}` |" in said, f"{name} is not in docs/dependencies.md"


def test_ci_script_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "make check" in text
    assert "make test" in text


def test_no_file_names_a_machine_path() -> None:
    pattern = re.compile(r"/(?:wor[k]|roo[t]|hom[e]/\w+)/")
    for path in [*MODULES, *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md"), *ROOT.glob("params/*")]:
        assert not pattern.search(path.read_text(encoding="utf-8")), path
