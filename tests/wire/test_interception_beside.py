"""Tests of interception and guard together with tools that replace parts of a client or of `socket`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import requests
import responses
import respx
import vcr

from fakekounta import FakeKounta
from fakekounta.wire.interception.guard import Guard
from tests.conftest import options_without_plugins
from tests.doors import AUTH, HOST, SECONDS, guarding

LIST = f"https://{HOST}/v1/companies/5678/customers.json"
OTHER = "https://shop.example/stock"


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta() as kounta:
        yield kounta


def status() -> int:
    return requests.get(LIST, auth=AUTH, timeout=SECONDS).status_code


def test_beside_responses(kounta: FakeKounta) -> None:
    """`responses` answers for another host and lets the real name pass to the fake."""
    with responses.RequestsMock() as mock, kounta.intercept():
        mock.add_passthru(f"https://{HOST}")
        mock.get(OTHER, json={"left": 1})
        assert status() == 200
        assert requests.get(OTHER, timeout=SECONDS).json() == {"left": 1}
    assert len(kounta.requests) == 1


def test_beside_respx(kounta: FakeKounta) -> None:
    """respx does the same for httpx."""
    with respx.mock() as mock, kounta.intercept(), httpx.Client() as client:
        mock.route(host=HOST).pass_through()
        mock.get(OTHER).respond(json={"left": 1})
        assert client.get(LIST, auth=AUTH).status_code == 200
        assert client.get(OTHER).json() == {"left": 1}
    assert len(kounta.requests) == 1


def test_beside_vcrpy(kounta: FakeKounta, tmp_path: Path) -> None:
    """vcrpy records the fake's responses with the real address, and replays them without the fake under the guard."""
    cassette = str(tmp_path / "cassette.yaml")
    with vcr.use_cassette(cassette), kounta.intercept():
        assert status() == 200
    assert LIST in (tmp_path / "cassette.yaml").read_text(encoding="utf-8")
    guard = Guard("do this")
    with guarding(guard), vcr.use_cassette(cassette, record_mode="none"):
        assert status() == 200
    with vcr.use_cassette(cassette, ignore_hosts=[HOST], record_mode="none"), kounta.intercept():
        assert status() == 200
    assert (len(kounta.requests), guard.refused) == (2, [])


def test_beside_a_mock_of_sockets(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tool that replaces `socket.getaddrinfo` gets other names only, and finds its function unchanged."""
    seen = []

    def theirs(host: str, *arguments: object, **options: object) -> object:
        seen.append(host)
        return original(host, *arguments, **options)  # type: ignore[arg-type]

    original = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", theirs)
    with kounta.intercept():
        assert status() == 200
        socket.getaddrinfo("localhost", 80)
    assert (seen, socket.getaddrinfo) == (["localhost"], theirs)


SOCKETS = """
import pytest
import requests

URL = "https://api.kounta.com/v1/companies/5678/customers.json"


@pytest.mark.fakekounta(intercept=True)
@pytest.mark.parametrize("number", range(2))
def test_led(fakekounta, number):
    assert requests.get(URL, auth=fakekounta.auth, timeout=60).status_code == 200


@pytest.mark.fakekounta(intercept=True)
def test_others_are_forbidden(fakekounta):
    with pytest.raises(Exception, match="A test tried to use socket.socket.connect"):
        requests.get("http://10.0.0.1/", timeout=60)


def test_guarded(fakekounta):
    with pytest.raises(requests.ConnectionError, match="is the real service"):
        requests.get(URL, timeout=60)
"""


@pytest.mark.parametrize(
    "options",
    [
        ("--disable-socket", "--allow-hosts=127.0.0.1"),
        pytest.param(("--allow-hosts=127.0.0.1",), marks=pytest.mark.whole_verification),
    ],
)
def test_beside_pytest_socket(
    options: tuple[str, ...], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-socket allows the fake's address, and still refuses others."""
    monkeypatch.setenv("PYTEST_ADDOPTS", options_without_plugins("socket"))
    pytester.makepyfile(SOCKETS)
    result = pytester.runpytest_subprocess("-p", "no:xdist", "-p", "no:cacheprovider", *options, timeout=240)
    result.assert_outcomes(passed=4, errors=1)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_guarded*"])
