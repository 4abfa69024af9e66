"""Readers of pyproject.toml and other files of the project."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

from tests.pages import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def text_of(name: str) -> str:
    """Return the text of a file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def script(name: str) -> ModuleType:
    """Return a script of .ci, as a module."""
    spec = spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROJECT: dict[str, Any] = tomllib.loads(text_of("pyproject.toml"))["project"]
URLS: dict[str, str] = PROJECT["urls"]
REPOSITORY = URLS["Repository"]
