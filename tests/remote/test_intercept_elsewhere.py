"""Tests of interception towards a fake on another server: a relay leads into its namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests

from fakekounta import FakeKounta
from fakekounta.remote.kounta import RemoteKounta
from tests.doors import AUTH, DOORS, HOST, SECONDS, URL

LIST = f"https://{HOST}/v1/companies/5678/customers.json"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeKounta]:
    with FakeKounta() as server:
        yield server


@pytest.fixture(params=["", "mine"], ids=["its own world", "a namespace"])
def kounta(request: pytest.FixtureRequest, server: FakeKounta) -> Iterator[RemoteKounta]:
    server.reset()
    server.namespaces.clear()
    with FakeKounta.connect(server.url, namespace=request.param or None) as kounta:
        yield kounta


@pytest.mark.parametrize("name", DOORS)
def test_each_client_reaches_its_world(name: str, kounta: RemoteKounta) -> None:
    """The redirect of a look-up has the address and scheme of the client's request (T13)."""
    kounta.customers.add(first_name="Jamie", email="jamie@example.com")
    seen = DOORS[name].through(kounta.intercept, URL, made_before=False)
    assert (seen.status, seen.first_name) == (200, "Jamie")
    assert seen.url is None or seen.url.startswith(f"https://{HOST}/v1/companies/5678/customers/")
    assert [entry.status for entry in kounta.requests] == [302, 200]


def test_bodies_and_headers_arrive(kounta: RemoteKounta) -> None:
    """Bodies arrive in both directions, also in chunks, and header names keep their case (T12)."""
    record = {"first_name": "Zoë", "phone": "1", "tags": ["a" * 50_000]}
    with kounta.intercept(), httpx.Client(auth=AUTH, timeout=SECONDS) as client:
        made = client.post(LIST, json=record)
        again = client.post(LIST, content=iter([b'{"first_name":', b' "Kim", "phone": "2"}']), headers=JSON)
        head, listed = client.head(LIST), client.get(LIST)
        record = client.get(made.headers["Location"]).json()
        deleted = client.delete(LIST)
        plain = client.get(LIST.replace("https", "http"))
    assert (made.status_code, again.status_code, deleted.status_code, plain.status_code) == (201, 201, 405, 200)
    assert made.headers["Location"].startswith(f"https://{HOST}/")
    assert (head.status_code, head.content, head.headers["X-Pages"]) == (200, b"", "1")
    assert [one["first_name"] for one in listed.json()] == ["Zoë", "Kim"]
    assert (record["first_name"], len(record["tags"][0])) == ("Zoë", 50_000)
    assert (b"X-Pages", b"1") in listed.headers.raw


JSON = {"Content-Type": "application/json"}


def test_a_page_leads_to_the_next(kounta: RemoteKounta) -> None:
    """The next page has the requested address, with https (P03)."""
    for number in range(26):
        kounta.customers.add(first_name=f"N{number}", phone="1")
    with kounta.intercept():
        first = requests.get(LIST, auth=AUTH, timeout=SECONDS)
        assert first.headers["X-Next-Page"].startswith(f"https://{HOST}/")
        head = requests.head(LIST, auth=AUTH, timeout=SECONDS)
        assert head.headers["X-Next-Page"] == first.headers["X-Next-Page"]
        assert len(requests.get(first.headers["X-Next-Page"], auth=AUTH, timeout=SECONDS).json()) == 1


@pytest.mark.parametrize(
    "fault, error",
    [
        ({"connection": "reset"}, requests.ConnectionError),
        ({"connection": "close"}, requests.ConnectionError),
        ({"connection": "truncate"}, requests.exceptions.ChunkedEncodingError),
        ({"latency_seconds": (SECONDS, SECONDS)}, requests.ReadTimeout),
    ],
    ids=["reset", "closed", "truncated", "slow"],
)
def test_faults_are_those_of_the_fake(fault: dict[str, Any], error: type[Exception], kounta: RemoteKounta) -> None:
    """What the other server cuts is cut for the client, and each request arrives once."""
    kounta.faults.add(**fault)
    with kounta.intercept(), pytest.raises(error):
        requests.get(LIST, auth=AUTH, timeout=(SECONDS, SECONDS if "connection" in fault else 0.3))
    if "connection" in fault:
        assert len(kounta.requests) == 1


def test_malformed_http_is_refused(kounta: RemoteKounta) -> None:
    """The relay refuses malformed HTTP as the fake does (T22)."""
    with kounta.intercept():
        answer = requests.get(LIST, headers={"X-Long": "x" * 200_000}, timeout=SECONDS)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]


def test_a_server_that_is_gone_closes_the_connection() -> None:
    """The connection is closed, as by a stopped fake, and the relay stays."""
    with FakeKounta() as server, FakeKounta.connect(server.url) as kounta, kounta.intercept():
        assert requests.get(LIST, auth=AUTH, timeout=SECONDS).status_code == 200
        server.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(LIST, auth=AUTH, timeout=SECONDS)


def test_one_fake_at_a_time(server: FakeKounta, kounta: RemoteKounta) -> None:
    """A second interception is refused, with a fake here or on another server."""
    with kounta.intercept(), pytest.raises(RuntimeError, match="another fake intercepts already"), server.intercept():
        pass
