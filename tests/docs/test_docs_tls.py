"""What the page on TLS shows is executed."""

from __future__ import annotations

import pytest

from tests.pages import ROOT, modules

PAGE = ROOT / "docs" / "tls.md"


def test_the_examples_pass(pytester: pytest.Pytester) -> None:
    """The page's file, saved as it stands, passes."""
    files = modules(PAGE)
    assert list(files) == ["test_tls"]
    pytester.makepyfile(**files)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
