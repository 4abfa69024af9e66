"""Tests of the page on clients: its examples are executed."""

from __future__ import annotations

import pytest

from tests.pages import ROOT, blocks, modules

PAGE = ROOT / "docs" / "clients.md"


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    """The page's files pass unchanged; each Python block is one of them."""
    files = modules(PAGE)
    assert len(files) == len(blocks(PAGE, "python")) == 3
    pytester.makepyfile(**files)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=7)
