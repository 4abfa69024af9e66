"""Tests of the bytes of a delivery: JSON, and XML with types in attributes."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta import Address, Assumptions, Customer
from fakekounta.core.records import Records
from fakekounta.schemas.payloads import payload, to_json
from fakekounta.schemas.xml_payloads import to_xml
from tests.choices import IN_LINES

ME = "my-client-id"
AT = "2026-11-23T18:40:00+11:00"
DECLARATION = b'<?xml version="1.0" encoding="UTF-8"?>\n'
ROBIN = Customer(
    id=389427,
    first_name="Zo\u00eb & <Kim>",
    email="robin@example.com",
    phone="02 8765",
    tags=("Tea", ""),
    primary_address=Address(city="Farville", country="AU"),
    reference_ids=((ME, "R"), ("other-client-id", "S")),
)
ROBIN_IN_XML = (
    "<customer>"
    '<id type="number">389427</id>'
    "<first_name>Zo\u00eb &amp; &lt;Kim&gt;</first_name>"
    "<last_name />"
    "<email>robin@example.com</email>"
    "<primary_email_address>robin@example.com</primary_email_address>"
    "<phone>02 8765</phone>"
    "<mobile />"
    "<image />"
    '<tags type="array"><tag>Tea</tag><tag /></tags>'
    "<primary_address><address /><city>Farville</city><state /><postal_code /><country>AU</country></primary_address>"
    "<shipping_address />"
    "<reference_id>R</reference_id>"
    '<accepts_marketing type="boolean">false</accepts_marketing>'
    f'<created_at type="date">{AT}</created_at>'
    f'<updated_at type="date">{AT}</updated_at>'
    "</customer>"
)
# Texts that are easily changed by mistake: control characters, line ends, markup, characters beyond 16 bits.
HARD = "\x00\x01\x08\t\n\x0b\r\x1f \"&'<>]\\/\x7f\x85\u00a0\u00e9\u2028\u2029"
HARD += "\ud7ff\ue000\ufdd0\ufffd\ufffe\uffff\U0001f40e\U0010ffff"
texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text(st.sampled_from(HARD), max_size=6)
addresses = st.none() | st.builds(Address, address=st.none() | texts, city=texts)
customers = st.builds(
    Customer,
    id=st.integers(1, 2**63 - 1),
    first_name=texts,
    last_name=texts,
    email=st.none() | texts,
    phone=st.none() | texts,
    mobile=st.none() | texts,
    image=st.none() | texts,
    tags=st.lists(texts, max_size=3).map(tuple),
    primary_address=addresses,
    shipping_address=addresses,
    accepts_marketing=st.booleans(),
    reference_ids=texts.map(lambda text: ((ME, text),) if text else ()),
)


def record_of(customer: Customer, **choices: str) -> dict[str, Any]:
    return Records(Assumptions(choices)).full(customer, ME, AT)


def in_xml(text: str) -> str:
    """Return the text as XML can carry it: XML 1.0, production Char."""
    return "".join(one if _is_char(one) else "\ufffd" for one in text)


def _is_char(one: str) -> bool:
    ranges = (("\x20", "\ud7ff"), ("\ue000", "\ufffd"), ("\U00010000", "\U0010ffff"))
    return one in "\t\n\r" or any(first <= one <= last for first, last in ranges)


def read(element: ET.Element, like: Any) -> Any:
    """Return the value of an element by these conventions; `like` distinguishes null from an empty text."""
    kind = element.get("type")
    if kind == "array":
        return [read(item, one) for item, one in zip(element, like, strict=True)]
    if kind == "number":
        return int(str(element.text))
    if kind == "boolean":
        return {"true": True, "false": False}[str(element.text)]
    if len(element):
        return {child.tag: read(child, like[child.tag]) for child in element}
    if element.text is None:
        return like if like in (None, "") else "something else was lost"
    return element.text


def carried(value: Any) -> Any:
    """Return the record as XML can carry it."""
    if isinstance(value, str):
        return in_xml(value)
    if isinstance(value, dict):
        return {key: carried(one) for key, one in value.items()}
    return [carried(one) for one in value] if isinstance(value, (list, tuple)) else value


@pytest.mark.parametrize("form,content_type", [("json", "application/json"), ("xml", "application/xml")])
def test_a_format_has_its_content_type(form: str, content_type: str) -> None:
    """The type is that of the format, without parameters."""
    assert payload(record_of(ROBIN), form)[0] == content_type


def test_json_is_compact_utf_8() -> None:
    """The JSON has no blanks between its parts, and letters are not escaped."""
    assert to_json({"a": ["Zo\u00eb", None], "b": True}) == '{"a":["Zo\u00eb",null],"b":true}'.encode()


@given(customers)
@example(Customer(id=1, first_name=HARD))
def test_a_payload_in_json_comes_back(customer: Customer) -> None:
    """For any texts the bytes are UTF-8, and the parsed body is the record."""
    record = record_of(customer)
    assert json.loads(payload(record, "json")[1].decode("utf-8")) == {**record, "tags": list(customer.tags)}


def test_a_payload_in_xml_to_the_byte() -> None:
    """The root is `customer`, values that are not text have `type`, null and the empty text are empty elements."""
    assert payload(record_of(ROBIN), "xml")[1] == DECLARATION + ROBIN_IN_XML.encode()


@given(customers)
@example(Customer(id=2**53, first_name=HARD, tags=(HARD, "\r", "\r\n")))
@example(Customer(id=1, first_name="\r", last_name="\n", phone="\t", mobile=" "))
def test_a_payload_in_xml_comes_back(customer: Customer) -> None:
    """A parser reads the record, except for characters that XML cannot hold, which are U+FFFD."""
    record = record_of(customer)
    body = payload(record, "xml")[1]
    body.decode("utf-8")
    root = ET.fromstring(body)
    assert (root.tag, [child.tag for child in root]) == ("customer", list(record))
    assert read(root, record) == carried(record)


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example(HARD)
@example("]]>")
@example("\r\n\r\t ")
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    """Markup is escaped, line ends are kept, and every parser accepts the result."""
    root = ET.fromstring(to_xml("a", {"b": text, "c": [text]}))
    assert [root.findtext("b"), root.findtext("c/*")] == [in_xml(text), in_xml(text)]


def test_items_have_the_name_of_their_list_in_the_singular() -> None:
    """`tags` holds `tag`, `lines` holds `line`; an empty list is empty."""
    root = ET.fromstring(to_xml("customer", {"tags": ["a", "b"], "lines": ["c"], "others": []}))
    assert [[item.tag for item in child] for child in root] == [["tag", "tag"], ["line"], []]
    assert {child.get("type") for child in root} == {"array"}


def test_a_choice_of_the_record_is_a_choice_of_the_payload() -> None:
    """Addresses in lines, and omitted fields, are so in XML, too."""
    root = ET.fromstring(payload(record_of(ROBIN, **IN_LINES, A06="omitted"), "xml")[1])
    assert [child.tag for child in root.iterfind("primary_address/*")] == [
        "id",
        "lines",
        "city",
        "zone",
        "postal_code",
        "country",
    ]
    assert root.find("mobile") is None
    assert root.find("last_name") is None


def test_a_long_id_is_also_a_text() -> None:
    """`id_str` has no type; the number is complete."""
    root = ET.fromstring(payload(record_of(Customer(id=2**63 - 1, first_name="Al")), "xml")[1])
    assert (root.findtext("id"), root.findtext("id_str")) == (str(2**63 - 1),) * 2
    found = root.find("id_str")
    assert found is not None
    assert found.attrib == {}
