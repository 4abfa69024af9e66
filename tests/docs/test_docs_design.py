"""Tests of the pages that describe the code: what they name exists."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.pages import ROOT

PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "docs" / "design.md", ROOT / "docs" / "glossary.md"]
_PATH = re.compile(r"`((?:[\w.-]+/)*[\w.-]+(?:\.(?:py|md|toml|js|txt)|/))`")
_ATTRIBUTE = re.compile(r"`([A-Z]\w+)\.(\w+)`")
_FOLDERS = [ROOT, ROOT / "fakekounta"]


@cache
def package() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "fakekounta").rglob("*.py"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_files_exist(page: Path) -> None:
    """Each file and folder in backticks exists, relative to the root or to the package."""
    named = set(_PATH.findall(page.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert [name for name in sorted(named) if not any((folder / name).exists() for folder in _FOLDERS)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_named_attributes_exist(page: Path) -> None:
    """For `Class.name` both the class and the name are in the package."""
    missing = [
        f"{cls}.{name}"
        for cls, name in _ATTRIBUTE.findall(page.read_text(encoding="utf-8"))
        if not (re.search(rf"\bclass {cls}\b", package()) and re.search(rf"\b{name}\b", package()))
    ]
    assert missing == []


def test_the_reading_path_is_in_the_fake_itself() -> None:
    """It has about ten files, in folders that the import-linter contract `tools` keeps free of tools."""
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    path = text.partition("## Read the fake in one hour")[2].partition("\n## ")[0]
    files = re.findall(r"^\| `fakekounta/(\S+\.py)` \|", path, re.MULTILINE)
    assert 9 <= len(files) <= 13
    linter = (
        (ROOT / "pyproject.toml")
        .read_text(encoding="utf-8")
        .partition('id = "tools"')[2]
        .partition("forbidden_modules")[0]
    )
    fake = set(re.findall(r'"fakekounta\.(\w+)"', linter))
    assert {name.partition("/")[0] for name in files} - fake == {"kounta.py"}
