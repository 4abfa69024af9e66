"""Tests of faults with a status and no body: the response has the shape that the API gives this status."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta, Quirk
from tests.caller import COMPANY, CUSTOMERS, Caller

UNAUTHORIZED = {"WWW-Authenticate": 'Bearer realm="Service"', "Content-Length": "0"}
LIMITED = {"Content-Type": "text/plain; charset=utf-8", "Content-Length": "14"}


def answer_to(kounta: FakeKounta, path: str = COMPANY) -> tuple[int, dict[str, str], str]:
    """Return the status, the headers except for the date, and the body."""
    answer = Caller(kounta).get(path)
    assert answer.headers.pop("Date")
    return answer.status_code, {name.title(): value for name, value in answer.headers.items()}, answer.text


def in_title_case(headers: dict[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}


@pytest.mark.parametrize(
    "status, headers, body", [(401, UNAUTHORIZED, ""), (429, LIMITED, "Limit exceeded")], ids=["O09", "R03"]
)
@pytest.mark.parametrize("more", [{}, {"client_id": "fake-client-id"}], ids=["early", "late"])
def test_a_status_with_a_shape_of_its_own(
    status: int, headers: dict[str, str], body: str, more: dict[str, Any]
) -> None:
    """401 is a challenge without a body and 429 is plain text, before and after the credentials are read."""
    kounta = FakeKounta()
    kounta.faults.add(status=status, **more)
    assert answer_to(kounta) == (status, in_title_case(headers), body)


def test_a_401_is_that_of_a_request_without_credentials() -> None:
    """The 401 of a fault has the same headers as that of a request without credentials, under each choice."""
    for choice in ("bearer", "both"):
        kounta = FakeKounta(assumptions={"O09": choice})
        caller = Caller(kounta)
        real = caller.http.send(caller.http.build_request("GET", COMPANY), auth=None)
        kounta.faults.add(status=401)
        faulty = caller.get(COMPANY)
        assert faulty.headers.multi_items() == real.headers.multi_items()
        assert (faulty.status_code, faulty.content) == (real.status_code, real.content) == (401, b"")
        assert Quirk.O09_NO_CREDENTIALS in kounta.requests[-1].quirks


def test_a_429_is_that_of_the_rate_limit() -> None:
    """The 429 of a fault equals that of the rate limit, except for the headers about the minute."""
    kounta = FakeKounta(rate_limit={"basic": 0})
    caller = Caller(kounta)
    real = caller.get(COMPANY)
    kounta.faults.add(status=429)
    faulty = caller.get(COMPANY)
    shared = [pair for pair in real.headers.multi_items() if not pair[0].startswith("x-ratelimit")]
    assert len(shared) == len(real.headers) - 3
    assert faulty.headers.multi_items() == shared
    assert (faulty.status_code, faulty.content) == (real.status_code, real.content) == (429, b"Limit exceeded")
    assert Quirk.R03_BODY_OF_429 in kounta.requests[-1].quirks


@pytest.mark.parametrize(
    "status, code, description",
    [
        (400, "bad_request", "Bad Request"),
        (403, "forbidden", "Forbidden"),
        (404, "not_found", "Not Found"),
        (405, "method_not_allowed", "Method Not Allowed"),
        (406, "not_acceptable", "Not Acceptable"),
        (402, "bad_request", "Payment Required"),
        (408, "request_timeout", "Request Timeout"),
        (409, "conflict", "Conflict"),
        (411, "bad_request", "Length Required"),
        (414, "uri_too_long", "URI Too Long"),
        (413, "payload_too_large", "Content Too Large"),
        (417, "expectation_failed", "Expectation Failed"),
        (422, "unprocessable_entity", "Unprocessable Content"),
        (431, "header_fields_too_large", "Request Header Fields Too Large"),
        (499, "bad_request", "Unknown"),
        (430, "bad_request", "Unknown"),
        (500, "server_error", "Internal Server Error"),
        (501, "server_error", "Not Implemented"),
        (503, "server_error", "Service Unavailable"),
        (599, "server_error", "Unknown"),
    ],
)
def test_any_other_error_is_json(status: int, code: str, description: str) -> None:
    """Any other error is JSON with the code and the phrase of its status."""
    kounta = FakeKounta()
    kounta.faults.add(status=status)
    answer = Caller(kounta).get(COMPANY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/json")
    assert answer.json() == {"error": code, "error_description": description}


@pytest.mark.parametrize("status", [401, 429, 404])
def test_a_body_of_the_rule_replaces_the_shape(status: int) -> None:
    """If the rule has a body, the response has neither the challenge nor the text of the API."""
    kounta = FakeKounta()
    kounta.faults.add(status=status, body="busy", headers={"X-Shop": "7"})
    text = "text/plain; charset=utf-8"
    assert answer_to(kounta) == (status, {"Content-Length": "4", "Content-Type": text, "X-Shop": "7"}, "busy")


@pytest.mark.parametrize(
    "status, name, value", [(401, "WWW-Authenticate", 'Basic realm="Mine"'), (429, "Content-Type", "text/html")]
)
def test_headers_of_the_rule_replace_those_of_the_shape(status: int, name: str, value: str) -> None:
    """A header of the rule replaces that of the same name; the body of the shape stays."""
    kounta = FakeKounta(assumptions={"O09": "both"})
    kounta.faults.add(status=status, headers={name: value})
    answer = Caller(kounta).get(COMPANY)
    assert answer.headers.get_list(name) == [value]
    assert answer.text == {401: "", 429: "Limit exceeded"}[status]


@pytest.mark.parametrize("status, body", [(401, ""), (429, "Limit exceeded")])
def test_a_status_after_the_change_has_the_same_shape(status: int, body: str) -> None:
    """A fault after the change gives the same shape, and the change is made."""
    kounta = FakeKounta()
    kounta.faults.add(method="POST", path="/customers", status=status, after_change=True)
    answer = Caller(kounta).http.post(CUSTOMERS, json={"first_name": "Kim", "phone": "1"})
    assert (answer.status_code, answer.text, "Location" in answer.headers) == (status, body, False)
    assert len(kounta.customers) == 1


def test_a_status_below_400_has_no_body() -> None:
    """A status from 200 to 399 has no body."""
    for status in (200, 302, 399):
        kounta = FakeKounta()
        kounta.faults.add(status=status)
        assert answer_to(kounta) == (status, {"Content-Length": "0"}, "")
