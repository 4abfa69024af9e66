"""Tests of interception as a whole: which connections reach the fake, which do not, and how it ends."""

from __future__ import annotations

import _socket
import asyncio
import http.client
import os
import socket
import ssl
import subprocess
import sys
import threading
import unittest
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import trustme
import urllib3

import fakekounta
from fakekounta import FakeKounta
from fakekounta.process import unpatched
from fakekounta.wire.interception.guard import Guard, RealServiceBlocked
from fakekounta.wire.interception.intercepting import Interception
from tests.doors import AUTH, HEADERS, HOST, SECONDS, URL, guarding, with_jamie

LIST = f"https://{HOST}/v1/companies/5678/customers.json"
PLACES = (
    *((socket, name) for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection")),
    (_socket, "getaddrinfo"),
    *((socket.socket, name) for name in ("connect", "connect_ex")),
    *((ssl.SSLContext, name) for name in ("wrap_socket", "wrap_bio")),
)


def places() -> list[Any]:
    """Return every object of other libraries that interception might replace."""
    return [(owner, name, getattr(owner, name)) for owner, name in PLACES]


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    untouched = places()
    with with_jamie() as kounta:
        yield kounta
    assert places() == untouched


def status(url: str = LIST, **options: Any) -> int:
    return requests.get(url, auth=AUTH, timeout=SECONDS, **options).status_code


# --- what is intercepted -------------------------------------------------------------------------------------------


def test_both_origins_are_intercepted(kounta: FakeKounta) -> None:
    """The page where a user logs in, and the token endpoint on the other origin, are the fake's."""
    application = kounta.application
    with kounta.intercept():
        page = requests.get(
            "https://my.kounta.com/authorize",
            params={
                "response_type": "code",
                "client_id": application.client_id,
                "redirect_uri": "http://localhost/callback",
                "state": "abc",
            },
            allow_redirects=False,
            timeout=SECONDS,
        )
        assert page.headers["Location"].startswith("http://localhost/callback?")
        refreshed = {"grant_type": "refresh_token", "refresh_token": application.refresh_token}
        token = requests.post(
            "https://my.kounta.com/v1/token.json", data=refreshed, auth=kounta.auth, timeout=SECONDS
        ).json()["access_token"]
        answer = requests.get(LIST, headers={"Authorization": f"Bearer {token}"}, timeout=SECONDS)
    assert answer.json()[0]["first_name"] == "Jamie"


@pytest.mark.parametrize("name", [HOST, HOST.upper(), f"{HOST}.", HOST.encode(), bytearray(HOST.encode())])
@pytest.mark.parametrize("family", [socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6])
def test_a_name_is_resolved_however_it_is_written(name: Any, family: int, kounta: FakeKounta) -> None:
    """A real name in any spelling resolves to an address that leads to the fake, on any port."""
    with kounta.intercept():
        for found in socket.getaddrinfo(name, "https", family, socket.SOCK_STREAM):
            assert found[4][1] == 443
            with socket.socket(*found[:3]) as client:
                client.settimeout(SECONDS)
                client.connect(found[4])
                assert client.getpeername()[1] == kounta.port


def test_a_name_is_connected_to_without_resolving(kounta: FakeKounta) -> None:
    """`connect`, `connect_ex`, `create_connection` and `gethostbyname` lead a real name to the fake on any port."""
    with kounta.intercept():
        for address in ((HOST, 443), (socket.gethostbyname(HOST), 80), (socket.gethostbyname_ex(HOST)[2][0], 1)):
            with socket.socket() as client:
                client.connect(address)
                assert client.getpeername()[1] == kounta.port
            with socket.socket() as client:
                assert client.connect_ex(address) == 0
                assert client.getpeername()[1] == kounta.port
        with socket.create_connection((HOST, 443), timeout=SECONDS) as client:
            assert client.getpeername()[1] == kounta.port
        assert socket.getaddrinfo(HOST, None)[0][4][1] == 0


def test_a_function_imported_before_is_intercepted(kounta: FakeKounta) -> None:
    """Libraries that used `from socket import getaddrinfo` before are intercepted, too."""
    taken = socket.getaddrinfo
    with kounta.intercept():
        assert str(taken(HOST, 443)[0][4][0]).startswith("127.75.")


@pytest.mark.parametrize("verify", [True, False, "own"])
def test_whatever_the_client_trusts(verify: Any, kounta: FakeKounta, tmp_path: Path) -> None:
    """Clients with the system's certificates, with none, or with their own bundle trust the fake."""
    if verify == "own":
        verify = str(tmp_path / "ca.pem")
        trustme.CA().cert_pem.write_to_path(verify)
    with kounta.intercept(), httpx.Client(verify=ssl_context(verify)) as client:
        assert client.get(LIST, auth=AUTH).status_code == 200
        if verify is not False:  # urllib3 warns of it
            assert status(verify=verify) == 200


def ssl_context(verify: Any) -> Any:
    return ssl.create_default_context(cafile=verify) if isinstance(verify, str) else verify


def test_a_name_that_is_not_real_is_not_trusted(kounta: FakeKounta) -> None:
    """The CA is trusted for the two real names only."""
    with kounta.intercept(), pytest.raises(requests.exceptions.SSLError, match="certificate verify failed"):
        status(f"https://localhost:{kounta.port}/")


def test_a_connection_that_came_here_in_another_way_is_refused(kounta: FakeKounta) -> None:
    """TLS with a real name fails on a socket that was not intercepted, for example one to a proxy."""
    context = ssl.create_default_context()
    with (
        socket.create_server(("127.0.0.1", 0)) as elsewhere,
        kounta.intercept(),
        socket.create_connection(elsewhere.getsockname(), timeout=SECONDS) as client,
        pytest.raises(RealServiceBlocked, match="made in another way"),
    ):
        context.wrap_socket(client, server_hostname=HOST)


def test_connections_of_threads_are_intercepted(kounta: FakeKounta) -> None:
    """Connections of a thread that was started before are intercepted, too."""
    begun, go, seen = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert go.wait(SECONDS)
        seen.append(status())

    worker = threading.Thread(target=work)
    worker.start()
    assert begun.wait(SECONDS)
    with kounta.intercept():
        go.set()
        worker.join(SECONDS)
    assert seen == [200]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_connections_of_a_forked_child_are_intercepted(kounta: FakeKounta) -> None:
    """A forked child reaches the parent's fake."""
    with kounta.intercept():
        child = os.fork()
        if not child:
            try:
                os._exit(0 if urllib3.PoolManager(retries=False).request("GET", URL).status == 401 else 1)
            finally:
                os._exit(2)
        assert os.waitpid(child, 0)[1] == 0
    assert len(kounta.requests) == 1


def test_a_fake_on_ipv6_is_reached(kounta: FakeKounta) -> None:
    """A client that resolves for any family gets an address of the fake's family."""
    try:
        on_six = FakeKounta(host="::1").start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with on_six.intercept():
        assert status() == 200
    on_six.stop()
    assert len(on_six.requests) == 1


def test_our_own_calls_are_not_intercepted(kounta: FakeKounta) -> None:
    """Control calls go to a fake elsewhere, even if the hosts file gives it a real name."""
    guard = Guard("do this")
    with guarding(guard), pytest.raises(socket.gaierror):
        unpatched.getaddrinfo(HOST, 443, flags=socket.AI_NUMERICHOST)
    with kounta.intercept(), pytest.raises(socket.gaierror):
        unpatched.getaddrinfo(HOST, 443, flags=socket.AI_NUMERICHOST)
    assert not guard.refused


# --- faults ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault, error",
    [
        ({"connection": "reset"}, requests.ConnectionError),
        ({"connection": "close"}, requests.ConnectionError),
        ({"connection": "truncate"}, requests.exceptions.ChunkedEncodingError),
    ],
    ids=["reset", "closed", "truncated"],
)
def test_a_connection_that_is_cut(fault: dict[str, Any], error: type[Exception], kounta: FakeKounta) -> None:
    """The client's library raises its own exception for a connection that a fault cuts."""
    kounta.faults.add(**fault)
    with kounta.intercept(), pytest.raises(error):
        status()


def test_a_slow_response(kounta: FakeKounta) -> None:
    """The client's own timeout ends a slow response."""
    kounta.faults.slow(SECONDS)
    with kounta.intercept(), pytest.raises(requests.ReadTimeout):
        requests.get(LIST, auth=AUTH, timeout=(SECONDS, 0.05))


# --- what is not intercepted -------------------------------------------------------------------------------------


def test_other_hosts_pass(kounta: FakeKounta) -> None:
    """Other hosts are resolved and connected to as always, by name and by address."""
    with FakeKounta() as other, kounta.intercept():
        for host in ("localhost", "127.0.0.1"):
            assert status(f"http://{host}:{other.port}/v1/companies/5678/customers.json") == 200
        assert len(other.requests) == 2
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo("kounta.invalid", 443)
    assert not list(kounta.requests)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_a_unix_socket_passes(kounta: FakeKounta, tmp_path: Path) -> None:
    """A Unix socket, whose address is a path, is not intercepted."""
    with kounta.intercept(), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


# --- how it begins and ends --------------------------------------------------------------------------------------


def test_it_is_undone_after_an_exception_and_when_nested(kounta: FakeKounta) -> None:
    """Each nested interception ends on its own, also by an exception."""
    untouched = places()
    with suppress(KeyError), kounta.intercept():
        with kounta.intercept():
            assert status() == 200
        assert status() == 200
        raise KeyError
    assert places() == untouched


def test_guard_and_interception_nest(kounta: FakeKounta) -> None:
    """The inner one of guard and interception is in force, and afterwards the outer one."""
    with guarding(Guard("do this")):
        with kounta.intercept():
            assert status() == 200
        with pytest.raises(requests.ConnectionError, match="do this"):
            status()


def test_two_fakes_at_once_are_refused(kounta: FakeKounta) -> None:
    """Interception for a second fake is a one-line error; the first goes on."""
    with FakeKounta() as other, kounta.intercept():
        with pytest.raises(RuntimeError, match="another fake intercepts already: one proc"), other.intercept():
            pass
        assert status() == 200
    with other, other.intercept():
        assert status() == 200


def test_a_fake_that_does_not_serve_is_refused() -> None:
    """Interception for a fake without a server is refused, and nothing is replaced."""
    untouched = places()
    with pytest.raises(RuntimeError, match="is not serving"), FakeKounta().intercept():
        pass
    assert places() == untouched


def test_a_fake_that_stops_is_down(kounta: FakeKounta) -> None:
    """While the fake is stopped a connection is refused; after a start it reaches the new port."""
    with kounta.intercept():
        kounta.stop()
        with pytest.raises(requests.ConnectionError, match="is not serving"):
            status()
        kounta.start()
        assert status() == 200


def test_a_pooled_connection_does_not_reach_the_fake_afterwards(kounta: FakeKounta) -> None:
    """At its end the fake closes intercepted connections and no others; a request under way is finished."""
    own = http.client.HTTPConnection("127.0.0.1", kounta.port, timeout=SECONDS)
    with requests.Session() as led, closing(own):
        own.connect()
        kept = own.sock
        with kounta.intercept():
            assert led.get(LIST, auth=AUTH, timeout=SECONDS).ok
        with guarding(Guard("do this")), pytest.raises(requests.ConnectionError, match="do this"):
            led.get(LIST, auth=AUTH, timeout=SECONDS)
        own.request("GET", "/v1/companies/5678/customers.json")
        assert own.getresponse().status == 401
        assert own.sock is kept


def test_without_trustme_the_error_names_the_extra(tmp_path: Path) -> None:
    """The error names the extra `intercept`."""
    code = """
import sys
sys.modules["trustme"] = None
from fakekounta import FakeKounta
with FakeKounta() as kounta:
    try:
        with kounta.intercept():
            pass
    except ImportError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert "pip install 'fakekounta[intercept]'" in done.stdout
    assert len(done.stdout.splitlines()) == 1


# --- proxies of the environment ----------------------------------------------------------------------------------


@pytest.mark.parametrize("proxy", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("passed", [None, "intranet.example"])
def test_a_proxy_of_the_environment_is_not_used(
    proxy: str, passed: str | None, kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would lead to the real service; other names of NO_PROXY stay, and the variable is restored."""
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv(proxy, "http://127.0.0.1:9")
    if passed is not None:
        monkeypatch.setenv("no_proxy", passed)
    with kounta.intercept():
        assert status() == 200
        with urllib.request.urlopen(urllib.request.Request(LIST, headers=HEADERS), timeout=SECONDS) as answer:
            assert answer.status == 200
        with httpx.Client() as client:
            assert client.get(LIST, auth=AUTH).status_code == 200
        assert os.environ["NO_PROXY"].split(",") == [*([passed] if passed else []), HOST, "my.kounta.com"]
    assert os.environ.get("no_proxy") == passed
    assert "NO_PROXY" not in os.environ


def test_without_a_proxy_the_environment_stays(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a proxy no variable is set, since one would switch off the system's own proxies."""
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    before = dict(os.environ)
    with kounta.intercept():
        assert dict(os.environ) == before


def test_what_a_test_sets_meanwhile_stays(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables that the test sets meanwhile are not restored."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "shop.example")  # what monkeypatch restores must not be what interception has set
    with kounta.intercept():
        monkeypatch.setenv("NO_PROXY", "*")
    assert os.environ["NO_PROXY"] == "*"


# --- the decorators ----------------------------------------------------------------------------------------------


def test_it_decorates_functions_and_coroutines(kounta: FakeKounta) -> None:
    """For a coroutine function, interception lasts until the coroutine has ended."""

    @kounta.intercept()
    def once() -> int:
        return status()

    @kounta.intercept()
    async def awaited() -> int:
        await asyncio.sleep(0)
        async with httpx.AsyncClient() as client:
            return (await client.get(LIST, auth=AUTH)).status_code

    assert (once(), once(), asyncio.run(awaited())) == (200, 200, 200)


def test_it_decorates_test_cases() -> None:
    """Each test of a decorated TestCase gets its own fake with the decorator's settings; helper methods get none."""

    @fakekounta.intercept(page_size=1)
    class Tests(unittest.IsolatedAsyncioTestCase):
        def setUp(self) -> None:
            self.prepared = self.helper()

        def helper(self) -> str:
            return "prepared"

        def test_sync(self, kounta: FakeKounta) -> None:
            kounta.customers.add(first_name="Ada", phone="1")
            kounta.customers.add(first_name="Bea", phone="1")
            answer = requests.get(LIST, auth=kounta.auth, timeout=SECONDS)
            assert [self.prepared, len(answer.json()), answer.headers["X-Pages"]] == ["prepared", 1, "2"]

        async def test_async(self, kounta: FakeKounta) -> None:
            async with httpx.AsyncClient() as client:
                assert (await client.get(LIST, auth=kounta.auth)).json() == []

        @fakekounta.intercept()
        def test_own(self, *kountas: FakeKounta) -> None:
            raise AssertionError(f"two fakes at once: {kountas}")

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Tests).run(result)
    assert result.testsRun == 3
    ((failed, why),) = result.errors
    assert failed.id().endswith("test_own")
    assert "another fake intercepts already" in why
    assert not result.failures


def test_as_a_context_manager_it_gives_the_fake() -> None:
    """`with` gives the fake."""
    with fakekounta.intercept() as kounta:
        assert status() == 200
        assert len(kounta.requests) == 1


def test_a_failure_to_begin_leaves_nothing(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """If interception fails to begin, as with a hook that cannot be installed, another can begin afterwards."""
    untouched = places()
    monkeypatch.setattr("fakekounta.wire.interception.intercepting.install", _fail)
    with pytest.raises(ZeroDivisionError), kounta.intercept():
        pass
    monkeypatch.undo()
    assert places() == untouched
    with kounta.intercept():
        assert status() == 200


def _fail(_: Interception) -> Callable[[], None]:
    raise ZeroDivisionError
