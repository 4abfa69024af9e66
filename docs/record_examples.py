"""What `make docs` writes into `fakekounta/catalogue/examples.json`: an exchange that shows each quirk, and its tests.

The contract suite runs against the fake. Of the exchanges of a quirk's tests, one that the quirk explains is taken,
else one that covers it, the shortest of them; of a quirk of deliveries, the first delivery.
"""

from __future__ import annotations

import json
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from fakekounta.catalogue.quirks import Quirk

CONTRACTS = Path(__file__).parent.parent / "contracts"
_MOST_CHARACTERS = 900
_SENT = ("accept", "authorization", "content-type", "origin", "x-page", "x-kounta-signature")
_RECEIVED = ("allow", "content-type", "location", "www-authenticate", "x-next-page", "x-page", "x-pages", "retry-after")
_RATES = "x-ratelimit-"

_NAMES = ("Lee", "Ono", "Khan", "Ruiz", "Silva", "Novak", "Okoye", "Kim")
_UUID = "[0-9a-f]{32}(?![0-9a-f])"
_RANDOM = re.compile(
    rf"(?P<email>fakekounta-contract-[0-9a-f]{{8}}-{_UUID})(?=@|%40)"
    rf"|(?P<name>fakekounta-contract-[0-9a-f]{{8}}(?:(?:-|%20|[ +]){_UUID})?|(?<![0-9a-f]){_UUID})"
    r"|(?P<signature>(?<![0-9a-f])[0-9a-f]{64})(?![0-9a-f])"
    r"|(?P<mobile>04\d{12})(?!\d)|(?P<phone>02(?:%20|[ +])?\d{4}(?:%20|[ +])?\d{4}(?:%20|[ +])?\d{4})(?!\d)"
    r"|(?P<day>20\d\d-\d\d-\d\d)(?P<clock>[T ]\d\d:\d\d:\d\d)(?:\.\d+)?"
    r"|(?P<second>(?<!\d)1[789]\d{8}(?!\d))|(?P<port>(?<=127\.0\.0\.1:)\d+)",
    re.IGNORECASE,
)


class _Steady:
    """Replaces what differs from run to run, by the same names for the same values of one exchange."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def text(self, text: str) -> str:
        return _RANDOM.sub(self._named, text)

    def _named(self, match: re.Match[str]) -> str:
        kind = match.lastgroup if match.lastgroup != "clock" else "day"
        value = re.sub(r"%20|[ +]", "", match[0].lower())
        number = self._known.setdefault(value, len(self._known))
        return {
            "email": f"robin.{_NAMES[number % 8].lower()}",
            "name": _NAMES[number % 8],
            "mobile": f"04{number:08d}",
            "phone": f"02 9999 {number:04d}",
            "day": "2026-01-01T11:00:00" if "T" in match[0].upper() else "2026-01-01 11:00:00",
            "signature": "(HMAC-SHA256 of the body, in hex)",
            "second": "1767225600",
            "port": "8080",
        }[str(kind)]


class _Collector:
    """Keeps the best example of each quirk while the suite runs."""

    def __init__(self) -> None:
        self.examples: dict[str, tuple[tuple[int, int], Mapping[str, Any]]] = {}
        self._kind = ""

    def run(self, kind: str) -> None:
        """Run the tests of quirks that have no example yet, against the fake in-process or over a socket."""
        self._kind = kind
        options = ["-q", "-n0", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
        with redirect_stdout(StringIO()) as output:
            code = pytest.main([str(CONTRACTS), *options], plugins=[self])
        if code:
            raise RuntimeError(f"the contract suite fails: {output.getvalue()[-2_000:]}")

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [one for one in items if _kind(one) == self._kind and _quirk(one).id not in self.examples]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, None]:
        yield
        quirk = _quirk(item)
        server: Any = item._request.getfixturevalue("fakekounta_server")  # type: ignore[attr-defined] # a function's item
        test = item.nodeid.partition("[")[0]
        for rank, example in _candidates(server, quirk):
            if quirk.id not in self.examples or rank < self.examples[quirk.id][0]:
                self.examples[quirk.id] = (rank, {"test": test, **example})


def _quirk(item: pytest.Item) -> Quirk:
    (mark,) = item.iter_markers("quirk")
    return Quirk.by_id(mark.args[0])


def _kind(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("target")) if callspec else ""


def _candidates(server: Any, quirk: Quirk) -> Iterator[tuple[tuple[int, int], Mapping[str, Any]]]:
    for entry in server.requests:
        shown = _exchange(f"{entry.method} {entry.target}", entry.request, entry.status, entry.response)
        place = 0 if quirk in entry.explained_by else 1 if quirk in entry.quirks else 3
        yield (place, len(json.dumps(shown))), shown
    for delivery in server.webhooks.deliveries if quirk.id.startswith("W") else ():
        for attempt in delivery.attempts:
            yield (2, 0), _delivery(delivery, attempt)


def _delivery(delivery: Any, attempt: Any) -> Mapping[str, Any]:
    steady = _Steady()
    return {
        "request": {
            "line": steady.text(f"POST {delivery.webhook.address}"),
            "headers": _headers(attempt.headers, _SENT, steady),
            "body": _cut(steady.text(attempt.body.decode("utf-8", "replace"))),
        },
        "response": {"status": attempt.status or 0, "headers": {}, "body": ""},
    }


def _exchange(line: str, request: Any, status: int, response: Any) -> Mapping[str, Any]:
    steady = _Steady()
    return {
        "request": {
            "line": steady.text(line),
            "headers": _headers(request.headers.items(), _SENT, steady),
            "body": _cut(steady.text(request.text)),
        },
        "response": {
            "status": status,
            "headers": _headers(response.headers.items(), _RECEIVED, steady),
            "body": _cut(steady.text(response.text)),
        },
    }


def _headers(pairs: Iterable[tuple[str, str]], names: tuple[str, ...], steady: _Steady) -> dict[str, str]:
    kept = ((name, value) for name, value in pairs if name.lower() in names or name.lower().startswith(_RATES))
    return {name: _cut(steady.text(value)) for name, value in kept}


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def examples(tests: Mapping[str, Iterable[str]], not_provable: Mapping[str, str]) -> str:
    """Return the file with the tests of each quirk and an example, or why no test proves it."""
    collector = _Collector()
    collector.run("in-process")
    collector.run("socket")
    found = {
        quirk.id: {"tests": [*tests.get(quirk.id, ())], "example": collector.examples[quirk.id][1]}
        if quirk.id in collector.examples
        else {"tests": [], "not_proven": not_provable[quirk.id]}
        for quirk in Quirk
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
