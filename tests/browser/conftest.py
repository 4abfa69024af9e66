"""Fixtures for the dashboard in headless Chromium. An error or warning in the browser's console fails the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fakekounta import FakeKounta
from tests.browser.chromium import MISSING, arguments, chromium
from tests.browser.dashboard import Dashboard

PATIENCE_SECONDS = 10
RESOLVING = "MAP evil.test 127.0.0.1"


def pytest_sessionstart() -> None:
    if chromium() is None:
        pytest.exit(MISSING, 2)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the measurements that tests recorded."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each test has a context of its own."""
    expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
    with sync_playwright() as playwright:
        given = [*arguments(), f"--host-resolver-rules={RESOLVING}"]
        launched = playwright.chromium.launch(executable_path=chromium(), args=given)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page without stored data, 1280 by 800, in light colours."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    context.set_default_timeout(PATIENCE_SECONDS * 1_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def dashboard(fakekounta: FakeKounta, page: Page) -> Iterator[Dashboard]:
    """The dashboard of the test's fake. Errors of the browser fail the test at its end."""
    watched = Dashboard(page, fakekounta)
    yield watched
    watched.assert_quiet()
