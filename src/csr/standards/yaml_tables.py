"""Reads the standards' data files, once."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from ruamel.yaml import YAML


@cache
def read_table(name: str) -> Any:
    """The content of a data file of this folder; not to be changed by who reads it."""
    text = (resources.files("csr.standards") / name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(text)
