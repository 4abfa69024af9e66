"""Tests of each kind of JSON value in every field of orders, lines and payments, as these are declared."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import httpx
import pytest

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.fields import Field, sent_only
from fakekounta.core.kinds import Whole
from fakekounta.core.orders.bodies import LINE_SENT, NEW_ORDER, ORDER_CHANGES, PAYMENT_CHANGES, PAYMENT_SENT
from fakekounta.core.orders.pos import PAID
from fakekounta.core.resources import Shape
from tests.caller import COMPANY, Caller
from tests.json_texts import BROKEN

SITE, TEA, METHOD, ORDER = 1640, 3001, 1077, 9001
ORDERS = f"{COMPANY}/orders"
PLACE = f"{ORDERS}/{ORDER}"
LINE: Mapping[str, Any] = {"product_id": TEA}
NEW: Mapping[str, Any] = {"site_id": SITE, "lines": [LINE]}
PAYMENT: Mapping[str, Any] = {"method_id": METHOD, "amount": 1}
SEED: Mapping[str, Any] = {
    "sites": [{"id": SITE, "name": "Kiosk"}],
    "products": [{"id": TEA, "name": "Tea", "unit_price": 4}],
    "payment_methods": [{"id": METHOD, "name": "Card"}],
    "orders": [{"id": ORDER, "site_id": SITE, "lines": [{"product": {"id": TEA}}], "payments": [{"amount": 1}]}],
}
WRITES: tuple[tuple[str, str, Shape, Mapping[str, Any]], ...] = (
    ("POST", ORDERS, NEW_ORDER, NEW),
    ("PUT", PLACE, ORDER_CHANGES, {}),
    ("POST", f"{PLACE}/lines", LINE_SENT, LINE),
    ("PUT", f"{PLACE}/lines/1", LINE_SENT, {}),
    ("POST", f"{PLACE}/payments", PAYMENT_SENT, PAYMENT),
    ("PUT", f"{PLACE}/payments/1", PAYMENT_CHANGES, {}),
)
"""The calls that write: method, path, the fields of the body, and a body that is right."""
IDS = [f"{method} {path.replace(COMPANY, '')}" for method, path, _, _ in WRITES]
TEXTS = (
    ("null", "null"),
    ("boolean", "true"),
    *(("number", text) for text in ("-1", "1.5", str(2**63), "1" * 400, "1e999")),
    ("string", '"\\u0000"'),
    *(("array", text) for text in ("[]", "[null]", "[0]")),
    ("object", "{}"),
)
"""Values as texts of JSON, each with its type."""
NOT_JSON = tuple(("", text) for text in BROKEN if len(text) < 10_000)
SENT: Mapping[type, str] = {
    str: "string",
    bool: "boolean",
    int: "number",
    float: "number",
    list: "array",
    dict: "object",
}
RIGHT: Mapping[str, Mapping[str, Any]] = {
    "sent_line": LINE,
    "sent_payment": PAYMENT,
    "sent_option_set": {"option_set_id": 7},
    "line": {"product": {"id": TEA}},
    "payment": {"amount": 1},
    "named": {"id": TEA},
    "line_tax": {"id": 1301, "rate": 0.1},
    "option_set": {"option_set_id": 7},
    "product_site": {"id": SITE},
    "location": {"latitude": 1, "longitude": 1},
    "permission": {"code": "Void"},
}
"""A right object of each shape inside another; `{"id": 7}` for the others."""
ADDED: Mapping[str, Mapping[str, Any]] = {
    "orders": {"site_id": SITE},
    "taxes": {"name": "GST", "rate": 0.1},
    "staff": {"first_name": "Robin"},
}
"""What the records of a collection need; a name for the others."""


class Case(NamedTuple):
    """A body with one odd value: its text, the place of the value, and whether the value has a wrong type."""

    text: str
    place: str
    is_wrong: bool


def with_field(body: Mapping[str, Any], field: str, text: str) -> str:
    """Return the JSON of a body in which this field, which comes last, has a value that is a text of JSON."""
    rest = json.dumps({key: one for key, one in body.items() if key != field})[:-1]
    return f"{rest}{', ' if len(rest) > 1 else ''}{json.dumps(field)}: {text}}}"


def frames(fields: Mapping[str, Field], body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Field], Any]]:
    """Yield a text with `@` in the place of an object, its fields, and a right one: of the body, then inside."""
    yield "@", fields, body
    for key, field in fields.items():
        shape = getattr(field.kind, "shape", None)
        if shape is None:
            continue
        inner = RIGHT.get(shape.name, {"id": 7})
        for frame, deeper, one in frames(shape.by_name or shape.sent, inner):
            yield with_field(body, key, f"[{frame}]" if field.kind.sent_as is list else frame), deeper, one


def cases(
    fields: Mapping[str, Field], body: Mapping[str, Any], texts: Sequence[tuple[str, str]] = TEXTS
) -> Iterator[Case]:
    """Yield a body for each of these texts in each field, also of the objects inside."""
    for frame, known, right in frames(fields, body):
        for name, field in known.items():
            wanted = ("null", SENT[field.kind.sent_as])
            for kind, text in texts:
                yield Case(frame.replace("@", with_field(right, name, text)), name, bool(kind) and kind not in wanted)


def sent(api: Caller, method: str, path: str, text: str) -> httpx.Response:
    return api.http.request(method, path, content=text.encode(), headers={"Content-Type": "application/json"})


def check(api: Caller, plural: str, method: str, path: str, case: Case) -> None:
    """Send a body: it is accepted, or refused by the name of the field, and then nothing has changed."""
    before = api.kounta.collection(plural).all()
    answer = sent(api, method, path, case.text)
    if answer.is_success and not case.is_wrong:
        return
    assert answer.status_code in (400, 409), (method, path, case, answer.text)
    description = answer.json()["error_description"]
    assert len(description) < 1_000, (case, description)
    assert not case.is_wrong or case.place in description, (case, description)
    assert api.kounta.collection(plural).all() == before, (method, path, case)


def readable(api: Caller) -> None:
    """Check that the API shows all orders, and that another fake takes the state over."""
    for one in api.get(ORDERS).json():
        assert api.get(f"{ORDERS}/{one['id_str']}").status_code == 200
    FakeKounta().restore(json.loads(json.dumps(api.kounta.state())))


@pytest.mark.parametrize("method, path, shape, body", WRITES, ids=IDS)
def test_any_value_in_any_field(method: str, path: str, shape: Shape, body: Mapping[str, Any]) -> None:
    """It is accepted or refused as a whole, and the orders can still be read."""
    api = Caller(FakeKounta(seed=SEED, webhook_mode="collect"))
    for case in cases(shape.sent, body):
        check(api, "orders", method, path, case)
    for _, text in NOT_JSON:
        assert sent(api, method, path, with_field(body, "notes", text)).status_code == 400
    readable(api)


def test_any_value_at_the_pos() -> None:
    """The control surface takes no other values, when an order is rung up and when it is paid."""
    api = Caller(FakeKounta(seed=SEED, webhook_mode="collect"))
    number = {"register_id": sent_only("register_id", Whole(1)), "staff_member_id": sent_only("x", Whole(1))}
    for case in cases({**NEW_ORDER.sent, **number}, {"site_id": SITE}):
        check(api, "orders", "POST", "/_fakekounta/ring_up", case)
    for case in cases({name: sent_only(name, kind) for name, kind in PAID.items()}, {}):
        check(api, "orders", "POST", f"/_fakekounta/orders/{ORDER}/pay", case)
    for act in ("accept", "complete", "delete"):
        for _, text in TEXTS:
            assert sent(api, "POST", f"/_fakekounta/orders/{ORDER}/{act}", text).status_code in (200, 400), text
    readable(api)


@pytest.mark.parametrize("plural", ["products", "orders"])
def test_any_value_in_a_record(plural: str) -> None:
    """The same holds for records that are added and changed by the control surface."""
    api, body = Caller(FakeKounta(seed=SEED, webhook_mode="collect")), ADDED.get(plural, {"name": "Al"})
    fields, number = COLLECTIONS[plural].resource.by_name, api.kounta.collection(plural).add(**body).id
    for case in cases(fields, body):
        check(api, plural, "POST", f"/_fakekounta/{plural}", case)
    flat = {name: one for name, one in fields.items() if name != "id" and not hasattr(one.kind, "shape")}
    for case in cases(flat, {}):
        check(api, plural, "PUT", f"/_fakekounta/{plural}/{number}", case)
    readable(api)


def test_a_modifier_that_is_taken_away_must_exist() -> None:
    """A modifier that is taken away must be a product, as one that is added; 0 is none."""
    api = Caller(FakeKounta(seed=SEED))
    for modifiers, status in (([-TEA], 201), ([-7], 400), ([0], 400), ([7], 400)):
        assert (
            api.http.post(ORDERS, json={"site_id": SITE, "lines": [{**LINE, "modifiers": modifiers}]}).status_code
            == status
        )
