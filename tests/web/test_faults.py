"""Tests of the response that a client gets for each fault, over a socket and in-process, and of its journal entry."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client as WsgiClient

from fakekounta import Cut, FakeKounta
from fakekounta.web.faults import BROKEN_LINE, GARBAGE
from fakekounta.wire.clients.call import call
from fakekounta.wire.clients.cut import TimedOut
from tests.caller import CUSTOMERS, FIRST_ID, exactly
from tests.fault_doors import DOORS, httpx_through, requests_through, socket_through, url_through
from tests.fault_draws import FAULTS
from tests.sockets import AUTHORIZATION, PATIENCE_SECONDS, exchange, request_bytes, unhurried

LIST = f"{CUSTOMERS}.json"
ONE = f"{CUSTOMERS}/{FIRST_ID}.json"
NEW = {"first_name": "Kim", "phone": "2"}
BEARER = {"Authorization": "Bearer fake-access-token"}
NOW = "2026-11-23T18:40:00+11:00"
NOW_SECONDS = 1_795_419_600
Ask = Callable[..., Any]


@pytest.fixture
def kounta(fakekounta_server: FakeKounta) -> Iterator[FakeKounta]:
    with fakekounta_server.fresh() as fresh:
        fresh.clock.freeze(NOW)
        fresh.customers.add(first_name="Sam", email="sam@example.com")
        yield fresh


@pytest.fixture(params=[*DOORS, "in-process"])
def door(request: pytest.FixtureRequest, kounta: FakeKounta) -> Iterator[str]:
    """Each of the ways to the fake, with and without a socket."""
    with kounta.speaking_tls():
        yield request.param


@pytest.fixture
def url(door: str, kounta: FakeKounta) -> str:
    """The origin that the client asks for."""
    return url_through("http" if door == "in-process" else door, kounta)


@pytest.fixture(params=["requests", "httpx"])
def client(request: pytest.FixtureRequest, door: str, kounta: FakeKounta) -> Iterator[Any]:
    """Each of the clients; it does not follow redirects."""
    if request.param == "requests":
        made: Any = kounta.requests_session() if door == "in-process" else requests_through(door, kounta)
        made.max_redirects = 0
    else:
        made = kounta.httpx_client() if door == "in-process" else httpx_through(door, kounta)
    made.headers.update(BEARER)
    with made:
        yield made


def is_requests(client: Any) -> bool:
    return isinstance(client, requests.Session)


# --- responses -------------------------------------------------------------------------------------------------


def test_a_fault_with_a_status_replaces_the_response(client: Any, url: str, kounta: FakeKounta) -> None:
    """The response has the status, headers and body of the rule.

    The API is not called, and the journal names the rule.
    """
    rule = kounta.faults.add(method="POST", status=503, headers={"X-Shop": "7"}, body={"busy": True})
    answer = client.post(url + LIST, json=NEW)
    assert (answer.status_code, answer.headers["X-Shop"], answer.json()) == (503, "7", {"busy": True})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 07:40:00 GMT"
    assert [one.first_name for one in kounta.customers] == ["Sam"]
    (entry,) = kounta.requests
    assert (entry.status, entry.fault, entry.response.json) == (503, "#1 status 503", {"busy": True})
    assert entry.request.json == NEW
    assert (entry.quirks, entry.notes) == ([], [])
    assert (rule.id, rule.matched, rule.fired) == (1, 1, 1)
    assert client.get(url + LIST).status_code == 200


@pytest.mark.parametrize(
    "fault, content_type, body",
    [
        ({"status": 503}, "application/json", b'{"error":"server_error","error_description":"Service Unavailable"}'),
        ({"status": 404}, "application/json", b'{"error":"not_found","error_description":"Not Found"}'),
        ({"status": 599}, "application/json", b'{"error":"server_error","error_description":"Unknown"}'),
        ({"status": 200}, "", b""),
        ({"status": 204}, "", b""),
        ({"status": 500, "body": ""}, "application/json", None),
        ({"status": 502, "body": "<h1>Bad gateway</h1>", "headers": {"Content-Type": "text/html"}}, "text/html", None),
        ({"status": 200, "body": "[]"}, "text/plain; charset=utf-8", b"[]"),
    ],
)
def test_a_status_without_a_body(kounta: FakeKounta, fault: dict[str, Any], content_type: str, body: Any) -> None:
    """Without a body in the rule, an error has the API's shape (T10), and any other status has no body."""
    kounta.faults.add(**fault)
    answer = httpx.get(kounta.url + LIST)
    assert answer.status_code == fault["status"]
    if body is None:
        body = fault["body"].encode()
        content_type = content_type if body else ""
    assert (answer.headers.get("Content-Type", ""), answer.content) == (content_type, body)


@pytest.mark.parametrize("scheme, limit", [("basic", 60), ("oauth", 180)])
@pytest.mark.parametrize("configured", [False, True])
def test_rate_limited_gives_the_response_of_the_limit(
    fakekounta_server: FakeKounta, scheme: str, limit: int, *, configured: bool
) -> None:
    """R01 to R03: the response names the end of the application's minute, also in a fake without a rate limit."""
    with fakekounta_server.fresh(rate_limit=configured) as kounta, kounta.httpx_client() as client:
        kounta.clock.freeze(NOW)
        if scheme == "basic":
            client.auth = httpx.BasicAuth(*kounta.auth)
        else:
            client.headers.update(BEARER)
        assert client.get(LIST).status_code == 200
        kounta.clock.advance(seconds=10)
        rule = kounta.faults.rate_limited(times=2)
        got = [client.get(LIST) for _ in range(2)]
        kounta.clock.advance(seconds=30)
        assert client.get(LIST).status_code == 200
        reset_at = str(NOW_SECONDS + 60 if configured else NOW_SECONDS + 70)
        for answer in got:
            assert (answer.status_code, answer.text) == (429, "Limit exceeded")
            assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
            assert answer.headers["X-Ratelimit-Limit"] == str(limit)
            assert answer.headers["X-Ratelimit-Remaining"] == "0"
            assert answer.headers["X-Ratelimit-Reset"] == reset_at
            assert "Retry-After" not in answer.headers
        assert (rule.matched, rule.fired) == (3, 2)
        entry = kounta.requests[1]
        assert {quirk.id for quirk in entry.quirks} >= {"R01", "R02", "R03"}
        assert (entry.status, entry.fault, entry.client_id) == (429, "#1 rate limited", "fake-client-id")


def test_a_minute_without_a_limit_begins_with_the_first_refusal(kounta: FakeKounta) -> None:
    """Refusals in the minute after the first one name the same end (R02); each application has its own minute."""
    kounta.faults.rate_limited()
    with kounta.httpx_client() as client:
        ends = []
        for headers in (BEARER, BEARER, dict([AUTHORIZATION]), BEARER):
            ends.append(int(client.get(LIST, headers=headers).headers["X-Ratelimit-Reset"]) - NOW_SECONDS)
            kounta.clock.advance(seconds=25)
    assert ends == [60, 60, 110, 135]


def test_a_429_of_a_fault_equals_that_of_the_limit(fakekounta_server: FakeKounta) -> None:
    """Head and body of a 429 are the same, byte by byte, from a fault and from the rate limit."""
    seen = []
    for settings in ({"rate_limit": {"basic": 0}}, {"rate_limit": {"basic": 0}, "faults": [{"rate_limited": True}]}):
        with fakekounta_server.fresh(**settings) as kounta:
            kounta.clock.freeze(NOW)
            seen.append(exchange(kounta.port, request_bytes("GET", LIST, headers=[AUTHORIZATION])))
    assert seen[0] == seen[1]
    assert b" 429 " in seen[0]


def test_refused_requests_do_not_use_up_the_limit(fakekounta_server: FakeKounta) -> None:
    """R04: a request that a fault refuses or answers does not count towards the rate limit."""
    with fakekounta_server.fresh(rate_limit={"basic": 1}) as kounta, kounta.httpx_client() as client:
        kounta.faults.rate_limited(times=2)
        kounta.faults.add(status=503, nth=1, client_id="fake-client-id")
        statuses = [client.get(LIST, auth=kounta.auth).status_code for _ in range(5)]
    assert statuses == [429, 429, 503, 200, 429]


def test_an_expired_token_gives_the_response_of_the_api(client: Any, url: str, kounta: FakeKounta) -> None:
    """O07: the token stays expired, so the client goes on only with a new token."""
    rule = kounta.faults.expire_token()
    old = [client.get(url + LIST) for _ in range(2)]
    for answer in old:
        assert answer.status_code == 401
        assert answer.json() == {"error": "invalid_token", "error_description": "The access token provided has expired"}
        assert "has expired" in answer.headers["WWW-Authenticate"]
    form = {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"}
    credentials = {"client_id": kounta.auth[0], "client_secret": kounta.auth[1]}
    token = client.post(f"{url}/v1/token.json", data={**form, **credentials}).json()["access_token"]
    assert client.get(url + LIST, headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert (rule.matched, rule.fired) == (2, 1)
    assert [entry.fault for entry in kounta.requests] == ["#1 token expired", None, None, None]
    assert "O07" in {quirk.id for quirk in kounta.requests[0].quirks}


def test_a_request_without_a_token_does_not_use_up_the_fault(kounta: FakeKounta) -> None:
    """O07: a request with Basic, or one refused earlier, leaves the fault `expired_token` unused."""
    rule = kounta.faults.expire_token()
    with kounta.httpx_client() as client:
        assert client.get(LIST, auth=kounta.auth).status_code == 200
        assert client.get(CUSTOMERS, headers={**BEARER, "Accept": "text/html"}).status_code == 406
        assert client.get(LIST, headers={"Authorization": "Bearer nobody"}).status_code == 401
        assert (rule.matched, rule.fired) == (0, 0)
        assert client.get(LIST, headers={"Authorization": "OAuth fake-access-token"}).status_code == 401
    assert rule.fired == 1


@pytest.mark.parametrize("open_auth", [False, True])
def test_an_expired_token_under_the_other_choice(fakekounta_server: FakeKounta, *, open_auth: bool) -> None:
    """O07: the fault follows the choice of the assumption; under open_auth an unknown token expires, too."""
    with fakekounta_server.fresh(assumptions={"O07": "expired_token"}, open_auth=open_auth) as kounta:
        kounta.faults.expire_token()
        token = {"Authorization": "Bearer any"} if open_auth else BEARER
        with kounta.httpx_client() as client:
            errors = [client.get(LIST, headers=token).json()["error"] for _ in range(2)]
    assert errors == ["expired_token", "expired_token"]


# --- connections -----------------------------------------------------------------------------------------------

BROKEN: list[tuple[dict[str, Any], type[Exception], str, type[Exception], str]] = [
    (
        {"connection": "close"},
        requests.ConnectionError,
        "Remote end closed connection without response",
        httpx.RemoteProtocolError,
        "Server disconnected without sending a response",
    ),
    (
        {"connection": "reset"},
        requests.ConnectionError,
        "Connection reset by peer",
        httpx.ReadError,
        "Connection reset by peer",
    ),
    (
        {"connection": "garbage"},
        requests.ConnectionError,
        "BadStatusLine",
        httpx.RemoteProtocolError,
        "illegal status line",
    ),
]


@pytest.mark.parametrize(
    "fault, of_requests, text, of_httpx, other_text", BROKEN, ids=[fault["connection"] for fault, *_ in BROKEN]
)
@pytest.mark.parametrize("after_change", [False, True])
def test_a_failed_connection_raises_the_exception_of_the_library(
    client: Any,
    url: str,
    kounta: FakeKounta,
    fault: dict[str, Any],
    of_requests: type[Exception],
    text: str,
    of_httpx: type[Exception],
    other_text: str,
    *,
    after_change: bool,
) -> None:
    """A client without a socket raises what it raises over one.

    The change is made only if the rule says so, and the next request succeeds.
    """
    kounta.faults.add(**fault, after_change=after_change, times=1)
    expected, words = (of_requests, text) if is_requests(client) else (of_httpx, other_text)
    if fault["connection"] == "reset" and url.startswith("https:"):  # some versions of OpenSSL call it an end
        expected = expected if is_requests(client) else httpx.TransportError
        words += "|Remote end closed|Server disconnected"
    with pytest.raises(expected, match=words):
        client.post(url + LIST, json=NEW)
    assert client.get(url + LIST).status_code == 200
    assert [one.first_name for one in kounta.customers] == (["Sam", "Kim"] if after_change else ["Sam"])
    entry = kounta.requests[0]
    assert (entry.status, dict(entry.response.headers)) == (0, {})
    assert entry.response.content == (GARBAGE if fault["connection"] == "garbage" else b"")
    after = ", after the change" if after_change else ""
    assert entry.fault == f"#1 connection: {fault['connection']}{after}"
    place = f"{url}{CUSTOMERS}/{FIRST_ID + 1}.json"
    assert entry.notes == ([f"the API answered 201 {place}, which was not sent"] if after_change else [])


def test_a_body_that_is_cut_short(client: Any, url: str, kounta: FakeKounta) -> None:
    """Content-Length is that of the whole body; the journal has the part that was sent."""
    kounta.faults.cut("truncate", times=1)
    expected = requests.exceptions.ChunkedEncodingError if is_requests(client) else httpx.RemoteProtocolError
    words = "IncompleteRead" if is_requests(client) else "peer closed connection without sending complete message body"
    with pytest.raises(expected, match=words):
        client.get(url + LIST)
    whole = client.get(url + LIST).content
    entry = kounta.requests[0]
    assert entry.response.content == whole[: len(whole) // 2]
    assert entry.response.headers["Content-Length"] == str(len(whole))
    assert (entry.status, entry.notes) == (200, [f"the body ended after {len(whole) // 2} of {len(whole)} bytes"])


def test_a_stream_of_a_body_that_is_cut_short(client: Any, url: str, kounta: FakeKounta) -> None:
    """A client that streams gets status and headers, and an exception while it reads the body."""
    kounta.faults.cut("truncate")
    if is_requests(client):
        with client.get(url + LIST, stream=True) as answer:
            assert answer.status_code == 200
            with pytest.raises(requests.exceptions.ChunkedEncodingError):
                answer.json()
    else:
        with client.stream("GET", url + LIST) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()


@pytest.mark.parametrize("method, path", [("HEAD", LIST), ("OPTIONS", LIST), ("DELETE", "/v1/webhook"), ("POST", LIST)])
def test_a_response_without_a_body_is_cut_in_its_first_line(
    client: Any, url: str, kounta: FakeKounta, method: str, path: str
) -> None:
    """A response without a body is cut in its first line, and the change of a POST is made (A01: its body is empty)."""
    if path == "/v1/webhook":
        webhook = kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
        path = f"/v1/companies/5678/webhooks/{webhook.id}.json"
    kounta.faults.cut("truncate", method)
    expected = requests.ConnectionError if is_requests(client) else httpx.RemoteProtocolError
    with pytest.raises(expected):
        client.request(method, url + path, **({"json": NEW} if method == "POST" else {}))
    assert (kounta.requests[0].status, kounta.requests[0].response.content) == (0, BROKEN_LINE)
    assert (len(kounta.customers.all()), len(kounta.webhooks.all())) == (2 if method == "POST" else 1, 0)


def test_a_body_drips(client: Any, url: str, kounta: FakeKounta) -> None:
    """A body that is sent byte by byte arrives whole if the client waits long enough."""
    kounta.faults.cut("drip", "GET", drip_seconds=0.0001)
    assert client.get(url + LIST).json()[0]["first_name"] == "Sam"
    kounta.faults.clear()
    kounta.faults.cut("drip", drip_seconds=60)
    # requests raises ConnectionError if the body does not arrive in time, and ReadTimeout if the head does not
    expected = (requests.ConnectionError, requests.ReadTimeout) if is_requests(client) else httpx.ReadTimeout
    with pytest.raises(expected, match="timed out"):
        client.get(url + LIST, timeout=0.3)
    with pytest.raises(requests.ReadTimeout if is_requests(client) else httpx.ReadTimeout):
        client.post(url + LIST, json=NEW, timeout=0.3)
    deadline = monotonic() + PATIENCE_SECONDS
    while kounta.requests.total < 3 and monotonic() < deadline:
        sleep(0.002)  # on a busy machine even the head may arrive after the client's timeout
    assert [one.first_name for one in kounta.customers] == ["Sam", "Kim"]


def received(kounta: FakeKounta, door: str, data: bytes) -> bytes:
    """Return all bytes until the connection is closed; raise ConnectionResetError if it is reset."""
    with socket_through(door, kounta) as sock:
        sock.sendall(data)
        return b"".join(iter(lambda: sock.recv(65_536), b""))


def raw(kounta: FakeKounta, door: str, **fault: Any) -> bytes:
    """Send a request over a socket and return the bytes of the response."""
    kounta.faults.clear()
    kounta.faults.add(**fault)
    return received(kounta, door, request_bytes("GET", LIST, headers=[AUTHORIZATION]))


@pytest.mark.parametrize("door", DOORS, indirect=True)
def test_the_bytes_of_a_failed_connection(kounta: FakeKounta, door: str) -> None:
    """The socket gets nothing, bytes that are not HTTP, or half a body."""
    assert raw(kounta, door, connection="close") == b""
    assert raw(kounta, door, connection="close", after_change=True) == b""
    assert raw(kounta, door, connection="garbage") == GARBAGE
    whole, half = raw(kounta, door, connection="drip", drip_seconds=0.0001), raw(kounta, door, connection="truncate")
    head, _, body = whole.partition(b"\r\n\r\n")
    assert half == head + b"\r\n\r\n" + body[: len(body) // 2]
    if door == "http":  # by TLS some versions of OpenSSL call it an end
        with pytest.raises(ConnectionResetError):
            raw(kounta, door, connection="reset")


@pytest.mark.parametrize("door", DOORS, indirect=True)
def test_a_connection_that_was_cut_takes_no_further_request(kounta: FakeKounta, door: str) -> None:
    """A request pipelined behind one whose connection is cut is not answered."""
    kounta.faults.lose_answer("GET")
    two = request_bytes("GET", LIST, headers=[AUTHORIZATION]).replace(b"Connection: close\r\n", b"")
    with socket_through(door, kounta) as sock:
        sock.sendall(two + two)
        with suppress(ConnectionResetError):  # if there was something unread
            assert sock.recv(65_536) == b""
    assert kounta.requests.total == 1


def test_a_status_after_the_change(client: Any, url: str, kounta: FakeKounta) -> None:
    """A 504 after the change hides from the client that the change was made; the journal shows both."""
    kounta.faults.add(method="POST", status=504, after_change=True)
    answer = client.post(url + LIST, json=NEW)
    assert (answer.status_code, answer.json()["error_description"]) == (504, "Gateway Timeout")
    assert "Location" not in answer.headers
    assert answer.headers["Date"] == "Mon, 23 Nov 2026 07:40:00 GMT"
    assert [one.first_name for one in kounta.customers] == ["Sam", "Kim"]
    (entry,) = kounta.requests
    assert (entry.status, entry.fault) == (504, "#1 status 504, after the change")
    assert entry.notes == [f"the API answered 201 {url}{CUSTOMERS}/{FIRST_ID + 1}.json, which was not sent"]
    assert "C15" in {quirk.id for quirk in entry.quirks}


def test_a_client_that_retries_after_a_lost_answer_creates_twice(client: Any, url: str, kounta: FakeKounta) -> None:
    """A client that repeats a POST after a lost response creates a second customer."""
    kounta.faults.lose_answer("POST", "/customers")
    for _ in range(2):
        try:
            client.post(url + LIST, json=NEW)
            break
        except (requests.ConnectionError, httpx.TransportError):
            continue
    assert [one.first_name for one in kounta.customers] == ["Sam", "Kim", "Kim"]
    kounta.requests.assert_made("POST", "/customers", times=2)


# --- which rules match -----------------------------------------------------------------------------------------


def test_a_fault_without_client_id_precedes_all_checks(kounta: FakeKounta) -> None:
    """T21: a fault that does not depend on the application is decided before any check; control calls never fail."""
    kounta.faults.add(status=503)
    with kounta.httpx_client() as client:
        for method, path in [
            ("GET", CUSTOMERS),
            ("HEAD", LIST),
            ("OPTIONS", LIST),
            ("GET", "/nowhere"),
            ("POST", "/v1/token"),
            ("GET", "/authorize"),
        ]:
            assert client.request(method, path, headers={"Accept": "text/html"}).status_code == 503
        assert client.get("/_fakekounta/health").status_code == 200
        assert client.get("/_fakekounta/nowhere").status_code == 404
    assert all(entry.quirks == [] for entry in kounta.requests)


def test_a_rule_is_for_one_application(fakekounta_server: FakeKounta) -> None:
    """A rule with a client_id matches only its application, also if the token endpoint gets it in the body (O04)."""
    other = {"client_id": "other", "client_secret": "secret"}
    with fakekounta_server.fresh(applications=[other]) as kounta, kounta.httpx_client() as client:
        rule = kounta.faults.add(client_id="other", status=503)
        assert client.get(LIST, auth=kounta.auth).status_code == 200
        assert client.get(LIST, auth=("other", "wrong")).status_code == 401
        assert rule.matched == 0
        assert client.get(LIST, auth=("other", "secret")).status_code == 503
        form = {"grant_type": "client_credentials"}
        assert client.post("/v1/token", data={**form, **other}).status_code == 503
        own = dict(zip(other, kounta.auth, strict=True))
        assert client.post("/v1/token", data={**form, **own}).status_code == 200
        assert rule.fired == 2
        kounta.faults.clear()
        kounta.faults.rate_limited(path="/token")
        assert client.post("/v1/token", data={**form, **other}).text == "Limit exceeded"


def test_a_failed_request_matches_no_further_rule(kounta: FakeKounta) -> None:
    """A rule with a client_id does not count a request that an earlier rule without one made fail."""
    lost = kounta.faults.lose_answer("POST")
    late = kounta.faults.add(client_id="fake-client-id", status=503)
    with kounta.httpx_client() as client, pytest.raises(httpx.RemoteProtocolError):
        client.post(LIST, json=NEW, auth=kounta.auth)
    assert (lost.fired, late.matched) == (1, 0)
    assert len(kounta.customers.all()) == 2


def test_a_rule_for_head_does_not_match_get(kounta: FakeKounta) -> None:
    """A rule matches only its methods; the response to HEAD has no body."""
    kounta.faults.add(method="HEAD", status=503, body="busy")
    data = request_bytes("HEAD", LIST, headers=[AUTHORIZATION])
    assert exchange(kounta.port, data).endswith(b"\r\n\r\n")
    assert kounta.requests[0].response.content == b""
    with kounta.httpx_client() as client:
        assert client.get(LIST, auth=kounta.auth).status_code == 200
        assert client.head(LIST, auth=kounta.auth).status_code == 503


@pytest.mark.parametrize("fault", [{"connection": "close"}, {"connection": "reset"}, {"connection": "garbage"}])
def test_a_foreign_wsgi_client_gets_an_exception(kounta: FakeKounta, fault: dict[str, Any]) -> None:
    """A WSGI client that the fake does not know gets `fakekounta.Cut`, which says how the connection ended."""
    kounta.faults.add(**fault)
    with pytest.raises(
        Cut, match=exactly(f"the connection was {'reset' if 'reset' in fault.values() else 'closed'}")
    ) as cut:
        WsgiClient(kounta.wsgi_app).get(LIST)
    assert cut.value.reset is (fault["connection"] == "reset")
    assert cut.value.data == (GARBAGE if fault["connection"] == "garbage" else b"")


# --- no other errors -------------------------------------------------------------------------------------------


class LogRecords(logging.Handler):
    """A log handler that keeps what the fake logs."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


REQUESTS = st.tuples(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    st.sampled_from(
        [LIST, CUSTOMERS, ONE, "/v1/token", "/v1/companies/me", "/authorize", f"{LIST}?email=sam@example.com"]
    ),
    st.sampled_from([BEARER, dict([AUTHORIZATION]), {}]),
)


@unhurried
@given(faults=st.lists(FAULTS, min_size=1, max_size=4), asked=st.lists(REQUESTS, min_size=1, max_size=4))
def test_random_faults_in_process(
    fakekounta_server: FakeKounta, faults: list[dict[str, Any]], asked: list[tuple[str, str, dict[str, str]]]
) -> None:
    """Random rules give no 500 of the fake and no log record, and each request has one journal entry."""
    heard = LogRecords()
    log = logging.getLogger("fakekounta")
    log.addHandler(heard)
    try:
        with fakekounta_server.fresh(faults=faults, rate_limit=True) as kounta:
            kounta.clock.freeze(NOW)
            for method, path, headers in asked:
                given = [("Accept", "*/*"), ("Content-Type", "application/json"), *headers.items()]
                try:
                    answer = call(
                        kounta.wsgi_app, method, kounta.url + path, given, b'{"first_name":"Kim","phone":"1"}', 3
                    )
                except (Cut, TimedOut):
                    continue
                assert answer.status != 500 or any(fault.get("status") == 500 for fault in faults)
            assert kounta.requests.total == len(asked)
            for rule in kounta.faults:
                assert rule.fired <= rule.matched <= len(asked)
    finally:
        log.removeHandler(heard)
    assert [line for line in heard.lines if "K05" not in line] == []


@pytest.mark.parametrize("door", DOORS)
@unhurried
@given(faults=st.lists(FAULTS, min_size=1, max_size=3), asked=REQUESTS)
def test_random_faults_over_a_socket(
    fakekounta_server: FakeKounta, door: str, faults: list[dict[str, Any]], asked: tuple[str, str, dict[str, str]]
) -> None:
    """Random rules give no log record of the server, and each connection ends."""
    heard = LogRecords()
    log = logging.getLogger("fakekounta")
    log.addHandler(heard)
    try:
        with fakekounta_server.fresh(faults=faults) as kounta, kounta.speaking_tls():
            method, path, headers = asked
            data = request_bytes(
                method, path, headers=[*headers.items(), ("Content-Type", "application/json")], body=b"{}"
            )
            try:
                got = received(kounta, door, data)
            except ConnectionResetError:
                got = b""
            assert b" 500 " not in got.partition(b"\r\n")[0] or any(fault.get("status") == 500 for fault in faults)
            assert kounta.requests.total == 1
    finally:
        log.removeHandler(heard)
    assert [line for line in heard.lines if "K05" not in line] == []
