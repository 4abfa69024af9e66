"""Takes the pictures of the docs anew: `.venv/bin/python docs/take_screenshots.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fakekounta import FakeKounta, Receiver  # noqa: E402 - the repository's own, wherever this is run
from tests.browser.chromium import MISSING, arguments, chromium  # noqa: E402 - see above
from tests.browser.filled import fill  # noqa: E402 - see above

IMAGES = ROOT / "docs" / "images"
WIDE, SHORT, NARROW = (1280, 800), (1280, 560), (390, 780)


def exchanges(page: Page) -> None:
    page.get_by_role("link", name="customers.json").last.click()
    page.wait_for_selector("article .facts")


def webhooks(page: Page) -> None:
    page.get_by_role("region", name="List of deliveries").get_by_role("link", name="customers/created").first.click()
    page.get_by_role("button", name="Verify signature").click()
    page.wait_for_selector(".signature")


def rows(page: Page) -> None:
    page.wait_for_selector("tbody tr")


def cards(page: Page) -> None:
    page.wait_for_selector(".card")


def quirks(page: Page) -> None:
    page.get_by_role("link", name="C04, ").click()
    page.wait_for_selector("article")


PICTURES = (
    ("exchanges", "exchanges", "light", WIDE, exchanges),
    ("quirks", "quirks", "light", WIDE, quirks),
    ("webhooks", "webhooks", "light", WIDE, webhooks),
    ("customers-dark", "customers", "dark", WIDE, rows),
    ("faults", "faults", "light", SHORT, rows),
    ("clock", "clock", "light", SHORT, cards),
    ("assumptions", "assumptions", "light", WIDE, cards),
    ("namespaces", "namespaces", "light", SHORT, rows),
    ("narrow", "exchanges", "dark", NARROW, rows),
)


def take(browser: Browser, kounta: FakeKounta) -> None:
    """Each picture in a window of its own."""
    for name, panel, theme, (width, height), prepare in PICTURES:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if theme == "dark" else "light"
        )
        page = context.new_page()
        page.goto(f"{kounta.url}/_fakekounta/#/{panel}")
        prepare(page)
        page.mouse.move(0, 0)
        page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
        context.close()


def main() -> None:
    path = chromium()
    if path is None:
        sys.exit(f"error: {MISSING}")
    IMAGES.mkdir(exist_ok=True)
    with FakeKounta(webhook_mode="collect") as kounta, Receiver() as receiver, sync_playwright() as playwright:
        kounta.clock.freeze("2026-07-01T09:00:00+10:00")
        kounta.webhooks.add("customers/created", receiver.url)
        fill(kounta)
        browser = playwright.chromium.launch(executable_path=path, args=arguments())
        take(browser, kounta)
        browser.close()


if __name__ == "__main__":
    main()
