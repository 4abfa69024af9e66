"""Tests of the page on property tests: its examples are executed and compared."""

from __future__ import annotations

import pytest

from fakekounta import strategies as fs
from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "property-testing.md"
FAILING = "test_that_fails"


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest with warnings as errors."""
    return pytester.runpytest("-W", "error", "-p", "no:cacheprovider", *arguments)


@pytest.mark.usefixtures("hypothesis_plugin", "few_examples")
def test_the_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    """The page's files, saved side by side, pass."""
    files = modules(PAGE)
    names = ["test_fresh", "test_machine", "loyalty", FAILING, "test_parts", "test_refused", "test_orders"]
    assert list(files) == names
    del files[FAILING]
    pytester.makepyfile(**files)
    run(pytester).assert_outcomes(passed=11)


def test_every_python_block_is_a_file() -> None:
    """Every Python block is in a file that the test above runs."""
    assert len(modules(PAGE)) == len(blocks(PAGE, "python"))


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_bug_is_found_and_shrunk_as_shown(pytester: pytest.Pytester) -> None:
    """The client with the bug fails with the example of the page, and the fixed one passes."""
    files = modules(PAGE)
    chosen = {name: files[name] for name in (FAILING, "loyalty")}
    pytester.makepyfile(**chosen)
    result = run(pytester, f"{FAILING}.py")
    result.assert_outcomes(failed=1)
    (shown,) = blocks(PAGE, "text")
    for line in shown.splitlines():
        result.stdout.fnmatch_lines([f"*{line}*".replace("[", "[[]")])
    wrong = "return None if reference_id is None else reference_id"
    assert wrong in chosen["loyalty"]
    pytester.makepyfile(loyalty=chosen["loyalty"].replace(wrong, "return reference_id or None"))
    run(pytester, f"{FAILING}.py").assert_outcomes(passed=1)


def test_every_strategy_is_in_the_table() -> None:
    """The table has every public strategy."""
    text = PAGE.read_text(encoding="utf-8")
    for name in set(fs.__all__) - {"ABSENT", "RefusedCustomer", "RefusedOrder", "mobile_key"}:
        assert f"`{name}()`" in text, name
