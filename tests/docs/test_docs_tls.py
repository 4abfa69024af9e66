"""Tests of the page on TLS: its examples are executed."""

from __future__ import annotations

import pytest

from tests.pages import ROOT, modules

PAGE = ROOT / "docs" / "tls.md"


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    """The page's file passes unchanged."""
    files = modules(PAGE)
    assert list(files) == ["test_tls"]
    pytester.makepyfile(**files)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=2)
