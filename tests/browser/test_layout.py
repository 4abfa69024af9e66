"""Tests that long and right-to-left values are neither cut in the middle, hidden, nor misplaced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from fakekounta import FakeKounta, Quirk
from tests.browser.dashboard import PANELS, Dashboard

NARROW, WIDE = 390, 1280
STREET, TAGS = "רחוב הרצל 12 " * 8, ["עברית", "العربية " * 8]


def resize(dashboard: Dashboard, width: int) -> None:
    dashboard.page.set_viewport_size({"width": width, "height": 800})


def lines(cell: Locator) -> int:
    """Return the number of lines of an element's text."""
    count = """element => {
        const range = document.createRange();
        range.selectNodeContents(element);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
    }"""
    return int(cell.evaluate(count))


def shows_its_first_letter(element: Locator) -> bool:
    """Return whether the first letter of an element is within the visible part of its parent."""
    return bool(
        element.evaluate(
            """element => {
                const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
                const text = walker.nextNode();
                const range = document.createRange();
                range.setStart(text, 0);
                range.setEnd(text, 1);
                const letter = range.getBoundingClientRect();
                const box = element.getBoundingClientRect();
                return letter.width > 0 && letter.left >= box.left - 1 && letter.right <= box.right + 1;
            }"""
        )
    )


def test_right_to_left_texts_begin_at_their_right(dashboard: Dashboard, fakekounta: FakeKounta) -> None:
    """An address or tags that are too long are cut at their end, not at their beginning."""
    fakekounta.customers.add(first_name="שלמה", phone="1", tags=TAGS, primary_address={"address": STREET})
    page = dashboard.open("Customers")
    for column in ("place", "tags"):
        cell = page.locator(f"td.{column}")
        assert cell.evaluate("cell => cell.scrollWidth > cell.clientWidth")
        assert shows_its_first_letter(cell), column


def test_values_in_one_line_do_not_turn_each_other_around(dashboard: Dashboard, fakekounta: FakeKounta) -> None:
    """On a phone id, reference and tags share a line in the same order for every script."""
    customer = fakekounta.customers.add(first_name="Ada", phone="1", tags=["العربية"], reference_id="מספר-42")
    resize(dashboard, NARROW)
    page = dashboard.open("Customers")
    places = (
        page.locator("td.name .under")
        .last.locator("bdi")
        .evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    )
    assert len(places) == 3
    assert places == sorted(places)
    assert page.locator("td.name .under").last.locator("bdi").first.inner_text() == str(customer.id)


@pytest.mark.parametrize("width", [1024, 1280, 1440, 1920])
def test_a_heading_of_the_quirks_stands_above_its_list(dashboard: Dashboard, width: int) -> None:
    """It is never alone at the end of a column."""
    resize(dashboard, width)
    page = dashboard.open("Quirks")
    expect(page.locator(".family")).to_have_count(len({quirk.id[0] for quirk in Quirk}))
    assert [name for name in page.locator(".family h2").all_inner_texts() if len(name) < 3] == []
    gaps = page.locator(".family").evaluate_all(
        """all => all.map(family => {
            const parts = [family.firstElementChild, family.querySelector("li")];
            const [head, first] = parts.map(one => one.getBoundingClientRect());
            return [Math.abs(first.left - head.left) < 20, first.top - head.bottom];
        })"""
    )
    assert [gap for same_column, gap in gaps if not same_column or not 0 <= gap < 20] == []


def test_numbers_are_in_one_line_on_a_telephone(dashboard: Dashboard, fakekounta: FakeKounta) -> None:
    """The number of the thousandth exchange, and the id of a company, are not wrapped."""
    client = fakekounta.requests_session()
    for _ in range(1_000):
        client.get(f"{fakekounta.url}/v1/companies/me.json", auth=fakekounta.auth)
    resize(dashboard, NARROW)
    number = dashboard.open("Exchanges").locator("tbody td.number").first
    expect(number).to_have_text("1000")
    assert (lines(number), shows_its_first_letter(number)) == (1, True)
    company = dashboard.open("Settings").locator(".companies tbody td.number")
    assert (lines(company), shows_its_first_letter(company)) == (1, True)


def test_the_whole_name_of_a_namespace_is_there_on_a_telephone(dashboard: Dashboard, fakekounta: FakeKounta) -> None:
    fakekounta.namespace("worker-" + "n" * 57)
    resize(dashboard, NARROW)
    name = dashboard.open("Namespaces").locator("tbody td.name")
    assert lines(name) > 1
    assert name.evaluate("cell => cell.scrollHeight <= cell.clientHeight && cell.scrollWidth <= cell.clientWidth")


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_the_list_of_customers_ends_after_its_last_row(
    dashboard: Dashboard, fakekounta: FakeKounta, width: int
) -> None:
    for name in ("Ada", "Bea"):
        fakekounta.customers.add(first_name=name, phone="1")
    resize(dashboard, width)
    page = dashboard.open("Customers")
    expect(page.locator("tbody tr")).to_have_count(2)
    rest = page.locator(".scroll.tall").evaluate("list => list.clientHeight - list.querySelector('table').clientHeight")
    assert -2 <= rest <= 8


def test_the_button_for_samples_is_beside_the_words_about_it(dashboard: Dashboard) -> None:
    """It is within the frame of the empty list, as on the exchanges' first visit."""
    for panel in ("Exchanges", "Customers"):
        page = dashboard.open(panel)
        expect(page.locator(".empty").get_by_role("button", name="Add ten sample customers")).to_be_visible()


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_each_panel_says_that_the_server_is_gone(dashboard: Dashboard, width: int) -> None:
    """A panel that is opened only then shows it, too, and is not blank."""
    resize(dashboard, width)
    page = dashboard.open("Exchanges")
    page.route("**/_fakekounta/**", lambda route: route.abort("connectionrefused"))
    for panel in PANELS:
        page.evaluate(f"location.hash = '#/{panel.lower()}'")
        expect(page.get_by_role("heading", level=1, name=panel)).to_be_visible()
        expect(page.get_by_role("alert")).to_have_text("The fake does not answer. Is it still running?")
    expect(page.get_by_text("not reachable")).to_be_visible()
    page.get_by_role("button", name="Reset").first.click()
    page.get_by_role("button", name="Really reset?").click()
    expect(dashboard.message).to_have_text("The fake does not answer. Is it still running?")
    page.unroute("**/_fakekounta/**")
    dashboard.complaints.clear()  # messages of the browser about each request
