"""Tests of the origin in URLs behind a proxy or with a public URL, and of who may then send requests."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
import trustme

from fakekounta import FakeKounta
from fakekounta.settings.settings import SettingsError
from tests.sockets import AUTHORIZATION, JSON_TYPE, PATIENCE_SECONDS, RawResponse, arranged, attempt

CUSTOMERS = "/v1/companies/me/customers.json"
CUSTOMER = "/v1/companies/5678/customers/1001.json"
LOOK_UP = f"{CUSTOMERS}?email=sam@example.com"
JAMIE = b'{"first_name": "Jamie", "phone": "1"}'
HTTPS = ("X-Forwarded-Proto", "https")
NAMED = ("X-Forwarded-Host", "kounta.test")
HOST = "The Host is neither this machine nor one that the server may answer to (--allow-host)"


@contextmanager
def serving(**settings: Any) -> Iterator[FakeKounta]:
    with FakeKounta(**settings) as server, arranged(server) as kounta:
        yield kounta


@pytest.fixture(scope="module")
def behind_a_proxy() -> Iterator[FakeKounta]:
    """A fake that trusts a proxy, whose clients know it as kounta.test."""
    with serving(trust_proxy=True, allow_hosts=["kounta.test"]) as kounta:
        yield kounta


@pytest.fixture(scope="module")
def public() -> Iterator[FakeKounta]:
    """A fake that its clients know as https://kounta.test."""
    with serving(public_url="https://kounta.test/") as kounta:
        yield kounta


def get(kounta: FakeKounta, target: str, *headers: tuple[str, str | bytes], host: str | None = None) -> RawResponse:
    return attempt(kounta, "GET", target, headers=(AUTHORIZATION, *headers), host=host)


def location(kounta: FakeKounta, *headers: tuple[str, str | bytes], host: str | None = None) -> str:
    """Return the Location of a look-up."""
    answer = get(kounta, LOOK_UP, *headers, host=host)
    assert answer.status == 302
    return answer["Location"]


# --- trust_proxy -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers, host, origin",
    [
        ((HTTPS, NAMED), None, "https://kounta.test"),
        ((HTTPS, NAMED), "kounta.test", "https://kounta.test"),
        ((HTTPS,), "kounta.test", "https://kounta.test"),
        ((NAMED,), None, "http://kounta.test"),
        ((HTTPS, ("X-Forwarded-Host", "Kounta.test:443")), None, "https://kounta.test"),
        ((HTTPS, ("X-Forwarded-Host", "kounta.test:8443")), None, "https://kounta.test:8443"),
        ((HTTPS, ("X-Forwarded-Host", "[::1]:8443")), None, "https://[::1]:8443"),
        ((HTTPS, ("X-Forwarded-Host", "evil.example, kounta.test")), None, "https://kounta.test"),
        ((("X-Forwarded-Host", "evil.example"), HTTPS, NAMED), None, "https://kounta.test"),
        ((("X-Forwarded-Proto", "http, HTTPS"), NAMED), None, "https://kounta.test"),
        ((("X-Forwarded-Proto", "javascript"), NAMED), None, "http://kounta.test"),
        ((("X-Forwarded-Proto", ""), ("X-Forwarded-Host", "")), "kounta.test", "http://kounta.test"),
        ((), "kounta.test", "http://kounta.test"),
    ],
)
def test_urls_have_the_origin_that_the_proxy_was_asked_for(
    behind_a_proxy: FakeKounta, headers: tuple[tuple[str, str], ...], host: str | None, origin: str
) -> None:
    """The headers of the nearest proxy count; a scheme other than http and https is ignored."""
    assert location(behind_a_proxy, *headers, host=host) == origin + CUSTOMER


def test_without_the_setting_the_headers_are_any_other() -> None:
    """Without the setting the headers are ignored, and a client that sends them is not refused."""
    with serving() as kounta:
        forwarded = (HTTPS, ("X-Forwarded-Host", "evil.example"))
        assert location(kounta, *forwarded) == f"http://127.0.0.1:{kounta.port}{CUSTOMER}"


@pytest.mark.parametrize("path", [CUSTOMERS, "/_fakekounta/state", f"/_fakekounta/ns/evil{CUSTOMERS}"])
@pytest.mark.parametrize(
    "forwarded, host",
    [
        ("127.0.0.1", "evil.example"),
        ("kounta.test", "evil.example"),
        ("evil.example", "127.0.0.1"),
        ("evil.example", "kounta.test"),
        ("kounta.test, evil.example", None),
        ("kounta.test/", None),
        ("\xe9", None),
    ],
)
def test_the_host_and_the_forwarded_one_must_both_be_known(
    behind_a_proxy: FakeKounta, path: str, forwarded: str, host: str | None
) -> None:
    """K07: a foreign page can choose X-Forwarded-Host, but not Host, so both must be known."""
    answer = attempt(behind_a_proxy, "GET", path, headers=(AUTHORIZATION, ("X-Forwarded-Host", forwarded)), host=host)
    assert (answer.status, answer.description) == (403, HOST)
    assert list(behind_a_proxy.namespaces) == []


def test_a_forwarded_host_that_is_none_stands_in_no_url() -> None:
    """Where any Host is accepted, an invalid forwarded one is replaced by the server's address."""
    with FakeKounta(host="0.0.0.0", trust_proxy=True) as server, arranged(server) as kounta:
        assert location(kounta, HTTPS, ("X-Forwarded-Host", "a/b")) == f"https://127.0.0.1:{kounta.port}{CUSTOMER}"


def test_pages_of_the_forwarded_origin_are_its_own(behind_a_proxy: FakeKounta) -> None:
    """K08: the dashboard works behind a TLS proxy, also for calls with bodies; other pages are foreign."""
    for origin, status in (("https://kounta.test", 201), ("http://kounta.test", 403), ("https://evil.example", 403)):
        headers = (JSON_TYPE, HTTPS, NAMED, ("Origin", origin), ("Sec-Fetch-Site", "same-origin"))
        answer = attempt(behind_a_proxy, "POST", "/_fakekounta/customers", headers=headers, body=JAMIE)
        assert answer.status == status, (origin, answer.body)


# --- public_url --------------------------------------------------------------------------------------------------


def test_every_url_has_the_public_origin(public: FakeKounta) -> None:
    """Location and X-Next-Page have the public origin for any Host, with the namespace of the path."""
    assert location(public) == f"https://kounta.test{CUSTOMER}"
    assert location(public, host="kounta.test") == f"https://kounta.test{CUSTOMER}"
    assert get(public, CUSTOMERS)["X-Next-Page"] == f"https://kounta.test{CUSTOMERS}?page=2"
    created = attempt(public, "POST", f"/_fakekounta/ns/one{CUSTOMERS}", headers=(AUTHORIZATION, JSON_TYPE), body=JAMIE)
    assert created["Location"].startswith("https://kounta.test/_fakekounta/ns/one/v1/companies/5678/customers/")


def test_the_documents_name_the_public_origin(public: FakeKounta) -> None:
    """The documents name it as their server, by control call and in Python."""
    for name in ("openapi", "control.openapi"):
        answer = attempt(public, "GET", f"/_fakekounta/{name}.json", headers=())
        assert json.loads(answer.body)["servers"][0]["url"].startswith("https://kounta.test")
    assert public.openapi()["servers"][0]["url"].startswith("https://kounta.test")
    assert public.url == f"http://127.0.0.1:{public.port}"


def test_the_public_url_outranks_a_proxy() -> None:
    """The public URL is used behind a proxy, too; the forwarded host must still be known."""
    with serving(public_url="https://kounta.test", trust_proxy=True) as kounta:
        forwarded = ("X-Forwarded-Host", "localhost")
        assert location(kounta, ("X-Forwarded-Proto", "http"), forwarded) == f"https://kounta.test{CUSTOMER}"
        assert get(kounta, LOOK_UP, ("X-Forwarded-Host", "evil.example")).status == 403


def test_the_public_host_is_allowed_and_no_other(public: FakeKounta) -> None:
    """K07, K08: as with --allow-host; the dashboard works at the public origin and at the server's own."""
    assert get(public, "/_fakekounta/clock", host="kounta.test:443").status == 200
    assert get(public, "/_fakekounta/clock", host="evil.example").status == 403
    own = f"http://127.0.0.1:{public.port}"
    for origin, status in (("https://kounta.test", 201), (own, 201), ("https://evil.example", 403)):
        headers = (JSON_TYPE, ("Origin", origin), ("Sec-Fetch-Site", "same-origin"))
        answer = attempt(
            public, "POST", "/_fakekounta/customers", headers=headers, body=b'{"first_name":"A","phone":"1"}'
        )
        assert answer.status == status, (origin, answer.body)


def test_clients_without_a_socket_keep_the_origin_that_they_asked_for() -> None:
    """They use the public origin, and send their credentials to no other (T13)."""
    kounta = FakeKounta(public_url="https://kounta.test", seed=[{"first_name": "Sam", "email": "sam@example.com"}])
    answer = kounta.httpx_client().get(LOOK_UP, auth=kounta.auth, follow_redirects=True)
    assert (answer.status_code, answer.url.host) == (200, "api.kounta.com")


@pytest.mark.parametrize(
    "text, origin",
    [
        ("https://kounta.test", "https://kounta.test"),
        ("HTTPS://Kounta.TEST:443/", "https://kounta.test"),
        ("http://kounta.test:80", "http://kounta.test"),
        ("http://[::1]:8443", "http://[::1]:8443"),
    ],
)
def test_a_public_url_is_written_as_browsers_write_origins(text: str, origin: str) -> None:
    """The URL is normalised as browsers do, so that `Origin` matches it."""
    with serving(public_url=text) as kounta:
        assert location(kounta) == origin + CUSTOMER


@pytest.mark.parametrize(
    "value",
    [
        "",
        "kounta.test",
        "https://",
        "https://a/b",
        "https://a?b",
        "https://u:p@a",
        "https://a:",
        "ftp://a",
        "https://ü",
        5,
    ],
)
def test_an_invalid_origin_is_refused(value: object) -> None:
    """An invalid one is refused by the name of the setting."""
    with pytest.raises(SettingsError, match=r"^public_url: must be (http:// or https:// and a host|a text)"):
        FakeKounta(public_url=value)  # type: ignore[arg-type] # on purpose


# --- a real proxy ------------------------------------------------------------------------------------------------


class TlsProxy:
    """A proxy that speaks TLS with clients and plain HTTP with the fake, whose address it sends as Host."""

    def __init__(self, authority: trustme.CA, upstream: int) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(self._context)
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._context.wrap_socket(client, server_side=True) as secure:
                self._pass_on(secure)

    def _pass_on(self, client: ssl.SSLSocket) -> None:
        """Pass one request without a body on, and the response back; then close."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(65_536)
        line, *headers = received.removesuffix(b"\r\n\r\n").split(b"\r\n")
        kept = [header for header in headers if not header.lower().startswith((b"host:", b"connection:"))]
        own = [
            *(b"Host: 127.0.0.1:%d" % self._upstream, b"Connection: close"),
            *(b"X-Forwarded-Proto: https", b"X-Forwarded-Host: localhost:%d" % self.port),
        ]
        with socket.create_connection(("127.0.0.1", self._upstream), timeout=PATIENCE_SECONDS) as upstream:
            upstream.sendall(b"\r\n".join([line, *own, *kept, b"", b""]))
            while piece := upstream.recv(65_536):
                client.sendall(piece)


def test_a_client_follows_through_a_proxy_with_tls(behind_a_proxy: FakeKounta, tmp_path: Path) -> None:
    """A redirect keeps the credentials and the next page is found, because all URLs are the proxy's."""
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    proxy = TlsProxy(authority, behind_a_proxy.port)
    with requests.Session() as client:
        client.auth, client.verify, client.trust_env = behind_a_proxy.auth, str(ca_file), False
        try:
            found = client.get(f"https://localhost:{proxy.port}{LOOK_UP}", timeout=PATIENCE_SECONDS)
            first = client.get(f"https://localhost:{proxy.port}{CUSTOMERS}", timeout=PATIENCE_SECONDS)
            second = client.get(first.headers["X-Next-Page"], timeout=PATIENCE_SECONDS)
        finally:
            proxy.close()
    assert [answer.status_code for answer in (*found.history, found, first, second)] == [302, 200, 200, 200]
    assert found.url == f"https://localhost:{proxy.port}{CUSTOMER}"
