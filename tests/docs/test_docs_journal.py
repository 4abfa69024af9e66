"""Tests of the pages on the journal, the clock and namespaces: their examples are executed and compared."""

from __future__ import annotations

import pytest

from tests.pages import ROOT, assert_shown, blocks, modules

JOURNAL = ROOT / "docs" / "journal.md"
CLOCK = ROOT / "docs" / "clock.md"
NAMESPACES = ROOT / "docs" / "namespaces.md"


def run(pytester: pytest.Pytester, *names: str) -> pytest.RunResult:
    """Run a session with these files in a process of its own."""
    return pytester.runpytest("-p", "no:cacheprovider", *(f"{name}.py" for name in names))


def test_every_python_block_is_a_file_and_is_run() -> None:
    """Every Python block of the pages is a file that the tests below run."""
    assert list(modules(JOURNAL)) == ["loyalty", "test_loyalty", "test_wrong_name", "test_gap"]
    assert list(modules(CLOCK)) == ["test_clock"]
    assert list(modules(NAMESPACES)) == ["test_two_shops"]
    assert [len(blocks(page, "python")) for page in (JOURNAL, CLOCK, NAMESPACES)] == [4, 1, 1]


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    """The files pass in a project of their own."""
    pytester.makepyfile(**modules(JOURNAL), **modules(CLOCK), **modules(NAMESPACES))
    run(pytester, "test_loyalty", "test_clock", "test_two_shops").assert_outcomes(passed=8)


def test_the_failure_is_the_one_shown(pytester: pytest.Pytester) -> None:
    """Message and report section are those of the page."""
    pytester.makepyfile(**modules(JOURNAL))
    result = run(pytester, "test_wrong_name")
    result.assert_outcomes(failed=1)
    message, section, _ = blocks(JOURNAL, "text")
    result.stdout.fnmatch_lines([f"E  *{line.strip()}" for line in message.splitlines()], consecutive=True)
    printed = str(result.stdout)
    begin = printed.index("Exchanges with fakekounta")
    lines = printed[begin:].splitlines()[1 : len(section.splitlines())]
    assert_shown(section.partition("\n")[2], "\n".join(lines), "the section of the report")


def test_the_gap_is_the_one_shown(pytester: pytest.Pytester) -> None:
    """The test itself passes, and its teardown fails."""
    pytester.makepyfile(**modules(JOURNAL))
    result = run(pytester, "test_gap")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([blocks(JOURNAL, "text")[2].strip()])
