"""Tests of a fake with a control token: the page loads without it, and asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from fakekounta import FakeKounta

TOKEN = "open-sesame"


@pytest.fixture
def guarded() -> Iterator[FakeKounta]:
    with FakeKounta(control_token=TOKEN) as kounta:
        kounta.customers.add(first_name="Jamie", email="jamie@example.com")
        yield kounta


def test_the_page_asks_for_the_token(guarded: FakeKounta, page: Page) -> None:
    """A wrong token is refused, the right one kept for the tab, and never in an address."""
    page.goto(f"{guarded.url}/_fakekounta/#/customers")
    dialog = page.get_by_role("dialog", name="Control token")
    expect(dialog).to_be_visible()
    expect(page.get_by_text("Jamie")).to_have_count(0)
    dialog.get_by_label("Token").fill("wrong")
    dialog.get_by_label("Token").press("Enter")
    expect(dialog.get_by_role("alert")).to_have_text("The token is wrong.")
    dialog.get_by_label("Token").fill(TOKEN)
    dialog.get_by_role("button", name="Use it").click()
    expect(page.get_by_role("cell", name="jamie@example.com", exact=True)).to_be_visible()
    expect(dialog).to_have_count(0)
    page.reload()
    expect(page.get_by_role("cell", name="jamie@example.com", exact=True)).to_be_visible()
    expect(dialog).to_have_count(0)
    assert TOKEN not in page.url
