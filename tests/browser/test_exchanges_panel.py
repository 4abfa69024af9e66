"""Tests of exchanges in the dashboard: shown as they happen, filtered, opened, copied."""

from __future__ import annotations

import subprocess

from playwright.sync_api import expect

from fakekounta import FakeKounta
from tests.browser.dashboard import Dashboard

LIST = "/v1/companies/me/customers.json"


def ask(kounta: FakeKounta, path: str = LIST, **keywords: object) -> None:
    method = str(keywords.pop("method", "GET"))
    kounta.requests_session().request(method, kounta.url + path, auth=kounta.auth, allow_redirects=False, **keywords)  # type: ignore[arg-type]


def test_new_exchanges_appear(dashboard: Dashboard) -> None:
    """Each exchange becomes a row without an action, the newest first; a reset empties the list."""
    page = dashboard.open("Exchanges")
    expect(page.get_by_text("There was no request yet")).to_be_visible()
    ask(dashboard.kounta)
    expect(dashboard.row(LIST)).to_have_count(1)
    ask(dashboard.kounta, "/v1/companies/me/customers/1.json")
    expect(page.get_by_role("row").nth(1)).to_contain_text("customers/1.json")
    dashboard.kounta.reset()
    ask(dashboard.kounta, "/v1/companies/me.json")
    expect(dashboard.row("/v1/companies/me.json")).to_have_count(1)
    expect(page.locator("tbody").get_by_role("row")).to_have_count(1)


def test_a_cleared_journal_empties_the_list(dashboard: Dashboard) -> None:
    """Exchanges from before the clearing disappear, even if the new ones continue their numbers."""
    dashboard.open("Exchanges")
    ask(dashboard.kounta)
    expect(dashboard.row(LIST)).to_have_count(1)
    dashboard.kounta.reset()
    for _ in range(3):
        ask(dashboard.kounta, "/v1/companies/me.json")
    expect(dashboard.row("/v1/companies/me.json")).to_have_count(3)
    expect(dashboard.row(LIST)).to_have_count(0)


def test_exchanges_are_filtered(dashboard: Dashboard) -> None:
    """Filters are method, part of the path or pattern, status and quirk; an invalid one shows a message."""
    ask(dashboard.kounta)
    ask(dashboard.kounta, method="POST", json={"first_name": "Ada", "phone": "1"})
    ask(dashboard.kounta, "/v1/companies/me/customers/1.json")
    page = dashboard.open("Exchanges")
    rows = page.locator("tbody").get_by_role("row")
    expect(rows).to_have_count(3)
    page.get_by_label("Method").select_option("POST")
    expect(rows).to_have_count(1)
    page.get_by_label("Method").select_option("")
    page.get_by_label("Status").fill("404")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("customers/1.json")
    page.get_by_label("Status").fill("")
    page.get_by_label("Path").fill("/customers/*")
    expect(rows).to_have_count(1)
    page.get_by_label("Path").fill("customers")
    expect(rows).to_have_count(3)
    page.get_by_label("Covered quirk").select_option("C15")
    expect(rows).to_have_count(1)
    page.get_by_label("Status").fill("500")
    expect(page.get_by_text("No exchange matches")).to_be_visible()
    page.get_by_label("Covered quirk").select_option("")
    page.get_by_label("Status").fill("4xx")
    expect(rows).to_have_count(1)
    page.get_by_label("Status").fill("abc")
    expect(page.get_by_role("alert")).to_contain_text("A status is a number")


def test_a_row_has_the_quirks_that_the_record_names_as_reasons(dashboard: Dashboard) -> None:
    """An error has them, a success has none, also if the statement of a covered quirk has its status."""
    ask(dashboard.kounta, method="POST", json={"first_name": "Ada", "phone": "1"})
    ask(dashboard.kounta, "/v1/companies/me/customers/1.json")
    made, missing = dashboard.kounta.requests
    assert (made.status, made.explained_by, missing.status) == (201, (), 404)
    page = dashboard.open("Exchanges")
    rows = page.locator("tbody").get_by_role("row")
    expect(rows.nth(0).locator(".under.why b")).to_have_text([one.id for one in missing.explained_by])
    expect(rows.nth(1).locator(".under.why")).to_have_count(0)


def test_an_exchange_is_opened(dashboard: Dashboard) -> None:
    """It shows both bodies with JSON indented, headers, quirks with their statements, and ignored fields."""
    ask(dashboard.kounta, method="POST", json={"first_name": "Ada", "phone": "1", "points": 7})
    page = dashboard.open("Exchanges")
    page.get_by_role("link", name=LIST).click()
    detail = page.get_by_role("article", name="Exchange 1")
    expect(detail.get_by_role("region", name="Request body")).to_contain_text('"first_name": "Ada",\n')
    expect(detail.get_by_text("A POST that succeeds is 201")).to_be_visible()
    expect(detail.get_by_text("Fields neither stored nor refused: points")).to_be_visible()
    detail.get_by_text("headers").first.click()
    expect(detail.get_by_role("row", name="Content-Type application/json").first).to_be_visible()
    expect(detail.get_by_text(dashboard.kounta.application.client_secret)).to_have_count(0)
    page.keyboard.press("Escape")
    expect(detail).to_have_count(0)


def test_an_exchange_is_copied_as_a_curl_command_that_works(dashboard: Dashboard) -> None:
    """The command makes the same request, with the secrets that the journal hides."""
    kounta = dashboard.kounta
    fields = {"first_name": 'O\'Brien "$HOME" `x`', "phone": "1", "tags": ["@a", "é\n"]}
    ask(kounta, method="POST", json=fields, params={"a[]": "{1}"})
    page = dashboard.open("Exchanges", "/1")
    page.get_by_role("button", name="Copy as curl").click()
    expect(dashboard.message).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True).stdout
    assert answer.startswith("HTTP/1.1 201")
    first, again = kounta.requests
    assert first.target == again.target
    assert first.request.json == again.request.json == fields
    assert [one.first_name for one in kounta.customers.all()] == [fields["first_name"]] * 2


def test_secrets_of_a_form_are_put_back_into_the_curl_command(dashboard: Dashboard) -> None:
    """A token refresh can be repeated, though the journal hides token and secret."""
    kounta = dashboard.kounta
    application = kounta.application
    kounta.requests_session().post(
        f"{kounta.url}/v1/token.json",
        data={
            "grant_type": "refresh_token",
            "refresh_token": application.refresh_token,
            "client_id": application.client_id,
            "client_secret": application.client_secret,
        },
    )
    page = dashboard.open("Exchanges", "/1")
    page.get_by_role("button", name="Copy as curl").click()
    expect(dashboard.message).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True).stdout
    assert answer.startswith("HTTP/1.1 200")


def test_the_journal_is_cleared_after_a_question(dashboard: Dashboard) -> None:
    """Clear deletes all exchanges at the second press."""
    ask(dashboard.kounta)
    page = dashboard.open("Exchanges")
    expect(dashboard.row(LIST)).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Forget all exchanges?").click()
    expect(page.get_by_text("There was no request yet")).to_be_visible()
    assert len(dashboard.kounta.requests) == 0


def test_the_list_tells_why_and_the_rest_on_opening(dashboard: Dashboard) -> None:
    """A status has one or two quirks whose statement names it; a plain 200 has none."""
    ask(dashboard.kounta)
    ask(dashboard.kounta, "/v1/companies/me/customers", headers={"Accept": "text/html"})
    page = dashboard.open("Exchanges")
    expect(dashboard.row("/customers.json").locator("td.why")).to_have_text("")
    why = page.locator("tbody tr").first.locator("td.why")
    expect(why).to_have_text("T03 format by extension or accept")
    page.locator("tbody tr").first.get_by_role("link").click()
    detail = page.get_by_role("article")
    expect(detail.get_by_role("heading", name="Why 406")).to_be_visible()
    expect(detail.get_by_role("heading", name="Other covered quirks")).to_be_visible()
    expect(detail.get_by_role("link", name="T10")).to_have_count(1)


def test_a_narrow_list_tells_as_much(dashboard: Dashboard) -> None:
    """At 390 pixels the whole path, the time, the duration and the reason are visible."""
    ask(dashboard.kounta, "/v1/companies/me/customers", headers={"Accept": "text/html"})
    dashboard.page.set_viewport_size({"width": 390, "height": 800})
    page = dashboard.open("Exchanges")
    for text in ("/v1/companies/me/customers", "UTC · ", "T03 format by extension"):
        expect(page.locator("tbody tr")).to_contain_text(text)
    for part in (".prefix", ".under.why"):
        expect(page.locator(f"tbody {part}")).to_be_in_viewport()


def test_the_first_visit_tells_what_to_do(dashboard: Dashboard) -> None:
    """It shows three steps, a command that works when copied, and a button for ten customers."""
    page = dashboard.open("Exchanges")
    expect(page.get_by_role("listitem").filter(has_text="Point your code at")).to_contain_text(dashboard.kounta.url)
    page.get_by_role("button", name="Add ten sample customers").click()
    expect(dashboard.message).to_have_text("Ten sample customers are there")
    assert len(dashboard.kounta.customers) == 10
    page.get_by_role("button", name="Copy").click()
    expect(dashboard.message).to_have_text("Copied")
    command = page.evaluate("navigator.clipboard.readText()")
    answer = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30, check=True).stdout
    assert answer.startswith("[{")
    expect(dashboard.row(LIST)).to_have_count(1)
