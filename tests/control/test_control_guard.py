"""Tests of who may use the control surface: local tools, not a foreign page in a browser of this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from fakekounta import FakeKounta
from tests.sockets import JSON_TYPE, RawResponse, arranged, attempt, attempt_bytes, unhurried

READS = ("health", "state", "clock")
CHANGES = (
    ("POST", "reset", b""),
    ("POST", "customers", b'{"first_name":"Kim","phone":"9"}'),
    ("DELETE", "customers/1001", b""),
    ("PUT", "clock", b'{"advance_seconds":1}'),
    ("PUT", "state", b'{"format":1}'),
)
FOREIGN_HOSTS = (
    "evil.example",
    "evil.example:80",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil.example?127.0.0.1",
    "127.0.0.1@evil.example",
    "localhost, evil.example",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0.0.0.0",
    "[::]",
    "192.168.0.1",
    "api.kounta.com",
    "[::1",
    "x[::1]",
    "[::1]x",
    "[::1%25lo]",
    "127.0.0.1.nip.io",
    "localhost.localdomain",
    "xlocalhost",
    "localhost..",
    ".localhost",
    ".LOCALHOST:80",
    "..localhost",
    "[127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "xn--lcalhost-54a",
    "localhost:80:80",
    "localhost:http",
    "\u217cocalhost",
    "127.0.0.1." + "x" * 300,
    "",
)
OWN_HOSTS = (
    *("127.0.0.1", "localhost", "LOCALHOST:1", "127.9.9.9", "[::1]", "[::1]:8080", "127.0.0.1:65535"),
    *("localhost.", "LocalHost.:80", "fake.localhost:8080", "127.0.0.1.", "127.0.0.1:"),
    *("[::ffff:127.0.0.1]", "[::FFFF:7f00:1]:80", "[0:0:0:0:0:0:0:1]"),
)
_CORS = re.compile(rb"access-control-", re.IGNORECASE)


def ask(
    kounta: FakeKounta, method: str, path: str, body: bytes, *headers: tuple[str, str], host: str | None = None
) -> RawResponse:
    """Return the response of the control surface, after checking that it has no CORS header."""
    answer = attempt(kounta, method, f"/_fakekounta/{path}", headers=headers, body=body, host=host)
    assert not _CORS.search(answer.head)
    return answer


def refused_everywhere(kounta: FakeKounta, headers: Sequence[tuple[str, str]], host: str | None = None) -> None:
    """Check that reading and changing are 403 with only the reason."""
    calls = [("GET", path, b"") for path in READS] + [("HEAD", "state", b""), ("OPTIONS", "state", b""), *CHANGES]
    for method, path, body in calls:
        assert ask(kounta, method, path, body, JSON_TYPE, *headers, host=host).status == 403, (method, path)


def test_a_local_tool_may_do_everything(fakekounta_server: FakeKounta) -> None:
    """With a Host of this machine and JSON every call succeeds."""
    with arranged(fakekounta_server) as kounta:
        for host in OWN_HOSTS:
            for path in READS:
                assert ask(kounta, "GET", path, b"", host=host).status == 200
    for method, path, body in CHANGES:
        with arranged(fakekounta_server) as kounta:
            assert ask(kounta, method, path, body, JSON_TYPE).status in {200, 201}


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(fakekounta_server: FakeKounta, host: str) -> None:
    """A Host that is not this machine is 403, so that DNS rebinding reaches nothing."""
    with arranged(fakekounta_server) as kounta:
        refused_everywhere(kounta, [], host=host)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://127.0.0.1",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "http://localhost",
        "null",
        "",
        "file://",
        "http://127.0.0.1.evil.example",
        "invalid",
    ],
)
def test_a_foreign_origin_is_refused(fakekounta_server: FakeKounta, origin: str) -> None:
    """An Origin that is not exactly this server's is 403."""
    with arranged(fakekounta_server) as kounta:
        refused_everywhere(kounta, [("Origin", origin)])


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "invalid", "none, cross-site", "Same-Origin"])
def test_a_foreign_page_is_refused(fakekounta_server: FakeKounta, site: str) -> None:
    """Any Sec-Fetch-Site except same-origin and none is 403."""
    with arranged(fakekounta_server) as kounta:
        refused_everywhere(kounta, [("Sec-Fetch-Site", site)])


def test_its_own_page_is_welcome(fakekounta_server: FakeKounta) -> None:
    """A page of this server may make changes, and gets no CORS header either."""
    with arranged(fakekounta_server) as kounta:
        own = [("Origin", kounta.url), ("Sec-Fetch-Site", "same-origin"), JSON_TYPE]
        assert ask(kounta, "PUT", "clock", b'{"advance_seconds":1}', *own).status == 200
        assert ask(kounta, "GET", "state", b"", ("Sec-Fetch-Site", "none")).status == 200


@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json"],
)
def test_a_change_must_come_as_json(fakekounta_server: FakeKounta, content_type: str | None) -> None:
    """A change that a plain form could send is 403, whatever its body and its method override."""
    headers = [] if content_type is None else [("Content-Type", content_type)]
    claims = [
        [],
        [("X-HTTP-Method-Override", "DELETE")],
        [("X-HTTP-Method", "DELETE")],
        [("X-Method-Override", "DELETE")],
    ]
    with arranged(fakekounta_server) as kounta:
        for method, path, body in CHANGES:
            for claim in claims if method != "DELETE" else []:
                assert ask(kounta, method, path, body, *headers, *claim).status == 403
        for path in ("requests?_method=DELETE", "faults?_method=DELETE"):
            assert ask(kounta, "POST", path, b"_method=DELETE", *headers).status in (403, 405)
        assert ask(kounta, "POST", "requests", b"", *headers).status == 405  # no call has this method


@pytest.mark.parametrize("content_type", [None, "", "application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("body", [b"", b"{}", b"a=b", b"\xff"])
def test_a_delete_needs_no_type(fakekounta_server: FakeKounta, content_type: str | None, body: bytes) -> None:
    """No form can send DELETE, so `curl -X DELETE` works with or without a body, which is not read."""
    headers = [] if content_type is None else [("Content-Type", content_type)]
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "DELETE", "customers/1001", body, *headers).status == 200
        assert ask(kounta, "DELETE", "requests", body, *headers).status == 200
        for foreign in (("Origin", "http://evil.example"), ("Sec-Fetch-Site", "cross-site")):
            assert ask(kounta, "DELETE", "requests", body, *headers, foreign).status == 403
        assert ask(kounta, "DELETE", "requests", body, *headers, host="evil.example").status == 403


def test_a_preflight_is_refused(fakekounta_server: FakeKounta) -> None:
    """A browser's preflight for a PUT by a foreign page is 403 without any CORS header."""
    wish = [("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type")]
    with arranged(fakekounta_server) as kounta:
        answer = ask(kounta, "OPTIONS", "state", b"", ("Origin", "http://evil.example"), *wish)
    assert answer.status == 403


def test_a_request_without_a_host_is_refused(fakekounta_server: FakeKounta) -> None:
    """HTTP/1.0 needs no Host, but the control surface does."""
    data = b"GET /_fakekounta/state HTTP/1.0\r\n\r\n"
    with arranged(fakekounta_server) as kounta:
        assert attempt_bytes(kounta, "GET", "/_fakekounta/state", data).status == 403


def test_the_host_of_an_absolute_target_counts(fakekounta_server: FakeKounta) -> None:
    """The host of an absolute target replaces the Host line."""
    line = "GET http://{}/_fakekounta/health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n"
    with arranged(fakekounta_server) as kounta:
        for target, host, status in (("evil.example", "127.0.0.1", 403), ("127.0.0.1", "evil.example", 200)):
            data = line.format(target, host).encode()
            assert attempt_bytes(kounta, "GET", "/_fakekounta/health", data).status == status


@unhurried
@given(host=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=30))
def test_no_name_but_ours_is_taken(fakekounta_server: FakeKounta, host: str) -> None:
    """Any other text as Host is refused, and none is a server error."""
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "POST", "reset", b"", JSON_TYPE, host=f"x{host}").status in {400, 403}


@pytest.mark.parametrize("host,allowed", [("Fake.Test", 200), ("0.0.0.0", 403), ("::", 403)])
def test_the_name_of_the_setting_host_is_accepted(host: str, allowed: int) -> None:
    """The name of `host` is accepted as Host in any case, except one that means all addresses."""
    # Not by an in-process client, which may use any name
    client = Client(FakeKounta(host=host).wsgi_app)
    for name in ("fake.test", "FAKE.TEST"):
        assert client.get("/_fakekounta/health", headers={"Host": name}).status_code == allowed
    assert client.get("/_fakekounta/health", headers={"Host": "127.0.0.1"}).status_code == 200


@pytest.mark.parametrize("way", ["path", "header"])
def test_a_refused_call_makes_no_namespace(fakekounta_server: FakeKounta, way: str) -> None:
    """A refused call makes no namespace, by its path or by its header."""
    path = "ns/evil/_fakekounta/state" if way == "path" else "state"
    headers = [] if way == "path" else [("X-Fakekounta-Namespace", "evil")]
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", path, b"", *headers, host="evil.example").status == 403
        assert list(kounta.namespaces) == []
        assert ask(kounta, "GET", path, b"", *headers).status == 200
        assert list(kounta.namespaces) == ["evil"]
