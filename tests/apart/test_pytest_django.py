"""Tests of the example for pytest-django in docs/django.md."""

from __future__ import annotations

import pytest

from tests.pages import ROOT, blocks, modules

URLS = """
from django.urls import path
from members import member

urlpatterns = [path("member", member)]
"""
SETTINGS = """
from django.conf import settings


def pytest_configure():
    settings.configure(ROOT_URLCONF="urls", KOUNTA_URL="https://api.kounta.com", KOUNTA_AUTH=None)
"""


def test_the_example_passes(pytester: pytest.Pytester) -> None:
    """In a project with the view of the page, its fixture leads the view to the fake."""
    page = ROOT / "docs" / "django.md"
    (example,) = (text for text in blocks(page, "python") if not text.startswith("# "))
    pytester.makeconftest(SETTINGS)
    pytester.makepyfile(urls=URLS, members=modules(page)["members"], test_it=example)
    pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:cacheprovider", timeout=240).assert_outcomes(passed=1)
