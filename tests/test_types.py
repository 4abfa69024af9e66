"""The signatures of the public interface: what mypy refuses, and what it lets pass."""

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
    """What mypy says about the programs, by line; it runs once, for it takes long."""
    pytest.importorskip("mypy", reason="mypy is a tool for development (make lint)")
    cache = tmp_path_factory.mktemp("mypy")
    arguments = ("--strict", "--no-error-summary", "--follow-imports=silent", f"--cache-dir={cache}")
    command = [sys.executable, "-m", "mypy", *arguments, "--enable-error-code=ignore-without-code", str(PROGRAMS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.stderr == ""
    found = (re.fullmatch(r"tests/typed_programs\.py:(\d+): error: (.*)", line) for line in done.stdout.splitlines())
    return {int(one[1]): one[2] for one in found if one is not None}


def test_mypy_refuses_what_is_wrong_and_nothing_else(complaints: dict[int, str]) -> None:
    """Each line that says so is refused, and no other."""
    lines = PROGRAMS.read_text(encoding="utf-8").splitlines()
    refused = {number for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    assert len(refused) >= 25
    assert complaints.keys() == refused, complaints


def test_mypy_suggests_the_nearest_name(complaints: dict[int, str]) -> None:
    """As it does for any function with such parameters."""
    assert any('"pagesize" for "FakeKounta"; did you mean "page_size"?' in text for text in complaints.values())
    assert any('"firstname"' in text and "first_name" in text for text in complaints.values())
