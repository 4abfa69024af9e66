"""Clients without a socket: `requests` and `httpx` reach the same state, and answer as a socket does."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import requests

from fakekounta import FakeKounta

LIST = "/v1/companies/me/customers"
REAL = "https://api.kounta.com"
BODY = json.dumps({"first_name": "Zoë 愛", "email": "zoe@example.com"}, ensure_ascii=False).encode()
JSON_TYPE = {"Content-Type": "application/json"}
Ask = Callable[..., tuple[int, dict[str, str], bytes]]
CLIENTS = ("requests", "httpx")
OURS = ("date", "server", "connection")  # what only a wire has


@pytest.fixture
def kounta(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh(page_size=1) as fresh:
        fresh.clock.freeze("2026-11-23T18:40:00+11:00")
        fresh.customers.add(first_name="Sam", email="sam@example.com")
        fresh.customers.add(first_name="Kim", phone="02 1234")
        yield fresh


@pytest.fixture(params=CLIENTS)
def pair(request: pytest.FixtureRequest, kounta: FakeKounta) -> Iterator[tuple[Ask, Ask]]:
    """One library's way to ask, in-process and over the socket."""
    if request.param == "requests":
        with kounta.requests_session() as inside, requests.Session() as outside:
            outside.trust_env = False
            yield asking(kounta, inside.request), asking(kounta, outside.request)
    else:
        with kounta.httpx_client() as inner, httpx.Client(base_url=kounta.url, trust_env=False) as outer:
            yield asking(kounta, inner.request), asking(kounta, outer.request)


def asking(kounta: FakeKounta, request: Callable[..., Any]) -> Ask:
    """A function that asks a path with the fake's credentials, and takes the answer apart."""
    follow = "allow_redirects" if getattr(request, "__module__", "").startswith("requests") else "follow_redirects"

    def ask(method: str, path: str, *, redirects: bool = False, **rest: Any) -> tuple[int, dict[str, str], bytes]:
        url = path if path.startswith("http") else kounta.url + path
        answer = request(method, url, **{"auth": kounta.auth, follow: redirects, **rest})
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in OURS}
        return answer.status_code, {name.lower(): value for name, value in headers.items()}, answer.content

    return ask


SAME: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/v1/companies/me", {}),
    ("GET", LIST, {}),
    ("GET", f"{LIST}.json?page=2", {}),
    ("GET", LIST, {"headers": {"X-Page": "1"}}),
    ("GET", LIST, {"headers": {"X_Page": "1"}}),
    ("GET", LIST, {"headers": {"x-page": "1", "Accept": "text/html"}}),
    ("GET", f"{LIST}?email=sam@example.com", {}),
    ("GET", f"{LIST}?email=sam%40example.com&email=x", {}),
    ("GET", f"{LIST}?email=zo%C3%AB", {}),
    ("GET", f"{LIST}?reference_id=Zoë&x=a b", {}),
    ("GET", LIST, {"params": {"reference_id": "愛&=", "x": "\r\n"}}),
    ("GET", f"{LIST}/%33%38%39427", {}),
    ("GET", f"{LIST}/1", {}),
    ("GET", "/v1/%C3%AB%00%0d%0a", {}),
    ("GET", "/nowhere/../v1/companies/me", {}),
    ("GET", "/authorize?client_id=x", {}),
    ("HEAD", LIST, {}),
    ("HEAD", f"{LIST}/1", {}),
    ("OPTIONS", LIST, {}),
    ("DELETE", LIST, {}),
    ("PATCH", LIST, {"data": b"{}"}),
    ("GET", LIST, {"auth": ("fake-client-id", "wrong")}),
    ("GET", LIST, {"auth": None}),
    ("GET", LIST, {"auth": None, "headers": {"Authorization": "Bearer fake-access-token"}}),
    ("GET", LIST, {"auth": None, "headers": {"Authorization": "Bearer nobody"}}),
    ("GET", LIST, {"auth": ("zoë", "愛".encode())}),
    ("POST", LIST, {"json": {"first_name": ""}}),
    ("POST", LIST, {"json": [1]}),
    ("POST", LIST, {"data": b"{", "headers": JSON_TYPE}),
    ("POST", LIST, {}),
    ("POST", "/v1/token", {"data": {"grant_type": "nothing", "client_id": "zoë"}}),
    ("GET", "/_fakekounta/clock", {}),
    ("GET", "/_fakekounta/state", {}),
    ("PUT", "/_fakekounta/clock", {"json": {"frozen": "no"}}),
    ("POST", "/_fakekounta/reset", {}),
]


@pytest.mark.parametrize("method,path,rest", SAME)
def test_answers_are_those_of_the_socket(pair: tuple[Ask, Ask], method: str, path: str, rest: dict[str, Any]) -> None:
    """Status, headers and body are the same in-process and over the socket, for either library."""
    inside, outside = pair
    assert inside(method, path, **rest) == outside(method, path, **rest)


def test_both_reach_one_state(kounta: FakeKounta, pair: tuple[Ask, Ask]) -> None:
    """What is created in-process is found over the socket and by the handle, and the other way round."""
    for number, (one, other) in enumerate((pair, pair[::-1])):
        status, headers, body = one("POST", LIST, json={"first_name": "Ash", "mobile": f"040{number}"})
        assert (status, body) == (201, b"")
        status, _, body = other("GET", headers["location"])
        assert (status, json.loads(body)["mobile"]) == (200, f"040{number}")
        assert kounta.customers.get(json.loads(body)["id"]).mobile == f"040{number}"


def test_redirects_are_followed(pair: tuple[Ask, Ask]) -> None:
    """A lookup leads to the record with the credentials still sent, at the fake's origin and at the real one."""
    inside, outside = pair
    found = inside("GET", f"{LIST}?email=sam@example.com", redirects=True)
    assert found == outside("GET", f"{LIST}?email=sam@example.com", redirects=True)
    assert (found[0], json.loads(found[2])["id"]) == (200, 389427)
    status, _, body = inside("GET", f"{REAL}{LIST}?email=sam@example.com", redirects=True)
    assert (status, json.loads(body)["id"]) == (200, 389427)


@pytest.mark.parametrize("form", ["bytes", "text", "generator", "file", "empty parts"])
def test_bodies_of_every_form(kounta: FakeKounta, pair: tuple[Ask, Ask], form: str) -> None:
    """Bytes, texts, generators and files arrive whole."""
    bodies: dict[str, Callable[[], Any]] = {
        "bytes": lambda: BODY,
        "text": BODY.decode,
        "generator": lambda: (BODY[start : start + 7] for start in range(0, len(BODY), 7)),
        "file": lambda: io.BytesIO(BODY),
        "empty parts": lambda: iter([b"", BODY, b""]),
    }
    for ask in pair:
        name = "data" if "requests" in ask.__closure__[0].cell_contents else "content"  # type: ignore[index]
        status, headers, _ = ask("POST", LIST, **{name: bodies[form]()}, headers=JSON_TYPE)
        assert status == 201
        assert kounta.customers.get(int(headers["location"].rpartition("/")[2])).first_name == "Zoë 愛"
