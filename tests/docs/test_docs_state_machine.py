"""Tests of the page on the state machine: its examples are executed and compared."""

from __future__ import annotations

import re

import pytest

from fakekounta import FakeKounta
from tests.pages import ROOT, blocks, modules
from tests.planted import BUGS

PAGE = ROOT / "docs" / "state-machine.md"
FAILING = "test_plus"


@pytest.mark.usefixtures("hypothesis_plugin", "few_examples")
def test_the_examples_pass_in_a_project_of_their_own(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page's files, saved in one folder, pass; the last one's server is a fake at a base URL."""
    files = modules(PAGE)
    servers = ["test_fixture", "test_fake", "test_server", "test_machine_of_orders"]
    assert list(files) == ["loyalty", "test_loyalty", FAILING, *servers]
    del files[FAILING]
    pytester.makepyfile(**files)
    with FakeKounta() as kounta:
        monkeypatch.setenv("KOUNTA_URL", kounta.url)
        monkeypatch.setenv("KOUNTA_COMPANY", str(kounta.company.id))
        monkeypatch.setenv("KOUNTA_CLIENT_ID", kounta.auth[0])
        monkeypatch.setenv("KOUNTA_CLIENT_SECRET", kounta.auth[1])
        pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=5)


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_failure_is_the_one_shown(pytester: pytest.Pytester) -> None:
    """The client that does not quote fails as on the page, with steps as short, and without the secret."""
    pytester.makepyfile(**modules(PAGE))
    result = pytester.runpytest("-p", "no:cacheprovider", f"{FAILING}.py", "-k", "TestPlus")
    result.assert_outcomes(failed=1)
    (message,) = blocks(PAGE, "text")
    head, *lines = message.splitlines()
    output = result.stdout.str()
    assert head.partition(" but ")[0] in output
    for line in lines[:3]:
        assert line in output
    assert "state = PlusMachine()" in output
    assert "a+pos@example.com" in output
    assert "fake-client-secret" not in output
    assert "Basic " not in output


def test_every_planted_bug_stands_in_the_table() -> None:
    """The table has a row for each bug, which every seed has found."""
    rows = re.findall(r"^\| ([A-Z]\d\d) \| (.*?) \| \d+ of 15(.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [row[:2] for row in rows] == [(bug.quirk, bug.what) for bug in BUGS]
    assert all(set(re.findall(r"\w\d\d|not found", row[2])) <= {*bug.also} for row, bug in zip(rows, BUGS, strict=True))
