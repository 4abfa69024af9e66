"""Tests of `--fakekounta-quirks-html`: the page with the quirks that tests covered."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.quirk_coverage import UNCOUNTED, Coverage, Tally
from fakekounta.pytest_plugin.quirks_html import quirks_html

TESTS = """
import httpx
import pytest

@pytest.mark.parametrize("number", [1, 2], ids=["<script>alert(1)</script>", "b"])
def test_lookup(fakekounta, number):
    fakekounta.customers.add(first_name="Jamie", email="jamie@example.com")
    url = f"{fakekounta.url}/v1/companies/5678/customers.json?email=jamie@example.com"
    answer = httpx.get(url, auth=fakekounta.auth, trust_env=False)
    assert answer.status_code == 302
"""


class Page(HTMLParser):
    """The elements of a page, its ids and its visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "data")]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider\nfilterwarnings = error\n")
    pytester.makepyfile(test_it=TESTS)


def written(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("-p", "no:xdist"), id="one process"),
        pytest.param(("-n", "2"), id="xdist", marks=pytest.mark.whole_verification),
    ],
)
def test_the_page_shows_every_quirk_once(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """The page has covered quirks with their tests, uncovered ones, and those that do not count, in one file."""
    result = pytester.runpytest("--fakekounta-quirks-html", "quirks.html", *arguments)
    result.assert_outcomes(passed=2)
    page = written(pytester.path / "quirks.html")
    assert sorted(page.ids) == sorted(quirk.id for quirk in Quirk)
    assert re.search(r"Your tests covered \d+ of \d+ quirks", page.words)
    _, missed, covered, others = re.split(r"(?m)^(?:Not covered|Covered|Not counted)$", page.words)
    assert "C04" in covered
    assert "test_it.py::test_lookup[b]" in covered
    assert "C01" in missed
    assert [quirk for quirk in UNCOUNTED if quirk.id not in others] == []


def test_names_of_tests_are_escaped(pytester: pytest.Pytester) -> None:
    """A name with HTML is shown as text."""
    pytester.runpytest_inprocess("--fakekounta-quirks-html", "quirks.html", "-p", "no:xdist").assert_outcomes(passed=2)
    page = written(pytester.path / "quirks.html")
    assert "script" not in page.tags
    assert "test_lookup[<script>alert(1)</script>]" in page.words


def test_the_page_loads_nothing(pytester: pytest.Pytester) -> None:
    """The page has no script and names no file, its policy forbids both, and it supports both colour schemes."""
    text = quirks_html(Coverage(Tally(), "all"))
    page = Page(text)
    assert page.links == []
    assert not {"script", "link", "img", "iframe", "object", "base"} & set(page.tags)
    assert "url(" not in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text


def test_a_name_of_no_encoding_is_written() -> None:
    """The file name of a test need not be UTF-8."""
    tally = Tally()
    tally.add_test({Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS: 1}, "test_\udcff.py::test_a")
    assert r"test_\udcff.py::test_a" in Page(quirks_html(Coverage(tally, "used"))).words


def test_only_the_first_tests_are_named() -> None:
    """A quirk covered by hundreds of tests has twenty of them, and the number of the others."""
    tally = Tally()
    for number in range(300):
        tally.add_test({Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS: 1}, f"test_{number}")
    words = Page(quirks_html(Coverage(tally, "used"))).words
    assert ("test_19\n" in words, "test_20\n" in words, "and 280 more" in words) == (True, False, True)


def test_too_few_lead_to_the_page(pytester: pytest.Pytester) -> None:
    """The line that fails the session has the page's path, or says how to get a page."""
    limit = ("--fakekounta-quirks-fail-under=99", "-p", "no:xdist")
    result = pytester.runpytest_inprocess("--fakekounta-quirks-html", "a b.html", *limit)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines([f"FAIL fakekounta: *fewer than 99%: {(pytester.path / 'a b.html').as_uri()}"])
    result = pytester.runpytest_inprocess(*limit)
    result.stdout.fnmatch_lines(
        ["FAIL fakekounta: *fewer than 99%: --fakekounta-quirks-html PATH writes a page that shows which"]
    )


def test_a_page_that_cannot_be_written_fails_the_session(pytester: pytest.Pytester) -> None:
    """The error is one line with the option and the reason."""
    result = pytester.runpytest_inprocess("--fakekounta-quirks-html", "no/such/folder.html", "-p", "no:xdist")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["FAIL fakekounta: --fakekounta-quirks-html: *folder.html cannot be written: No such file*"]
    )
