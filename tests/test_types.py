"""Tests of the signatures of the public interface: what mypy refuses, and what it accepts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = ROOT / "tests" / "typed_programs.py"


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[int, str]:
    """Return what mypy says about the programs, by line; it runs once, because it is slow."""
    pytest.importorskip("mypy", reason="mypy is a tool for development (make lint)")
    cache = tmp_path_factory.mktemp("mypy")
    arguments = ("--strict", "--no-error-summary", "--follow-imports=silent", f"--cache-dir={cache}")
    command = [sys.executable, "-m", "mypy", *arguments, "--enable-error-code=ignore-without-code", str(PROGRAMS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.stderr == ""
    found = (re.fullmatch(r"tests/typed_programs\.py:(\d+): error: (.*)", line) for line in done.stdout.splitlines())
    return {int(one[1]): one[2] for one in found if one is not None}


def test_mypy_refuses_what_is_wrong_and_nothing_else(complaints: dict[int, str]) -> None:
    """mypy refuses each line marked `# refused`, and no other."""
    lines = PROGRAMS.read_text(encoding="utf-8").splitlines()
    refused = {number for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    assert len(refused) >= 25
    assert complaints.keys() == refused, complaints


def test_mypy_suggests_the_nearest_name(complaints: dict[int, str]) -> None:
    """For a mistyped keyword mypy suggests the nearest one."""
    assert any('"pagesize" for "FakeKounta"; did you mean "page_size"?' in text for text in complaints.values())
    assert any('"firstname"' in text and "first_name" in text for text in complaints.values())
