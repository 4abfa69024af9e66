"""Tests that `requests` and `httpx` without a socket reach the same state, and get the same responses as over one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from fakekounta import FakeKounta

LIST = "/v1/companies/me/customers"
REAL = "https://api.kounta.com"
BODY = json.dumps({"first_name": "Zoë 愛", "email": "zoe@example.com"}, ensure_ascii=False).encode()
JSON_TYPE = {"Content-Type": "application/json"}
Response = tuple[int, dict[str, str], bytes]
WIRE_ONLY = ("date", "server", "connection")


@pytest.fixture
def kounta(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh(page_size=1) as fresh:
        fresh.clock.freeze("2026-11-23T18:40:00+11:00")
        fresh.customers.add(first_name="Sam", email="sam@example.com")
        fresh.customers.add(first_name="Kim", phone="02 1234")
        yield fresh


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A client of one library, with the fake's credentials."""

    request: Callable[..., Any]
    url: str
    auth: tuple[str, str]
    follow: str
    body: str

    def __call__(self, method: str, path: str, *, raw: Any = None, redirects: bool = False, **rest: Any) -> Response:
        """Return status, headers and content, without the headers that only a socket adds."""
        if raw is not None:
            rest[self.body] = raw
        url = path if path.startswith("http") else self.url + path
        answer = self.request(method, url, **{"auth": self.auth, self.follow: redirects, **rest})
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status_code, {name: headers[name] for name in headers if name not in WIRE_ONLY}, answer.content


@pytest.fixture(params=["requests", "httpx"])
def pair(request: pytest.FixtureRequest, kounta: FakeKounta) -> Iterator[tuple[Caller, Caller]]:
    """An in-process client and one over the socket, of the same library."""
    common: Any = {"url": kounta.url, "auth": kounta.auth}
    inside: Any
    outside: Any
    if request.param == "requests":
        common |= {"follow": "allow_redirects", "body": "data"}
        inside, outside = kounta.requests_session(), requests.Session()
        outside.trust_env = False
    else:
        common |= {"follow": "follow_redirects", "body": "content"}
        inside, outside = kounta.httpx_client(), httpx.Client(trust_env=False)
    with inside, outside:
        yield Caller(request=inside.request, **common), Caller(request=outside.request, **common)


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
    ("PATCH", LIST, {"raw": b"{}"}),
    ("GET", LIST, {"auth": ("fake-client-id", "wrong")}),
    ("GET", LIST, {"auth": None}),
    ("GET", LIST, {"auth": None, "headers": {"Authorization": "Bearer fake-access-token"}}),
    ("GET", LIST, {"auth": None, "headers": {"Authorization": "Bearer nobody"}}),
    ("GET", LIST, {"auth": ("zoë", "愛".encode())}),
    ("POST", LIST, {"json": {"first_name": ""}}),
    ("POST", LIST, {"json": [1]}),
    ("POST", LIST, {"raw": b"{", "headers": JSON_TYPE}),
    ("POST", LIST, {}),
    ("POST", "/v1/token", {"data": {"grant_type": "nothing", "client_id": "zoë"}}),
    ("GET", "/_fakekounta/clock", {}),
    ("GET", "/_fakekounta/state", {}),
    ("PUT", "/_fakekounta/clock", {"json": {"frozen": "no"}}),
    ("POST", "/_fakekounta/reset", {}),
]


@pytest.mark.parametrize("method,path,rest", SAME)
def test_answers_are_those_of_the_socket(
    pair: tuple[Caller, Caller], method: str, path: str, rest: dict[str, Any]
) -> None:
    """Status, headers and body are the same in-process and over the socket, for each library."""
    inside, outside = pair
    assert inside(method, path, **rest) == outside(method, path, **rest)


def test_both_reach_one_state(kounta: FakeKounta, pair: tuple[Caller, Caller]) -> None:
    """A customer created in-process is found over the socket and by the handle, and vice versa."""
    for number, (one, other) in enumerate((pair, pair[::-1])):
        status, headers, body = one("POST", LIST, json={"first_name": "Ash", "mobile": f"040{number}"})
        assert (status, body) == (201, b"")
        status, _, body = other("GET", headers["location"])
        assert (status, json.loads(body)["mobile"]) == (200, f"040{number}")
        assert kounta.customers.get(json.loads(body)["id"]).mobile == f"040{number}"


def test_redirects_are_followed(pair: tuple[Caller, Caller]) -> None:
    """A look-up redirects to the record with the same credentials, at the fake's origin and at the real one."""
    inside, outside = pair
    found = inside("GET", f"{LIST}?email=sam@example.com", redirects=True)
    assert found == outside("GET", f"{LIST}?email=sam@example.com", redirects=True)
    assert (found[0], json.loads(found[2])["id"]) == (200, 389427)
    status, _, body = inside("GET", f"{REAL}{LIST}?email=sam@example.com", redirects=True)
    assert (status, json.loads(body)["id"]) == (200, 389427)


@pytest.mark.parametrize("form", ["bytes", "text", "generator", "file", "empty parts"])
def test_bodies_of_every_form(kounta: FakeKounta, pair: tuple[Caller, Caller], form: str) -> None:
    """Bodies of bytes, text, generators and files arrive whole."""
    bodies: dict[str, Callable[[], Any]] = {
        "bytes": lambda: BODY,
        "text": BODY.decode,
        "generator": lambda: (BODY[start : start + 7] for start in range(0, len(BODY), 7)),
        "file": lambda: io.BytesIO(BODY),
        "empty parts": lambda: iter([b"", BODY, b""]),
    }
    for ask in pair:
        status, headers, _ = ask("POST", LIST, raw=bodies[form](), headers=JSON_TYPE)
        assert status == 201
        assert kounta.customers.get(int(headers["location"].rpartition("/")[2])).first_name == "Zoë 愛"


def test_streams_and_texts(kounta: FakeKounta) -> None:
    """A response can be read in pieces, as JSON, and as text in its encoding."""
    kounta.customers.add(id=7, first_name="Zoë 愛", phone="1")
    with (
        kounta.requests_session() as session,
        session.get(f"{kounta.url}{LIST}/7.json", auth=kounta.auth, stream=True) as streamed,
    ):
        pieces = list(streamed.iter_content(10))
        assert len(pieces) > 5
        assert json.loads(b"".join(pieces))["first_name"] == "Zoë 愛"
    with kounta.httpx_client() as client, client.stream("GET", f"{LIST}/7.json", auth=kounta.auth) as answer:
        assert json.loads("".join(answer.iter_text()))["first_name"] == "Zoë 愛"
    with kounta.requests_session() as session:
        whole = session.get(f"{kounta.url}{LIST}/7.json", auth=kounta.auth)
        assert whole.json()["first_name"] == "Zoë 愛"
        assert "Zoë 愛" in whole.text
        assert (whole.ok, whole.reason, whole.request.method, dict(session.cookies)) == (True, "OK", "GET", {})


def test_a_large_body_is_refused_in_process_too(kounta: FakeKounta, pair: tuple[Caller, Caller]) -> None:
    """A body of more than one mebibyte is 413 in-process and over the socket."""
    for ask in pair:
        status, _, body = ask("POST", LIST, raw=b" " * (2**20 + 1), headers=JSON_TYPE)
        assert (status, json.loads(body)["error"]) == (413, "payload_too_large")
    assert len(kounta.customers) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/v1/companies/me",
        "https://example.com/",
        "http://api.kounta.com/v1/",
        "https://api.kounta.com:8443/",
    ],
)
def test_other_origins_are_connection_errors(kounta: FakeKounta, url: str) -> None:
    """A URL of another origin raises the library's connection error, which names the fake's origins."""
    message = f"this client reaches fakekounta only, at {kounta.url}, {REAL} and https://my.kounta.com, not "
    with kounta.requests_session() as session, pytest.raises(requests.ConnectionError, match=message):
        session.get(url)
    with kounta.httpx_client() as client, pytest.raises(httpx.ConnectError, match=message):
        client.get(url)
    assert len(kounta.requests) == 0


@pytest.mark.parametrize(
    "origin", [REAL, f"{REAL}:443", "HTTPS://API.Kounta.COM", "https://user:secret@api.kounta.com"]
)
def test_the_real_origin_is_the_fake(kounta: FakeKounta, origin: str) -> None:
    """A client written for the real service reaches the fake at the real address."""
    with kounta.requests_session() as session, kounta.httpx_client() as client:
        for answer in (
            session.get(f"{origin}{LIST}.json", auth=kounta.auth),
            client.get(f"{origin}{LIST}.json", auth=kounta.auth),
        ):
            assert answer.status_code == 200
            assert answer.headers["X-Next-Page"].lower().startswith(f"{REAL}")


def test_before_the_start_and_after_the_stop() -> None:
    """Before `start` and after `stop`, both clients work at the real origin and share the state of the server."""
    kounta = FakeKounta()
    with kounta.requests_session() as session, kounta.httpx_client() as client:
        created = session.post(f"{REAL}{LIST}.json", json={"first_name": "Sam", "phone": "1"}, auth=kounta.auth)
        assert created.headers["Location"] == f"{REAL}/v1/companies/5678/customers/389427.json"
        assert client.get("/v1/companies/me/customers/389427.json", auth=kounta.auth).json()["first_name"] == "Sam"
        assert str(client.base_url).rstrip("/") == REAL
        with kounta:
            for url in (kounta.url, REAL):
                assert session.get(f"{url}{LIST}/389427.json", auth=kounta.auth).status_code == 200
            assert str(kounta.httpx_client().base_url).rstrip("/") == kounta.url
            served = kounta.url
        assert client.get(f"{LIST}/389427.json", auth=kounta.auth).status_code == 200
        with pytest.raises(requests.ConnectionError):
            session.get(f"{served}{LIST}/389427.json", auth=kounta.auth)


def test_the_control_surface_before_the_start() -> None:
    """In-process calls may use the control surface at any address of the fake."""
    kounta = FakeKounta()
    with kounta.requests_session() as session, kounta.httpx_client() as client:
        assert client.get("/_fakekounta/health").json()["status"] == "ok"
        assert session.post(f"{REAL}/_fakekounta/reset", headers=JSON_TYPE).status_code == 200


def test_the_environment_does_not_count(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Proxies and credentials in the environment have no effect on clients without a network."""
    (tmp_path / ".netrc").write_text("default login nobody password nothing")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    bearer = {"Authorization": "Bearer fake-access-token"}
    with kounta.requests_session() as session, kounta.httpx_client() as client:
        assert session.get(f"{kounta.url}{LIST}.json", headers=bearer).status_code == 200
        assert client.get(f"{LIST}.json", headers=bearer).status_code == 200


@pytest.mark.parametrize("extra,method", [("requests", "requests_session"), ("httpx", "httpx_client")])
def test_an_absent_library_names_its_extra(extra: str, method: str) -> None:
    """Without the library the fake works, and the error of its client says what to install."""
    code = f"""
import sys
sys.modules[{extra!r}] = None
from fakekounta import FakeKounta
with FakeKounta() as kounta:
    try:
        kounta.{method}()
    except ImportError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert f"pip install 'fakekounta[{extra}]'" in done.stdout
