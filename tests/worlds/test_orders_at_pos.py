"""Tests of what a test does to orders in place of the POS: in-process, remotely, and by control calls."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from fakekounta import FakeKounta
from tests.both import KINDS, held

SEED: dict[str, Any] = {
    "taxes": [{"id": 1301, "name": "GST", "rate": 0.1}],
    "sites": [{"id": 1640, "name": "Kiosk"}],
    "staff": [{"id": 90711, "first_name": "Robin"}],
    "registers": [{"id": 1021, "name": "Front", "site_id": 1640, "sale_prefix": "HBR1-"}],
    "products": [{"id": 3001, "name": "Tea", "unit_price": 4, "tax_ids": [1301]}],
    "payment_methods": [{"id": 1077, "name": "Card"}, {"id": 1078, "name": "Cash"}],
}
TEA = {"site_id": 1640, "lines": [{"product_id": 3001}]}


@pytest.fixture(params=KINDS)
def kounta(request: pytest.FixtureRequest, fakekounta_server: FakeKounta) -> Iterator[Any]:
    with held(str(request.param), fakekounta_server, seed=SEED) as kounta:
        yield kounta


def test_a_register_rings_up_a_sale(kounta: Any) -> None:
    """It is listed at once, with the prefix of the register; it is paid in parts, and completed in cash."""
    order = kounta.orders.ring_up(**TEA, register_id=1021, staff_member_id=90711)
    assert (order.status, order.total, order.register_id, order.staff_member_id) == (
        "PENDING",
        Decimal("4.4"),
        1021,
        90711,
    )
    assert order.sale_number.startswith("HBR1-")
    assert order.listed_from is None
    assert kounta.orders.pay(order.id, amount=3, ref="T", tip=1, method_id=1077).paid == 3
    done = kounta.orders.complete(order.id)
    assert (done.status, done.paid, done.tips) == ("COMPLETE", Decimal("4.4"), 1)
    assert [one.method.name for one in done.payments] == ["Card", "Cash"]
    assert kounta.orders.delete(order.id).deleted is True
    gone = kounta.orders.get(order.id)
    assert gone.status == "DELETED"
    assert [one.name for one in gone.acts] == ["ring_up", "pay", "complete", "delete"]
    assert gone.acts[0].at.replace(microsecond=0) == order.created_at


def test_the_staff_accept_or_reject(kounta: Any) -> None:
    """They do so with what is SUBMITTED only; a locked order takes no payment at the POS."""
    one, two = (kounta.orders.add(site_id=1640, lock=["PAYMENTS"], total=5) for _ in range(2))
    assert kounta.orders.accept(one.id).status == "ACCEPTED"
    assert kounta.orders.reject(two.id).status == "REJECTED"
    for act, number, message in (
        ("reject", one.id, rf"^order {one.id}: is ACCEPTED, not SUBMITTED$"),
        ("pay", one.id, rf"^order {one.id}: its payments are locked"),
        ("complete", one.id, "locked"),
        ("complete", two.id, "is REJECTED and cannot be completed"),
        ("pay", two.id, "is REJECTED and takes no payment"),
    ):
        with pytest.raises(ValueError, match=message):
            getattr(kounta.orders, act)(number)
    with pytest.raises(KeyError):
        kounta.orders.accept(7)


@pytest.mark.parametrize(
    "fields, message",
    [
        ({"site_id": 7}, "^site_id: there is no site 7$"),
        ({**TEA, "register_id": 7}, "^register_id: there is no register 7$"),
        ({**TEA, "register_id": []}, r"^register_id: must be a whole number"),
        ({**TEA, "staff_member_id": 7}, "^staff_member_id: there is no staff member 7$"),
        ({**TEA, "lines": [{"product_id": "x"}]}, r"^lines\.0\.product_id: must be a whole number"),
        ({**TEA, "table": 1}, "^table: is not a field of an order at the POS"),
    ],
)
def test_a_wrong_sale_is_refused(kounta: Any, fields: dict[str, Any], message: str) -> None:
    """The refusal names the field, and nothing is added."""
    with pytest.raises(ValueError, match=message):
        kounta.orders.ring_up(**fields)
    assert len(kounta.orders) == 0


def test_an_order_is_stored_as_given(kounta: Any) -> None:
    """Without lines its total is as given; with lines it is computed, also after a change and in a seed."""
    line = {"product": {"id": 3001}, "quantity": 2, "unit_price": 4}
    assert kounta.orders.add(total=7.5).total == Decimal("7.5")
    order = kounta.orders.add(lines=[line], total=1)
    assert (order.total, order.lines[0].line_id) == (8, "1")
    assert kounta.orders.change(order.id, lines=[line, line]).total == 16
    assert kounta.orders.change(order.id, notes="x").total == 16


def test_the_state_keeps_what_lists_have_later() -> None:
    """The state has the moment from which an order is listed, and everything else."""
    kounta = FakeKounta(seed=SEED)
    with kounta.httpx_client() as client:
        client.auth = kounta.auth
        client.post("/v1/companies/me/orders.json", json={**TEA, "sale_number": "WEB-1"})
        other = FakeKounta()
        other.restore(kounta.state())
        assert other.state()["companies"] == kounta.state()["companies"]
        with other.httpx_client() as restored:
            restored.auth = other.auth
            assert restored.get("/v1/companies/me/orders.json").json() == []
            other.clock.advance(seconds=2)
            assert len(restored.get("/v1/companies/me/orders.json").json()) == 1


def test_each_payment_has_an_id_of_its_own(kounta: Any) -> None:
    """Payments of one order, and of the next one, have different ids."""
    ids = []
    for number in (9_214_773_315_223_308, 9_214_773_315_223_309):
        order = kounta.orders.add(site_id=1640, id=number)
        for amount in (1, 2):
            kounta.orders.pay(number, amount=amount)
        answer = kounta.httpx_client().get(f"/v1/companies/me/orders/{order.id}.json", auth=kounta.auth)
        ids += [payment["id"] for payment in answer.json()["payments"]]
    assert len(ids) == len({*ids}) == 4
