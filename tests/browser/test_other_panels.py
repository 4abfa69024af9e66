"""Tests of clock, quirks, assumptions, state and namespaces in the dashboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from fakekounta import Basis, Quirk
from tests.browser.dashboard import Dashboard

START = "2026-07-01T09:00:00+00:00"


# --- clock -----------------------------------------------------------------------------------------------------


def test_the_clock_is_stopped_set_moved_and_resumed(dashboard: Dashboard) -> None:
    """Each has a button, and the result is shown at once."""
    clock = dashboard.kounta.clock
    page = dashboard.open("Clock")
    state, face = page.locator("[data-clock-state]"), page.locator(".now time")
    expect(state).to_have_text("running")
    page.get_by_role("button", name="Freeze").click()
    expect(state).to_have_text("stopped")
    page.get_by_label("Date and time").fill("2026-07-01 09:00+10:00")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(face).to_have_text("2026-06-30 23:00:00")
    page.get_by_label("Date and time").fill("2026-07-01 09:00")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(face).to_have_text("2026-07-01 09:00:00")
    for step, shown in (("+1 minute", "09:01:00"), ("+1 hour", "10:01:00"), ("+1 day", "10:01:00")):
        page.get_by_role("button", name=step).click()
        expect(face).to_contain_text(shown)
    expect(face).to_have_text("2026-07-02 10:01:00")
    page.get_by_label("Seconds").fill("61.5")
    page.get_by_role("button", name="Advance").click()
    expect(face).to_have_text("2026-07-02 10:02:01")
    assert clock.now().isoformat() == "2026-07-02T10:02:01.500000+00:00"
    page.get_by_role("button", name="Resume").click()
    expect(state).to_have_text("running")
    assert not clock.frozen


def test_the_clock_runs_faster(dashboard: Dashboard) -> None:
    """With a rate the face ticks as the fake's clock does, also between two requests."""
    dashboard.kounta.clock.freeze(START)
    page = dashboard.open("Clock")
    page.get_by_label("Rate").fill("3600")
    page.get_by_role("button", name="Run").click()
    expect(page.locator("[data-clock-state]")).to_have_text("running 3600 times as fast")
    expect(page.locator(".now time")).not_to_contain_text("2026-07-01 09:")
    assert dashboard.kounta.clock.rate == 3600


def test_a_refused_change_of_the_clock_shows_the_field(dashboard: Dashboard) -> None:
    """A refusal names the field."""
    page = dashboard.open("Clock")
    dashboard.may_refuse(400)
    page.get_by_label("Rate").fill("-1")
    page.get_by_role("button", name="Run").click()
    expect(dashboard.message).to_contain_text("rate")


# --- quirks ----------------------------------------------------------------------------------------------------


def test_cells_of_covered_quirks_are_filled(dashboard: Dashboard) -> None:
    """Shape and name of a cell show whether the quirk was covered; opened, it shows statement and source."""
    kounta = dashboard.kounta
    page = dashboard.open("Quirks")
    expect(page.get_by_role("link", name="C04, not covered")).to_be_visible()
    kounta.customers.add(first_name="Ada", email="ada@example.com")
    query = {"email": "ada@example.com"}
    address = f"{kounta.url}/v1/companies/me/customers.json"
    kounta.requests_session().get(address, params=query, auth=kounta.auth, allow_redirects=False)
    page.get_by_role("link", name="C04, covered 1 time").click()
    detail = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="C04")).get_by_role("article")
    expect(detail).to_contain_text("is a 302 to the customer, or 404")
    expect(detail).to_be_in_viewport()
    expect(detail).to_contain_text("DOCUMENTED")
    page.get_by_label("Shown", exact=True).select_option("covered")
    expect(page.get_by_role("link", name="C04, covered 1 time")).to_be_visible()
    expect(page.get_by_role("link", name="not covered")).to_have_count(0)
    detail.get_by_role("link", name="exchanges that cover it").click()
    expect(page.get_by_role("heading", level=1, name="Exchanges")).to_be_visible()
    expect(page.get_by_label("Covered quirk")).to_have_value("C04")
    expect(dashboard.row("customers.json?email=")).to_have_count(1)


def test_quirks_are_chosen_by_basis(dashboard: Dashboard) -> None:
    """The number of cells is that of the catalogue for the chosen basis."""
    page = dashboard.open("Quirks")
    page.get_by_label("Basis").select_option("REPORTED")
    expect(page.locator(".cell")).to_have_count(sum(quirk.basis is Basis.REPORTED for quirk in Quirk))


# --- assumptions -----------------------------------------------------------------------------------------------


def test_an_assumption_is_switched_and_put_back(dashboard: Dashboard) -> None:
    """The next request follows the choice; Defaults restores all choices."""
    kounta = dashboard.kounta
    page = dashboard.open("Assumptions")
    group = page.get_by_role("group", name="A01:")
    group.get_by_role("radio", name="customer").check()
    expect(dashboard.message).to_have_text("A01 is now customer")
    expect(group.get_by_text("changed")).to_be_visible()
    answer = kounta.requests_session().post(
        f"{kounta.url}/v1/companies/me/customers.json", json={"first_name": "Ada", "phone": "1"}, auth=kounta.auth
    )
    assert answer.json()["first_name"] == "Ada"
    page.get_by_role("button", name="Defaults").click()
    expect(group.get_by_role("radio", name="empty")).to_be_checked()
    assert kounta.world.assumptions.changes() == {}


# --- state -----------------------------------------------------------------------------------------------------


def test_the_state_is_exported_and_imported(dashboard: Dashboard, tmp_path: Path) -> None:
    """Importing an exported file restores its data and removes all other data."""
    kounta = dashboard.kounta
    ada = kounta.customers.add(first_name="Ada", phone="1")
    page = dashboard.open("State")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    assert downloading.value.suggested_filename == "fakekounta-state.json"
    path = tmp_path / "state.json"
    downloading.value.save_as(path)
    kounta.customers.remove(ada.id)
    kounta.customers.add(first_name="Bea", phone="1")
    page.get_by_label("State file").set_input_files(path)
    page.get_by_role("button", name="Import state.json").click()
    page.get_by_role("button", name="Replace everything?").click()
    expect(dashboard.message).to_have_text("Imported state.json")
    assert kounta.customers.all() == [ada]


@pytest.mark.fakekounta(cafe=True)
def test_long_ids_are_exported_as_they_are(dashboard: Dashboard) -> None:
    """The ids of orders have more digits than the numbers of JavaScript."""
    page = dashboard.open("State")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export").click()
    state = json.loads(downloading.value.path().read_text(encoding="utf-8"))
    exported = [one["id"] for one in state["companies"][0]["orders"]]
    assert exported == [one.id for one in dashboard.kounta.orders]
    assert exported[0] % 2 == 1  # no such number is a double


def test_a_file_that_is_wrong_changes_nothing(dashboard: Dashboard, tmp_path: Path) -> None:
    """An invalid file changes nothing, and the reason is shown."""
    kounta = dashboard.kounta
    ada = kounta.customers.add(first_name="Ada", phone="1")
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"format": 99}))
    page = dashboard.open("State")
    page.get_by_label("State file").set_input_files(path)
    page.get_by_role("button", name="Import state.json").click()
    dashboard.may_refuse(400)
    page.get_by_role("button", name="Replace everything?").click()
    expect(page.get_by_role("alert")).to_contain_text("format")
    assert kounta.customers.all() == [ada]


def test_a_reset_asks_first(dashboard: Dashboard) -> None:
    """The first press asks, losing the focus cancels, and the second press resets."""
    kounta = dashboard.kounta
    ada = kounta.customers.add(first_name="Ada", phone="1")
    page = dashboard.open("State")
    page.locator("main").get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Export").focus()
    expect(page.locator("main").get_by_role("button", name="Reset")).to_be_visible()
    page.locator("main").get_by_role("button", name="Reset").click()
    assert kounta.customers.all() == [ada]
    page.get_by_role("button", name="Really reset?").click()
    expect(dashboard.message).to_have_text("Back to the seed")
    assert kounta.customers.all() == []


def test_every_panel_can_reset(dashboard: Dashboard) -> None:
    """The header of each panel has a reset with a question, and the panel then shows the seed."""
    kounta = dashboard.kounta
    kounta.customers.add(first_name="Ada", phone="1")
    page = dashboard.open("Customers")
    expect(dashboard.row("Ada")).to_be_visible()
    page.get_by_role("banner").get_by_role("button", name="Reset").click()
    page.get_by_role("banner").get_by_role("button", name="Really reset?").click()
    expect(dashboard.message).to_have_text("Back to the seed")
    expect(page.get_by_text("There are no customers yet")).to_be_visible()
    assert kounta.customers.all() == []


def test_one_of_a_kind_is_not_several(dashboard: Dashboard) -> None:
    """Numbers of one have a noun in the singular."""
    page = dashboard.open("State")
    expect(page.locator(".numbers dd").last).to_have_text("1")
    expect(page.locator(".numbers dt")).to_have_text(["customers", "exchanges", "webhooks", "application"])


# --- settings --------------------------------------------------------------------------------------------------


@pytest.mark.fakekounta(companies=[{"id": 6789, "name": "Other"}], rate_limit=True, page_size=7)
def test_settings_show_what_clients_need(dashboard: Dashboard) -> None:
    """They are companies, limits, the port, and each application, whose secrets are hidden until a press."""
    kounta = dashboard.kounta
    page = dashboard.open("Settings")
    for text in ("2 companies", "1 application", "7 items a page", str(kounta.port), "60 requests a minute"):
        expect(page.locator("main").get_by_text(text).first).to_be_visible()
    expect(dashboard.row("6789")).to_contain_text("Other")
    application = page.get_by_role("region", name="Application fake-client-id")
    token = application.get_by_text(str(kounta.application.access_token))
    expect(token).to_have_count(0)
    application.get_by_role("button", name="Copy the access token").click()
    expect(dashboard.message).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == kounta.application.access_token
    application.get_by_role("button", name="Show secrets").click()
    expect(token).to_be_visible()
    application.get_by_role("button", name="Hide secrets").click()
    expect(token).to_have_count(0)


# --- namespaces ------------------------------------------------------------------------------------------------


def test_a_namespace_is_made_shown_and_dropped(dashboard: Dashboard) -> None:
    """Actions while a namespace is shown change only this namespace."""
    kounta = dashboard.kounta
    page = dashboard.open("Namespaces")
    page.get_by_label("New namespace").fill("worker-3")
    page.get_by_role("button", name="Create and show").click()
    expect(dashboard.row("worker-3")).to_contain_text("shown")
    page.keyboard.press("Escape")
    page.goto(f"{dashboard.address}#/customers/new")
    page.get_by_label("First name").fill("Ada")
    page.get_by_label("Phone").fill("1")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    assert [one.first_name for one in kounta.namespaces["worker-3"].customers.all()] == ["Ada"]
    assert kounta.customers.all() == []
    page.get_by_role("link", name="Namespaces").click()
    expect(dashboard.row("worker-3").get_by_role("cell").nth(1)).to_have_text("1")
    dashboard.row("worker-3").get_by_role("button", name="Reset").click()
    dashboard.row("worker-3").get_by_role("button", name="Really reset?").click()
    expect(dashboard.row("worker-3").get_by_role("cell").nth(1)).to_have_text("0")
    dashboard.row("worker-3").get_by_role("button", name="Drop").click()
    dashboard.row("worker-3").get_by_role("button", name="Really drop?").click()
    expect(dashboard.message).to_have_text("worker-3 is gone")
    expect(page.get_by_role("combobox", name="Namespace")).to_have_value("")
    expect(dashboard.row("worker-3")).to_have_count(0)
    assert list(kounta.namespaces) == []


def test_a_namespace_is_chosen_in_the_header(dashboard: Dashboard) -> None:
    """The open panel shows the other world at once, and its address has the namespace."""
    kounta = dashboard.kounta
    kounta.customers.add(first_name="Olga", phone="1")
    kounta.namespace("worker-3").customers.add(first_name="Ada", phone="1")
    page = dashboard.open("Customers")
    expect(page.get_by_role("link", name="Olga")).to_be_visible()
    page.get_by_role("combobox", name="Namespace").select_option("worker-3")
    expect(page.get_by_role("link", name="Ada")).to_be_visible()
    expect(page.get_by_role("link", name="Olga")).to_have_count(0)
    page.goto(f"{kounta.url}/_fakekounta/ns/worker-3/_fakekounta/#/customers")
    expect(page.get_by_role("link", name="Ada")).to_be_visible()


@pytest.mark.parametrize("name", ["own", "worker-3"])
def test_a_curl_command_asks_the_world_that_it_was_copied_from(dashboard: Dashboard, name: str) -> None:
    """The command has the namespace in a header, though the request had it in its path."""
    kounta = dashboard.kounta
    url = kounta.url if name == "own" else kounta.namespace_url(name)
    kounta.requests_session().get(f"{url}/v1/companies/me.json", auth=kounta.auth)
    page = dashboard.open("Exchanges")
    page.get_by_role("combobox", name="Namespace").select_option("" if name == "own" else name)
    page.get_by_role("link", name="/v1/companies/me.json").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(dashboard.message).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    assert ("X-Fakekounta-Namespace: worker-3" in command) is (name != "own")
