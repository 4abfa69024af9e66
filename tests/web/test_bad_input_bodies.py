"""Tests of bodies that are not JSON, too large or of a wrong length, on every route that takes a body."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from tests.json_texts import KEYS, NOT_JSON_BYTES, VALUE_TEXTS, WELL_FORMED, objects_with
from tests.sockets import (
    AUTHORIZATION,
    CUSTOMER_ID,
    JSON_TYPE,
    arranged,
    attempt,
    attempt_bytes,
    request_bytes,
    unhurried,
)

LIST = "/v1/companies/me/customers"
API_WRITES = (("POST", LIST), ("PUT", f"{LIST}/{CUSTOMER_ID}"))
CONTROL_WRITES = (("POST", "/_fakekounta/customers"), ("PUT", "/_fakekounta/state"), ("PUT", "/_fakekounta/clock"))
WRITES = (*API_WRITES, ("POST", "/v1/token"), *CONTROL_WRITES)
FORM_TYPE = ("Content-Type", "application/x-www-form-urlencoded")
HEADERS = (AUTHORIZATION, JSON_TYPE, ("Accept", "*/*"))
TOKEN_FIELDS = ("grant_type", "client_id", "client_secret", "code", "refresh_token", "redirect_uri")
STATE_FIELDS = (
    "format",
    "clock",
    "assumptions",
    "page_size",
    "rate_limit",
    "open_auth",
    "companies",
    "applications",
    "access_tokens",
    "refresh_tokens",
    "codes",
)
CUSTOMER = b'{"first_name":"Robin","email":"robin@example.com"}'


@pytest.mark.parametrize("body", NOT_JSON_BYTES.values(), ids=NOT_JSON_BYTES.keys())
@pytest.mark.parametrize("method,target", WRITES)
def test_a_body_that_is_not_json(fakekounta_server: FakeKounta, method: str, target: str, body: bytes) -> None:
    """A body that is not JSON is refused with 400, with a description about the body, and nothing changes."""
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, method, target, body=body)
    assert answer.status == 400
    assert answer.description.startswith("The body ")


@pytest.mark.parametrize("method,target", WRITES)
def test_a_body_that_is_not_an_object(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """A body that is a scalar or an array of scalars is refused with 400."""
    with arranged(fakekounta_server) as kounta:
        for text in WELL_FORMED:
            if not text.startswith("{") and (text, target) != ("[]", "/_fakekounta/customers"):
                assert attempt(kounta, method, target, body=text.encode()).status == 400, text


@pytest.mark.parametrize("method,target", [*API_WRITES, ("POST", "/v1/token")])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_a_mebibyte(fakekounta_server: FakeKounta, method: str, target: str, chunked: bool) -> None:
    """A body of more than one mebibyte is 413, by Content-Length or in chunks; one of exactly a mebibyte is not."""
    for length, refused in ((2**20, False), (2**20 + 1, True)):
        body = b" " * length
        framing = [("Transfer-Encoding", "chunked")] if chunked else []
        sent = b"%x\r\n%b\r\n0\r\n\r\n" % (length, body) if chunked else body
        with arranged(fakekounta_server) as kounta:
            answer = attempt(kounta, method, target, headers=[*HEADERS, *framing], body=sent)
        assert (answer.status == 413) == refused


@pytest.mark.parametrize("method,target", WRITES)
@pytest.mark.parametrize(
    "length", ["-1", "+5", "ten", "", "0x10", "1e2", "9" * 30, "5, 5", "5 5", "5, 6", "\u0665", "999999", "1.0"]
)
def test_a_wrong_content_length(fakekounta_server: FakeKounta, method: str, target: str, length: str) -> None:
    """A Content-Length that is not a number, or larger than the body, is refused at once, and nothing changes."""
    headers = [*HEADERS, ("Content-Length", length)]
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, method, target, headers=headers, body=CUSTOMER)
    assert 400 <= answer.status < 500


@pytest.mark.parametrize("method,target", WRITES)
def test_a_content_length_that_is_too_short(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """A Content-Length that cuts the JSON in half is refused, and the remaining bytes change nothing."""
    headers = [*HEADERS, ("Content-Length", str(len(CUSTOMER) // 2))]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, method, target, headers=headers, body=CUSTOMER).status == 400


@pytest.mark.parametrize("method,target", WRITES)
@pytest.mark.parametrize(
    "chunks",
    [
        b"",
        b"zz\r\n",
        b"-1\r\n\r\n",
        b"5\r\n{}",
        b"2\r\n{}XX0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"2;x\r\n{}\r\n",
        b"\0",
    ],
)
def test_malformed_chunks(fakekounta_server: FakeKounta, method: str, target: str, chunks: bytes) -> None:
    """Chunks that are malformed or incomplete are refused, and nothing changes."""
    headers = [*HEADERS, ("Transfer-Encoding", "chunked")]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, method, target, headers=headers, body=chunks).status in {400, 413}


@pytest.mark.parametrize("method,target", WRITES)
@pytest.mark.parametrize(
    "coding", ["gzip", "chunked, chunked", "identity", "gzip, chunked", "invalid", "chunked, expired"]
)
def test_other_transfer_codings(fakekounta_server: FakeKounta, method: str, target: str, coding: str) -> None:
    """A transfer coding other than chunked is refused, and nothing changes."""
    headers = [*HEADERS, ("Transfer-Encoding", coding)]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, method, target, headers=headers, body=b"0\r\n\r\n").status == 400


@pytest.mark.parametrize("method,target", WRITES)
def test_a_length_and_chunks_at_once(fakekounta_server: FakeKounta, method: str, target: str) -> None:
    """A request with both Content-Length and chunks is refused, because the end of its body is ambiguous."""
    headers = [*HEADERS, ("Content-Length", "5"), ("Transfer-Encoding", "chunked")]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, method, target, headers=headers, body=b"0\r\n\r\n").status == 400


@unhurried
@given(write=st.sampled_from(WRITES), cut=st.integers(min_value=0))
def test_a_request_that_breaks_off_anywhere(fakekounta_server: FakeKounta, write: tuple[str, str], cut: int) -> None:
    """A request that is cut short at any byte gets 4xx or no response, and changes nothing."""
    data = request_bytes(*write, headers=HEADERS, body=CUSTOMER)
    with arranged(fakekounta_server) as kounta:
        attempt_bytes(kounta, *write, data[: 1 + cut % (len(data) - 1)])


@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token", "client_credentials"])
@pytest.mark.parametrize("field", TOKEN_FIELDS)
def test_a_wrong_type_in_a_token_request(fakekounta_server: FakeKounta, field: str, grant: str) -> None:
    """A field of a token request that is not a string is refused; null counts as absent (O10)."""
    own = {"grant_type": grant, "client_id": "fake-client-id", "client_secret": "fake-client-secret"}
    rest = {**own, "code": "x", "refresh_token": "fake-refresh-token"}
    unused = field == "redirect_uri" or field not in {*own, grant}
    with arranged(fakekounta_server) as kounta:
        for value in WELL_FORMED:
            if not value.startswith('"'):
                body = f'{json.dumps(rest)[:-1]},"{field}":{value}}}'.encode()
                answer = attempt(kounta, "POST", "/v1/token", headers=[JSON_TYPE], body=body)
                refused = value != "null" or not unused or grant == "authorization_code"
                assert answer.status == (400 if refused else 200), (value, answer.body)


@unhurried
@given(text=objects_with(TOKEN_FIELDS), credentials=st.sampled_from([(), (AUTHORIZATION,)]))
def test_random_json_as_a_token_request(
    fakekounta_server: FakeKounta, text: str, credentials: tuple[tuple[str, str], ...]
) -> None:
    """Random JSON at the token endpoint gives tokens or an OAuth 2 error, never a server error."""
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "POST", "/v1/token", headers=[JSON_TYPE, *credentials], body=text.encode())
    assert answer.status in {200, 400}


@unhurried
@given(
    pairs=st.lists(st.tuples(st.sampled_from(TOKEN_FIELDS), st.one_of(st.text(max_size=10), st.just("invalid")))),
    raw=st.binary(max_size=20),
    content_type=st.sampled_from(
        [FORM_TYPE, ("Content-Type", "multipart/form-data"), ("Content-Type", "multipart/form-data; boundary=x")]
    ),
    credentials=st.sampled_from([(), (AUTHORIZATION,)]),
)
def test_a_random_form_as_a_token_request(
    fakekounta_server: FakeKounta,
    pairs: list[tuple[str, str]],
    raw: bytes,
    content_type: tuple[str, str],
    credentials: tuple[tuple[str, str], ...],
) -> None:
    """A random form at the token endpoint, well-formed or not, gives tokens or an OAuth 2 error."""
    body = urlencode(pairs).encode() + raw
    with arranged(fakekounta_server) as kounta:
        answer = attempt(kounta, "POST", "/v1/token.json", headers=[*credentials, content_type], body=body)
    assert answer.status in {200, 400}


@unhurried
@given(text=objects_with(STATE_FIELDS), with_format=st.booleans())
def test_random_json_as_a_state(fakekounta_server: FakeKounta, text: str, with_format: bool) -> None:
    """A random state document is accepted whole or refused whole."""
    body = text if not with_format else f'{{"format":1,{text[1:]}'.replace(",}", "}")
    with arranged(fakekounta_server) as kounta:
        attempt(kounta, "PUT", "/_fakekounta/state", body=body.encode())


@unhurried
@given(text=objects_with(("frozen", "now", "advance_seconds")))
def test_random_json_as_a_clock(fakekounta_server: FakeKounta, text: str) -> None:
    """A random clock document is accepted whole or refused whole."""
    with arranged(fakekounta_server) as kounta:
        attempt(kounta, "PUT", "/_fakekounta/clock", body=text.encode())


@unhurried
@given(items=st.lists(st.one_of(VALUE_TEXTS, objects_with(("first_name", "email", "id", "mobile"))), max_size=3))
def test_a_random_array_of_customers(fakekounta_server: FakeKounta, items: list[str]) -> None:
    """A random array of customers at the control surface is accepted whole or refused whole."""
    good = json.dumps({"first_name": "Robin", "email": "robin@example.com"})
    with arranged(fakekounta_server) as kounta:
        attempt(kounta, "POST", "/_fakekounta/customers", body=f"[{','.join([good, *items])}]".encode())


@unhurried
@given(write=st.sampled_from(WRITES), key=KEYS, depth=st.integers(100, 1200) | st.integers(1200, 60_000))
def test_nesting_near_the_limit(fakekounta_server: FakeKounta, write: tuple[str, str], key: str, depth: int) -> None:
    """JSON nested just below the limit of the parser causes no error in later code."""
    body = f'{{"first_name":"Robin","email":"r@example.com",{key}:{"[" * depth}{"]" * depth}}}'
    with arranged(fakekounta_server) as kounta:
        attempt(kounta, *write, body=body.encode())
