"""Tests of T11: the words `invalid` and `expired` of a request never come back in lower case."""

from __future__ import annotations

import json

import pytest

from fakekounta import FakeKounta
from tests.sockets import AUTHORIZATION, JSON_TYPE, arranged, attempt
from tests.web.test_bad_input import ALL_TARGETS, METHODS

WORDS = ("invalid", "expired")
LIST = "/v1/companies/me/customers"
FIELDS = ("first_name", "email", "mobile", "tags", "primary_address", "accepts_marketing", "id", "reference_ids")


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("a14", ["ignored", "refused"])
def test_as_names_and_values_of_fields(fakekounta_server: FakeKounta, word: str, a14: str) -> None:
    """In the refusal of a field the word has a capital if it appears at all."""
    refused = 0
    bodies: list[object] = [{word: word}, [word], word, {"first_name": "x", word: 1}, {word: {word: [word]}}]
    bodies += [
        {"first_name": "x", "email": "x@example.com", field: value}
        for field in FIELDS
        for value in (word, {word: word}, [{word: 1}])
    ]
    bodies += [
        {"first_name": "x", "email": f"{word} {word}"},
        {"first_name": "x", "primary_address": {"country": word}},
    ]
    with arranged(fakekounta_server, assumptions={"A14": a14}) as kounta:
        for body in bodies:
            for target in (LIST, "/_fakekounta/customers"):
                refused += attempt(kounta, "POST", target, body=json.dumps(body).encode()).status >= 400
    assert refused > len(bodies)


def test_unknown_fields_are_quoted_with_a_capital(fakekounta_server: FakeKounta) -> None:
    """The refusal of an unknown field `invalid_expired` quotes it as `Invalid_Expired`."""
    body = b'{"first_name":"x","email":"x@example.com","invalid_expired":1}'
    with arranged(fakekounta_server, assumptions={"A14": "refused"}) as kounta:
        answer = attempt(kounta, "POST", LIST, body=body)
    assert answer.description == "Invalid_Expired: may not be set"


@pytest.mark.parametrize("word", WORDS)
def test_in_paths_queries_and_headers(fakekounta_server: FakeKounta, word: str) -> None:
    """The words do not come back from a path, a query or a header."""
    headers = [AUTHORIZATION, JSON_TYPE, ("Accept", "*/*"), (f"X-{word}", word), ("Cookie", f"{word}={word}")]
    with arranged(fakekounta_server) as kounta:
        for target in ALL_TARGETS:
            for method in METHODS:
                joint = "&" if "?" in target else "?"
                asked = f"{target}{joint}{word}={word}&page={word}&email={word}&company_id={word}"
                attempt(kounta, method, asked, headers=headers, body=b"" if method == "HEAD" else b"{")
        for path in (
            word,
            f"v1/{word}",
            f"v1/companies/{word}",
            f"v1/companies/me/customers/{word}",
            f"_fakekounta/{word}",
        ):
            for host in ("127.0.0.1", f"{word}.example"):
                assert attempt(kounta, "GET", f"/{path}", host=host).status in {403, 404}


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "document",
    [
        {"{}": 1},
        {"format": "{}"},
        {"format": 1, "{}": 1},
        {"format": 1, "assumptions": {"{}": "x"}},
        {"format": 1, "assumptions": {"A01": "{}"}},
        {"format": 1, "page_size": "{}"},
        {"format": 1, "companies": [{"id": 1, "timezone": "{}"}]},
        {"format": 1, "companies": [{"id": 1, "customers": [{"{}": 1}]}]},
        {"format": 1, "applications": [{"client_id": "{}", "client_secret": "x", "company_id": 99}]},
        {"format": 1, "access_tokens": {"{}": {}}},
        {"format": 1, "codes": {"{}": {"client_id": "{}"}}},
        {"format": 1, "clock": {"frozen": True, "now": "{}"}},
    ],
)
def test_in_a_state_document(fakekounta_server: FakeKounta, document: object, word: str) -> None:
    """The words do not come back from a refused state document."""
    text = json.dumps(document).replace("{}", word)
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, "PUT", "/_fakekounta/state", body=text.encode()).status == 400
        assert attempt(kounta, "PUT", "/_fakekounta/clock", body=f'{{"now":"{word}"}}'.encode()).status == 400
        assert attempt(kounta, "PUT", "/_fakekounta/clock", body=f'{{"{word}":1}}'.encode()).status == 400
