"""Tests of every kind of JSON value in every field of a customer, sent to the running fake."""

from __future__ import annotations

import json
from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from tests.choices import IN_LINES
from tests.json_texts import BROKEN, KEYS, VALUE_TEXTS, VALUES, objects_with
from tests.sockets import CUSTOMER_ID, RawResponse, arranged, attempt, unhurried

LIST = "/v1/companies/me/customers"
RECORD = f"{LIST}/{CUSTOMER_ID}"
CONTROL = "/_fakekounta/customers"
WRITES = (("POST", LIST), ("PUT", RECORD), ("POST", CONTROL))
TEXTS = ("first_name", "last_name", "email", "phone", "mobile", "image", "reference_id")
ADDRESSES = ("primary_address", "shipping_address")
ADDRESS_PARTS = ("address", "city", "state", "postal_code", "country")
TYPES_OF: dict[str, Collection[str]] = {
    **dict.fromkeys(TEXTS, ("string", "null")),
    **dict.fromkeys(ADDRESSES, ("object", "null")),
    "tags": ("array", "null"),
    "accepts_marketing": ("boolean", "null"),
}
WRONG = [
    pytest.param(field, kind, id=f"{field}-{kind}")
    for field, kinds in TYPES_OF.items()
    for kind in VALUES
    if kind not in kinds
]


def send(kounta: FakeKounta, method: str, target: str, text: str) -> RawResponse:
    return attempt(kounta, method, target, body=text.encode())


def customer_text(field: str, value: str) -> str:
    """Return the JSON of a customer that is valid except for this field, which comes last."""
    return f'{{"first_name":"Robin","email":"robin@example.com",{json.dumps(field)}:{value}}}'


@pytest.mark.parametrize("field,kind", WRONG)
def test_a_wrong_type_is_refused_by_name(fakekounta_server: FakeKounta, field: str, kind: str) -> None:
    """A value of a wrong JSON type is 400; the description begins with the field, and nothing changes."""
    with arranged(fakekounta_server) as kounta:
        for method, target in WRITES:
            for value in VALUES[kind]:
                answer = send(kounta, method, target, customer_text(field, value))
                assert answer.status == 400, (method, target, value)
                assert answer.description.startswith(f"{field}: must be "), answer.description


@pytest.mark.parametrize("part", ADDRESS_PARTS)
@pytest.mark.parametrize("field", ADDRESSES)
def test_a_wrong_type_in_an_address_is_refused_by_name(fakekounta_server: FakeKounta, field: str, part: str) -> None:
    """A part of an address that is not a string is 400, and the description begins with the path to it."""
    with arranged(fakekounta_server) as kounta:
        for method, target in WRITES:
            for kind in sorted(VALUES.keys() - {"string", "null"}):
                for value in VALUES[kind]:
                    answer = send(kounta, method, target, customer_text(field, f'{{"{part}":{value}}}'))
                    assert answer.status == 400, (method, target, value)
                    assert answer.description == f"{field}.{part}: must be a string"


@pytest.mark.parametrize("kind", sorted(VALUES.keys() - {"string"}))
def test_a_tag_that_is_not_text_is_refused_by_position(fakekounta_server: FakeKounta, kind: str) -> None:
    """A tag that is not a string is 400, and the description gives its position."""
    with arranged(fakekounta_server) as kounta:
        for method, target in WRITES:
            for value in VALUES[kind]:
                answer = send(kounta, method, target, customer_text("tags", f'["a",{value}]'))
                assert (answer.status, answer.description) == (400, "tags.1: must be a string")


@pytest.mark.parametrize("field", TYPES_OF)
def test_null_is_accepted_except_for_required_values(fakekounta_server: FakeKounta, field: str) -> None:
    """null is accepted in any field except the first name, and the email of a customer without another contact."""
    with arranged(fakekounta_server) as kounta:
        for method, target in WRITES:
            answer = send(kounta, method, target, customer_text(field, "null"))
            must_stay = field == "first_name" or (field == "email" and method == "POST")
            assert (answer.status >= 400) == must_stay, (method, target, answer.body)


@pytest.mark.parametrize("method,target", WRITES)
def test_all_fields_null_at_once(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """A customer with null in every field is refused because of its first name."""
    with arranged(fakekounta_server) as kounta:
        answer = send(kounta, method, target, json.dumps(dict.fromkeys(TYPES_OF)))
    assert answer.status == 400
    assert answer.description.startswith("first_name: ")


@pytest.mark.parametrize(
    "value", ['"au"', '"AUS"', '"XX"', '"A"', '" AU"', '"AU\\u0000"', '"\\u0410U"', '"🇦🇺"', '"13"']
)
@pytest.mark.parametrize("field", ADDRESSES)
def test_an_unknown_country_is_refused(fakekounta_server: FakeKounta, field: str, value: str) -> None:
    """A country that is not an ISO 3166-1 code in capitals is refused, and the description begins with its path."""
    with arranged(fakekounta_server) as kounta:
        for method, target in WRITES:
            answer = send(kounta, method, target, customer_text(field, f'{{"country":{value}}}'))
            assert answer.status == 400
            assert answer.description.startswith(f"{field}.country: ")


@pytest.mark.parametrize("method,target", WRITES)
@pytest.mark.parametrize("index", range(len(BROKEN)))
def test_broken_values_at_every_field(fakekounta_server: FakeKounta, index: int, method: str, target: str) -> None:
    """A value that is not JSON, in a known or an unknown field, is 400 for the whole body, and nothing is stored."""
    with arranged(fakekounta_server) as kounta:
        for field in ("first_name", "tags", "unknown"):
            answer = send(kounta, method, target, customer_text(field, BROKEN[index]))
            assert answer.status == 400
            assert answer.description.startswith("The body ")


@unhurried
@given(write=st.sampled_from(WRITES), text=objects_with((*TYPES_OF, "id", "reference_ids", "unknown")))
def test_random_values_in_fields(fakekounta_server: FakeKounta, write: tuple[str, str], text: str) -> None:
    """Objects with random values in any field are stored whole or refused whole."""
    with arranged(fakekounta_server) as kounta:
        send(kounta, *write, text)


@unhurried
@given(
    write=st.sampled_from(WRITES),
    field=st.sampled_from(ADDRESSES),
    text=objects_with((*ADDRESS_PARTS, "lines", "zone")),
    in_lines=st.booleans(),
)
def test_random_values_in_an_address(
    fakekounta_server: FakeKounta, write: tuple[str, str], field: str, text: str, in_lines: bool
) -> None:
    """Random values in an address, in both of its forms, are stored whole or refused whole."""
    assumptions = IN_LINES if in_lines else {}
    with arranged(fakekounta_server, assumptions=assumptions) as kounta:
        send(kounta, *write, customer_text(field, text))


@unhurried
@given(write=st.sampled_from(WRITES), tags=st.lists(VALUE_TEXTS, max_size=4))
def test_random_values_in_the_tags(fakekounta_server: FakeKounta, write: tuple[str, str], tags: list[str]) -> None:
    """Random values in the tags are stored whole or refused whole."""
    with arranged(fakekounta_server) as kounta:
        send(kounta, *write, customer_text("tags", f"[{','.join(tags)}]"))


@unhurried
@given(write=st.sampled_from(WRITES), pairs=st.lists(st.tuples(KEYS, VALUE_TEXTS), max_size=5))
def test_unknown_keys_where_they_are_refused(
    fakekounta_server: FakeKounta, write: tuple[str, str], pairs: list[tuple[str, str]]
) -> None:
    """Where unknown keys are refused (A14), a refusal can quote any key."""
    rest = "".join(f",{key}:{value}" for key, value in pairs)
    with arranged(fakekounta_server, assumptions={"A14": "refused"}) as kounta:
        send(kounta, *write, f'{{"first_name":"Robin","email":"robin@example.com"{rest}}}')
