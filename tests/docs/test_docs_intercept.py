"""Tests of the page on interception: its examples are executed."""

from __future__ import annotations

import pytest

from tests.doors import DOORS
from tests.pages import ROOT, assert_shown, blocks, modules, sessions

PAGE = ROOT / "docs" / "intercept.md"
GUARDED = """
import requests

def test_it(fakekounta):
    requests.get("https://api.kounta.com/v1/companies/me.json")
"""


@pytest.mark.usefixtures("hypothesis_plugin")
@pytest.mark.parametrize("name, count", [("test_sync", 2), ("test_case", 2)])
def test_the_examples_pass(name: str, count: int, pytester: pytest.Pytester) -> None:
    """Each file of the page passes unchanged."""
    assert (list(modules(PAGE)), len(blocks(PAGE, "python"))) == (["test_sync", "test_case"], 2)
    pytester.makepyfile(**{name: modules(PAGE)[name]})
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=count)


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_key_of_the_ini_file_works(pytester: pytest.Pytester) -> None:
    """With the ini key the marked test passes without its mark."""
    (ini,) = blocks(PAGE, "ini")
    pytester.makeini(ini)
    pytester.makepyfile(test_sync=modules(PAGE)["test_sync"].replace("@pytest.mark.fakekounta(intercept=True)\n", ""))
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=2)


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_guard_says_what_is_shown(pytester: pytest.Pytester) -> None:
    """The message of the guard is that of the page."""
    (((command, shown),),) = sessions(PAGE, "pytest")
    pytester.makepyfile(test_guarded=GUARDED)
    result = pytester.runpytest("-p", "no:cacheprovider", *command.split()[1:])
    result.assert_outcomes(failed=1, errors=1)
    assert_shown(shown, result.stdout.str(), command)


def test_each_client_that_is_tried_is_listed() -> None:
    """The table has each client by the name in its tests."""
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("| client |") : text.index("A client may be imported")]
    caught = " ".join(line for line in table.splitlines() if "| caught" in line)
    for name in DOORS:
        library, _, loop = name.partition(", ")
        assert library in caught, name
        assert loop in caught, name
