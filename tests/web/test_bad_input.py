"""Tests of every route with every method, and with random headers, bodies and paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from tests.sockets import (
    AUTHORIZATION,
    AUTHORIZE,
    CUSTOMER_ID,
    JSON_TYPE,
    OTHER_COMPANY_ID,
    arranged,
    attempt,
    unhurried,
)

_COMPANY = "/v1/companies/me"
_CUSTOMER = f"{_COMPANY}/customers/{CUSTOMER_ID}"
_ADDRESSES = f"{_CUSTOMER}/addresses"
_CONTROL = "/_fakekounta"
READ = {"GET", "HEAD", "OPTIONS"}
METHODS_OF = {
    _COMPANY: READ,
    "/v1/companies/5678.json": READ,
    f"{_COMPANY}/customers": READ | {"POST"},
    f"{_COMPANY}/customers.json": READ | {"POST"},
    _CUSTOMER: READ | {"PUT"},
    f"{_CUSTOMER}.json": READ | {"PUT"},
    _ADDRESSES: READ,
    f"{_ADDRESSES}/{2 * CUSTOMER_ID}": READ,
    f"{_CUSTOMER}/orders.json": READ,
    "/authorize": READ,
    "/v1/token": {"OPTIONS", "POST"},
    "/v1/token.json": {"OPTIONS", "POST"},
    f"{_CONTROL}/health": READ,
    f"{_CONTROL}/reset": {"OPTIONS", "POST"},
    f"{_CONTROL}/state": READ | {"PUT"},
    f"{_CONTROL}/customers": READ | {"POST"},
    f"{_CONTROL}/customers/{CUSTOMER_ID}": READ | {"PUT", "DELETE"},
    f"{_CONTROL}/clock": READ | {"PUT"},
    f"{_CONTROL}/webhooks": READ | {"POST"},
    f"{_CONTROL}/deliveries": READ,
    f"{_CONTROL}/deliveries/1/redeliver": {"OPTIONS", "POST"},
    f"{_CONTROL}/deliver": {"OPTIONS", "POST"},
    f"{_CONTROL}/disturbances": READ | {"PUT"},
    f"{_CONTROL}/requests": READ | {"DELETE"},
    f"{_CONTROL}/requests/1": READ,
    f"{_CONTROL}/quirks": READ,
    f"{_CONTROL}/assumptions": READ | {"PUT"},
    f"{_CONTROL}/settings": READ,
    f"{_CONTROL}/namespaces": READ,
    f"{_CONTROL}/namespaces/one": {"DELETE", "OPTIONS"},
    f"{_CONTROL}/namespaces/one/reset": {"OPTIONS", "POST"},
    f"{_CONTROL}/ns/one{_CONTROL}/health": READ,
    f"{_CONTROL}/ns/one{_COMPANY}/customers": READ | {"POST"},
}
UNHEARD_OF = ("PATCH", "TRACE", "PROPFIND", "QUERY", "PURGE", "M-SEARCH", "SOURCE")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", *UNHEARD_OF)
ALL_TARGETS = (
    *METHODS_OF,
    AUTHORIZE,
    "/",
    "*",
    "/v1",
    "/v1/",
    "/v1/.json",
    "/v1/companies",
    f"/v1/companies/{OTHER_COMPANY_ID}/customers",
    f"{_COMPANY}/sites",
    f"{_COMPANY}/sites/1640",
    f"{_COMPANY}/tables",
    f"{_COMPANY}/customers/",
    f"{_CONTROL}//health",
    f"{_CONTROL}/nothing",
    "//",
)
_HEADER_VALUES = st.one_of(
    st.sampled_from(["", "*/*", "application/json", "text/html", "invalid", "expired", ",;=", "é", "x" * 5000]),
    st.binary(max_size=30).map(lambda raw: bytes(byte for byte in raw if byte >= 0x20 and byte != 0x7F)),
)
_HEADER_NAMES = ("Accept", "Authorization", "Content-Type", "X-Page", "Origin", "Cookie", "Accept-Encoding", "Range")


@pytest.mark.parametrize("target", METHODS_OF)
def test_wrong_methods_are_405_with_the_allowed_ones(fakekounta_server: FakeKounta, target: str) -> None:
    """A method that a path does not have is 405 and changes nothing; Allow names exactly the methods of the path."""
    allowed = METHODS_OF[target]
    with arranged(fakekounta_server) as kounta:
        for method in METHODS:
            if method not in allowed:
                answer = attempt(kounta, method, target, body=b"" if method == "HEAD" else b"{}")
                assert answer.status == 405, (method, answer.body)
                assert set(answer["Allow"].split(", ")) == allowed, method


@pytest.mark.parametrize("target", METHODS_OF)
def test_options_names_the_methods(fakekounta_server: FakeKounta, target: str) -> None:
    """OPTIONS is 200 with an empty body, and Allow names exactly the methods of the path."""
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "OPTIONS", target)
    assert (answer.status, answer.body) == (200, b"")
    assert set(answer["Allow"].split(", ")) == METHODS_OF[target]


@pytest.mark.parametrize("method", ["FOO", "get", "Get", "INVALID", "EXPIRED", "CONNECT", "G" * 300, "PRI", "!#$%"])
@pytest.mark.parametrize(
    "target", [f"{_COMPANY}/customers", "/v1/token", "/authorize", f"{_CONTROL}/state", "/nowhere"]
)
def test_methods_that_do_not_exist_are_refused(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """An unknown method is 405 with Allow, or 400 if HTTP does not permit its name."""
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, method, target)
    assert answer.status in {400, 405}
    assert bool(answer["Allow"]) == (answer.status == 405)


@pytest.mark.parametrize("target", ALL_TARGETS)
def test_every_method_on_every_path(fakekounta_server: FakeKounta, target: str) -> None:
    """No method gives a server error on any path, with or without credentials and body."""
    with arranged(fakekounta_server) as kounta:
        for method in METHODS:
            attempt(kounta, method, target)
            attempt(kounta, method, target, headers=(), body=b"{")


@unhurried
@given(
    method=st.sampled_from(METHODS),
    target=st.sampled_from(ALL_TARGETS),
    headers=st.lists(st.tuples(st.sampled_from(_HEADER_NAMES), _HEADER_VALUES), max_size=4),
    body=st.one_of(st.just(b""), st.just(b"{}"), st.binary(max_size=60)),
    with_defaults=st.booleans(),
)
def test_random_headers_and_bodies(
    fakekounta_server: FakeKounta,
    method: str,
    target: str,
    headers: list[tuple[str, str | bytes]],
    body: bytes,
    with_defaults: bool,
) -> None:
    """Random headers and bodies give no 5xx, and a refused request changes nothing."""
    defaults: tuple[tuple[str, str], ...] = (AUTHORIZATION, JSON_TYPE, ("Accept", "*/*")) if with_defaults else ()
    with arranged(fakekounta_server) as kounta:
        attempt(kounta, method, target, headers=[*defaults, *headers], body=body)
