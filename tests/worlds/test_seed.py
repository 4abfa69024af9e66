"""Tests of seed data: JSON and JSON Lines files, lists in Python, and one-line errors with the position."""

from __future__ import annotations

import codecs
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import Customer, FakeKounta
from fakekounta.worlds.seed_file import SeedError
from tests.choices import TWIN_MOBILES
from tests.drawn_worlds import CUSTOMERS
from tests.sockets import unhurried

Write = Callable[[str | bytes], Path]
SAM = {"first_name": "Sam", "phone": "1"}
KIM: dict[str, Any] = {"first_name": "Kim", "phone": "2"}
LINE_OF_COMMA = 3 if sys.version_info >= (3, 13) else 4
"""Where `json` of this Python sees a comma too many: at the comma, or at the bracket in the next line."""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_seed(content: str | bytes) -> Path:
        path = tmp_path / "seed.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_seed


def lines(*documents: Any, end: str = "\n") -> str:
    return "".join(json.dumps(document) + end for document in documents)


def names(kounta: FakeKounta) -> list[str]:
    return [customer.first_name for customer in kounta.customers]


def refusal(**settings: Any) -> str:
    """Return the message of the refusal, and check that it is one line."""
    with pytest.raises(SeedError) as caught:
        FakeKounta(**settings)
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- accepted seeds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([SAM, KIM]),
        json.dumps([SAM, KIM], indent=2),
        " \r\n\t" + json.dumps([SAM, KIM]) + "\n\n",
        lines(SAM, KIM),
        lines(SAM, KIM).rstrip(),
        lines(SAM, KIM, end="\r\n"),
        "\n\n" + lines(SAM, end="\n \t\n\r\n") + lines(KIM),
        lines(SAM, KIM, end=" \n"),
        codecs.BOM_UTF8 + json.dumps([SAM, KIM]).encode(),
        codecs.BOM_UTF8 + lines(SAM, KIM).encode(),
    ],
    ids=["array", "indented", "padded", "lines", "no end", "CRLF", "blank lines", "spaces", "BOM array", "BOM lines"],
)
def test_files_of_every_form(write: Write, content: str | bytes) -> None:
    """An array, or a line for each customer, with any line ends, blank lines and a byte order mark, is a seed."""
    assert names(FakeKounta(seed_file=write(content))) == ["Sam", "Kim"]


@pytest.mark.parametrize("content", ["", "\n", " \r\n \t\n", "[]", "[ ]\n"])
def test_an_empty_file_seeds_no_customer(write: Write, content: str) -> None:
    """A file without a customer is valid."""
    assert len(FakeKounta(seed_file=write(content)).customers) == 0


def test_the_texts_of_a_file_are_utf_8(write: Write) -> None:
    """Names in any script are read, written as UTF-8 or escaped."""
    kounta = FakeKounta(seed_file=write('{"first_name":"Zoë 愛 \\ud83d\\ude00","phone":"\\u0031"}'))
    assert [(customer.first_name, customer.phone) for customer in kounta.customers] == [("Zoë 愛 \U0001f600", "1")]


def test_every_field_can_be_seeded(write: Write) -> None:
    """A customer in a file may have all fields of a POST, and reference ids of any application."""
    address = {"address": "1 Example St", "city": "Exampleton", "state": "VIC", "postal_code": "3999", "country": "AU"}
    document = {
        **SAM,
        "last_name": "Lee",
        "email": "sam@example.com",
        "mobile": "0400",
        "image": "https://images.example.com/sam.png",
        "tags": ["a", "b"],
        "primary_address": address,
        "shipping_address": {"country": "NZ"},
        "reference_id": "mine",
        "reference_ids": {"other": "theirs"},
        "accepts_marketing": True,
        "id": 42,
    }
    (customer,) = FakeKounta(seed_file=write(lines(document))).customers
    assert customer.id == 42
    assert (customer.last_name, customer.email, customer.mobile) == ("Lee", "sam@example.com", "0400")
    assert (customer.image, customer.tags) == ("https://images.example.com/sam.png", ("a", "b"))
    assert customer.primary_address is not None
    assert customer.primary_address.postal_code == "3999"
    assert customer.shipping_address is not None
    assert (customer.shipping_address.country, customer.shipping_address.city) == ("NZ", None)
    assert dict(customer.reference_ids) == {"fake-client-id": "mine", "other": "theirs"}
    assert customer.accepts_marketing is True


def test_ids_that_are_given_and_ids_that_are_not(write: Write) -> None:
    """Given ids are kept; the other customers get ids above all given ones, in the order of the file."""
    documents = [SAM, {**KIM, "id": 500_000}, {**SAM, "phone": "3"}, {**KIM, "id": 7}, {**SAM, "phone": "5"}]
    kounta = FakeKounta(seed_file=write(lines(*documents)))
    by_phone = {customer.phone: customer.id for customer in kounta.customers}
    assert len(by_phone) == 4  # two have phone 2
    ids = {customer.id for customer in kounta.customers}
    assert {500_000, 7} < ids
    assert 500_000 < by_phone["1"] < by_phone["3"] < by_phone["5"]
    assert kounta.customers.add(**KIM).id > by_phone["5"]


def test_ids_begin_where_they_always_do(write: Write) -> None:
    """Without ids in the file the first customer has the usual first id."""
    kounta = FakeKounta(seed_file=write(lines(SAM, KIM)))
    assert [customer.id for customer in kounta.customers] == [389427, 389428]
    assert kounta.customers.add(first_name="Ash", phone="3").id == 389429


def test_file_and_list_together(write: Write) -> None:
    """A seed file and a seed list are both read, and must not have the same id."""
    file = write(lines({**SAM, "mobile": "0400"}))
    assert names(FakeKounta(seed_file=file, seed=[KIM])) == ["Sam", "Kim"]
    message = refusal(seed_file=file, seed=[KIM, {**KIM, "mobile": "0400"}])
    assert message == "seed[1]: mobile: is already used by customer 389427"


def test_a_path_may_be_a_text(write: Write) -> None:
    """seed_file may be a str or a Path."""
    assert names(FakeKounta(seed_file=str(write(lines(SAM))))) == ["Sam"]


def test_numbers_that_look_alike_may_be_seeded_where_only_updates_are_checked(write: Write) -> None:
    """Two customers with the same mobile can be seeded."""
    file = write(lines({**SAM, "mobile": "0400"}, {**KIM, "mobile": "0400"}))
    assert len(FakeKounta(seed_file=file, assumptions=TWIN_MOBILES).customers) == 2
    assert refusal(seed_file=file).startswith(f"{file}:2: mobile: is already used by customer ")


@unhurried
@given(documents=st.lists(CUSTOMERS, max_size=5))
def test_a_list_is_as_good_as_adding_one_by_one(documents: list[dict[str, Any]]) -> None:
    """A list seeds what `customers.add` would store of each, except for the ids, and is refused if one would be."""

    def without_id(customer: Customer) -> dict[str, Any]:
        return {name: getattr(customer, name) for name in ("first_name", "email", "mobile", "tags", "reference_ids")}

    one_by_one = FakeKounta()
    try:
        added = [
            one_by_one.customers.add(**document) for document in sorted(documents, key=lambda one: "id" not in one)
        ]
    except ValueError:
        with pytest.raises(SeedError):
            FakeKounta(seed=documents)
        return
    seeded = FakeKounta(seed=documents)
    key = json.dumps
    assert sorted((without_id(one) for one in seeded.customers), key=key) == sorted(map(without_id, added), key=key)
    assert {one["id"] for one in documents if "id" in one} <= {one.id for one in seeded.customers}


# --- reset -----------------------------------------------------------------------------------------------------


def test_reset_returns_to_the_file_as_it_was_read(write: Write) -> None:
    """The file is read once: a later change or removal makes no difference to a reset."""
    file = write(lines(SAM, KIM))
    kounta = FakeKounta(seed_file=file)
    file.unlink()
    seeded = kounta.customers.all()
    kounta.customers.remove(389427)
    kounta.customers.add(first_name="Ash", phone="3")
    kounta.reset()
    assert kounta.customers.all() == seeded


def test_changing_a_seeded_customer_does_not_change_the_seed(write: Write) -> None:
    """A reset undoes changes of a seeded customer, also in look-ups."""
    kounta = FakeKounta(seed_file=write(lines({**SAM, "mobile": "0400"})))
    url = "/v1/companies/me/customers"
    with kounta.httpx_client() as client:
        assert client.put(f"{url}/389427", json={"mobile": "0500"}, auth=kounta.auth).status_code == 200
        kounta.reset()
        assert client.get(f"{url}?mobile=0500", auth=kounta.auth).status_code == 404
        assert client.get(f"{url}?mobile=0400", auth=kounta.auth).status_code == 302


# --- refused seeds ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document,reason",
    [
        ({}, "first_name: is required"),
        ({"first_name": "Sam"}, "email: one of email, phone and mobile is required"),
        ({**SAM, "email": "sam"}, "email: is not an email address"),
        ({**SAM, "tags": ["a", 1]}, "tags.1: must be a string"),
        ({**SAM, "primary_address": {"country": "au"}}, "primary_address.country: is not a two-letter"),
        ({**SAM, "nickname": "S"}, "nickname: is not a field of a customer"),
        ({**SAM, "id": -1}, "id: must be a whole number from 1 to "),
        ({**SAM, "id": 1.0}, "id: must be a whole number from 1 to "),
        ({**SAM, "reference_ids": {"a": None}}, "reference_ids: must be an object of client ids to strings"),
        ({**SAM, "id": 42}, "id: there is a customer 42 already"),
        ({**SAM, "mobile": "0400"}, "mobile: is already used by customer 42"),
    ],
)
def test_a_wrong_customer_is_reported_with_file_line_field_and_reason(
    write: Write, document: dict[str, Any], reason: str
) -> None:
    """The error names file and line (blank lines count), file and item of an array, or the index in a list."""
    good = {**KIM, "id": 42, "mobile": "0400"}
    file = write("\n" + lines(good) + "\r\n\n" + lines(document, KIM))
    assert refusal(seed_file=file).startswith(f"{file}:5: {reason}")
    file = write(json.dumps([good, document, KIM], indent=1))
    assert refusal(seed_file=file).startswith(f"{file}: item 2: {reason}")
    assert refusal(seed=[good, document, KIM]).startswith(f"seed[1]: {reason}")


@pytest.mark.parametrize(
    "content,line",
    [
        (lines(SAM) + "{", 2),
        (lines(SAM) + '{"first_name": NaN}\n', 2),
        (lines(SAM) + "[]\n", 2),
        (lines(SAM) + "null\n", 2),
        (lines(SAM) + '"Kim"\n', 2),
        (lines(SAM) + "\n\n" + '{"a":' * 5000, 4),
        (lines(SAM) + "1" * 5000, 2),
        (lines(SAM) + '{"first_name":"\\ud800"}', 2),
        (lines(SAM).encode() + b'{"first_name":"Zo\xeb"}', 2),
        (json.dumps(SAM, indent=1)[:-2] + ",\n}", LINE_OF_COMMA),
        (lines(SAM).replace("\n", ",\n"), 1),
        ("first_name,phone\nSam,1\n", 1),
        ("\0", 1),
        (json.dumps([SAM, KIM], indent=1).replace("}\n]", "} x\n]"), 9),
        ("[\n{}\n{}\n]", 3),
        ("\n\n[", 3),
    ],
)
def test_a_file_that_is_not_json_names_the_line(write: Write, content: str | bytes, line: int) -> None:
    """A syntax error, a wrong encoding, or a line that is not an object names file and line."""
    file = write(content)
    message = refusal(seed_file=file)
    assert message.startswith((f"{file}:{line}: it is ", f"{file}:{line}: it has ")), message


@pytest.mark.parametrize("item", [None, 1, "Sam", [], True])
def test_an_item_that_is_not_an_object(write: Write, item: Any) -> None:
    """An item that is not an object is refused by its position."""
    file = write(json.dumps([SAM, item]))
    assert refusal(seed_file=file) == f"{file}: item 2: customer: must be an object"
    assert refusal(seed=[SAM, item]) == "seed[1]: customer: must be an object"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """The error for a missing file, or a directory, has the system's reason."""
    missing = tmp_path / "missing.json"
    assert refusal(seed_file=missing) == f"{missing}: cannot be read: No such file or directory"
    assert refusal(seed_file=tmp_path) == f"{tmp_path}: cannot be read: Is a directory"
    inside = tmp_path / "missing.json" / "seed.json"
    assert refusal(seed_file=inside).startswith(f"{inside}: cannot be read: ")
