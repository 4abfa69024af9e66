"""Tests of unusual Host, Authorization, Accept and other headers, sent to the running fake."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakekounta import FakeKounta
from tests.sockets import (
    AUTHORIZATION,
    CUSTOMER_ID,
    JSON_TYPE,
    arranged,
    attempt,
    attempt_bytes,
    exchange,
    judge,
    read_answer,
    request_bytes,
    snapshot,
    unhurried,
)

COMPANY = "/v1/companies/me"
LIST = f"{COMPANY}/customers"
RECORD = f"{LIST}/{CUSTOMER_ID}"
BODY = b'{"first_name":"Robin","email":"robin@example.com"}'
ANY_ACCEPT = ("Accept", "*/*")
HOSTS = (
    "a..b",
    "x" * 64,
    "x" * 300,
    ".",
    "..",
    "a b",
    "a,b",
    "a/b",
    "a?b",
    "a#b",
    "user@host",
    "user:pass@host",
    "[",
    "[::1",
    "[::1]:",
    "::1",
    "host:",
    "host:99999999",
    "host:99999",
    "host:-1",
    "host:port",
    "host:80:80",
    "'\"<script>",
    "a\\b",
    "%0d%0aX-Evil: 1",
    "%00",
    "é.example",
    "\u0661.example",
    "xn--",
    "xn--a",
    "invalid",
    "expired.invalid",
    "127.0.0.1, evil.example",
    "",
)
# Bytes that a header line may hold: all except line ends and NUL
LINES = st.binary(max_size=40).map(lambda raw: bytes(byte for byte in raw if byte not in b"\r\n\0"))
SANE_URL = re.compile(r"http://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._\-]+)(:[0-9]{1,5})?/v1/[!-~]*")


@pytest.fixture(scope="module")
def any_host() -> Iterator[FakeKounta]:
    """A fake that answers to any Host (K07)."""
    with FakeKounta(host="0.0.0.0") as kounta:
        yield kounta


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


@pytest.mark.parametrize("host", HOSTS)
def test_an_odd_host_breaks_nothing(fakekounta_server: FakeKounta, host: str) -> None:
    """No value of Host gives a server error on any route; a wrong method is 405, 400, or 403 (K07)."""
    with arranged(fakekounta_server) as kounta:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH"):
            for target in (LIST, RECORD, "/v1/token", "/authorize", "/nowhere", "/_fakekounta/customers"):
                attempt(kounta, method, target, host=host, body=b"" if method in {"GET", "HEAD"} else b"{}")
        assert attempt(kounta, "PATCH", LIST, host=host).status in {400, 403, 405}


@unhurried
@given(host=st.one_of(LINES, st.sampled_from(HOSTS).map(str.encode)))
@example(host=b"a..b")
@example(host=b"host:99999")
@example(host=b"x" * 64)
@example(host=b"evil.example")
@example(host=b"[::1]:8080")
def test_urls_in_responses_have_a_valid_host(any_host: FakeKounta, host: bytes) -> None:
    """Each URL in a response has the request's Host as its origin if that is valid, else the server's own."""
    with arranged(any_host) as kounta:
        page = attempt(kounta, "GET", LIST, host=host)
        found = attempt(kounta, "GET", f"{LIST}?email=sam@example.com", host=host)
        created = attempt(kounta, "POST", LIST, host=host, body=BODY)
        new_id = kounta.customers.all()[-1].id
        own = f"0.0.0.0:{kounta.port}"
    if page.status != 200:
        assert (page.status, found.status, created.status) == (400, 400, 400)
        return
    for answer, name, path in (
        (page, "X-Next-Page", f"{LIST}?page=2"),
        (found, "Location", f"/v1/companies/5678/customers/{CUSTOMER_ID}"),
        (created, "Location", f"/v1/companies/5678/customers/{new_id}"),
    ):
        url = answer[name]
        assert SANE_URL.fullmatch(url), url
        assert url in {f"http://{host.strip().decode('latin-1')}{path}", f"http://{own}{path}"}


@pytest.mark.parametrize(
    "lines",
    ["Host: a\r\nHost: b", "Host: a\r\nHost: a", "host:\r\nHost: a", "Host : a", " Host: a", "Host a", "Host: a\r\n b"],
)
def test_hosts_that_are_ambiguous(fakekounta_server: FakeKounta, lines: str) -> None:
    """Two Host lines, or a malformed one, are 400."""
    data = f"GET {COMPANY}.json HTTP/1.1\r\n{lines}\r\nConnection: close\r\n\r\n"
    with arranged(fakekounta_server) as kounta:
        assert attempt_bytes(kounta, "GET", COMPANY, data.encode()).status == 400


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Basic",
        "Basic ",
        "Basic %%%",
        "Basic é",
        "Basic \u4e2d",
        "Basic =",
        "Basic ====",
        "Basic YWJj",  # no colon
        f"Basic {b64(b':')}",
        f"Basic {b64(b'fake-client-id:')}",
        f"Basic {b64(b':fake-client-secret')}",
        f"Basic {b64(b'fake-client-id:fake-client-secret:')}",
        f"Basic {b64(b'fake-client-id::fake-client-secret')}",
        f"Basic {b64(b'fake-client-id:fake-client-secret' + bytes(1))}",
        f"Basic {b64(bytes([255, 58, 254]))}",
        f"Basic {b64(b'invalid:expired')}",
        f"Basic {'A' * 60_000}",
        f"{AUTHORIZATION[1]}x",
        f"{AUTHORIZATION[1]}, {AUTHORIZATION[1]}",
        AUTHORIZATION[1].removeprefix("Basic "),
        "Bearer",
        "Bearer é",
        "Bearer \u4e2d",
        "Bearer invalid",
        "Bearer fake-access-token fake-access-token",
        "Bearer fake-refresh-token",
        f"Bearer {'x' * 60_000}",
        "OAuth expired",
        "Digest username=invalid",
        "Negotiate",
        "\tBearer\tfake-access-token",
        ",",
    ],
)
def test_invalid_credentials(fakekounta_server: FakeKounta, value: str) -> None:
    """Credentials that are malformed or unknown are 401 with a challenge, and nothing changes."""
    headers = [("Authorization", value), JSON_TYPE, ANY_ACCEPT]
    with arranged(fakekounta_server) as kounta:
        for method, target in (("GET", COMPANY), ("POST", LIST), ("PUT", RECORD), ("GET", "/v1/nowhere")):
            answer = attempt(kounta, method, target, headers=headers, body=BODY if method != "GET" else b"")
            assert answer.status == 401, (method, target, answer.body)
            assert answer["WWW-Authenticate"].startswith(("Basic realm=", "Bearer realm="))


@unhurried
@given(
    scheme=st.sampled_from(["Basic ", "Bearer ", "OAuth ", "basic ", "BEARER  ", ""]),
    rest=LINES,
    in_base64=st.booleans(),
)
def test_random_credentials(fakekounta_server: FakeKounta, scheme: str, rest: bytes, in_base64: bool) -> None:
    """Random bytes in Authorization are 401 at the API and 400 at the token endpoint."""
    value = scheme.encode() + (base64.b64encode(rest) if in_base64 else rest)
    headers: list[tuple[str, str | bytes]] = [("Authorization", value), JSON_TYPE, ANY_ACCEPT]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, "POST", LIST, headers=headers, body=BODY).status in {400, 401}
        assert attempt(kounta, "POST", "/v1/token", headers=headers, body=b"{}").status == 400


@unhurried
@given(scheme=st.sampled_from(["Basic", "Bearer"]), rest=LINES)
@example(scheme="Basic", rest=b"nobody:")
@example(scheme="Bearer", rest=b"a:b")
def test_random_credentials_under_open_auth(fakekounta_server: FakeKounta, scheme: str, rest: bytes) -> None:
    """With open_auth, any readable credentials make an application, and the state can still be saved and restored."""
    value = scheme.encode() + b" " + (base64.b64encode(rest) if scheme == "Basic" else rest)
    headers: list[tuple[str, str | bytes]] = [("Authorization", value), ANY_ACCEPT]
    with arranged(fakekounta_server, open_auth=True) as kounta:
        answer = read_answer(exchange(kounta.port, request_bytes("GET", LIST, headers=headers)), "GET")
        judge(answer, "GET", LIST)
        assert answer.status in {200, 400, 401}
        state = json.dumps(snapshot(kounta))
        restored = attempt(kounta, "PUT", "/_fakekounta/state", headers=[JSON_TYPE], body=state.encode())
        assert restored.status == 200, restored.body
        assert json.dumps(snapshot(kounta)) == state


@pytest.mark.parametrize(
    "value",
    [
        "",
        ",",
        ";",
        ";;;,,,===",
        "application",
        "application/",
        "/json",
        "*",
        "*/json",
        "text/*",
        "invalid/expired",
        "application/json;q=0",
        "application/json;q=0.000",
        "*/*;q=nan",
        "*/*;q=0",
        "application/json;q=-1",
        "application/json;q=1e999",
        "é",
        "application/json\\",
        "text/html," * 5000,
        "x" * 60_000,
    ],
)
def test_accept_headers_without_json(fakekounta_server: FakeKounta, value: str) -> None:
    """An Accept without JSON, or a malformed one, is 406 on a path without the extension, else ignored."""
    headers = [AUTHORIZATION, ("Accept", value)]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, "GET", COMPANY, headers=headers).status == 406
        assert attempt(kounta, "GET", f"{COMPANY}.json", headers=headers).status == 200


@pytest.mark.parametrize(
    "name", ["Accept", "Content-Type", "X-Page", "Cookie", "If-None-Match", "Range", "Accept-Encoding"]
)
@unhurried
@given(value=LINES)
def test_random_values_of_headers(fakekounta_server: FakeKounta, name: str, value: bytes) -> None:
    """Random bytes in a header are ignored or refused."""
    headers: list[tuple[str, str | bytes]] = [AUTHORIZATION, (name, value)]
    with arranged(fakekounta_server) as kounta:
        for method, target in (("GET", f"{LIST}.json"), ("POST", f"{LIST}.json"), ("POST", "/v1/token")):
            attempt(kounta, method, target, headers=headers, body=BODY if method == "POST" else b"")


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "/",
        "application/json, application/json",
        "application/json/",
        "application/jsonx",
        "json",
        "é",
        "x" * 60_000,
    ],
)
def test_content_types_that_are_not_json(fakekounta_server: FakeKounta, value: str) -> None:
    """A Content-Type other than JSON is 400 at the API, 403 at the control surface, and nothing changes."""
    headers = [AUTHORIZATION, ANY_ACCEPT, ("Content-Type", value)]
    with arranged(fakekounta_server) as kounta:
        assert attempt(kounta, "POST", LIST, headers=headers, body=BODY).status == 400
        assert attempt(kounta, "PUT", RECORD, headers=headers, body=BODY).status == 400
        assert attempt(kounta, "POST", "/_fakekounta/customers", headers=headers, body=BODY).status == 403


@pytest.mark.parametrize("size,refused", [(60_000, False), (66_000, True), (1_000_000, True)])
def test_headers_over_64_kib(fakekounta_server: FakeKounta, size: int, refused: bool) -> None:
    """Headers of more than 64 KiB in total are 431, in one line or in many."""
    one = [("X-Invalid", "x" * size)]
    many = [(f"X-{number:04}", "x" * 100) for number in range(size // 110)]
    with arranged(fakekounta_server) as kounta:
        for headers in (one, many):
            answer = attempt(kounta, "GET", COMPANY, headers=[AUTHORIZATION, ANY_ACCEPT, *headers])
            assert answer.status == (431 if refused else 200)
