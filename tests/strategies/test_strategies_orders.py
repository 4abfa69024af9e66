"""Tests of the strategies of orders and cafés: what is accepted, what is refused and why, and that nothing changes."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta, Quirk
from fakekounta import strategies as fs
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.orders.bodies import LINE_SENT, NEW_ORDER, ORDER_CHANGES, PAYMENT_CHANGES, PAYMENT_SENT
from fakekounta.core.resources import Shape
from fakekounta.strategies.wrong import wrong_bodies
from tests.caller import COMPANY, Caller
from tests.shares import examples
from tests.strategies.test_strategies_reach import unreached

pytestmark = pytest.mark.hypothesis  # `make test-verify` draws more
KOUNTA = FakeKounta(webhook_mode="collect", cafe=True)
CALLER = Caller(KOUNTA)
ORDERS = f"{COMPANY}/orders"
FEW = settings(max_examples=examples(60), database=None, deadline=None)
FINDING = settings(max_examples=10_000, database=None, deadline=None, phases=[Phase.generate])
STRICT = {"D54": "lines_too", "D60": "refused", "D66": "refused", "M21": "refused"}
"""The choices under which a new order is refused that is accepted by default."""
BY_DEFAULT = {"C22", "D13", "D28", "D32", "D36", "D54", "D55", "D57", "M01", "D35"}
REASONS = {quirk for quirk in Quirk if quirk.id in {*BY_DEFAULT, "D60", "D66", "M21", "T15"}}
"""All quirks that a POST of an order can be refused for because of its body."""
SCARCE: dict[str, Any] = {
    "sites": [{"id": 1640, "name": "Kiosk"}, {"id": 1641, "name": "Window", "online_ordering": "offline"}],
    "payment_methods": [{"id": 1077, "name": "Card"}],
    "customers": [{"id": 389427, "first_name": "Kim", "phone": "1"}],
    "products": [
        {"id": 3001, "name": "Tea", "unit_price": 4},
        {"id": 3002, "name": "Cake", "unit_price": 5, "is_inventoried": True, "sites": [{"id": 1640, "stock": 2}]},
        {"id": 3003, "name": "Soup", "unit_price": 9, "sites": [{"id": 1641}]},
    ],
}


def made(body: Any) -> dict[str, Any]:
    """Return the record of a new order."""
    answer = CALLER.http.post(ORDERS, json=body)
    assert answer.status_code == 201, answer.text
    return dict(CALLER.http.get(answer.headers["Location"]).json())


def state(kounta: Any) -> str:
    """Return the whole state as text; the clock must be frozen."""
    return json.dumps(kounta.state())


# --- accepted ----------------------------------------------------------------------------------------------------


@FEW
@given(fs.new_orders())
def test_new_orders_are_taken(body: dict[str, Any]) -> None:
    """A POST of a drawn body answers 201, and the order has its values. `ring_up` accepts the same body."""
    with KOUNTA.fresh() as kounta:
        record = made(body)
        assert record["site_id"] == body["site_id"]
        assert [one["product"]["id"] for one in record["lines"]] == [
            one["product_id"] for one in body.get("lines") or ()
        ]
        assert len(record["payments"]) == len(body.get("payments") or ())
        assert record["notes"] == (body.get("notes") or "")
        # At the POS an order is PENDING if it has no status, and then needs the stock (D35)
        kounta.orders.ring_up(**{**body, "status": body.get("status") or "SUBMITTED"})


@settings(max_examples=examples(20), database=None, deadline=None)
@given(st.data(), fs.cafes(orders=[], staff=[], customers=[]), st.sampled_from([{}, STRICT]))
def test_new_orders_of_a_cafe_are_taken(data: st.DataObject, cafe: dict[str, Any], choices: dict[str, str]) -> None:
    """Orders are for the sites, products and methods of the seed, also under choices that refuse more."""
    site = {**cafe["sites"][0], "online_ordering": "online"}
    product = {**cafe["products"][0], "sites": None}
    seed = {**cafe, "sites": [site, *cafe["sites"][1:]], "products": [product, *cafe["products"][1:]]}
    body = data.draw(fs.new_orders(of=seed, assumptions=choices))
    with KOUNTA.fresh(cafe=False, seed=seed, assumptions=choices):
        made(body)


CLAIMS: dict[str, Any] = {
    "no lines": lambda body: "lines" not in body,
    "a modifier that is taken away": lambda body: any(min(one.get("modifiers") or [0]) < 0 for one in lines(body)),
    "an option": lambda body: any(one.get("option_sets") for one in lines(body)),
    "a refund": lambda body: any(one["amount"] < 0 for one in body.get("payments") or ()),
    "COMPLETE": lambda body: body.get("status") == "COMPLETE",
    "a fixed variation": lambda body: body.get("price_fixed_variation"),
    "several lines": lambda body: len(lines(body)) > 1,
    "a callback": lambda body: body.get("callback_uri"),
}


def lines(body: dict[str, Any]) -> list[dict[str, Any]]:
    return body.get("lines") or []


def test_what_is_reached() -> None:
    """New orders are of each kind, sooner or later."""
    assert unreached(fs.new_orders(), CLAIMS) == []


def test_parts_are_given() -> None:
    """A given part is used as it is; a given status gets what it needs."""

    @FEW
    @given(fs.new_orders(site_id=1641, status="COMPLETE", sale_number="WEB-1", callback_uri=fs.ABSENT))
    def check(body: dict[str, Any]) -> None:
        assert (body["site_id"], body["status"], body["sale_number"]) == (1641, "COMPLETE", "WEB-1")
        assert "callback_uri" not in body
        with KOUNTA.fresh():
            assert made(body)["status"] == "COMPLETE"

    check()


# --- refused -----------------------------------------------------------------------------------------------------


def check_refused(kounta: FakeKounta, drawn: fs.RefusedOrder) -> None:
    """Check that a POST is 400 for the drawn quirk alone, and that the state is the same before and after it."""
    kounta.clock.freeze()
    before = state(kounta)
    answer = CALLER.http.post(ORDERS, json=drawn.body)
    assert answer.status_code == 400, answer.text
    assert state(kounta) == before
    found = REASONS.intersection(kounta.requests[-1].quirks)
    assert drawn.quirk in found
    assert found - {drawn.quirk} <= CHOICES.keys()  # these are choices that were asked, and refused nothing


@FEW
@given(fs.refused_orders())
def test_each_is_refused_for_its_reason_only(drawn: fs.RefusedOrder) -> None:
    """A POST is 400 and cites exactly the drawn quirk; the state is the same, to the byte."""
    with KOUNTA.fresh() as kounta:
        check_refused(kounta, drawn)


@FEW
@given(fs.refused_orders(of=SCARCE, assumptions=STRICT))
def test_each_is_refused_under_choices_that_refuse_more(drawn: fs.RefusedOrder) -> None:
    """What an assumption refuses is drawn if it is chosen."""
    with KOUNTA.fresh(cafe=False, seed=SCARCE, assumptions=STRICT) as kounta:
        check_refused(kounta, drawn)


@pytest.mark.parametrize("quirk", sorted({*BY_DEFAULT, "D60", "D66", "M21", "T15"}))
def test_each_reason_is_drawn(quirk: str) -> None:
    """Each is drawn if it is named, and refused for that reason."""
    drawn = find(fs.refused_orders(of=SCARCE, assumptions=STRICT, quirks=[quirk]), lambda _: True, settings=FINDING)
    assert drawn.quirk.id == quirk


@FEW
@given(fs.refused_orders(site_id=1640, customer_id=fs.ABSENT))
def test_given_parts_are_never_what_is_wrong(drawn: fs.RefusedOrder) -> None:
    """Given parts are unchanged, and another part is wrong."""
    assert drawn.body["site_id"] == 1640
    assert "customer_id" not in drawn.body


def test_orders_that_cannot_be_raise() -> None:
    """Making a strategy that can draw nothing raises an error that names the quirk, or what the seed lacks."""
    with pytest.raises(ValueError, match=r"^refused_orders\(\): no body can be refused for D60 with these arguments$"):
        fs.refused_orders(quirks=["D60"])
    with pytest.raises(ValueError, match="the seed has no site that takes orders"):
        fs.new_orders(of={"sites": []})
    for strategy in (fs.new_orders, fs.refused_orders):
        with pytest.raises(TypeError, match=r"has no part 'table'; it has site_id, lines, "):
            strategy(table=1)
    with pytest.raises(TypeError, match=r"^cafes\(\) has no part 'tables'; it has customers, "):
        fs.cafes(tables=[])


SHAPES: dict[tuple[str, str], Shape] = {
    ("POST", ""): NEW_ORDER,
    ("PUT", "/{order}"): ORDER_CHANGES,
    ("POST", "/{order}/lines"): LINE_SENT,
    ("PUT", "/{order}/lines/1"): LINE_SENT,
    ("POST", "/{order}/payments"): PAYMENT_SENT,
    ("PUT", "/{order}/payments/1"): PAYMENT_CHANGES,
}


@pytest.mark.parametrize("method, below", SHAPES)
def test_a_wrong_field_changes_nothing(method: str, below: str) -> None:
    """A value of a wrong type in any field of any body of orders is 400, names the field, and changes nothing."""
    fields = set()

    @settings(max_examples=examples(40), database=None, deadline=None)
    @given(wrong_bodies(SHAPES[method, below]))
    def check(body: dict[str, Any]) -> None:
        (field,) = body
        fields.add(field)
        before = state(kounta)
        answer = CALLER.http.request(method, f"{ORDERS}{below.format(order=order['id'])}", json=body)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error_description"].startswith(field)
        assert state(kounta) == before

    with KOUNTA.fresh() as kounta:
        kounta.clock.freeze()
        payments = [{"method_id": 1078, "amount": 1}]
        order = made({"site_id": 1640, "lines": [{"product_id": 3003}], "payments": payments})
        check()


@pytest.mark.parametrize("shape", dict.fromkeys(SHAPES.values()), ids=lambda shape: shape.name)
def test_every_field_is_drawn_with_a_wrong_value(shape: Shape) -> None:
    """A wrong value is drawn for each field of each body, also those of lines and payments in a new order."""
    claims = {key: partial(_has, key) for key in shape.sent}
    assert unreached(wrong_bodies(shape), claims) == []


def _has(key: str, body: dict[str, Any]) -> bool:
    return key in body


# --- cafés -------------------------------------------------------------------------------------------------------


@settings(max_examples=examples(20), database=None, deadline=None)
@given(fs.cafes())
def test_a_cafe_can_be_seeded_and_read_back(cafe: dict[str, Any]) -> None:
    """All records are there with what was drawn, the API shows them, and a seed of what is stored is the same."""
    with KOUNTA.fresh(cafe=False, seed=cafe) as kounta:
        stored = documents(kounta)
        for plural, records in stored.items():
            drawn = {one["id"]: one for one in cafe[plural]}
            assert [one["id"] for one in records] == sorted(drawn)
            assert [{key: one[key] for key in kept(drawn[one["id"]])} for one in records] == [
                kept(drawn[one["id"]]) for one in records
            ]
        assert len(kounta.customers) == len(cafe["customers"])
        for plural in ("sites", "products", "registers"):
            ids = [one["id"] for one in CALLER.http.get(f"{COMPANY}/{plural}").json()]
            assert ids == [one["id"] for one in stored[plural]]
    with KOUNTA.fresh(cafe=False, seed={"customers": cafe["customers"], **stored}) as kounta:
        assert documents(kounta) == stored


def documents(kounta: Any) -> dict[str, Any]:
    return {
        plural: [collection.resource.document(one) for one in kounta.collection(plural)]
        for plural, collection in COLLECTIONS.items()
    }


SUMS = ("total", "total_tax", "paid", "tips")


def kept(drawn: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of a drawn document that are stored as they were drawn; sums of orders are computed."""
    return {
        key: one
        for key, one in drawn.items()
        if isinstance(one, (str, bool, int)) and not key.endswith("_at") and key not in SUMS
    }


def test_a_cafe_of_given_records() -> None:
    """The other records refer to the given ones; ABSENT leaves a kind out."""

    @settings(max_examples=4, database=None, deadline=None)
    @given(fs.cafes(sites=[{"id": 7_000, "name": "Mine"}], orders=fs.ABSENT))
    def check(cafe: dict[str, Any]) -> None:
        assert "orders" not in cafe
        assert {one.get("site_id") for one in cafe["registers"]} <= {7_000, None}
        with KOUNTA.fresh(cafe=False, seed=cafe) as kounta:
            assert [one.name for one in kounta.sites] == ["Mine"]

    check()


CAFES: dict[str, Any] = {
    "no staff": lambda cafe: not cafe["staff"],
    "several orders with large ids": lambda cafe: len(cafe["orders"]) > 1 and cafe["orders"][-1]["id"] >= 2**53,
    "a product at no site": lambda cafe: any(one.get("sites") == [] for one in cafe["products"]),
    "a register at a site": lambda cafe: any(one.get("site_id") for one in cafe["registers"]),
    "an order with a line": lambda cafe: any(one.get("lines") for one in cafe["orders"]),
    "an order of a customer": lambda cafe: any(one.get("customer_id") for one in cafe["orders"]),
}


def test_cafes_of_each_kind() -> None:
    """A café may lack a kind, or have several of it."""
    assert unreached(fs.cafes(), CAFES) == []
