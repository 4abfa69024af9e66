"""Tests of the page for coding assistants: its examples are executed."""

from __future__ import annotations

import re

import pytest

from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "agents.md"


@pytest.mark.usefixtures("hypothesis_plugin")
def test_the_examples_pass_in_a_project_of_their_own(pytester: pytest.Pytester) -> None:
    """The page's three files, saved in one folder, pass; every Python block is in one of them."""
    files = modules(PAGE)
    assert list(files) == ["test_rename", "test_trouble", "test_webhook"]
    assert len(files) == len(blocks(PAGE, "python"))
    pytester.makepyfile(**files)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=4)


def test_the_examples_pass_under_the_sweep(pytester: pytest.Pytester) -> None:
    """The examples depend on no assumption, as the page demands."""
    pytester.makepyfile(**modules(PAGE))
    result = pytester.runpytest("-p", "no:cacheprovider", "--fakekounta-sweep")
    assert result.ret == 0
    assert "sweep" in result.stdout.str()


def test_the_page_is_short_enough_to_be_pasted() -> None:
    """The page can be read in a minute, with the three idioms in order."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(text.encode()) < 6000
    assert [int(number) for number in re.findall(r"^### (\d)\.", text, re.MULTILINE)] == [1, 2, 3]
