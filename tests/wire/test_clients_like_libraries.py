"""Tests that responses, adapters and classes of the clients without a socket work in code written for the libraries."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import requests
import urllib3
from requests_cache import CachedSession
from requests_toolbelt.sessions import BaseUrlSession
from requests_toolbelt.streaming_iterator import StreamingIterator
from requests_toolbelt.utils import dump

from fakekounta import FakeKounta
from fakekounta.wire.clients.requests import session as session_of
from tests.both import KINDS, held
from tests.caller import CUSTOMERS, ORIGIN

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LIST = f"{CUSTOMERS}.json"
MY_ORIGIN = "https://my.kounta.com"


@pytest.fixture
def kounta(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh() as fresh:
        fresh.customers.add(first_name="Zoë", email="zoe@example.com")
        yield fresh


def session_with_response(*headers: tuple[str, str], body: bytes = b"") -> requests.Session:
    """Return a session of an app that always gives this response."""

    def app(_: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    return session_of(app, lambda: (ORIGIN,))


# --- requests --------------------------------------------------------------------------------------------------


def test_raw_is_a_response_of_urllib3(kounta: FakeKounta) -> None:
    """`raw` has status, version, headers and the unread body, as over a socket."""
    session, url = kounta.requests_session(), f"{kounta.url}{LIST}"
    with session, session.get(url, auth=kounta.auth, stream=True) as answer, requests.Session() as other:
        raw = answer.raw
        with other.get(url, auth=kounta.auth, stream=True) as expected:
            assert isinstance(raw, urllib3.HTTPResponse)
            assert (raw.status, raw.version, raw.reason) == (200, expected.raw.version, "OK")
            assert raw.version_string == expected.raw.version_string
            assert raw.headers["content-type"] == expected.raw.headers["content-type"]
            assert raw.geturl() == expected.raw.geturl()
            assert raw.read(3) == expected.raw.read(3)
            assert b"".join(raw.stream(5)) == expected.raw.read()
    assert raw.closed


def test_raw_decodes_on_request() -> None:
    """`read(decode_content=True)` decompresses the body; without it the body is as sent."""
    headers = ("Content-Encoding", "gzip")
    packed = gzip.compress(b"[]")
    with session_with_response(headers, body=packed) as session:
        assert session.get(ORIGIN, stream=True).raw.read(decode_content=True) == b"[]"
        assert session.get(ORIGIN, stream=True).raw.read() == packed
        assert session.get(ORIGIN).content == b"[]"


def test_cookies_are_kept() -> None:
    """Cookies are in the response and in the session."""
    with session_with_response(("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/")) as session:
        answer = session.get(ORIGIN)
        assert answer.cookies.get_dict() == session.cookies.get_dict() == {"a": "1", "b": "2"}


def test_requests_toolbelt(kounta: FakeKounta) -> None:
    """requests-toolbelt dumps both sides of an exchange, streams uploads, and its sessions accept our adapter."""
    with kounta.requests_session() as session:
        dumped = dump.dump_all(session.get(f"{ORIGIN}{LIST}", auth=kounta.auth)).decode()
        body = b'{"first_name": "Kim", "phone": "2"}'
        stream = StreamingIterator(len(body), iter([body[:9], body[9:]]))
        headers = {"Content-Type": "application/json"}
        assert session.post(f"{ORIGIN}{LIST}", data=stream, headers=headers, auth=kounta.auth).status_code == 201
        adapter = session.get_adapter(ORIGIN)
    assert f"< GET {LIST} HTTP/1.1\r\n< Host: api.kounta.com\r\n" in dumped
    assert "> HTTP/1.1 200 OK\r\n> " in dumped
    assert "> Content-Type: application/json\r\n" in dumped
    with BaseUrlSession(f"{ORIGIN}/v1/") as own:
        own.mount(ORIGIN, adapter)
        assert len(own.get("companies/me/customers.json", auth=kounta.auth).json()) == 2


class WithTimeout(requests.adapters.HTTPAdapter):
    """An adapter that adds a timeout, as many projects have."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(max_retries=2)

    def send(self, *arguments: Any, **options: Any) -> requests.Response:
        return super().send(*arguments, **{**options, "timeout": self.seconds})


@pytest.mark.parametrize("is_remote", [False, True])
@pytest.mark.parametrize("prefix", ["https://", ORIGIN, f"{ORIGIN}/v1/"])
def test_an_adapter_that_code_mounts_does_not_leave_the_fake(
    kounta: FakeKounta, prefix: str, *, is_remote: bool
) -> None:
    """Requests by an `HTTPAdapter` reach the fake, what a subclass overrides counts, and other hosts are refused."""
    fake = FakeKounta.connect(kounta.url) if is_remote else kounta
    with fake.requests_session() as session:
        for adapter in (requests.adapters.HTTPAdapter(max_retries=3), WithTimeout(0.1)):
            session.mount(prefix, adapter)
            mounted = session.get_adapter(f"{ORIGIN}{LIST}")
            assert isinstance(mounted, type(adapter))
            assert session.get(f"{ORIGIN}{LIST}", auth=kounta.auth).status_code == 200
            with pytest.raises(requests.ConnectionError, match="this client reaches fakekounta only"):
                session.get("https://shop.example/")
        if not is_remote:
            kounta.faults.slow(30)
            with pytest.raises(requests.ReadTimeout):
                session.get(f"{ORIGIN}{LIST}", auth=kounta.auth)


def test_requests_cache(kounta: FakeKounta) -> None:
    """A caching session accepts our adapter, repeats the response, and sends one request to the fake."""
    with CachedSession(backend="memory") as session:
        session.mount(ORIGIN, kounta.requests_session().get_adapter(ORIGIN))
        first, second = (session.get(f"{ORIGIN}{LIST}", auth=kounta.auth, stream=True) for _ in range(2))
    assert (first.from_cache, second.from_cache) == (False, True)
    assert (second.json(), second.raw.version, second.raw.reason) == (first.json(), 11, "OK")
    assert len(kounta.requests) == 1


# --- httpx -----------------------------------------------------------------------------------------------------


def test_httpx_elapsed_streams_and_hooks(kounta: FakeKounta) -> None:
    """`elapsed`, streamed bodies and hooks work as with a client over a socket."""
    seen: list[Any] = []
    hooks = {"request": [lambda request: seen.append(request.method)], "response": [lambda answer: answer.read()]}
    with kounta.httpx_client(event_hooks=hooks, auth=kounta.auth) as client:
        answer = client.get(LIST)
        assert (answer.elapsed.total_seconds() > 0, answer.http_version, seen) == (True, "HTTP/1.1", ["GET"])
    with kounta.httpx_client(auth=kounta.auth) as client, client.stream("GET", LIST) as answer:
        assert not answer.is_stream_consumed
        with pytest.raises(httpx.ResponseNotRead):
            answer.json()
        assert len(list(answer.iter_raw(10))) > 5
        assert answer.num_bytes_downloaded == int(answer.headers["Content-Length"])
    assert answer.elapsed.total_seconds() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_options_are_those_of_httpx(fakekounta_server: FakeKounta, kind: str) -> None:
    """Base URL, credentials and headers take effect, network options do not, and a mistyped option is a TypeError."""
    with held(kind, fakekounta_server) as kounta:
        network = {"transport": httpx.HTTPTransport(), "verify": False, "trust_env": True, "limits": httpx.Limits()}
        options = {"base_url": f"{ORIGIN}/v1/", "auth": kounta.auth, "headers": {"X-Page": "3"}}
        with kounta.httpx_client(**options, **network) as client:
            assert client.get("companies/me/customers.json").status_code == 200
            assert client.headers["X-Page"] == "3"
        with pytest.raises(TypeError, match="base_ulr"):
            kounta.httpx_client(base_ulr=ORIGIN)
        with pytest.raises(TypeError, match="base_ulr"):
            kounta.httpx_async_client(base_ulr=ORIGIN)


@pytest.mark.parametrize("kind", KINDS)
def test_the_origin_of_the_authorize_page(fakekounta_server: FakeKounta, kind: str) -> None:
    """https://my.kounta.com leads to the fake, too, for /authorize and for a redirect to it."""
    query = "/authorize?client_id=fake-client-id&redirect_uri=http://localhost/callback&response_type=code&state=7"
    with held(kind, fakekounta_server) as kounta:
        with kounta.requests_session() as session:
            found = session.get(MY_ORIGIN + query, allow_redirects=False)
        with kounta.httpx_client() as client:
            assert client.get(MY_ORIGIN + query).status_code == found.status_code == 302
        assert found.headers["Location"].startswith("http://localhost/callback?")


# --- patched into the library -------------------------------------------------------------------------------

PATCHED = {
    "test_requests_session": """
        monkeypatch.setattr(requests, "Session", kounta.requests_session)
        with requests.Session() as session:
            assert session.get(REAL, auth=kounta.auth).status_code == 200
        assert requests.get(kounta.url + PATH, auth=kounta.auth).status_code == 200""",
    "test_requests_get": """
        monkeypatch.setattr(requests.sessions, "Session", kounta.requests_session)
        monkeypatch.setattr(requests, "Session", kounta.requests_session)
        assert requests.get(REAL, auth=kounta.auth).status_code == 200
        assert requests.Session().get(REAL, auth=kounta.auth).status_code == 200""",
    "test_httpx_client": """
        monkeypatch.setattr(httpx, "Client", kounta.httpx_client)
        with httpx.Client(base_url="https://api.kounta.com/v1", timeout=10, verify=False) as client:
            assert client.get("companies/me", auth=kounta.auth).status_code == 200
        assert httpx.get(kounta.url + PATH, auth=kounta.auth).status_code == 200""",
    "test_httpx_async_client": """
        monkeypatch.setattr(httpx, "AsyncClient", kounta.httpx_async_client)
        async def use():
            async with httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=3)) as client:
                return await client.get(REAL, auth=kounta.auth)
        assert asyncio.run(use()).status_code == 200""",
}


PROGRAM = """
import asyncio, os, sys, warnings, httpx, pytest, requests, requests.sessions
from contextlib import ExitStack
from fakekounta import FakeKounta
PATH = "/v1/companies/me"
REAL = "https://api.kounta.com" + PATH
warnings.simplefilter("error")

{functions}

def run_all(first):
    functions = [{names}]
    with ExitStack() as stack:
        kounta = stack.enter_context(FakeKounta())
        if {remote}:
            kounta = stack.enter_context(FakeKounta.connect(kounta.url))
        for function in sorted(functions, key=lambda one: one.__name__ != first):
            with pytest.MonkeyPatch.context() as monkeypatch:
                function(monkeypatch, kounta)

for first in {firsts}:
    child = os.fork()
    if not child:
        run_all(first)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, first
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize(
    "kind", [KINDS[0], *(pytest.param(one, marks=pytest.mark.whole_verification) for one in KINDS[1:])]
)
def test_patched_into_the_library(kind: str) -> None:
    """Our clients can be patched in for the classes of the libraries; afterwards the library's own are back.

    Each is patched in first once, in a process that has not loaded our clients yet.
    """
    functions = "\n".join(f"def {name}(monkeypatch, kounta):{PATCHED[name]}" for name in PATCHED)
    remote, firsts = kind != KINDS[0], [*PATCHED]
    program = PROGRAM.format(functions=functions, names=", ".join(PATCHED), remote=remote, firsts=firsts)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
