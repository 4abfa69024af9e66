"""Formats and encodings of every resource."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from contracts.arranging import precondition, record_id
from contracts.expecting import expect, expect_media_type, expect_parts, expect_status, expect_success
from contracts.samples import MARK, new_customer, new_email, new_last_name, new_mobile, new_phone
from contracts.target import KountaTarget

PLAIN = (
    "/v1/companies/me",
    "{company}",
    "{customers}",
    "{customer}",
    "{customer}/addresses",
    "{customer}/orders",
)


def filled(target: KountaTarget, template: str) -> str:
    """Return the template's path, with a customer if it needs one."""
    customer = target.customer(target.some_customer()) if "{customer}" in template else ""
    return template.format(company=target.company, customers=target.customers, customer=customer)


@pytest.mark.quirk("T01")
@pytest.mark.parametrize("path", PLAIN)
def test_resources_are_json_below_v1(target: KountaTarget, path: str) -> None:
    """Every resource below /v1/ answers 200 with JSON."""
    answer = target.get(filled(target, path))
    expect_status(answer, 200)
    expect_media_type(answer, "application/json")


@pytest.mark.quirk("T01")
@pytest.mark.parametrize("path", ["/companies/me", "/v2/companies/me", "/v1", "/"])
def test_nothing_lies_beside_v1(target: KountaTarget, path: str) -> None:
    """A path outside /v1/ is not a resource."""
    expect_status(target.get(path), 404)


@pytest.mark.quirk("T01")
@pytest.mark.parametrize("name", ["Zoë", "Łukasz", "愛", "\U0001f600", 'O\'Brien & "Sons" <b>'])
def test_texts_are_utf_8(target: KountaTarget, name: str) -> None:
    """Text sent in UTF-8 comes back unchanged, in a response in UTF-8."""
    body = f'{{"first_name": {_json_text(name)}, "email": "{new_email()}"}}'.encode()
    created = target.ask("POST", target.customers, content=body)
    precondition("Location" in created.headers, "C15", created)
    answer = target.get(target.customer(record_id(created)))
    assert answer.content.decode("utf-8")
    expect_parts(answer.json(), {"first_name": name})


def _json_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.mark.quirk("T02")
@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "text/json", "application/jsonp", "json"],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_other_content_types_are_refused(target: KountaTarget, method: str, content_type: str | None) -> None:
    """Any other Content-Type than application/json is 400 for any body."""
    path = target.customers if method == "POST" else target.customer(target.add_customer())
    body = f'{{"first_name": "Sam", "email": "{new_email()}"}}'.encode()
    answer = target.ask(method, path, content=body, headers={"Content-Type": content_type})
    expect_status(answer, 400)


@pytest.mark.quirk("T02")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "Application/JSON",
    ],
)
def test_content_type_may_have_parameters(target: KountaTarget, content_type: str) -> None:
    """application/json is accepted with parameters and in any case."""
    body = f'{{"first_name": "Sam", "last_name": "{MARK}", "email": "{new_email()}"}}'.encode()
    answer = target.ask("POST", target.customers, content=body, headers={"Content-Type": content_type})
    expect_success(answer)


@pytest.mark.quirk("T02")
def test_token_endpoint_needs_no_json(target: KountaTarget) -> None:
    """The token endpoint accepts a form."""
    expect_status(target.ask_for_token(grant_type="client_credentials"), 200)


@pytest.mark.quirk("T03")
@pytest.mark.parametrize("accept", [None, "text/html", "application/xml", "*/*"])
@pytest.mark.parametrize("path", ["{company}.json", "{customers}.json", "{customer}.json"])
def test_extension_outranks_accept(target: KountaTarget, path: str, accept: str | None) -> None:
    """With .json the response is JSON for any Accept."""
    answer = target.get(filled(target, path), headers={"Accept": accept})
    expect_status(answer, 200)
    expect_media_type(answer, "application/json")


@pytest.mark.quirk("T03")
@pytest.mark.parametrize("accept", [None, "text/html", "application/xml", "text/html, image/png;q=0.5"])
@pytest.mark.parametrize("path", ["{company}", "{customers}", "{customer}"])
def test_without_extension_accept_must_admit_json(target: KountaTarget, path: str, accept: str | None) -> None:
    """Without .json, a missing Accept, or one that excludes JSON, is 406."""
    answer = target.get(filled(target, path), headers={"Accept": accept})
    expect_status(answer, 406)


@pytest.mark.quirk("T03")
@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "application/*",
        "application/json, text/plain, */*",
        "text/html, application/json;q=0.1",
        "application/json; charset=utf-8",
    ],
)
def test_accept_that_admits_json_is_enough(target: KountaTarget, accept: str) -> None:
    """Without .json, any Accept that includes JSON gets JSON."""
    answer = target.get(target.company, headers={"Accept": accept})
    expect_status(answer, 200)
    expect_parts(answer.json(), {"id": target.company_id})


@pytest.mark.quirk("T04")
@pytest.mark.parametrize("path", PLAIN)
def test_every_resource_has_an_extension(target: KountaTarget, path: str) -> None:
    """Each resource answers 200 with .json at the end of its path."""
    expect_status(target.get(filled(target, path) + ".json", headers={"Accept": None}), 200)


@pytest.mark.quirk("T04")
def test_extension_stands_before_the_query(target: KountaTarget) -> None:
    """customers.json?email= is the look-up by email."""
    customer = target.add_customer(email=(email := new_email()))
    answer = target.get(f"{target.customers}.json?email={quote(email)}", headers={"Accept": None})
    assert target.found(answer) == customer


@pytest.mark.quirk("T04")
def test_changes_may_have_the_extension(target: KountaTarget) -> None:
    """POST and PUT work on the paths with .json, without an Accept header."""
    created = target.ask("POST", f"{target.customers}.json", json=new_customer(), headers={"Accept": None})
    precondition("Location" in created.headers, "C15", created)
    customer = record_id(created)
    path = f"{target.customer(customer)}.json"
    expect_success(target.ask("PUT", path, json={"first_name": "Kim"}, headers={"Accept": None}))
    expect_parts(target.record(customer), {"first_name": "Kim"})


@pytest.mark.quirk("T05")
@pytest.mark.parametrize("path", ["{customers}", "{customer}/addresses", "{customer}/orders"])
def test_lists_are_bare_arrays(target: KountaTarget, path: str) -> None:
    """A list is an array without an envelope."""
    answer = target.get(filled(target, path))
    assert type(answer.json()) is list


@pytest.mark.quirk("T06")
@pytest.mark.parametrize("key", ["created_at", "updated_at"])
@pytest.mark.parametrize("path", ["{company}", "{customer}"])
def test_dates_carry_the_offset_of_the_company(target: KountaTarget, path: str, key: str) -> None:
    """A date is ISO 8601 to the second, with the numeric offset that its company has at that time."""
    company = target.get(target.company).json()
    record = target.get(filled(target, path)).json()
    expect(re.sub(r"[0-9]", "9", record[key]).replace("-99:99", "+99:99"), "9999-99-99T99:99:99+99:99", f"$.{key}")
    moment = datetime.fromisoformat(record[key])
    assert moment.utcoffset() == moment.astimezone(ZoneInfo(company["timezone"]["name"])).utcoffset()


@pytest.mark.quirk("T07")
@pytest.mark.parametrize("field", ["phone", "mobile"])
@pytest.mark.parametrize("lead", ["0", "00 ", "+61 ", "(02) ", " "])
def test_phone_numbers_stay_as_sent(target: KountaTarget, field: str, lead: str) -> None:
    """Leading zeros, signs and spaces of a number are kept, in a string."""
    number = lead + new_mobile()
    record = target.record(target.add_customer(**{field: number}))
    expect_parts(record, {field: number})


@pytest.mark.quirk("T07")
@pytest.mark.parametrize("space", ["+", "%20"])
def test_plus_in_a_query_is_a_space(target: KountaTarget, space: str) -> None:
    """A number with spaces is found with `+` and with `%20`."""
    customer = target.add_customer(last_name=(last := new_last_name()), phone=(phone := new_phone()))
    query = f"first_name=Robin&last_name={last}&phone={phone}".replace(" ", space)
    answer = target.get(f"{target.customers}?{query}")
    assert target.found(answer) == customer


@pytest.mark.quirk("T07")
def test_a_real_plus_is_written_as_percent_2b(target: KountaTarget) -> None:
    """A number that starts with + is found by %2B."""
    mobile = f"+61{new_mobile()}"
    customer = target.add_customer(mobile=mobile)
    assert target.found(target.get(f"{target.customers}?mobile=%2B{mobile[1:]}")) == customer


@pytest.mark.quirk("T19")
def test_last_of_a_duplicate_key_counts(target: KountaTarget) -> None:
    """Of two values of one JSON key, the second is stored."""
    body = f'{{"first_name": "One", "email": "{new_email()}", "first_name": "Two"}}'.encode()
    created = target.ask("POST", target.customers, content=body)
    expect_parts(target.follow(created), {"first_name": "Two"})


@pytest.mark.quirk("T19")
def test_last_of_a_duplicate_key_counts_inside_an_address(target: KountaTarget) -> None:
    """The same holds in a nested object."""
    address = '{"city": "One", "city": "Two"}'
    body = f'{{"first_name": "Sam", "email": "{new_email()}", "primary_address": {address}}}'.encode()
    created = target.ask("POST", target.customers, content=body)
    expect_parts(target.follow(created)["primary_address"], {"city": "Two"}, "$.primary_address")


@pytest.mark.quirk("T20")
def test_first_of_a_repeated_parameter_counts(target: KountaTarget) -> None:
    """Of two emails in one query, the first is used."""
    first = target.add_customer(email=(one := new_email()))
    target.add_customer(email=(two := new_email()))
    assert target.found(target.get(f"{target.customers}?email={one}&email={two}")) == first
    assert target.found(target.get(f"{target.customers}?email={new_email()}&email={two}")) is None
