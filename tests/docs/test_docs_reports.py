"""Tests of the pages on the sweep and on quirk coverage: their examples are executed and compared."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fakekounta.pytest_plugin.quirk_coverage import ALL, FAMILIES, USED
from tests.pages import ROOT, assert_shown, blocks, modules, sessions

SWEEP, QUIRKS = ROOT / "docs" / "sweep.md", ROOT / "docs" / "quirk-coverage.md"


@pytest.mark.parametrize("page", [SWEEP, QUIRKS], ids=lambda page: page.name)
def test_the_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester, page: Path) -> None:
    """Each Python block is a file, and the tests in them pass."""
    files = modules(page)
    assert len(files) == len(blocks(page, "python"))
    pytester.makepyfile(**files)
    passed = {SWEEP: 4, QUIRKS: 2}[page]
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=passed)


@pytest.mark.parametrize("page", [SWEEP, QUIRKS], ids=lambda page: page.name)
def test_the_sessions_print_what_is_shown(pytester: pytest.Pytester, page: Path) -> None:
    """Each command, with the page's tests, ends with the output shown ("..." stands for anything)."""
    files = modules(page)
    files.pop("test_settled", None)
    pytester.makepyfile(**files)
    commands = [pair for session in sessions(page, "pytest") for pair in session]
    assert commands
    for command, shown in commands:
        result = pytester.runpytest("-p", "no:cacheprovider", *shlex.split(command)[1:])
        assert_shown(shown, result.stdout.str(), command)


def test_what_is_settled_is_not_swept(pytester: pytest.Pytester) -> None:
    """The marked test of the page depends on no assumption."""
    pytester.makepyfile(**modules(SWEEP))
    result = pytester.runpytest("-p", "no:cacheprovider", "--fakekounta-sweep", "test_settled.py")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(["no test depends on an assumption"])


def test_the_json_is_the_one_shown(pytester: pytest.Pytester) -> None:
    """The file for the page's tests is that of the page."""
    pytester.makepyfile(**modules(QUIRKS))
    pytester.runpytest("-p", "no:cacheprovider", "--fakekounta-quirks-json", "quirks.json")
    (shown,) = blocks(QUIRKS, "json")
    assert_shown(shown, (pytester.path / "quirks.json").read_text(encoding="utf-8"), "quirks.json")


def test_the_page_names_all_options(pytester: pytest.Pytester) -> None:
    """Each option of the two reports is on its page, and each family of quirks."""
    result = pytester.runpytest_inprocess("--help", "-p", "no:xdist")
    text = result.stdout.str()
    for page, name in ((SWEEP, "sweep"), (QUIRKS, "quirks")):
        there = set(re.findall(rf"--fakekounta-{name}[a-z-]*", text))
        documented = set(re.findall(rf"--fakekounta-{name}[a-z-]*", page.read_text(encoding="utf-8")))
        assert there == documented
    words = set(re.findall(r"[a-z_]+", QUIRKS.read_text(encoding="utf-8")))
    assert words >= {*FAMILIES, ALL, USED}
