"""A file that can't be read, said as an error and as a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from csr.errors import DataError, Finding


def unreadable(path: Path, what: str, to_do: str) -> DataError:
    """`adae.xpt: what is wrong; what to do`, carrying the same as a finding of that dataset."""
    finding = Finding("error", path.stem.upper(), "", "unreadable", what, to_do)
    return DataError(f"{path.name}: {what}; {to_do}", (finding,))


def repeated(names: Iterable[str]) -> list[str]:
    """The names that are there more than once, sorted."""
    return sorted(name for name, times in Counter(names).items() if times > 1)
