"""Payments of orders."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.arranging import record_id
from contracts.expecting import expect, expect_status
from contracts.menu import keys
from contracts.orders import Shop, shop_of
from contracts.target import KountaTarget


@pytest.fixture
def shop(target: KountaTarget) -> Shop:
    return shop_of(target)


@pytest.mark.quirk("M01")
def test_an_order_is_paid(shop: Shop) -> None:
    """Several payments add up, and a negative one is a refund."""
    path = shop.order()
    paid = shop.pay(path, amount=3, ref='{"a": 1}')
    expect((paid.status_code, record_id(paid)), (201, 1))
    expect_status(shop.pay(path, amount=-1), 201)
    record = shop.record(path)
    expect(record["paid"], 2)
    expect(
        [(one["number"], one["amount"], one["ref"]) for one in record["payments"]],
        [
            (1, 3, '{"a": 1}'),
            (2, -1, ""),
        ],
    )
    method = record["payments"][0]["method"]
    expect((method["id"], keys([method])), (shop.method, [{"id", "name"}]), "$.payments[0].method")
    if not shop.is_of_account:
        expect(method["name"], "Card", "$.payments[0].method.name")


@pytest.mark.quirk("M01")
def test_an_application_that_is_a_payment_method(shop: Shop) -> None:
    """Its payments need no method, also those of a new order; those of others do."""
    own = shop.add("payment_methods", name="Wallet", client_id=shop.target.application.client_id)["id"]
    try:
        path = shop.order(payments=[{"amount": 1}])
        expect_status(shop.pay(path, method_id=None), 201)
    finally:
        shop.remove("payment_methods", own)
    expect([one["method"]["id"] for one in shop.record(path)["payments"]], [own, own], "$.payments")
    shop.target.refuses(shop.pay(path, method_id=None))


WRONG: dict[str, tuple[Any, ...]] = {
    "amount": (None, "1", 1e30, True),
    "method_id": (None, "x"),
    "tip": ("x",),
    "ref": (7,),
}


@pytest.mark.quirk("M01")
def test_a_wrong_payment_is_refused(shop: Shop) -> None:
    """A wrong payment is refused, and nothing is paid."""
    path = shop.order()
    for field, values in WRONG.items():
        for value in values:
            shop.target.refuses(shop.pay(path, **{field: value}))
    expect(shop.record(path)["payments"], [])
    expect_status(shop.pay(f"{shop.orders}/7"), 404)


@pytest.mark.quirk("M02")
def test_payments_are_read_in_the_order_and_stay(shop: Shop) -> None:
    """They cannot be deleted."""
    path = shop.order(payments=[{"method_id": shop.method, "amount": 1}])
    expect([one["amount"] for one in shop.record(path)["payments"]], [1])
    expect_status(shop.target.ask("DELETE", f"{path}/payments/1"), 405)


@pytest.mark.quirk("M03")
def test_a_payment_is_changed(shop: Shop) -> None:
    """PUT changes the reference of a payment, adds another one for its tip, and never changes its amount."""
    path = shop.order(payments=[{"method_id": shop.method, "amount": 1, "tip": 2}])
    expect_status(shop.put(f"{path}/payments/1", ref="b", amount=9), 200)
    expect([(one["amount"], one["ref"]) for one in shop.record(path)["payments"]], [(1, "b")])
    expect_status(shop.put(f"{path}/payments/1", tip=5), 200)
    record = shop.record(path)
    expect([(one["amount"], one["tip"]) for one in record["payments"]], [(1, 2), (0, 3)])
    expect(record["tips"], 5)
    expect_status(shop.put(f"{path}/payments/3", tip=5), 404)


@pytest.mark.quirk("M04")
def test_tips_are_apart(shop: Shop) -> None:
    """Tips are part of neither the total nor what is paid."""
    record = shop.made(payments=[{"method_id": shop.method, "amount": 4.4, "tip": 2}])
    expect((record["total"], record["paid"], record["tips"]), (4.4, 4.4, 2))


@pytest.mark.quirk("D58")
def test_an_order_completes_when_it_is_paid(shop: Shop) -> None:
    """A paid order completes as soon as it is past SUBMITTED, or at once."""
    whole = {"complete_when_paid": True, "payments": [{"method_id": shop.method, "amount": 4.4}]}
    expect(shop.made(status="ON_HOLD", **whole)["status"], "COMPLETE")
    expected = "SUBMITTED" if shop.target.chosen["D58"] == "past_submitted" else "COMPLETE"
    expect(shop.made(status="SUBMITTED", **whole)["status"], expected)


@pytest.mark.quirk("M20")
def test_a_payment_of_a_terminal_order(shop: Shop) -> None:
    """It is refused, or accepted."""
    path = shop.rejected()
    expect_status(shop.pay(path), 400 if shop.target.chosen["M20"] == "refused" else 201)


@pytest.mark.quirk("M21")
def test_more_is_paid_than_is_open(shop: Shop) -> None:
    """It is accepted, refused, or capped."""
    path = shop.order()
    answer = shop.pay(path, amount=9)
    if shop.target.chosen["M21"] == "refused":
        shop.target.refuses(answer)
    else:
        expect(shop.record(path)["paid"], 4.4 if shop.target.chosen["M21"] == "capped" else 9)


@pytest.mark.quirk("M22")
def test_the_same_reference_twice(shop: Shop) -> None:
    """It makes two payments, or a conflict."""
    path = shop.order()
    expect_status(shop.pay(path, ref="T-88"), 201)
    expect_status(shop.pay(path, ref="T-88"), 201 if shop.target.chosen["M22"] == "accepted" else 409)


@pytest.mark.quirk("M23")
def test_the_status_of_an_order_that_is_paid(shop: Shop) -> None:
    """It stays, or becomes complete."""
    path = shop.order(status="ON_HOLD")
    expect_status(shop.pay(path, amount=4.4), 201)
    expect(shop.record(path)["status"], "ON_HOLD" if shop.target.chosen["M23"] == "stays" else "COMPLETE")


@pytest.mark.quirk("M24")
def test_payments_have_no_list(shop: Shop) -> None:
    """It is 405 or 404."""
    expect_status(shop.target.get(f"{shop.order()}/payments"), int(shop.target.chosen["M24"]))
