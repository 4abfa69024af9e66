"""Tests of control calls that find records of a collection, and of the one that fills in the café."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import httpx
import pytest

from fakekounta import FakeKounta
from tests.caller import COMPANY, Caller
from tests.control.test_control import control, refusal


@pytest.fixture(scope="module")
def cafe() -> FakeKounta:
    return FakeKounta(cafe=True, companies=[{"id": 6789, "name": "Other"}])


def found(kounta: FakeKounta, path: str) -> tuple[list[Any], int]:
    """Return the last three digits of the ids of a page, and the number of all records that are found."""
    page = control(kounta, "GET", path).json()
    return [one["id"] % 1_000 for one in page[path.partition("?")[0]]], page["total"]


@pytest.mark.parametrize(
    "path, ids, total",
    [
        ("orders?limit=2", [301, 302], 9),
        ("orders?sort=id&limit=1&offset=8", [309], 9),
        ("orders?sort=-id&limit=2", [309, 308], 9),
        ("orders?sort=-id&limit=5&offset=7", [302, 301], 9),
        ("orders?sort=-id&offset=9", [], 9),
        ("orders?status=COMPLETE&sort=-id&limit=2", [303, 302], 3),
        ("orders?status=COMPLETE&search=WINDOW", [301], 1),
        ("orders?search=web-100&limit=1&offset=1", [304], 5),
        ("orders?search=9214773315223305", [305], 1),
        ("orders?search=no-such", [], 0),
        ("products?search=fw", [3], 1),
        ("staff?search=sam+ito", [713], 1),
        ("sites?status=offline", [], 0),
    ],
)
def test_records_are_found(cafe: FakeKounta, path: str, ids: list[int], total: int) -> None:
    """Records are found by a text in any case, an id and a status, in either order, a page at a time."""
    assert found(cafe, path) == (ids, total)


@pytest.mark.parametrize(
    "path, reason",
    [
        ("orders?status=complete", "status: must be one of SUBMITTED, ACCEPTED, "),
        ("orders?sort=total", "sort: must be one of id, -id"),
        ("products?status=ON_HOLD", "status: is unknown; known are "),
    ],
)
def test_what_nothing_matches_is_refused(cafe: FakeKounta, path: str, reason: str) -> None:
    """A status that there is not, an order by anything but the id, a status where there is none."""
    assert refusal(control(cafe, "GET", path)).startswith(reason)


def test_deliveries_of_a_record_are_found() -> None:
    """Deliveries are found by the id of their record, whatever their topic."""
    kounta = FakeKounta(cafe=True, webhook_mode="collect")
    kounta.webhooks.add("orders/completed", "http://127.0.0.1:1/hook")
    for number in (9_214_773_315_223_307, 9_214_773_315_223_308):
        kounta.orders.complete(number)
    [delivery] = control(kounta, "GET", "deliveries?record_id=9214773315223308").json()
    assert delivery["record_id"] == 9_214_773_315_223_308


@pytest.mark.parametrize("is_lost", [False, True])
def test_requests_about_a_record_are_found(is_lost: bool) -> None:
    """The one that created it, also if its response was lost, and those with the id in their path; no others."""
    api = Caller(FakeKounta(cafe=True, webhook_mode="collect"))
    if is_lost:
        api.kounta.faults.lose_answer("POST", "/orders")
    with suppress(httpx.TransportError):
        api.http.post(f"{COMPANY}/orders.json", json={"site_id": 1_640})
    number = api.kounta.orders.all()[-1].id
    for path in (f"orders/{number}/lines.json", f"orders/{number}", f"orders/{number}0", f"{number}/x", "orders"):
        api.get(f"{COMPANY}/{path}")
    found = control(api.kounta, "GET", f"requests?record_id={number}&summary=true").json()["requests"]
    assert [(one["method"], one["number"]) for one in found] == [("POST", 1), ("GET", 2), ("GET", 3), ("GET", 5)]


def test_an_empty_company_is_filled_with_the_cafe() -> None:
    """The call adds what the setting adds; a company with any record is refused and keeps what it has."""
    kounta = FakeKounta(companies=[{"id": 6789, "name": "Other"}])
    assert control(kounta, "POST", "cafe").json() == {"status": "ok"}
    there, here = FakeKounta(cafe=True), kounta
    assert here.orders.all() == there.orders.all()
    assert [(one.id, one.sites) for one in here.products] == [(one.id, one.sites) for one in there.products]
    assert [one.reference_ids for one in here.customers] == [one.reference_ids for one in there.customers]
    assert refusal(control(kounta, "POST", "cafe"), 409).startswith("cafe: company 5678 has customers already")
    other = kounta.companies[6789]
    other.taxes.add(name="VAT", rate=0.2)
    assert "has taxes already" in refusal(control(kounta, "POST", "cafe?company_id=6789"), 409)
    assert (len(other.customers), len(other.sites)) == (0, 0)
