"""The face of the library: few names, loaded when asked for, with examples that run."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import pytest
from tests.small_study import write_study

import csr
from csr.errors import CsrError

ROOT = Path(__file__).resolve().parents[2]


def test_importing_the_library_loads_no_pandas() -> None:
    code = "import sys, csr; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_the_examples_of_the_library_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    ran = doctest.testmod(csr)
    assert ran.attempted >= 4
    assert ran.failed == 0


def test_the_face_is_complete_and_nothing_else() -> None:
    assert all(callable(getattr(csr, name)) for name in csr.__all__ if name != "__version__")
    with pytest.raises(AttributeError, match="no attribute 'derive_everything'"):
        _ = csr.derive_everything


@pytest.mark.slow
def test_a_report_is_built_from_python(tmp_path: Path) -> None:
    params = write_study(tmp_path)
    text = params.read_text(encoding="utf-8") + "displays: {only: [demographics]}\n"
    params.write_text(text, encoding="utf-8")
    built = csr.build(params, tmp_path / "out", renderer="embedded")
    assert built.html.is_file()
    assert built.displays == 1
    with pytest.raises(CsrError):
        csr.build(tmp_path / "none.yaml", tmp_path / "out")
