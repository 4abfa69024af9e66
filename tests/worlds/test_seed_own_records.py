"""Tests that a record as the fake itself answers it is a seed: by its id, and as an item of a list."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.settings.cafe import cafe
from fakekounta.worlds.seed_file import SeedError
from tests.openapi.drive import fill_collections

COMPANY = "/v1/companies/5678"
WHOLE: dict[str, Any] = {
    "id": 2**53,
    "first_name": "Al",
    "last_name": "Lee",
    "email": "al@example.com",
    "phone": "1",
    "mobile": "0400",
    "image": "https://example.com/al.png",
    "tags": ["a"],
    "primary_address": {"address": "1 St", "city": "Hobart", "state": "TAS", "postal_code": "7", "country": "AU"},
    "shipping_address": {"city": "E"},
    "reference_id": "r",
    "accepts_marketing": True,
}
FORMS = [
    {},
    {"A04": "email"},
    {"A04": "primary_email_address"},
    {"A05": "lines"},
    {"A06": "omitted"},
    {"A18": "always"},
    {"C19": "full"},
]


def answered(kounta: FakeKounta, path: str) -> Any:
    with kounta.httpx_client() as client:
        return client.get(f"{COMPANY}/{path}.json", auth=kounta.auth).raise_for_status().json()


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_customer_as_answered_is_a_seed(form: dict[str, str], tmp_path: Path) -> None:
    """The same customer comes out, whatever form the fake answered in; its reference id is the application's."""
    least = {"first_name": "Bo", "mobile": "0401"}
    kounta = FakeKounta(seed=[WHOLE, least], assumptions=form)
    records = [answered(kounta, f"customers/{one.id}") for one in kounta.customers]
    file = tmp_path / "seed.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    for seeded in (FakeKounta(seed_file=file), FakeKounta(seed=records), FakeKounta(seed=[{"customers": records}])):
        assert seeded.customers.all() == kounta.customers.all()


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_list_as_answered_is_a_seed(form: dict[str, str]) -> None:
    """Each item is a customer with what the item shows."""
    kounta = FakeKounta(seed=[WHOLE, {"first_name": "Bo", "email": "bo@example.com"}], assumptions=form)
    items = answered(kounta, "customers")
    seeded = FakeKounta(seed=items, assumptions=form)
    assert answered(seeded, "customers") == items or form == {"C19": "full"}  # whose timestamps differ
    assert [(one.id, one.email) for one in seeded.customers] == [(one.id, one.email) for one in kounta.customers]


def stored_keys(plural: str) -> Callable[[Any], Any]:
    """Return a function that returns a record without keys computed from what no record shows, such as a rate."""
    computed = COLLECTIONS[plural].computed.keys() - COLLECTIONS[plural].resource.by_name.keys()
    return lambda record: {key: value for key, value in record.items() if key not in computed}


@pytest.mark.parametrize("plural", COLLECTIONS)
def test_a_record_of_a_collection_as_answered_is_a_seed(plural: str) -> None:
    """The same record comes out; counts of other records are counted anew."""
    kounta = FakeKounta()
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")  # a record shows whole seconds
    fill_collections(kounta)
    place, ids = COLLECTIONS[plural].place, [one.id for one in kounta.collection(plural)]
    before: dict[str, Any] = {one: kounta.collection(one).all() for one in COLLECTIONS if one != plural}
    others = {one: [COLLECTIONS[one].resource.document(record) for record in kept] for one, kept in before.items()}
    if COLLECTIONS[plural].one:
        records = [answered(kounta, f"{place}/{number}") for number in ids]
        seeded = FakeKounta(seed={**others, plural: records})
        seeded.clock.freeze("2026-11-23T18:40:00+11:00")
        again = [answered(seeded, f"{place}/{number}") for number in ids]
        assert list(map(stored_keys(plural), again)) == list(map(stored_keys(plural), records))
    assert [one.id for one in FakeKounta(seed={**others, plural: answered(kounta, place)}).collection(plural)] == ids


def with_an_order() -> FakeKounta:
    """Return the café with one more order, which has option sets, a customer and payments."""
    kounta = FakeKounta(cafe=True)
    options = [{"option_set_id": 4_001, "options": [3_018]}]
    lines = [{"product_id": 3_013}, {"product_id": 3_003, "quantity": 2, "option_sets": options}]
    order = kounta.orders.ring_up(site_id=1_640, lines=lines, customer_id=389_427)
    kounta.orders.pay(order.id, amount=5, ref="T-1", method_id=1_077)
    return kounta


def test_an_order_as_answered_is_a_seed() -> None:
    """The same orders come out: with their customers, options and payments, by id and in lists."""
    kounta = with_an_order()
    ids = [one.id for one in kounta.orders]
    records = [answered(kounta, f"orders/{number}") for number in ids]
    seeded = FakeKounta(seed={**cafe(), "orders": records})
    assert [answered(seeded, f"orders/{number}") for number in ids] == records
    items = answered(kounta, "orders")
    assert answered(FakeKounta(seed={**cafe(), "orders": items}), "orders") == items
    assert any(one["options"] for one in records)


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"customer_id": 389_428}, "customer: contradicts customer_id"),
        ({"id_str": "9214773315223300"}, "id_str: contradicts id"),
        ({"payments": [{"id": 1, "amount": 1, "sum": 1}]}, "payments[0].sum: is unknown"),
        ({"payments": [5]}, "payments[0]"),
        (
            {"lines": [{"number": [], "product": {"id": 1}}], "options": [{"line_number": {}}, 5]},
            "lines[0].number: must",
        ),
        ({"customer_name": "Ada"}, "customer_name: is unknown"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused(changed: dict[str, Any], reason: str) -> None:
    """An order that contradicts itself, an unknown key, or a value of another form is refused."""
    record = answered(FakeKounta(cafe=True), "orders/9214773315223301")
    with pytest.raises(SeedError) as caught:
        FakeKounta(seed={**cafe(), "orders": [{**record, **changed}]})
    assert str(caught.value).startswith(f"seed[0].orders[0].{reason}")


@pytest.mark.parametrize(
    "changed, reason",
    [
        ({"primary_email_address": "other@example.com"}, "primary_email_address: contradicts email"),
        ({"primary_email_address": None}, "primary_email_address: contradicts email"),
        ({"id_str": "7"}, "id_str: contradicts id"),
        ({"id": 7}, "id_str: contradicts id"),
        ({"created_at": "yesterday"}, "created_at: 'yesterday' is not "),
        ({"updated_at": 5}, "updated_at: must be an ISO 8601 date and time with an offset, not 5"),
        ({"primary_address": {"id": 1, "lines": 5}}, "primary_address"),
        ({"primary_address": 5}, "primary_address: must be"),
        ({"created": "x"}, "created: is not a field of a customer; known are "),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(changed: dict[str, Any], reason: str) -> None:
    """A key that only responses have must fit the rest, and be as responses have it."""
    record = answered(FakeKounta(seed=[WHOLE]), f"customers/{WHOLE['id']}")
    with pytest.raises(SeedError) as caught:
        FakeKounta(seed=[{**record, **changed}])
    assert str(caught.value).startswith(f"seed[0]: {reason}")


def test_an_item_without_an_email_says_where_the_rest_is() -> None:
    """A list item shows no phone and no mobile, so a customer who has only these needs the whole record."""
    items = answered(FakeKounta(seed=[{"first_name": "Bo", "phone": "1"}]), "customers")
    with pytest.raises(SeedError, match=r"^seed\[0\]: email: is empty, .*; take the whole record, by its id$"):
        FakeKounta(seed=items)
