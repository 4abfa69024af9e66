"""The dashboard in headless Chromium. Whatever a page complains of fails the test that it happens in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from fakekounta import FakeKounta
from tests.browser.dashboard import Dashboard

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_SECONDS = 10
RESOLVING = "MAP evil.test 127.0.0.1"


def chromium() -> str:
    """The path of a Chromium: that of FAKEKOUNTA_CHROMIUM, or the first that is installed. Ends the run without one."""
    named = os.environ.get("FAKEKOUNTA_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None or not os.access(found, os.X_OK):
        pytest.exit("no Chromium: install it (Debian, Ubuntu: apt install chromium) or name it: FAKEKOUNTA_CHROMIUM", 2)
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each has a context of its own."""
    arguments = [f"--host-resolver-rules={RESOLVING}"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to run as root with one
    expect.set_options(timeout=PATIENCE_SECONDS * 1_000)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new page without any memory, 1280 by 800, in light colours."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, color_scheme="light")
    context.set_default_timeout(PATIENCE_SECONDS * 1_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


@pytest.fixture
def dashboard(fakekounta: FakeKounta, page: Page) -> Iterator[Dashboard]:
    """The dashboard of the test's fake. Complaints of the browser fail the test at its end."""
    watched = Dashboard(page, fakekounta)
    yield watched
    watched.assert_quiet()
