"""Tests of field declarations: a wrong one fails at import with one sentence, and a right one is enough."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import Any

import pytest

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.customers import ADDRESS, CUSTOMER, Address
from fakekounta.core.fields import WrongDeclaration, declared, sent_only
from fakekounta.core.kinds import Flag, Text, Texts, Whole
from fakekounta.core.resources import Nested, Resource
from fakekounta.core.webhooks import ATTRIBUTES, WEBHOOK
from tests.choices import quirk


def resource(*fields: tuple[str, str, Any]) -> Resource[Any]:
    """Return a resource of a class `Dish` with these fields: name, type, declaration."""
    return Resource("dish", make_dataclass("Dish", fields, frozen=True, kw_only=True))


KEYWORDS = "absent, also, attribute, example, hint, in_list, key, label, required, settable, shown"
WRONG: list[tuple[tuple[str, str, Any], str]] = [
    (("note", "str", ""), "Dish.note: is not declared; write `= declared(Text())`, or another kind"),
    (
        ("note", "str | None", declared(Text)),  # type: ignore[arg-type] # the mistake
        f"Dish.note: the first argument must be a kind such as Text(), not {Text!r}",
    ),
    (
        ("note", "str | None", declared(Text(), setable=True)),
        "Dish.note: 'setable' is unknown; known are " + KEYWORDS,
    ),
    (
        ("note", "str", declared(Text())),
        "Dish.note: is None if it is not sent, so its type must be `str | None`",
    ),
    (("note", "bool", declared(Flag(), absent="")), "Dish.note: absent must be None or a bool, not ''"),
    (("note", "str | None", declared(Text(), example=7)), "Dish.note: example must be a string, not 7"),
    (
        ("note", "tuple[str, ...]", declared(Texts(), example=[7])),
        "Dish.note: example must be an array of strings, not [7]",
    ),
    (("note", "str | None", declared(Text(), key="name", settable=True)), "Dish: two fields have the key 'name'"),
    (("note", "str | None", declared(Text(), also="name")), "Dish: two fields have the key 'name'"),
    (("note", "str | None", declared(Text(), in_list="name")), "Dish: two fields have the key 'name'"),
]


@pytest.mark.parametrize("wrong, message", WRONG)
def test_a_wrong_declaration_fails_at_import(wrong: tuple[str, str, Any], message: str) -> None:
    """The error is one sentence that names the class and the field."""
    name = ("name", "str | None", declared(Text(), in_list=True))
    with pytest.raises(WrongDeclaration) as refused:
        resource(name, wrong)
    assert str(refused.value) == message


def test_a_field_without_a_type_fails_at_import() -> None:
    """A field without a type raises Python's own error, which is one sentence."""
    with pytest.raises(TypeError, match="'note' is a field but has no type annotation"):

        @dataclass
        class Dish:
            note = declared(Text())


@dataclass(frozen=True, slots=True, kw_only=True)
class Dish:
    id: int = declared(Whole(1), required=True, in_list=True)
    name: str = declared(Text(), required=True, absent="", settable=True, in_list="title", example="Flat white")
    note: str | None = declared(Text(), settable=True, also="remark")
    words: tuple[str, ...] = declared(Texts(), settable=True)
    hot: bool = declared(Flag(), settable=True, shown=False)
    address: Address | None = declared(Nested(ADDRESS), settable=True)


DISH = Resource("dish", Dish)


def test_records_and_items_have_the_declared_keys() -> None:
    """A record has the shown fields, some under two keys; a list item has those of the list."""
    dish = Dish(id=7, name="Tea", note="hot")
    record = {"id": 7, "name": "Tea", "note": "hot", "remark": "hot", "words": (), "address": None}
    assert DISH.record(dish) == record
    assert list(DISH.record(dish)) == list(record)
    assert DISH.item(dish) == {"id": 7, "title": "Tea"}


def test_a_document_comes_back() -> None:
    """A document is JSON, and makes an equal object, including its address."""
    dish = Dish(id=7, name="Tea", words=("a", "b"), hot=True, address=Address(city="Melbourne"))
    document = DISH.document(dish)
    nothing = dict.fromkeys(("address", "state", "postal_code", "country"))
    assert document == {
        "id": 7,
        "name": "Tea",
        "note": None,
        "words": ["a", "b"],
        "hot": True,
        "address": {**nothing, "city": "Melbourne"},
    }
    assert DISH.restored(document) == dish


@pytest.mark.parametrize(
    "body, fits",
    [
        ({}, True),
        ({"name": "Tea", "note": None, "words": ["a"], "hot": False, "address": {"city": "x", "state": None}}, True),
        ({"name": None, "words": None, "hot": None, "address": None}, True),
        ({"name": 7}, False),
        ({"hot": 1}, False),
        ({"hot": "true"}, False),
        ({"words": "ab"}, False),
        ({"words": [7]}, False),
        ({"words": [None]}, False),
        ({"address": []}, False),
        ({"address": {"city": 7}}, False),
        ({"address": {"town": "x"}}, False),
        ({"address": {"lines": ["a"], "zone": "b"}}, True),
        ({"address": {"lines": [7]}}, False),
        ({"id": 7}, False),
        ({"title": "Tea"}, False),
    ],
)
def test_types_are_checked_at_a_glance(body: dict[str, Any], fits: bool) -> None:
    """The fast check accepts settable keys whose value is null or of the declared type, also in lists and objects."""
    assert DISH.fits(body) is fits
    assert DISH.fits(body) is fits  # the second time from the cache


def test_the_example_has_the_examples() -> None:
    """The example has every field with an example in its declaration."""
    assert DISH.example() == {"name": "Flat white"}
    assert CUSTOMER.example()["primary_address"] == ADDRESS.example()


def test_a_label_is_made_of_the_name() -> None:
    """The default label of a field is made from its name."""
    assert sent_only("postal_code", Text()).label == "Postal code"
    assert ADDRESS.by_name["postal_code"].label == "Postcode"


def test_the_declarations_say_what_the_catalogue_says() -> None:
    """The declared fields equal the lists of C13 (settable), C19 (items), of addresses, W02 and W08."""
    assert set(CUSTOMER.sent) == set(Quirk.C13_FIELDS_ON_UPDATE.names)
    assert [key for key, _ in CUSTOMER.listed] == list(Quirk.C19_LIST_ITEMS_ARE_ABRIDGED.names)
    assert [key for key, _ in ADDRESS.shown] == list(quirk("ADDRESS_KEYS").names)
    assert {key for key, _ in WEBHOOK.shown} == set(Quirk.W02_WEBHOOK_RECORD.names)
    assert set(ATTRIBUTES) == set(Quirk.W08_ATTRIBUTE_FILTERS.names)
