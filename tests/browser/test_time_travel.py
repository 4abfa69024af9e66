"""Tests of time travel in the dashboard: what an exchange changed, a fork of the state then, the state as a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from fakekounta.keep import past
from fakekounta.keep.kept import KeptKounta
from tests.browser.dashboard import Dashboard
from tests.browser.test_accessibility import assert_accessible
from tests.browser.test_exchanges_panel import LIST, ask
from tests.kept_past import told_here


@pytest.fixture
def kept(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """The dashboard of a fake that keeps its changes, with a customer that got another name."""
    monkeypatch.setattr(past, "told", told_here)
    with KeptKounta(tmp_path / "shop.db", port=0) as kounta:
        ask(kounta, method="POST", json={"first_name": "Ada", "phone": "1"})
        ask(kounta, LIST.replace(".json", "/389427.json"), method="PUT", json={"first_name": "Bea"})
        ask(kounta)
        watched = Dashboard(page, kounta)
        yield watched
        watched.assert_quiet()


def test_what_an_exchange_changed(kept: Dashboard) -> None:
    """The values before and after it are shown; a read changed nothing."""
    page = kept.open("Exchanges", "/2")
    page.get_by_role("button", name="Show what it changed").click()
    change = page.get_by_role("list", name="What it changed").get_by_role("listitem").filter(has_text="first_name")
    expect(change.get_by_role("definition")).to_have_text(['"Ada"', '"Bea"'])
    assert_accessible(kept)
    page = kept.open("Exchanges", "/3")
    expect(page.get_by_text("It was a read: it changed nothing.")).to_be_visible()


def test_a_fork_of_the_state_before(kept: Dashboard) -> None:
    """The namespace has the state before the exchange; a link opens it."""
    page = kept.open("Exchanges", "/2")
    form = page.get_by_role("form", name="The state then")
    form.get_by_label("State").select_option(label="before (2)")
    form.get_by_label("Namespace").fill("before")
    form.get_by_role("button", name="Fork into it").click()
    expect(kept.message).to_have_text("before is as it was then")
    assert [one.first_name for one in kept.kounta.namespace("before").customers.all()] == ["Ada"]
    page.get_by_role("link", name="Open before").click()
    expect(kept.row("Ada")).to_have_count(1)


def test_the_state_then_as_a_file(kept: Dashboard) -> None:
    """It is the document of the state after the exchange."""
    page = kept.open("Exchanges", "/1")
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as file").click()
    assert download.value.suggested_filename == "fakekounta-state-2.json"
    state = json.loads(download.value.path().read_text())
    assert [one["first_name"] for one in state["companies"][0]["customers"]] == ["Ada"]


def test_without_a_file_the_command_is_shown(dashboard: Dashboard) -> None:
    """An exchange of a server that keeps nothing says what to start."""
    ask(dashboard.kounta)
    page = dashboard.open("Exchanges", "/1")
    expect(page.get_by_text("fakekounta serve --keep shop.db")).to_be_visible()
