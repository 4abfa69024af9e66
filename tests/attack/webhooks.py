"""Addresses of webhooks: only this machine is reached, its control surface never, and every chain ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tests.attack.figures import Figure, none_of
from tests.attack.receivers import Hits, receiving
from tests.attack.victim import AUTH, CONTROL, CUSTOMERS, WEBHOOKS, Victim, serving

# {port}: the port of the receiver. None of these addresses is this machine.
_ELSEWHERE = (
    *(
        "http://example.com/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://192.168.1.1:{port}/",
    ),
    *(
        "http://172.16.0.1/",
        "http://100.64.0.1/",
        "http://[2001:db8::1]:{port}/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
    ),
    *("http://127.0.0.1.example.com:{port}/", "http://localhost.example.com/", "http://127.0.0.1@10.0.0.1:{port}/"),
    *(
        "http://10.0.0.1:{port}#@127.0.0.1/",
        "http://10.0.0.1:{port}?@127.0.0.1/",
        "http://10.0.0.1\\@127.0.0.1:{port}/",
    ),
    *(
        "http://127.0.0.1:{port}@10.0.0.1/",
        "http://[::ffff:10.0.0.1]:{port}/",
        "http://[::10.0.0.1]/",
        "http://0xa000001/",
    ),
    *(
        "http://167772161:{port}/",
        "http://10.1/",
        "http://0x0a.0.0.1/",
        "http://012.0.0.1/",
        "http://10.0.0.1.:{port}/",
    ),
    *(
        "http://[64:ff9b::a00:1]/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "ftp://127.0.0.1:{port}/",
        "file:///etc/hosts",
    ),
    *(
        "gopher://127.0.0.1:{port}/",
        "http://",
        "http:///hook",
        "//127.0.0.1:{port}/",
        "http://127.0.0.1:{port}x/",
        "http://%31%30.0.0.1/",
    ),
)
_HERE = ("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.0.0.2:{port}/")
# {port}: the server itself. Each may be refused, blocked, or come to nothing; the surface must not answer it.
_CONTROL_PATHS = (
    *(
        "/_fakekounta/reset",
        "//_fakekounta/reset",
        "/./_fakekounta/reset",
        "/v1/../_fakekounta/reset",
        "/%5ffakekounta/reset",
    ),
    *(
        "/%5Ffakekounta/reset",
        "/_fakekounta%2freset",
        "/_fakekounta//reset",
        "/_fakekounta/./reset",
        "/_fakekounta/reset?x",
    ),
    *(
        "/_fakekounta/ns/a/../../reset",
        "/_fakekounta/ns/a/_fakekounta/reset",
        "/_fakekounta/reset#x",
        "/_fakekounta/reset/",
    ),
    *("/_fakekounta;x/reset", "/_FAKEKOUNTA/reset", "/v1/%2e%2e/_fakekounta/reset", "/%2f_fakekounta/reset"),
    *(
        "/_fakekounta/ns/a/%5ffakekounta/reset",
        "/_fakekounta/reset%20",
        "/_fakekounta/reset%00",
        "/\\_fakekounta/reset",
    ),
    *(
        "/_fakekounta/ns/%2e%2e/_fakekounta/reset",
        "/%255ffakekounta/reset",
        "/_fakekounta/%72eset",
        "?/_fakekounta/reset",
    ),
)
_CONTROL_HOSTS = (
    *("127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0", "127.1"),
    *("2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "user@127.0.0.1", "127.0.0.2", "①②⑦.0.0.1"),
    *("[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "a.localhost", "user:word@localhost", "127.000.000.001", "0x7f.1"),
)
_MOST_IN_A_CHAIN = 101  # the first one is a direct change, a hundred more are caused by deliveries (W20)


def figures(scale: float) -> Iterator[Figure]:
    """Yield what was reached."""
    del scale
    with serving() as victim, receiving() as hits:
        yield from _elsewhere(victim, hits)
    with serving() as victim:
        yield from _control_surface(victim)
    with serving() as victim:
        yield from _chain(victim)


def _subscribe(victim: Victim, address: str, **fields: object) -> int:
    return victim.ask("POST", WEBHOOKS, {"topic": "customers/created", "address": address, **fields}).status


def _deliveries(victim: Victim, seconds: float) -> list[dict[str, Any]]:
    """Return the deliveries, once the first attempt of each has ended."""
    until = time.monotonic() + seconds
    while True:
        found: list[dict[str, Any]] = victim.control("GET", "/deliveries?full=true").json
        if time.monotonic() > until or all(one["attempts"] or one["outcome"] != "pending" for one in found):
            return found
        time.sleep(0.1)


def _elsewhere(victim: Victim, hits: Hits) -> Iterator[Figure]:
    addresses = [one.format(port=hits.port) for one in (*_ELSEWHERE, *_HERE)]
    taken = [one for one in addresses if _subscribe(victim, one) == 201]
    victim.ask("POST", CUSTOMERS, {"first_name": "A", "phone": "1"})
    deliveries = _deliveries(victim, 20.0)
    wrong = [one for one in deliveries if one["address"] not in _here(hits) and not _went_nowhere(one)]
    yield none_of("webhook addresses elsewhere that were not blocked", wrong, len(_ELSEWHERE))
    yield Figure(name="webhook addresses that were refused at once", value=len(addresses) - len(taken), unit="")
    count = hits.wait_for(len(_HERE), seconds=5.0)
    yield Figure(name="webhook addresses here that were reached", value=count, unit="", bar=2, at_least=True)


def _here(hits: Hits) -> list[str]:
    return [one.format(port=hits.port) for one in _HERE]


def _went_nowhere(delivery: dict[str, Any]) -> bool:
    """Return whether it was blocked, or its name could not be resolved."""
    errors = [str(attempt["error"]) for attempt in delivery["attempts"]]
    return delivery["outcome"] == "blocked" or all("cannot be resolved" in error for error in errors)


def _control_surface(victim: Victim) -> Iterator[Figure]:
    """Send deliveries to a reset, which would delete the customers and the webhooks."""
    reached, refused = [], 0
    tried = [f"http://{host}:{victim.port}/_fakekounta/reset" for host in _CONTROL_HOSTS]
    tried += [f"http://127.0.0.1:{victim.port}{path}" for path in _CONTROL_PATHS]
    for address in tried:
        marker = victim.ask("POST", CUSTOMERS, {"first_name": "marker", "phone": "1"}).header("Location")
        _subscribe(victim, address)
        victim.ask("POST", CUSTOMERS, {"first_name": "A", "phone": "1"})
        attempts = [attempt for one in _deliveries(victim, 3.0) for attempt in one["attempts"]]
        refused += any(attempt["status"] == 403 or "W20" in str(attempt["error"]) for attempt in attempts)
        if victim.ask("GET", "/" + marker.split("/", 3)[3]).status != 200:
            reached.append(address)
        victim.ask("POST", CONTROL + "/reset")
    yield none_of("spellings of the own control surface that were reached", reached, len(tried))
    yield Figure(name="of these were known as such (W20)", value=refused, unit="", bar=5, at_least=True)


def _chain(victim: Victim) -> Iterator[Figure]:
    """Add a webhook whose delivery creates a customer, which causes a delivery to the same webhook."""
    address = f"http://127.0.0.1:{victim.port}{CUSTOMERS}"
    _subscribe(victim, address, headers={"Authorization": AUTH})
    made, before = victim.control("GET", "/customers?limit=1").json["total"] + 1, -1
    victim.ask("POST", CUSTOMERS, {"first_name": "A", "email": "a@example.com"})
    until = time.monotonic() + 10
    while (count := victim.control("GET", "/customers?limit=1").json["total"]) != before and time.monotonic() < until:
        before = count
        time.sleep(0.7)
    if count <= made:
        raise RuntimeError("the webhook fed nothing")
    yield Figure(
        name="customers made by a webhook that feeds itself", value=count - made, unit="", bar=_MOST_IN_A_CHAIN
    )
