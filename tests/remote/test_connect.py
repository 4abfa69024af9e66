"""Tests of `FakeKounta.connect`: the servers that it accepts, and its messages about others."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from fakekounta import FakeKounta, __version__
from tests.caller import exactly

TOKEN = "t0ken"


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Yield the URL of a server that answers everything with this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_nothing_there() -> None:
    """A closed port is a ConnectionError."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ConnectionError, match=rf"^{url} cannot be reached: "):
        FakeKounta.connect(url)


@pytest.mark.parametrize(
    "status,body",
    [(200, b"<html>"), (200, b"[]"), (200, b'{"status": "ok"}'), (404, b"not found"), (500, b"{}"), (302, b"")],
)
def test_something_else_there(status: int, body: bytes) -> None:
    """A server that is not a fakekounta is refused."""
    with (
        answering(status, body) as url,
        pytest.raises(ConnectionError, match=rf"^{url} answers, but is not fake"),
    ):
        FakeKounta.connect(url)


@pytest.mark.parametrize("version,fits", [("0.0.1", False), ("99.0.0", False), (f"{__version__}.post7", True)])
def test_another_version(version: str, fits: bool) -> None:
    """Another major or minor version is refused, with both versions; another patch is accepted."""
    body = json.dumps({"status": "ok", "version": version}).encode()
    with answering(200, body) as url:
        if fits:
            with FakeKounta.connect(url) as kounta:
                assert kounta.url == url
        else:
            with pytest.raises(
                ConnectionError,
                match=exactly(
                    f"{url} is fakekounta {version}, this is {__version__}: install the same version on both sides"
                ),
            ):
                FakeKounta.connect(url)


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://x",
        "http://",
        "http://x/v1",
        "http://x?y",
        "http://u:p@x",
        "http://x:0",
        "http://x:y",
        "",
        None,
        7,
    ],
)
def test_an_invalid_url_is_refused(url: Any) -> None:
    """An invalid URL is refused by name, with an example of a valid one."""
    with pytest.raises(
        ValueError, match=r"^url: must be http or https, a host and a port, such as http://127.0.0.1:8080"
    ):
        FakeKounta.connect(url)


def test_a_stopped_server(fakekounta_server: FakeKounta) -> None:
    """A call after the end of the server says so; a new server on the port is used again."""
    with FakeKounta() as server:
        port = server.port
        kounta = FakeKounta.connect(server.url)
    with kounta:
        with pytest.raises(ConnectionError, match="cannot be reached"):
            kounta.clock.now()
        with FakeKounta(port=port):
            assert not kounta.clock.frozen


@pytest.mark.parametrize("namespace", ["", "no name", "a/b", "x" * 65, "a\n"])
def test_an_invalid_namespace_is_refused(fakekounta_server: FakeKounta, namespace: str) -> None:
    """An invalid name is refused before a request."""
    with pytest.raises(ValueError, match=r"^namespace: must be 1 to 64 letters"):
        FakeKounta.connect("http://127.0.0.1:9", namespace=namespace)


def test_a_namespace(fakekounta_server: FakeKounta) -> None:
    """A namespace is separate from the server's own world; its URL leads clients into it."""
    with FakeKounta.connect(f"{fakekounta_server.url}/", namespace="shop") as kounta:
        kounta.customers.add(first_name="Kim", phone="1")
        assert (kounta.name, kounta.port) == ("shop", fakekounta_server.port)
        assert kounta.url == f"{fakekounta_server.url}/_fakekounta/ns/shop"
        assert repr(kounta) == f"<fakekounta at {kounta.url}>"
        assert len(fakekounta_server.namespace("shop").customers) == 1
        assert len(fakekounta_server.customers) == 0
        kounta.namespaces.clear()
    assert len(fakekounta_server.namespaces) == 0


def test_the_token() -> None:
    """The right token works; a wrong one has an error of its own, which does not quote it."""
    with FakeKounta(control_token=TOKEN) as server:
        with FakeKounta.connect(server.url, token=TOKEN) as kounta, kounta.fresh(page_size=3) as fresh:
            assert len(fresh.customers) == 0
            assert TOKEN not in repr(fresh)
        for wrong in (None, "wrong"):
            with pytest.raises(
                PermissionError, match=rf"^{server.url} refuses: The control token is missing or wrong"
            ) as error:
                FakeKounta.connect(server.url, token=wrong)
            assert "wrong'" not in str(error.value)


def test_fresh_worlds_do_not_disturb_one_another(fakekounta_server: FakeKounta) -> None:
    """Each is a namespace, deleted after its block, even if the block deleted it."""
    with FakeKounta.connect(fakekounta_server.url) as kounta:
        with kounta.fresh() as one, kounta.fresh() as other:
            one.clock.freeze("2026-11-23T18:40:00+11:00")
            one.customers.add(first_name="Kim", phone="1")
            assert (len(other.customers), other.clock.frozen) == (0, False)
            assert len(kounta.namespaces) == 2
            kounta.namespaces.drop(other.name)
        assert len(kounta.namespaces) == 0


def test_more_customers_than_one_answer_has(fakekounta_server: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """The customers are fetched page by page."""
    monkeypatch.setattr("fakekounta.remote.records.MOST_AT_ONCE", 2)
    with FakeKounta.connect(fakekounta_server.url) as kounta, kounta.fresh() as fresh:
        for number in range(5):
            fresh.customers.add(first_name=f"C{number}", phone="1")
        assert [one.first_name for one in fresh.customers] == ["C0", "C1", "C2", "C3", "C4"]


def test_what_json_cannot_carry(fakekounta_server: FakeKounta) -> None:
    """The error names the field."""
    with FakeKounta.connect(fakekounta_server.url) as kounta, kounta.fresh() as fresh:
        values: tuple[Any, ...] = (object, float("nan"), {1, 2})
        for value in values:
            with pytest.raises(ValueError, match=r"^tags: .* is not a JSON value$"):
                fresh.customers.add(first_name="Kim", phone="1", tags=value)


def test_a_seed_of_the_server_stays(fakekounta_server: FakeKounta) -> None:
    """Settings add to those of the server; a given seed replaces the server's."""
    seed = [{"first_name": "Sam", "phone": "1"}]
    server = FakeKounta(seed=seed, page_size=7, redirect_uris=["http://localhost/a"])
    with server, FakeKounta.connect(server.url) as kounta, kounta.fresh(assumptions={"A01": "customer"}) as fresh:
        state = fresh.state()
        assert (state["page_size"], len(fresh.customers)) == (7, 1)
        assert fresh.application.redirect_uris == ("http://localhost/callback", "http://localhost/a")
        with fresh.fresh(seed=[{"first_name": "Ada", "phone": "2"}]) as other:
            assert [one.first_name for one in other.customers] == ["Ada"]
            assert other.assumptions["A01"] == "customer"


def test_clients_of_a_server_without_tls_read_no_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading those of the machine takes longer than some requests, and such clients reach this server only."""
    with FakeKounta() as server, FakeKounta.connect(server.url) as kounta:
        monkeypatch.setattr("ssl.create_default_context", None)
        with kounta.httpx_client() as client:
            assert client.get("/v1/companies/me.json", auth=kounta.auth).status_code == 200
        kounta.httpx_async_client()
