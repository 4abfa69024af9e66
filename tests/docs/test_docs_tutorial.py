"""Tests of the tutorial: its files are saved and its commands are run, from the first to the last."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from tests.pages import ROOT, assert_shown

PAGE = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"^```(python|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LAST_LINES = 1
"""How many lines at the end of loyalty.py the last change replaces."""
SETUP = ("git", "mkdir", "python3", "pip")
"""The programs of the first step, which installs; the test skips them, because all is installed here."""


def commands(session: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a session with the output that is shown below it."""
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def save(pytester: pytest.Pytester, text: str) -> None:
    """Save a file under the name in its first line; code without a name replaces the last line of loyalty.py."""
    name = re.match(r"# (\w+\.py)\n", text)
    if name:
        (pytester.path / name[1]).write_text(text, encoding="utf-8")
    else:
        path = pytester.path / "loyalty.py"
        kept = path.read_text(encoding="utf-8").splitlines(keepends=True)[:-_LAST_LINES]
        path.write_text("".join(kept) + text, encoding="utf-8")


def test_the_tutorial_goes_as_it_says(pytester: pytest.Pytester) -> None:
    """Each session prints what the page shows, with the files as they are at that point."""
    played = 0
    for language, text in _BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language == "python":
            save(pytester, text)
            continue
        for command, shown in commands(text):
            program, *arguments = shlex.split(command)
            assert program in ("pytest", *SETUP), command
            if program == "pytest":
                result = pytester.runpytest("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)
                assert_shown(shown, result.stdout.str(), command)
                played += 1
    assert played == 6
