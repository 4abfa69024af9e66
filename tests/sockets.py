"""Requests written byte by byte, and the checks that hold for every response, also to malformed requests."""

from __future__ import annotations

import base64
import json
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from hypothesis import settings

from fakekounta import FakeKounta
from fakekounta.worlds.state import state_of
from tests.shares import examples

PATIENCE_SECONDS = 20.0
CUSTOMER_ID = 1001
OTHER_COMPANY_ID = 6789
REDIRECT_URI = "http://localhost/callback"
AUTHORIZE = f"/authorize?client_id=fake-client-id&response_type=code&state=s&redirect_uri={REDIRECT_URI}"
# A slow machine may delay an example; PATIENCE_SECONDS finds a hang. `make attack` sends far more.
unhurried = settings(deadline=None, max_examples=examples(50))
JSON_TYPE = ("Content-Type", "application/json")

# All headers that the fake sends: any other in a head was injected by the client.
OUR_HEADERS = frozenset(
    (
        *("Content-Type", "Content-Length", "Date", "Server", "Connection", "Allow", "Location"),
        *("WWW-Authenticate", "Cache-Control", "X-Pages", "X-Next-Page"),
        *("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"),
        # the dashboard's
        *("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"),
        *("ETag", "Referrer-Policy", "X-Content-Type-Options"),
    )
)
_OAUTH_CODES = frozenset({"invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type"})
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([2345]\d\d) [A-Za-z \-]+")
_HEADER_LINE = re.compile(rb"([A-Za-z\-]+): ([^\r\n\0]*)")
_TOKEN_WORDS = re.compile(rb"invalid|expired")


def basic(client_id: str, client_secret: str) -> str:
    """Return the Authorization header with these credentials."""
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


AUTHORIZATION = ("Authorization", basic("fake-client-id", "fake-client-secret"))


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """One response, parsed strictly."""

    status: int
    head: bytes
    headers: Sequence[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str:
        values = [value for key, value in self.headers if key == name]
        assert len(values) <= 1, f"{name} stands twice: {self.head!r}"
        return values[0] if values else ""

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def description(self) -> str:
        return str(self.json["error_description"])


def request_bytes(
    method: str,
    target: str | bytes,
    *,
    headers: Sequence[tuple[str, str | bytes]] = (),
    body: bytes = b"",
    host: str | bytes = b"127.0.0.1",
) -> bytes:
    """Return a request with a Content-Length, unless the headers frame the body themselves."""
    lines = [b"%b %b HTTP/1.1" % (_bytes(method), _bytes(target)), b"Host: " + _bytes(host), b"Connection: close"]
    lines += [b"%b: %b" % (_bytes(name), _bytes(value)) for name, value in headers]
    if body and not {"content-length", "transfer-encoding"} & {name.lower() for name, _ in headers}:
        lines.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join([*lines, b"", b""]) + body


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8")


def exchange(port: int, data: bytes) -> bytes:
    """Return all that the server sends until it closes; raise TimeoutError if it hangs."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as sock:
        with suppress(ConnectionError):  # after a refusal the server need not read on
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
        received = []
        while piece := sock.recv(65_536):
            received.append(piece)
    return b"".join(received)


def read_answer(data: bytes, method: str) -> RawResponse:
    """Return the one response that the bytes are, after checking that its head has only headers of the server."""
    head, blank, body = data.partition(b"\r\n\r\n")
    assert blank, f"no end of the head: {data[:500]!r}"
    status_line, *lines = head.split(b"\r\n")
    status = _STATUS_LINE.fullmatch(status_line)
    assert status, f"no status line: {status_line!r}"
    headers = []
    for line in lines:
        header = _HEADER_LINE.fullmatch(line)
        assert header, f"no header: {line!r}"
        headers.append((header[1].decode("ascii"), header[2].decode("latin-1")))
    answer = RawResponse(status=int(status[1]), head=head, headers=headers, body=body)
    assert {name for name, _ in headers} <= OUR_HEADERS, f"headers that are not ours: {head!r}"
    if method == "HEAD" or answer.status == 204:
        assert body == b""
    else:
        assert answer["Content-Length"] == str(len(body)), f"more or less than one response: {data[:500]!r}"
    return answer


def judge(answer: RawResponse, method: str, target: str | bytes) -> None:
    """Check that there is no 5xx but that of O13, and that an error has the API's shape (T10) and words."""
    assert answer.status < 500 or _is_no_redirect(answer, method, _bytes(target)), (answer.head, answer.body)
    assert b"Traceback" not in answer.body
    if answer.status < 400:
        return
    code = ""
    if method != "HEAD" and not _is_bare_challenge(answer):
        assert answer["Content-Type"] == "application/json", answer.head
        document = answer.json
        assert set(document) == {"error", "error_description"}, document
        assert all(type(text) is str and text for text in document.values()), document
        code = document["error"]
    if not _is_token_error(answer.status, code, _bytes(target)):  # T11
        whole = answer.head + b"\r\n\r\n" + answer.body
        assert not _TOKEN_WORDS.search(whole), f"T11: {whole!r}"


def _is_no_redirect(answer: RawResponse, method: str, target: bytes) -> bool:
    """Return whether this is O13: the redirect_uri of a visit is not registered."""
    path, _, query = target.partition(b"?")
    has_the_reason = (
        method == "HEAD"
        or answer.body == b'{"error":"server_error","error_description":"redirect_uri is not registered"}'
    )
    return answer.status == 500 and path.endswith(b"/authorize") and b"redirect_uri" in query and has_the_reason


def _is_bare_challenge(answer: RawResponse) -> bool:
    """Return whether this is O09: no credentials, no body."""
    return answer.status == 401 and not answer.body and answer["WWW-Authenticate"] == 'Bearer realm="Service"'


def _is_token_error(status: int, code: str, target: bytes) -> bool:
    if status == 401:
        return code in {"", "invalid_token"}  # the response to HEAD has its code only in WWW-Authenticate
    return status == 400 and target.partition(b"?")[0].startswith(b"/v1/token") and code in _OAUTH_CODES


@contextmanager
def arranged(server: FakeKounta, **settings: Any) -> Iterator[FakeKounta]:
    """Yield the server with data of each kind and a frozen clock."""
    world = {
        "companies": [{"id": OTHER_COMPANY_ID, "name": "Other"}],
        "applications": [{"client_id": "other-id", "client_secret": "other-secret", "company_id": OTHER_COMPANY_ID}],
        "page_size": 1,
        **settings,
    }
    address = {"address": "1 Example St", "city": "Exampleton", "country": "AU"}
    with server.fresh(**world) as kounta:
        kounta.clock.freeze("2026-11-23T18:40:00+11:00")
        kounta.customers.add(
            id=CUSTOMER_ID, first_name="Sam", email="sam@example.com", mobile="0400", primary_address=address
        )
        kounta.customers.add(first_name="Kim", last_name="Lee", phone="02 1234", reference_id="r")
        yield kounta


def attempt(
    kounta: FakeKounta,
    method: str,
    target: str | bytes,
    *,
    headers: Sequence[tuple[str, str | bytes]] = (AUTHORIZATION, JSON_TYPE, ("Accept", "*/*")),
    body: bytes = b"",
    host: str | bytes | None = None,
) -> RawResponse:
    """Return the response after `judge`, and after checking that a refused request changed nothing."""
    own_host = f"127.0.0.1:{kounta.port}" if host is None else host
    return attempt_bytes(
        kounta, method, target, request_bytes(method, target, headers=headers, body=body, host=own_host)
    )


def attempt_bytes(kounta: FakeKounta, method: str, target: str | bytes, data: bytes) -> RawResponse:
    """Do the same as `attempt` with a request of exact bytes; method and target describe it."""
    before = snapshot(kounta)
    answer = read_answer(exchange(kounta.port, data), method)
    judge(answer, method, target)
    if not _may_change(method, answer):
        assert snapshot(kounta) == before, f"{answer.status} {answer.body!r} changed something"
    return answer


def snapshot(kounta: FakeKounta) -> dict[str, Any]:
    """Return the whole state, without the time of a running clock."""
    state = state_of(kounta.world)
    if not state["clock"]["frozen"]:
        del state["clock"]["now"]
    return state


def _may_change(method: str, answer: RawResponse) -> bool:
    if answer.status == 302:  # O03: a code was made
        return answer["Location"].startswith(f"{REDIRECT_URI}?code=")
    return answer.status < 300 and method not in {"GET", "HEAD", "OPTIONS"}
