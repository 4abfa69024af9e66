"""Tests of who may use the faked API: K07, K08. tests/browser/test_foreign_pages.py tests it with a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.test import Client

from fakekounta import FakeKounta, Quirk
from fakekounta.settings import hosts as hosts_module
from fakekounta.settings.hosts import host_named
from fakekounta.settings.settings import SettingsError
from tests.caller import exactly
from tests.control.test_control_guard import FOREIGN_HOSTS, OWN_HOSTS
from tests.sockets import AUTHORIZATION, AUTHORIZE, JSON_TYPE, RawResponse, arranged, attempt, attempt_bytes

COMPANY = "/v1/companies/me.json"
CUSTOMERS = "/v1/companies/me/customers.json"
KIM = b'{"first_name":"Kim","phone":"9"}'
FORM = ("Content-Type", "application/x-www-form-urlencoded")
GRANT = b"grant_type=client_credentials&client_id=fake-client-id&client_secret=fake-client-secret"
CALLS: tuple[tuple[str, str, tuple[tuple[str, str], ...], bytes], ...] = (
    ("GET", COMPANY, (AUTHORIZATION,), b""),
    ("HEAD", COMPANY, (AUTHORIZATION,), b""),
    ("OPTIONS", CUSTOMERS, (AUTHORIZATION,), b""),
    ("TRACE", COMPANY, (AUTHORIZATION,), b""),
    ("POST", CUSTOMERS, (AUTHORIZATION, JSON_TYPE), KIM),
    ("PUT", "/v1/companies/me/customers/1001.json", (AUTHORIZATION, JSON_TYPE), KIM),
    ("DELETE", "/v1/companies/me/webhooks/1.json", (AUTHORIZATION,), b""),
    ("POST", "/v1/token", (FORM,), GRANT),
    ("GET", AUTHORIZE, (), b""),
    ("POST", "/authorize", (FORM,), b"a=b"),
    ("GET", "/favicon.ico", (), b""),
    ("GET", "/", (), b""),
)
HOST = "The Host is neither this machine nor one that the server may answer to (--allow-host)"
PAGE = "The request comes from a foreign web page"
LOOPBACK_ORIGINS = (
    "http://127.0.0.1:5173",
    "http://localhost:5173",
    "https://localhost",
    "http://[::1]:3000",
    "http://shop.localhost:3000",
    "http://127.1.2.3:1",
)
FOREIGN_ORIGINS = (
    "http://evil.example",
    "https://api.kounta.com",
    "http://localhost.evil.example",
    "http://127.0.0.1.nip.io:8080",
    "http://127.0.0.1@evil.example",
    "http://0.0.0.0:8080",
    "http://192.168.0.1",
    "null",
    "",
    "localhost",
    "file://",
    "file://localhost",
    "chrome-extension://localhost",
    "http://localhost, http://evil.example",
    "http://localhost/",
    "HTTP://LOCALHOST:80/x",
)
VISIT = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))


def ask(kounta: FakeKounta, method: str, path: str, *headers: tuple[str, str], **options: Any) -> RawResponse:
    return attempt(kounta, method, path, headers=headers, **options)


def assert_refused(kounta: FakeKounta, reason: str, *headers: tuple[str, str], host: str | None = None) -> None:
    """Check that every call is 403 in the API's shape, is in the journal, and changes nothing."""
    quirk = Quirk.K07_HOSTS if reason is HOST else Quirk.K08_FOREIGN_PAGES
    for method, path, own_headers, body in CALLS:
        answer = ask(kounta, method, path, *own_headers, *headers, body=body, host=host)
        assert answer.status == 403, (method, path)
        assert method == "HEAD" or answer.json == {"error": "forbidden", "error_description": reason}
        assert (kounta.requests[-1].status, kounta.requests[-1].method) == (403, method)
        assert quirk in kounta.requests[-1].quirks


@contextmanager
def bound_widely(**settings: Any) -> Iterator[FakeKounta]:
    """A fake on all addresses of this machine."""
    with FakeKounta(host="0.0.0.0", **settings) as server, arranged(server) as kounta:
        yield kounta


# --- Host --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", [host for host in FOREIGN_HOSTS if host != "api.kounta.com"])
def test_a_foreign_host_is_refused(fakekounta_server: FakeKounta, host: str) -> None:
    """K07: on the loopback every request is refused, also with the namespace header, which makes no namespace."""
    with arranged(fakekounta_server) as kounta:
        assert_refused(kounta, HOST, ("X-Fakekounta-Namespace", "evil"), host=host)
        assert ask(kounta, "GET", f"/_fakekounta/ns/evil{COMPANY}", AUTHORIZATION, host=host).status == 403
        assert list(kounta.namespaces) == []


@pytest.mark.parametrize("host", [*OWN_HOSTS, "api.kounta.com", "API.kounta.com.:443", "my.kounta.com:80"])
def test_its_own_names_are_accepted(fakekounta_server: FakeKounta, host: str) -> None:
    """Names of this machine in any spelling and with any port, and those of the real service, are accepted."""
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, host=host).status == 200
        assert ask(kounta, "POST", "/v1/token", FORM, body=GRANT, host=host).status == 200
        assert ask(kounta, "GET", AUTHORIZE, host=host).status == 302


def test_a_request_without_a_host_is_answered(fakekounta_server: FakeKounta) -> None:
    """HTTP/1.0 needs no Host, and browsers always send it."""
    data = f"GET {COMPANY} HTTP/1.0\r\nAuthorization: {AUTHORIZATION[1]}\r\n\r\n"
    with arranged(fakekounta_server) as kounta:
        assert attempt_bytes(kounta, "GET", COMPANY, data.encode()).status == 200


def test_the_host_of_an_absolute_target_counts(fakekounta_server: FakeKounta) -> None:
    """The host of an absolute target replaces the Host line."""
    line = "GET http://{}{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: {}\r\n\r\n"
    with arranged(fakekounta_server) as kounta:
        for target, host, status in (("evil.example", "127.0.0.1", 403), ("127.0.0.1", "evil.example", 200)):
            data = line.format(target, COMPANY, host, AUTHORIZATION[1]).encode()
            answer = attempt_bytes(kounta, "GET", COMPANY, data)
            assert answer.status == status
            if status == 403:  # a client that uses the fake as its proxy
                told = "this server leads to api.kounta.com and my.kounta.com only: except other hosts by NO_PROXY"
                assert answer.description.endswith(told)


@pytest.mark.parametrize("in_process", ["requests_session", "httpx_client"])
def test_in_process_clients_use_any_host(in_process: str) -> None:
    """In-process clients may use any Host, because no web page is one."""
    kounta = FakeKounta()
    client = getattr(kounta, in_process)()
    answer = client.get(f"https://api.kounta.com{COMPANY}", auth=kounta.auth, headers={"Host": "shop.example"})
    assert answer.status_code == 200


def test_bound_widely_any_host_is_answered() -> None:
    """On all addresses any Host is accepted; without a token the control surface accepts only known names."""
    with bound_widely() as kounta:
        for host in ("fake:8080", "192.168.0.9", "evil.example", "a b", ""):
            assert ask(kounta, "GET", COMPANY, AUTHORIZATION, host=host).status == 200
            assert ask(kounta, "GET", "/_fakekounta/health", host=host).status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_allowed_hosts_are_answered(host: str) -> None:
    """API and control surface accept them, in any spelling and with any port, and no others."""
    hosts = ("Fake.Test:9", "192.168.0.9", "fd00::1", "[fd00::2]:80")
    with FakeKounta(host=host, allow_hosts=hosts) as kounta:
        for name in ("fake.test", "FAKE.test.:8080", "192.168.0.9:1", "[fd00::1]:80", "[fd00:0::2]"):
            assert ask(kounta, "GET", COMPANY, AUTHORIZATION, host=name).status == 200
            assert ask(kounta, "GET", "/_fakekounta/health", host=name).status == 200
        for name in ("x.fake.test", "fake.test.evil.example", "192.168.0.90"):
            assert ask(kounta, "GET", COMPANY, AUTHORIZATION, host=name).status == (403 if host == "127.0.0.1" else 200)
            assert ask(kounta, "GET", "/_fakekounta/health", host=name).status == 403


@pytest.mark.parametrize(
    "value, message",
    [
        ("fake", "allow_hosts: must be a list, not 'fake'"),
        ([5], "allow_hosts[0]: must be a text that is not empty, not 5"),
        (["fake", ""], "allow_hosts[1]: must be a text that is not empty, not ''"),
        (["http://fake"], "allow_hosts[0]: must be the name or the address of a host in ASCII, not 'http://fake'"),
        (["*.fake"], "allow_hosts[0]: must be the name or the address of a host in ASCII, not '*.fake'"),
        (["*"], "allow_hosts[0]: must be the name or the address of a host in ASCII, not '*'"),
        (["me@fake"], "allow_hosts[0]: must be the name or the address of a host in ASCII, not 'me@fake'"),
        (["b\xfccher"], "allow_hosts[0]: must be the name or the address of a host in ASCII, not 'b\xfccher'"),
    ],
)
def test_invalid_host_names_are_refused(value: Any, message: str) -> None:
    """An invalid host is refused by name when the fake is made."""
    with pytest.raises(SettingsError, match=exactly(message)):
        FakeKounta(allow_hosts=value)


def test_another_server_of_the_application_is_guarded_too() -> None:
    """Another server of `wsgi_app` has the same guard, and the same setting to allow a name."""
    for kounta, status in ((FakeKounta(), 403), (FakeKounta(allow_hosts=["testserver"]), 200)):
        answer = Client(kounta.wsgi_app).get(COMPANY, headers={"Host": "testserver"}, auth=kounta.auth)
        assert answer.status_code == status


def test_hosts_are_remembered_within_bounds() -> None:
    """The cache of hosts keeps no long or many texts from clients."""
    for number in range(2_000):
        host_named(f"h{number}.example")
    kept = hosts_module._host_named.cache_info()
    host_named("x" * 262)
    assert hosts_module._host_named.cache_info() == kept
    assert kept.maxsize is not None
    assert kept.currsize <= kept.maxsize <= 1_000
    assert host_named("x" * 255 + ":65535") == "x" * 255
    assert host_named("x" * 256 + ":65535") is None


# --- pages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused(fakekounta_server: FakeKounta, origin: str) -> None:
    """K08: a foreign Origin is refused for every request, also in a namespace."""
    with arranged(fakekounta_server) as kounta:
        assert_refused(kounta, PAGE, ("Origin", origin), ("X-Fakekounta-Namespace", "evil"))
        assert list(kounta.namespaces) == []


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_it_is_refused_however_the_fake_is_bound(origin: str) -> None:
    """K08: a foreign page can send requests to every address of its machine, so it is refused on all."""
    with bound_widely() as kounta:
        assert_refused(kounta, PAGE, ("Origin", origin), host="evil.example")


@pytest.mark.parametrize("origin", LOOPBACK_ORIGINS)
@pytest.mark.parametrize("site", ["same-origin", "same-site", "cross-site", None])
def test_a_page_of_this_machine_is_answered(fakekounta_server: FakeKounta, origin: str, site: str | None) -> None:
    """A page of this machine, on any port, is that of a development server or its proxy."""
    headers = [("Origin", origin), *([] if site is None else [("Sec-Fetch-Site", site)])]
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, *headers).status == 200
        assert ask(kounta, "POST", CUSTOMERS, AUTHORIZATION, JSON_TYPE, *headers, body=KIM).status == 201
        assert ask(kounta, "POST", "/v1/token", FORM, *headers, body=GRANT).status == 200


def test_a_page_of_an_allowed_host_is_answered() -> None:
    """The API answers it, on any port; the control surface answers its own page only."""
    with FakeKounta(allow_hosts=["shop.test"]) as kounta:
        origin = ("Origin", "https://shop.test:8443")
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, origin).status == 200
        assert ask(kounta, "GET", "/_fakekounta/health", origin).status == 403
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, ("Origin", "https://x.shop.test")).status == 403


def test_in_process_clients_are_refused_as_others_are() -> None:
    """An in-process request with a foreign Origin is refused, so that a test sees what the server does."""
    kounta = FakeKounta()
    answer = kounta.httpx_client().get(COMPANY, auth=kounta.auth, headers={"Origin": "https://shop.example"})
    assert (answer.status_code, answer.json()["error_description"]) == (403, PAGE)


@pytest.mark.parametrize("site", ["cross-site", "", "invalid", "none, cross-site", "Same-Origin"])
@pytest.mark.parametrize("mode, dest", [("no-cors", "image"), ("no-cors", "script"), ("navigate", "iframe"), ("", "")])
def test_embedded_resources_of_a_foreign_page_are_refused(
    fakekounta_server: FakeKounta, site: str, mode: str, dest: str
) -> None:
    """K08: images, scripts and frames, which have no Origin, are refused."""
    headers = (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest))
    with arranged(fakekounta_server) as kounta:
        assert_refused(kounta, PAGE, *headers)


@pytest.mark.parametrize("site", ["none", "same-origin", "same-site"])
def test_what_a_page_of_this_machine_embeds_is_answered(fakekounta_server: FakeKounta, site: str) -> None:
    """So are an address typed into the browser, and a client that only sends a mode, as Node does."""
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, ("Sec-Fetch-Site", site)).status == 200
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, ("Sec-Fetch-Mode", "cors")).status == 200


def test_other_sites_may_navigate_to_authorize(fakekounta_server: FakeKounta) -> None:
    """Links, redirects and GET forms may lead there; other requests and paths are refused."""
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", AUTHORIZE, *VISIT).status == 302
        assert ask(kounta, "GET", AUTHORIZE).status == 302
        assert ask(kounta, "GET", AUTHORIZE, *VISIT, ("Origin", "null")).status == 403
        assert ask(kounta, "HEAD", AUTHORIZE, *VISIT).status == 403
        assert ask(kounta, "POST", "/authorize", *VISIT).status == 403
        assert ask(kounta, "GET", COMPANY, AUTHORIZATION, *VISIT).status == 403
        assert ask(kounta, "GET", "/authorize/x", *VISIT).status == 403
        assert ask(kounta, "GET", AUTHORIZE, *VISIT, host="evil.example").status == 403


def test_navigating_to_authorize_creates_no_namespace(fakekounta_server: FakeKounta) -> None:
    """Navigation to /authorize reaches existing namespaces only."""
    with arranged(fakekounta_server) as kounta:
        assert ask(kounta, "GET", f"/_fakekounta/ns/one{AUTHORIZE}", *VISIT).status == 400
        assert list(kounta.namespaces) == []
        kounta.namespace("one")
        assert ask(kounta, "GET", f"/_fakekounta/ns/one{AUTHORIZE}", *VISIT).status == 302
        assert ask(kounta, "GET", f"/_fakekounta/ns/one{COMPANY}", AUTHORIZATION, *VISIT).status == 400
