"""Tests of faults in the dashboard: added from presets, counted as they fire, removed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from fakekounta import FakeKounta
from fakekounta.core.fault_fields import ANNOTATIONS as FIELDS
from tests.browser.dashboard import Dashboard
from tests.pages import ROOT

PRESETS = (
    "rate limited",
    "expired token",
    "lost answer",
    "flaky",
    "down",
    "every third",
    "done, but 500",
    "page of a proxy",
    "slow",
    "jitter",
    "slow on the clock",
    "connection closed",
    "connection reset",
    "truncated body",
    "TLS handshake cut",
    "garbage",
    "dripping",
)


def ask(kounta: FakeKounta) -> int:
    session = kounta.requests_session()
    return session.get(f"{kounta.url}/v1/companies/me/customers.json", auth=kounta.auth).status_code


def test_a_ready_made_fault_fires_and_is_removed(dashboard: Dashboard) -> None:
    """A preset is limited to a path and changed, its counts are shown, and it is removed."""
    page = dashboard.open("Faults")
    expect(page.get_by_text("There are no faults")).to_be_visible()
    page.keyboard.press("n")
    form = page.get_by_role("dialog", name="New fault")
    form.get_by_label("What goes wrong").select_option("down")
    form.get_by_label("Method").fill("get")
    form.get_by_label("Path").fill("/customers")
    form.get_by_text("As JSON").click()
    rule = form.get_by_label("The rule")
    expect(rule).to_have_value('{\n  "status": 503,\n  "until": 60,\n  "method": "GET",\n  "path": "/customers"\n}')
    rule.fill('{"method": "GET", "path": "/customers", "status": 502, "times": 1}')
    expect(form.get_by_label("Status")).to_have_value("502")
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
    """Each preset is accepted as it is, and described in words."""
    page = dashboard.open("Faults", "/new")
    page.get_by_label("What goes wrong").select_option(preset)
    page.get_by_role("dialog").get_by_role("button", name="Add").click()
    expect(dashboard.message).to_have_text("The fault is active")
    expect(page.locator("tbody td.name")).not_to_be_empty()
    assert len(dashboard.kounta.faults.all()) == 1


def test_every_preset_is_tested(dashboard: Dashboard) -> None:
    """The list above equals that of the form."""
    page = dashboard.open("Faults", "/new")
    offered = page.get_by_label("What goes wrong").locator("option")
    expect(offered).to_have_count(len(PRESETS))
    assert {option.get_attribute("value") for option in offered.all()} == set(PRESETS)


def test_all_faults_are_removed_after_a_question(dashboard: Dashboard) -> None:
    """All are removed at the second press."""
    for status in (500, 502, 503):
        dashboard.kounta.faults.add(status=status)
    page = dashboard.open("Faults")
    expect(page.get_by_text("3 rules, fired 0 times")).to_be_visible()
    page.get_by_role("button", name="Remove all").click()
    page.get_by_role("button", name="Remove all?").click()
    expect(page.get_by_text("There are no faults")).to_be_visible()
    assert dashboard.kounta.faults.all() == []


def test_an_invalid_rule_shows_the_reason(dashboard: Dashboard) -> None:
    """The form shows the field and the reason, also for text that is not JSON."""
    page = dashboard.open("Faults", "/new")
    form = page.get_by_role("dialog")
    form.get_by_text("As JSON").click()
    dashboard.may_refuse(400)
    for rule, reason in (('{"status": 503, "nth": 0}', "nth"), ('{"staus": 503}', "staus"), ("{", "JSON")):
        form.get_by_label("The rule").fill(rule)
        form.get_by_role("button", name="Add").click()
        expect(form.get_by_role("alert")).to_contain_text(reason)
    assert dashboard.kounta.faults.all() == []


def test_a_fault_shows_in_the_exchange_that_it_hit(dashboard: Dashboard) -> None:
    """The row in the journal is marked, and the exchange has the fault."""
    dashboard.kounta.faults.add(status=503)
    ask(dashboard.kounta)
    page = dashboard.open("Exchanges", "/1")
    expect(page.get_by_role("article")).to_contain_text("Fault applied:")
    page.keyboard.press("Escape")
    expect(dashboard.row("/customers.json")).to_contain_text("fault")


def test_a_rule_is_edited_in_the_form(dashboard: Dashboard) -> None:
    """The form shows the rule; an emptied field is removed, the counts stay, and no JSON is needed."""
    rule = dashboard.kounta.faults.add(status=503, every=3, times=5)
    page = dashboard.open("Faults")
    expect(dashboard.row("status 503")).to_contain_text("every 3rd match, at most 5 times")
    page.get_by_role("link", name="Fault 1: status 503").click()
    form = page.get_by_role("dialog", name="Fault 1")
    expect(form.get_by_label("Every so many matches")).to_have_value("3")
    form.get_by_label("Status").fill("502")
    form.get_by_label("At most so many times").fill("")
    form.get_by_label("Headers").fill("Retry-After: 2")
    form.get_by_label("Delay in seconds").fill("0.1, 0.5")
    form.get_by_role("button", name="Save").click()
    expect(dashboard.message).to_have_text("Fault 1 is changed")
    fault = rule.fault
    assert (fault.status, fault.times, fault.every, fault.latency_seconds) == (502, None, 3, (0.1, 0.5))
    assert fault.headers == (("Retry-After", "2"),)
    page.get_by_role("link", name="Fault 1").click()
    form.get_by_label("Effect").select_option("connection")
    form.get_by_label("How").select_option("drip")
    form.get_by_label("Seconds between bytes").fill("0.5")
    form.get_by_role("button", name="Save").click()
    expect(dashboard.row("connection: drip")).to_contain_text("0.1 to 0.5 s late")
    assert (rule.fault.status, rule.fault.connection, rule.fault.drip_seconds) == (None, "drip", 0.5)


def test_a_rule_is_disabled_and_enabled(dashboard: Dashboard) -> None:
    """One button switches the rule, and the list shows its state."""
    rule = dashboard.kounta.faults.add(status=503)
    page = dashboard.open("Faults")
    page.get_by_role("button", name="Disable fault 1").click()
    expect(dashboard.row("status 503")).to_contain_text("disabled")
    assert (rule.fault.disabled, ask(dashboard.kounta)) == (True, 200)
    page.get_by_role("button", name="Enable fault 1").click()
    expect(page.get_by_role("button", name="Disable fault 1")).to_be_visible()
    assert (rule.fault.disabled, ask(dashboard.kounta)) == (False, 503)


def test_a_delay_does_not_look_like_a_failure(dashboard: Dashboard) -> None:
    """A delay has no mark of a failure in the list of rules and at its exchange."""
    dashboard.kounta.faults.slow(30, clock=True)
    ask(dashboard.kounta)
    page = dashboard.open("Faults")
    expect(page.locator("tbody .pill.late")).to_have_text("30 s late on the clock")
    expect(page.locator("tbody .pill.bad")).to_have_count(0)
    dashboard.open("Exchanges")
    expect(page.locator("tbody .pill.late")).to_have_text("delayed")
    expect(page.locator("tbody .pill.bad")).to_have_count(0)


def test_the_form_has_every_field_of_a_rule() -> None:
    """Every declared field has an input."""
    form = (ROOT / "fakekounta/control/page/panels/fault_form.js").read_text(encoding="utf-8")
    missing = [name for name in FIELDS if not re.search(rf"\b{name}\b", form)]
    assert missing == []
