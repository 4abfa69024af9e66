"""Tests that the fixture starts its server when its address is first used, and not before."""

from __future__ import annotations

import os
import socket

import pytest
import requests

from fakekounta import FakeKounta
from tests.lab import PATIENCE_SECONDS

BOUND = """
import sys

bound = []


def hook(event, arguments):
    if event == "socket.bind" and arguments[1][0] == "127.0.0.1":  # urllib3 tries out the other loopback
        bound.append(arguments)


sys.addaudithook(hook)
"""


@pytest.fixture(autouse=True)
def own_project(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p no:xdist\nfilterwarnings = error\n")


def test_a_session_without_sockets_listens_nowhere(pytester: pytest.Pytester) -> None:
    """In-process clients, handles and deliveries into an app work without a socket until a test uses `url`."""
    pytester.makepyfile(
        bound=BOUND,
        test_it="""
        import bound, pytest, requests

        def receiver(environ, start_response):
            start_response("204 No Content", [])
            return []

        def test_in_process(fakekounta, fakekounta_server):
            fakekounta.webhooks.add("customers/created", "http://shop.example/")
            fakekounta.webhooks.deliver_to(receiver)
            url = "https://api.kounta.com/v1/companies/5678/customers.json"
            new = {"first_name": "Sam", "phone": "1"}
            assert fakekounta.requests_session().post(url, json=new, auth=fakekounta.auth).status_code == 201
            client = fakekounta.httpx_client()
            assert client.get(url, auth=fakekounta.auth).json()[0]["first_name"] == "Sam"
            assert str(client.base_url) == "https://api.kounta.com"
            assert fakekounta.webhooks.wait_for("customers/created").attempts[0].status == 204
            assert fakekounta.is_loopback
            fakekounta.reset()
            assert bound.bound == []

        @pytest.mark.fakekounta(webhook_mode="background")
        def test_in_the_background(fakekounta):
            fakekounta.webhooks.add("customers/created", "http://shop.example/")
            fakekounta.webhooks.deliver_to(receiver)
            fakekounta.customers.add(first_name="Sam", phone="1", announce=True)
            fakekounta.webhooks.wait_for("customers/created", timeout=30)
            assert bound.bound == []

        def test_with_an_address(fakekounta):
            url = fakekounta.url
            assert len(bound.bound) == 1
            assert url == f"http://127.0.0.1:{fakekounta.port}"
            assert fakekounta.namespace_url("a").startswith(url)
            assert requests.get(url + "/_fakekounta/health").status_code == 200
            assert str(fakekounta.httpx_client().base_url) == url
            assert len(bound.bound) == 1
        """,
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=3)


@pytest.mark.parametrize("name", ["url", "port", "namespace_url"])
def test_each_name_of_the_address_starts_it(name: str) -> None:
    """Each attribute with the address starts the server; after `stop()` it is not started again."""
    kounta = FakeKounta().start_when_asked()
    try:
        asked = getattr(kounta, name)
        address = str(asked("a") if callable(asked) else asked)
        assert str(kounta.port) in address
        assert requests.get(f"{kounta.url}/_fakekounta/health", timeout=PATIENCE_SECONDS).status_code == 200
        port = kounta.port
    finally:
        kounta.stop()
    assert kounta.url == "https://api.kounta.com"
    with pytest.raises(RuntimeError, match="is not serving"):
        _ = kounta.port
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def test_a_port_of_your_choice_is_taken_at_once(pytester: pytest.Pytester) -> None:
    """A server with a fixed port starts at once, for clients that know it; a port in use is an error of the fixture."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kounta = FakeKounta(port=port).start_when_asked()
    try:
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS).close()
        settings = f"@pytest.fixture(scope='session')\ndef fakekounta_settings(): return {{'port': {port}}}\n"
        pytester.makeconftest(f"import pytest\n{settings}")
        pytester.makepyfile("def test_it(fakekounta):\n    pass\n")
        result = pytester.runpytest_subprocess()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(["*fakekounta: *ddress already in use*"])
    finally:
        kounta.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_fork_starts_the_server_first() -> None:
    """A fork starts the server first, so that a child that reads the address reaches its parent's server."""
    kounta = FakeKounta().start_when_asked()
    try:
        assert kounta._serving.listening is None
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        assert kounta._serving.listening is not None
    finally:
        kounta.stop()
