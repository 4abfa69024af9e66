"""Tests of each kind of wrong value in every field of an order, by the ways in that are no request of the API."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from fakekounta import FakeKounta
from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.orders.bodies import NEW_ORDER
from fakekounta.core.orders.pos import PAID
from fakekounta.worlds.seed import seeded
from fakekounta.worlds.seed_file import documents_in
from tests.caller import Caller
from tests.web.test_bad_input_orders import NOT_JSON, ORDER, ORDERS, SEED, SITE, TEXTS, cases, readable

FIELDS = COLLECTIONS["orders"].resource.by_name
OTHERS = {kind: some for kind, some in SEED.items() if kind != "orders"}
NO_JSON: tuple[Any, ...] = (
    *(float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), Decimal("1e400"), Decimal("1e-400")),
    *(10**30, 10**5000, b"x", object(), {1}, {"a": {"b": object()}}, [[]], [b"x"], "\ud800", datetime(2026, 1, 1)),  # noqa: DTZ001 - it is wrong
    *("x" * 5_000, {b"k": "\ud800"}, {1: 2}, {"\ud800": 1}, [None], ["\ud800"], range(3), lambda: 7, 1j),
)
"""Values that no JSON has, and some that are valid for few fields."""
FEW = [one for one in TEXTS if one[1] in ("null", "true", "-1", "1e999", "[null]", "{}")]


def refusal_of(act: Callable[[], Any]) -> str | None:
    """Return the message with which something is refused, or None if it is done."""
    try:
        act()
    except ValueError as refusal:
        return str(refusal)
    return None


def seed(data: bytes) -> None:
    """Read the content of a seed file."""
    seeded([documents_in(Path("seed.json"), data)], "id", Assumptions())


def is_about(message: str, place: str) -> bool:
    """Return whether a message is one short line that names a place."""
    return place in message and "\n" not in message and len(message) < 1_000


def test_any_value_in_a_seed_file() -> None:
    """The order is taken, or refused in one line that names the place; no other exception leaves the reader."""
    for case in cases(FIELDS, {"site_id": SITE}, (*TEXTS, *NOT_JSON)):
        data = f'{json.dumps(OTHERS)[:-1]}, "orders": [{case.text}]}}'.encode("utf-8", "surrogatepass")
        refusal = refusal_of(partial(seed, data))
        if refusal is None:
            assert not case.is_wrong, case
        else:
            assert refusal.startswith("seed.json"), case
            assert is_about(refusal, case.place if case.is_wrong else ""), case


def test_any_value_from_python() -> None:
    """The handle takes it, or raises ValueError with one line and changes nothing; what it takes can be shown."""
    api = Caller(FakeKounta(seed=SEED, webhook_mode="collect"))
    orders = api.kounta.orders
    ways: Mapping[str, tuple[Callable[..., Any], Any]] = {
        "add": (orders.add, FIELDS),
        "change": (lambda **fields: orders.change(ORDER, **fields), FIELDS),
        "ring_up": (lambda **fields: orders.ring_up(**{"site_id": SITE, **fields}), NEW_ORDER.sent),
        "pay": (lambda **fields: orders.pay(ORDER, **fields), PAID),
    }
    for way, (act, fields) in ways.items():
        for field in fields:
            for value in NO_JSON:
                before = orders.all()
                refusal = refusal_of(partial(act, **{field: value}))
                assert refusal is None or is_about(refusal, field), (way, field)
                assert refusal is None or orders.all() == before, (way, field)
    readable(api)


def test_any_value_in_a_state() -> None:
    """The state is restored and shows its orders, or is refused in one line, and the state before stays."""
    api = Caller(FakeKounta(seed=SEED, webhook_mode="collect"))
    document = json.loads(json.dumps(api.kounta.state()))
    (company,) = document["companies"]
    for case in cases(FIELDS, {"id": ORDER, "site_id": SITE}, FEW):
        before = api.kounta.orders.all()
        company["orders"] = [json.loads(case.text)]
        refusal = refusal_of(partial(api.kounta.restore, document))
        if refusal is None:
            assert not case.is_wrong, case
            assert api.get(ORDERS).status_code == 200, case
        else:
            assert is_about(refusal, case.place if case.is_wrong else ""), case
            assert api.kounta.orders.all() == before, case
