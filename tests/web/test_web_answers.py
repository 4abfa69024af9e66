"""Tests of whole responses of the API: the company, look-ups of more than one kind, origins, pages."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from fakekounta import FakeKounta, Quirk
from fakekounta.web.exchange import ANSWERING
from tests.caller import COMPANY, CUSTOMERS, ORIGIN, Caller, error
from tests.choices import quirk
from tests.sockets import AUTHORIZATION

PAGE, SCOPE = quirk("BODY_OF_REDIRECT"), quirk("TOKEN_ANSWER")
AL: dict[str, Any] = {
    "first_name": "Al",
    "last_name": "Smith",
    "email": "al@example.com",
    "phone": "02 11",
    "mobile": "0400 1",
    "reference_id": "R1",
}


def people(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": number, "first_name": f"N{number}", "phone": "1"} for number in numbers]


@pytest.mark.parametrize("choices", [{}, {"A18": "always"}])
def test_a_whole_company(choices: dict[str, str]) -> None:
    """K02: id, name and time zone come from the settings; the other fields are fixed."""
    kounta = FakeKounta(companies=[{"id": 5678, "name": "Shop", "timezone": "Australia/Adelaide"}], assumptions=choices)
    kounta.clock.freeze("2026-01-02T03:04:05Z")
    now = "2026-01-02T13:34:05+10:30"

    def ids(number: int) -> dict[str, Any]:
        return {"id": number, "id_str": str(number)} if choices else {"id": number}

    assert Caller(kounta).get("/v1/companies/me").json() == {
        **ids(5678),
        "name": "Shop",
        "shipping_address": None,
        "postal_address": None,
        "addresses": {"count": 0, "updated_at": now},
        "business_number": None,
        "contact_staff_member": {
            **ids(1),
            "first_name": "Casey",
            "last_name": "Owner",
            "email": "owner@example.com",
        },
        "image": None,
        "website": None,
        "currency": "AUD",
        "timezone": {"offset": "+10:30", "name": "Australia/Adelaide"},
        "sites": {"count": 0, "updated_at": now},
        "registers": {"count": 0, "limit": None, "updated_at": now},
        "created_at": now,
        "updated_at": now,
    }


# --- lookups -----------------------------------------------------------------------------------------------------


def test_each_lookup_finds_by_its_own_field() -> None:
    """A look-up by one field does not find the value of another field."""
    api = Caller(FakeKounta(seed=[AL]))
    number = api.kounta.customers.all()[0].id
    whole = {name: AL[name] for name in ("first_name", "last_name", "phone")}
    assert [api.found(**query) for query in ({"email": AL["email"]}, {"mobile": AL["mobile"]}, whole)] == [number] * 3
    assert [api.find(**query).status_code for query in ({"email": AL["mobile"]}, {"mobile": AL["phone"]})] == [404] * 2
    for name in whole:
        assert api.find(**{**whole, name: "x"}).status_code == 404
    assert api.ids(reference_id="R1") == [number]
    assert api.ids(reference_id="R2") == []


def test_a_redirect_with_a_body() -> None:
    """The body of the redirect links to the address in Location."""
    answer = Caller(FakeKounta(seed=[AL], assumptions={PAGE.id: "html"})).find(email=AL["email"])
    location = answer.headers["Location"]
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == f'<!doctype html><title>Redirecting</title><a href="{location}">{location}</a>'
    bare = Caller(FakeKounta(seed=[AL])).find(email=AL["email"])
    assert (bare.content, bare.headers.get("Content-Type")) == (b"", None)


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query, header, expected",
    [
        ("", None, ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        ("page=1", None, ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        ("page=2", None, ([3, 4], f"{ORIGIN}{CUSTOMERS}?page=3")),
        ("page=3", None, ([5], None)),
        ("page=4", None, ([], None)),
        ("page=0", None, ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        ("page=x", None, ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        (f"page={10**15}", None, ([], None)),
        (f"page={'9' * 5000}", None, ([], None)),
        ("", "0", ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        ("", "1", ([3, 4], f"{ORIGIN}{CUSTOMERS}?page=3")),
        ("", "2", ([5], None)),
        ("", "x", ([1, 2], f"{ORIGIN}{CUSTOMERS}?page=2")),
        ("page=2", "0", ([3, 4], f"{ORIGIN}{CUSTOMERS}?page=3")),
        ("a=1&page=1&b=%20&&page=7&p%61ge=8", None, ([1, 2], f"{ORIGIN}{CUSTOMERS}?a=1&b=%20&page=2")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_pages(query: str, header: str | None, expected: tuple[list[int], str | None]) -> None:
    """The page parameter counts from 1 and the header from 0; the link to the next page keeps the rest of the query."""
    api = Caller(FakeKounta(seed=people(1, 2, 3, 4, 5), page_size=2))
    answer = api.get(f"{CUSTOMERS}?{query}", headers=None if header is None else {"X-Page": header})
    found = [one["id"] for one in answer.json()]
    assert (found, answer.headers.get("X-Next-Page"), answer.headers["X-Pages"]) == (*expected, "3")


@pytest.mark.parametrize("count, pages", [(0, "1"), (1, "1"), (2, "1"), (3, "2"), (4, "2")])
def test_how_many_pages_there_are(count: int, pages: str) -> None:
    api = Caller(FakeKounta(seed=people(*range(1, count + 1)), page_size=2))
    assert api.find().headers["X-Pages"] == pages


# --- origins -----------------------------------------------------------------------------------------------------

LONGEST = "a" * 63


@pytest.mark.parametrize(
    "host, origin",
    [
        ("localhost", "http://localhost"),
        ("LOCALHOST:8080", "http://LOCALHOST:8080"),
        ("localhost.:1", "http://localhost.:1"),
        ("[::1]:65535", "http://[::1]:65535"),
        ("a-b_c.example", "http://a-b_c.example"),
        (f"{LONGEST}.{LONGEST}", f"http://{LONGEST}.{LONGEST}"),
        ("", "http://served.example:81"),
        (f"{LONGEST}a", "http://served.example:81"),
        ("localhost:123456", "http://served.example:81"),
        ("localhost:", "http://served.example:81"),
        ("a b", "http://served.example:81"),
        ("a..b", "http://served.example:81"),
        ("<a>", "http://served.example:81"),
        ("b\u00fccher.example", "http://served.example:81"),
    ],
)
def test_a_location_has_the_host_of_the_request(host: str, origin: str) -> None:
    """T13: the Host is used as it was sent; an invalid one is replaced by the server's own name and port."""
    kounta = FakeKounta(host="0.0.0.0")  # it answers to any name
    environ: dict[str, Any] = {"SERVER_NAME": "served.example", "SERVER_PORT": "81"}
    client = Client(kounta.wsgi_app)
    found = client.post(
        CUSTOMERS,
        json={"first_name": "Al", "phone": "1"},
        headers=dict([AUTHORIZATION, ("Accept", "*/*")]),
        environ_overrides={**environ, "HTTP_HOST": host},
    )
    assert found.headers["Location"].startswith(f"{origin}{CUSTOMERS}/")


# --- credentials -------------------------------------------------------------------------------------------------


def test_missing_credentials_differ_from_unknown_ones() -> None:
    """Missing credentials (O09) give no body and unknown ones (O11) do; each has its own challenge."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        for header in (None, "Digest x", "basic", "Bearer2 fake-access-token"):
            headers = {} if header is None else {"Authorization": header}
            answer = client.get(f"{COMPANY}.json", headers=headers)
            assert answer.status_code == 401
            if header == "basic":
                assert answer.headers["WWW-Authenticate"] == 'Basic realm="Service"'
                assert error(answer) == (401, "unauthorized", "The client id or the client secret is wrong")
            else:
                assert (answer.headers["WWW-Authenticate"], answer.content) == ('Bearer realm="Service"', b"")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "OAuth", "oauth"])
def test_a_token_in_either_scheme(scheme: str) -> None:
    """O02: the scheme is read in any case, with blanks around the token.

    An unknown token is 401, and the challenge gives the reason.
    """
    with FakeKounta().httpx_client() as client:
        path = f"{COMPANY}.json"
        assert client.get(path, headers={"Authorization": f"{scheme}  fake-access-token "}).status_code == 200
        refused = client.get(path, headers={"Authorization": f"{scheme} x"})
        code, description = refused.json()["error"], refused.json()["error_description"]
        expected = f'Bearer realm="Service", error="{code}", error_description="{description}"'
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, expected)


# --- the token endpoint ------------------------------------------------------------------------------------------

GRANT = {"grant_type": "client_credentials"}


def test_the_token_endpoint_is_rate_limited_by_a_fault() -> None:
    """A fault answers a token request with Basic by 429; without Basic, the credentials are checked first."""
    kounta = FakeKounta(rate_limit={"basic": 7, "oauth": 9})
    kounta.faults.add(path="/v1/token", rate_limited=True)
    api = Caller(kounta)
    refused = api.token(**GRANT)
    assert (refused.status_code, refused.text) == (429, "Limit exceeded")
    assert (refused.headers["X-Ratelimit-Limit"], refused.headers["X-Ratelimit-Remaining"]) == ("7", "0")
    with kounta.httpx_client() as client:
        assert client.post("/v1/token", data=GRANT).json()["error"] == "invalid_client"


@pytest.mark.parametrize("choice, more", [("no_scope", {}), ("null_scope", {"scope": None})])
def test_a_whole_response_with_tokens(choice: str, more: dict[str, None]) -> None:
    """The response includes a refresh token, and none of it may be cached."""
    kounta = FakeKounta(assumptions={} if choice == "no_scope" else {SCOPE.id: choice})
    answer = Caller(kounta).token(**GRANT)
    token, refresh_token = answer.json()["access_token"], answer.json()["refresh_token"]
    rest = {"expires_in": 3600, "token_type": "Bearer", **more}
    assert answer.json() == {"access_token": token, "refresh_token": refresh_token, **rest}
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert Caller(kounta).with_token(token).status_code == 200
    again = Caller(kounta).token(grant_type="refresh_token", refresh_token=refresh_token).json()
    assert {key: value for key, value in again.items() if "_token" not in key} == rest


@pytest.mark.parametrize("name", ["grant_type", "client_id", "client_secret", "code", "refresh_token", "redirect_uri"])
def test_a_parameter_of_json_is_a_string(name: str) -> None:
    """A null parameter counts as absent; one of another type is refused by its name."""
    whole: dict[str, Any] = {**GRANT, "client_id": "fake-client-id", "client_secret": "fake-client-secret"}
    with FakeKounta().httpx_client() as client:
        wrong: Any
        for wrong in (1, True, [], {}):
            refused = client.post("/v1/token", json={**whole, name: wrong})
            assert error(refused) == (400, "invalid_request", f"{name} must be a string")
        missing = client.post("/v1/token", json={**whole, name: None}).json()
        left_out = client.post("/v1/token", json={key: value for key, value in whole.items() if key != name}).json()
        assert missing.keys() == left_out.keys()
        assert missing.get("error_description") == left_out.get("error_description")


def test_a_request_leaves_nothing_behind() -> None:
    """After a response its exchange is current no more, also in a thread that goes on."""
    kounta = FakeKounta()
    assert Client(kounta.wsgi_app).get("/v1/companies/me.json").status_code == 401
    assert ANSWERING.get(None) is None


@pytest.mark.parametrize("sent", [{"phone": "02 11"}, {"mobile": "0400 1"}, {"email": "al@example.com", "phone": ""}])
def test_either_phone_covers_that_phones_are_strings(sent: dict[str, Any]) -> None:
    """Only a request that sends a phone or a mobile shows it (T07)."""
    kounta = FakeKounta()
    assert Caller(kounta).create(first_name="Al", **sent).status_code == 201
    assert (Quirk.T07_PHONES_ARE_STRINGS in kounta.requests[-1].quirks) is ("email" not in sent)


SHOP: dict[str, Any] = {
    "sites": [{"id": 1640, "name": "Kiosk"}],
    "products": [{"id": 3001, "name": "Tea", "unit_price": 4}],
    "orders": [{"id": 9001, "site_id": 1640, "sale_number": "W-1", "lines": [{"product": {"id": 3001}}]}],
}


def test_a_taken_sale_number_may_be_a_conflict() -> None:
    """By choice it is 409 (D51)."""
    kounta = FakeKounta(seed=SHOP, assumptions={"D51": "409"})
    body = {"site_id": 1640, "sale_number": "W-1", "lines": [{"product_id": 3001}]}
    answer = kounta.httpx_client().post(f"{COMPANY}/orders.json", json=body, auth=kounta.auth)
    assert error(answer)[:2] == (409, "conflict")


def test_a_removed_line_covers_that_lines_change() -> None:
    """DELETE of a line shows it, as PUT does (D33)."""
    kounta = FakeKounta(seed=SHOP)
    removed = kounta.httpx_client().delete(f"{COMPANY}/orders/9001/lines/1.json", auth=kounta.auth)
    assert removed.status_code == 204
    assert Quirk.D33_CHANGED_LINES in kounta.requests[-1].quirks


@pytest.mark.parametrize("query", ["created=x", "created_gte=x", "value_lt=x"])
def test_a_wrong_filter_of_orders_is_named(query: str) -> None:
    """The refusal begins with the parameter (D03)."""
    answer = Caller(FakeKounta(seed=SHOP)).get(f"{COMPANY}/orders?{query}")
    assert error(answer)[2].startswith(f"{query.removesuffix('=x')}: must be ")
