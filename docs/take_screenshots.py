"""Takes the pictures of the docs anew: `.venv/bin/python docs/take_screenshots.py`."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fakekounta import FakeKounta, Receiver  # noqa: E402 - the repository's own, wherever this is run
from tests.browser.chromium import MISSING, arguments, chromium  # noqa: E402 - see above
from tests.browser.filled import fill  # noqa: E402 - see above

THEMES: tuple[tuple[str, Literal["light", "dark"]], ...] = (("", "light"), ("-dark", "dark"))
"""What the names of the pictures end with, and in which colours they are; the site shows those of its reader."""
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


def order(page: Page) -> None:
    page.get_by_role("link", name="WEB-1004").click()
    page.wait_for_selector("article .history a, article .history li")


def cards(page: Page) -> None:
    page.wait_for_selector(".card")


def quirks(page: Page) -> None:
    page.get_by_role("link", name="C04, ").click()
    page.wait_for_selector("article")


PICTURES = (
    ("exchanges", "exchanges", WIDE, exchanges),
    ("quirks", "quirks", WIDE, quirks),
    ("webhooks", "webhooks", WIDE, webhooks),
    ("customers", "customers", WIDE, rows),
    ("orders", "orders", WIDE, order),
    ("menu", "menu", WIDE, rows),
    ("faults", "faults", SHORT, rows),
    ("clock", "clock", SHORT, cards),
    ("assumptions", "assumptions", WIDE, cards),
    ("namespaces", "namespaces", SHORT, rows),
    ("narrow", "exchanges", NARROW, rows),
)


def take(browser: Browser, kounta: FakeKounta) -> None:
    """Each picture in a window of its own."""
    for (name, panel, (width, height), prepare), (end, theme) in product(PICTURES, THEMES):
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        page = context.new_page()
        page.goto(f"{kounta.url}/_fakekounta/#/{panel}")
        prepare(page)
        page.mouse.move(0, 0)
        page.screenshot(path=IMAGES / f"{name}{end}.png", animations="disabled")
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
