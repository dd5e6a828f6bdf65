"""csr: reproducible analysis reports for clinical trials.

The way of the data is the tree: read → cut → derive → analyse (endpoints) → display → report
(render) → package. A stage imports only itself, the leaves and stages to its left.

What others may build on is `read_params`, `check` and `build`; everything else may change place.
They are loaded when first asked for: `import csr` costs nothing.

    >>> import csr
    >>> params = csr.read_params("params/pharmaverse-adam.yaml")
    >>> params.study.id, params.cut.id
    ('CDISCPILOT01', 'pharmaverse-adam')
    >>> checked = csr.check("params/pharmaverse-adam.yaml")
    >>> len(checked.errors), sorted(checked.adam)[:3]
    (0, ['adae', 'adrs', 'adsl'])

A whole report, as `csr build` makes it (`built.html` and `built.pdf` are paths):

    built = csr.build("params/pharmaverse-adam.yaml", out="build")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csr.params.file import read_params
    from csr.pipeline.face import build, check

__all__ = ["__version__", "build", "check", "read_params"]
__version__ = "0.1.0"

_FACE = {
    "read_params": "csr.params.file",
    "check": "csr.pipeline.face",
    "build": "csr.pipeline.face",
}


def __getattr__(name: str) -> Any:
    if name not in _FACE:
        raise AttributeError(f"module 'csr' has no attribute '{name}'")
    return getattr(import_module(_FACE[name]), name)
