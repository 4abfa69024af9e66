"""Raw bytes: mutated requests of a grammar, unusual paths, upgrades and expectations without a body."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random

from tests.attack.figures import Figure, none_of
from tests.attack.victim import AUTH, Victim, read_answer, request_bytes, serving

SEED = 20_261_127
HANG_SECONDS = 10.0
_CLIENTS = 8
_AT_ONCE = 20  # requests on one connection, unless the server closes it

_METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "G\x00T", "")
_PATHS = (
    *("/v1/companies/me.json", "/v1/companies/me/customers.json", "/v1/companies/5678/customers/1.json"),
    *("/v1/companies/me/webhooks.json", "/v1/companies/me/webhooks/1.json", "/v1/token", "/v1/token.json"),
    *("/authorize?client_id=fake-client-id&response_type=code&redirect_uri=x", "/", "*", "//", "///v1"),
    *("/_fakekounta/", "/_fakekounta/customers", "/_fakekounta/clock", "/_fakekounta/faults", "/_fakekounta/state"),
    *("/_fakekounta/requests?path=/**a**b", "/_fakekounta/deliveries", "/_fakekounta/ns/a/v1/companies/me"),
    *("/_fakekounta/openapi.json", "/_fakekounta/assumptions", "/_fakekounta/disturbances", "/_fakekounta/ns/"),
)
_QUERIES = ("", "?", "?email=a%40b", "?email=%ff%fe", "?first_name=a&last_name=b&phone=1", "?a&&=", "?%", "?limit=-1")
_HEADERS = (
    *("Authorization: " + AUTH, "Authorization: Basic !!", "Authorization: Bearer x", "Authorization:"),
    *("Content-Type: application/json", "Content-Type: application/xml", "Content-Type: multipart/form-data"),
    *("Content-Type: application/x-www-form-urlencoded", "Accept: application/xml", "Accept: */*;q=x", "X-Page: -1"),
    *("X-Page: 99999999999999999999", "Transfer-Encoding: chunked", "Content-Length: 5", "Content-Length: -1"),
    *("Content-Length: 99999999999999999999", "Expect: 100-continue", "Connection: Upgrade", "Upgrade: h2c"),
    *(
        "Upgrade: websocket",
        "Connection: close",
        "Connection: keep-alive",
        "Host: evil.example",
        "Host:",
        "X: \xff\xfe",
    ),
    *("X-Fakekounta-Namespace: a", "X-Fakekounta-Namespace: /../", "Range: bytes=0-1", "Cookie: " + "a" * 300),
)
_BODIES = (
    *(b"", b"{}", b"[]", b"null", b'{"first_name": "A", "email": "a@b"}', b'{"first_name": "\\ud800", "phone": "1"}'),
    *(b"[" * 3_000, b'{"a":' * 500, b"1" * 5_000, b'{"tags": [1e999]}', b"<customer><first_name>A</first_name>"),
    *(
        b"grant_type=refresh_token&refresh_token=x",
        b"5\r\nabcde\r\n0\r\n\r\n",
        b"ffffffffff\r\n",
        b"\x00" * 40,
        b"\xff\xfe",
    ),
    *(b'{"topic": "customers/created", "address": "http://127.0.0.1:1/"}', b'{"A01": "customer"}', b'{"rate": 1e308}'),
)
_GOOD = (  # requests that are accepted, unless a mutation breaks them
    *(("GET", path, b"") for path in ("/v1/companies/me.json", "/v1/companies/me/customers.json?limit=1")),
    *(("GET", path, b"") for path in ("/_fakekounta/clock", "/_fakekounta/deliveries?limit=1", "/_fakekounta/faults")),
    ("HEAD", "/v1/companies/me/webhooks.json", b""),
    ("POST", "/v1/companies/me/customers.json", b'{"first_name": "A", "phone": "1", "tags": ["a"]}'),
    ("POST", "/_fakekounta/customers", b'{"first_name": "\\ud83d\\ude00", "email": "a@b.example"}'),
    ("PUT", "/_fakekounta/clock", b'{"rate": 1}'),
)
_HARMLESS = ("Accept: */*", "Connection: keep-alive", "Cookie: a=b", "Range: bytes=0-1", "X-Page: 0")
_STRANGE_PATHS = (
    *("//v1/companies/me/customers", "/v1//companies/me/customers.json", "/v1/companies//me", "//", "///", "/./v1"),
    *("/v1/../_fakekounta/clock", "/%2e%2e/v1", "/v1%2fcompanies", "/_fakekounta//clock", "//_fakekounta/clock"),
    *(
        "/%5ffakekounta/clock",
        "/_FAKEKOUNTA/clock",
        "/_fakekounta/ns//v1",
        "/_fakekounta/ns/a//v1",
        "/v1/companies/me/",
    ),
    *(
        "/v1/companies/me/customers/%00",
        "/v1/companies/me/customers/1%0d%0a",
        "/v1/\xff",
        "/%ff%fe",
        "/v1/companies/%31",
    ),
    *("http://127.0.0.1/v1/companies/me", "http:///v1", "//evil.example/v1/companies/me", "/;/v1", "/v1;a=b/companies"),
    *(
        "/v1/companies/0x5678.json",
        "/v1/companies/99999999999999999999.json",
        "/v1/companies/-1",
        "/v1/companies/\u0665",
    ),
    *(
        "/_fakekounta/ns/a/_fakekounta/ns/b/v1",
        "/_fakekounta/ns/%2e%2e/v1",
        "/authorize/",
        "//authorize",
        "/v1/token//",
    ),
    *(
        "/" + "a" * 8_000,
        "/" * 8_000,
        "/v1/" + "%41" * 2_000,
        "/\\v1",
        "/v1/companies/me.json.json",
        "/v1/companies/me..json",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The results of requests: forbidden ones, and the number of responses by status."""

    bad: list[str] = field(default_factory=list)
    statuses: Counter[bytes] = field(default_factory=Counter)

    def add(self, request: bytes, answer: bytes | None) -> None:
        """Count a response; None is a hang. The catalogue has one 5xx: that of /authorize (O13)."""
        self.statuses[(answer or b"")[9:12]] += 1
        is_given = answer is not None and answer[9:12] == b"500" and b"/authorize" in request
        if answer is None or (answer[9:10] == b"5" and not is_given):
            self.bad.append(f"{'a hang' if answer is None else answer[:80]!r} after {request[:400]!r}")


def figures(scale: float) -> Iterator[Figure]:
    """Yield the results."""
    with serving() as victim:
        yield from _mutated(victim, int(30_000 * scale))
        yield from _strange_paths(victim)
        yield from _upgrades(victim)
        yield none_of("tracebacks in the log after raw requests", victim.tracebacks, len(victim.tracebacks))
        health = victim.seconds_until_answered("/_fakekounta/health")
        yield Figure(name="health after raw requests", value=health, unit="s", bar=1.0)


def _mutated(victim: Victim, count: int) -> Iterator[Figure]:
    started = time.monotonic()
    with ThreadPoolExecutor(_CLIENTS) as pool:
        found = list(pool.map(lambda number: _mutated_by(victim, number, count // _CLIENTS), range(_CLIENTS)))
    statuses = sum((one.statuses for one in found), Counter[bytes]())
    yield none_of("mutated raw requests: 5xx or a hang", [line for one in found for line in one.bad], count)
    for name, first, bar in (("taken", b"2", 10.0), ("turned away with 4xx", b"4", None)):
        share = sum(many for status, many in statuses.items() if status[:1] == first) / count
        yield Figure(name=f"mutated raw requests: {name}", value=100 * share, unit="%", bar=bar, at_least=True)
    yield Figure(name="mutated raw requests: 403", value=100 * statuses[b"403"] / count, unit="%", bar=25)
    yield Figure(name="mutated raw requests", value=count / (time.monotonic() - started), unit="a second")


def _mutated_by(victim: Victim, client: int, count: int) -> Outcome:
    draw = Random(SEED + client)
    outcome = Outcome()
    sent = 0
    while sent < count:
        requests = [mutate(draw, grammatical(draw, victim.port)) for _ in range(min(_AT_ONCE, count - sent))]
        sent += send_requests(victim, requests, outcome)
    return outcome


def grammatical(draw: Random, port: int) -> bytes:
    """Return a valid request, or one whose parts do not fit together."""
    return _good(draw, port) if draw.random() < 0.3 else _mixed(draw, port)


def _good(draw: Random, port: int) -> bytes:
    method, path, body = draw.choice(_GOOD)
    headers = [f"Host: 127.0.0.1:{port}", f"Authorization: {AUTH}", *draw.sample(_HARMLESS, draw.randrange(3))]
    if body:
        headers += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([f"{method} {path} HTTP/1.1", *headers]).encode("latin-1") + b"\r\n\r\n" + body


def _mixed(draw: Random, port: int) -> bytes:
    body = draw.choice(_BODIES)
    path = draw.choice(_PATHS) + draw.choice(_QUERIES)
    headers = draw.sample(_HEADERS, draw.randrange(6))
    if draw.random() < 0.7:
        headers = [line for line in headers if not line.startswith(("Content-Length", "Host"))]
        headers += [f"Content-Length: {len(body)}", f"Host: 127.0.0.1:{port}"]
    version = draw.choice(("1.1", "1.1", "1.1", "1.0", "2.0", "0.9", "1.1.1"))
    lines = [f"{draw.choice(_METHODS[:8])} {path} HTTP/{version}", *headers]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def mutate(draw: Random, data: bytes) -> bytes:
    """Return the bytes with up to three changes; many are left as they are."""
    for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
        at = draw.randrange(len(data) + 1)
        data = draw.choice(_MUTATIONS)(draw, data, at)
    return data


def _piece(draw: Random) -> bytes:
    return bytes(draw.choice((0, 9, 10, 13, 32, 37, 47, 58, 127, 128, 255)) for _ in range(draw.randrange(1, 4)))


_MUTATIONS: tuple[Callable[[Random, bytes, int], bytes], ...] = (
    lambda draw, data, at: data[:at] + _piece(draw) + data[at:],
    lambda draw, data, at: data[:at] + _piece(draw) + data[at + 2 :],
    lambda draw, data, at: data[:at] + data[at + draw.randrange(1, 8) :],
    lambda _draw, data, at: data[:at] + data[at // 2 :],
    lambda _draw, data, at: data[:at],
)


def send_requests(victim: Victim, requests: list[bytes], outcome: Outcome) -> int:
    """Send the requests in order until the server closes; return how many were sent."""
    with victim.connect(HANG_SECONDS) as sock:
        for number, request in enumerate(requests, start=1):
            try:
                sock.sendall(request)
                answer = _first_bytes(sock)
            except ConnectionError:
                return number
            outcome.add(request, answer)
            if not answer or b"Connection: close" in answer or number == len(requests):
                return number
            if answer[9:12] == b"100" or len(answer) > 60_000 or not _is_whole(answer):
                return number
    return len(requests)


def _first_bytes(sock: socket.socket) -> bytes | None:
    """Return the first bytes of the response, after ending a body that is awaited; None if nothing comes."""
    sock.settimeout(0.05)
    try:
        return sock.recv(65_536)
    except TimeoutError:
        sock.shutdown(socket.SHUT_WR)
    sock.settimeout(HANG_SECONDS)
    try:
        return sock.recv(65_536)
    except TimeoutError:
        return None


def _is_whole(answer: bytes) -> bool:
    head, blank, body = answer.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
    return bool(blank) and length.strip().isdigit() and int(length) == len(body)


def _strange_paths(victim: Victim) -> Iterator[Figure]:
    outcome = Outcome()
    for path in _STRANGE_PATHS:
        for method in ("GET", "POST", "HEAD"):
            request = request_bytes(victim.port, method, path, {} if method == "POST" else None)
            send_requests(victim, [request], outcome)
    yield none_of("strange paths: 5xx or a hang", outcome.bad, 3 * len(_STRANGE_PATHS))


def _upgrades(victim: Victim) -> Iterator[Figure]:
    """Send an upgrade and an expectation without a body: the response comes at once, and the next request is read."""
    slowest, bad = 0.0, []
    for lines in (
        "Connection: Upgrade\r\nUpgrade: h2c\r\nExpect: 100-continue",
        "Expect: 100-continue",
        "Upgrade: h2c",
    ):
        request = f"GET /v1/companies/me.json HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {AUTH}\r\n{lines}\r\n\r\n"
        started = time.monotonic()
        with victim.connect() as sock:
            sock.sendall(request.encode())
            status = read_answer(sock).status
        slowest = max(slowest, time.monotonic() - started)
        bad += [] if status == 200 else [f"{status} for {lines!r}"]
    yield Figure(name="GET with upgrade or expectation: the slowest answer", value=slowest, unit="s", bar=1.0)
    yield none_of("GET with upgrade or expectation: no 200", bad, 3)
