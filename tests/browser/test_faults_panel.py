"""Faults in the dashboard: added from what is ready made, counted as they fire, removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from fakekounta import FakeKounta
from tests.browser.dashboard import Dashboard

PRESETS = (
    "rate limited",
    "lost answer",
    "expired token",
    "flaky",
    "slow",
    "down",
    "connection reset",
    "truncated body",
    "garbage",
    "dripping",
)


def ask(kounta: FakeKounta) -> int:
    session = kounta.requests_session()
    return session.get(f"{kounta.url}/v1/companies/me/customers.json", auth=kounta.auth).status_code


def test_a_ready_made_fault_fires_and_is_removed(dashboard: Dashboard) -> None:
    """It is narrowed to a path, its number changed; the list counts; removed, it is no more."""
    page = dashboard.open("Faults")
    expect(page.get_by_text("There are no faults")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="New fault")
    form.get_by_label("What goes wrong").select_option("down")
    form.get_by_label("Method").select_option("GET")
    form.get_by_label("Path").fill("/customers")
    rule = form.get_by_label("The rule")
    expect(rule).to_have_value('{\n  "method": "GET",\n  "path": "/customers",\n  "status": 503,\n  "until": 60\n}')
    rule.fill('{"method": "GET", "path": "/customers", "status": 502, "times": 1}')
    form.get_by_role("button", name="Add").click()
    expect(dashboard.message).to_have_text("The fault is active")
    row = dashboard.row("GET /customers")
    expect(row).to_contain_text("status 502")
    assert [ask(dashboard.kounta), ask(dashboard.kounta)] == [502, 200]
    expect(row.get_by_role("cell").nth(4)).to_have_text("2")
    expect(row.get_by_role("cell").nth(5)).to_have_text("1")
    page.get_by_role("button", name="Remove fault 1").click()
    expect(page.get_by_text("There are no faults")).to_be_visible()
    assert dashboard.kounta.faults.all() == []


@pytest.mark.parametrize("preset", PRESETS)
def test_each_ready_made_fault_is_accepted(dashboard: Dashboard, preset: str) -> None:
    """As it stands, and it is shown in words."""
    page = dashboard.open("Faults", "/new")
    page.get_by_label("What goes wrong").select_option(preset)
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(dashboard.message).to_have_text("The fault is active")
    expect(page.locator("tbody td.name")).not_to_be_empty()
    assert len(dashboard.kounta.faults.all()) == 1


def test_there_is_nothing_else_ready_made(dashboard: Dashboard) -> None:
    """The list above is the one that the form offers."""
    page = dashboard.open("Faults", "/new")
    offered = page.get_by_label("What goes wrong").locator("option")
    expect(offered).to_have_count(len(PRESETS))
    assert {option.get_attribute("value") for option in offered.all()} == set(PRESETS)


def test_all_faults_are_removed_after_a_question(dashboard: Dashboard) -> None:
    """At the second press."""
    for status in (500, 502, 503):
        dashboard.kounta.faults.add(status=status)
    page = dashboard.open("Faults")
    expect(page.get_by_text("3 rules, fired 0 times")).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    page.get_by_role("button", name="Remove all?").click()
    expect(page.get_by_text("There are no faults")).to_be_visible()
    assert dashboard.kounta.faults.all() == []


def test_a_rule_that_cannot_be_is_refused_with_the_reason(dashboard: Dashboard) -> None:
    """The field and the reason; what is not JSON as well."""
    page = dashboard.open("Faults", "/new")
    form = page.get_by_role("dialog")
    dashboard.may_refuse(400)
    for rule, reason in (('{"status": 503, "nth": 0}', "nth"), ('{"staus": 503}', "staus"), ("{", "JSON")):
        form.get_by_label("The rule").fill(rule)
        form.get_by_role("button", name="Add").click()
        expect(form.get_by_role("alert")).to_contain_text(reason)
    assert dashboard.kounta.faults.all() == []


def test_a_fault_shows_in_the_exchange_that_it_hit(dashboard: Dashboard) -> None:
    """The journal's row is marked, and the exchange tells what was done to it."""
    dashboard.kounta.faults.add(status=503)
    ask(dashboard.kounta)
    page = dashboard.open("Exchanges", "/1")
    expect(page.get_by_role("article")).to_contain_text("Fault applied:")
    page.keyboard.press("Escape")
    expect(dashboard.row("/customers.json")).to_contain_text("fault")
