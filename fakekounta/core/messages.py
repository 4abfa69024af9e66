"""The two messages of an exchange, with secrets hidden in headers and bodies."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from sys import getsizeof
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from fakekounta.core.nesting import read_json

HIDDEN = "***"
SECRET_NAMES = frozenset(("client_secret", "access_token", "refresh_token", "code", "signature_token"))
"""Keys and parameters whose values are secret, at any place."""
SECRET_HEADERS = frozenset(("authorization", "cookie", "proxy-authorization", "x-fakekounta-token"))
_MARKS_OF_SECRETS = tuple(f'"{name}"'.encode() for name in (*sorted(SECRET_NAMES), "headers"))
_FORM = "application/x-www-form-urlencoded"
_MESSAGE_BYTES = 128


class Headers(Mapping[str, str]):
    """Headers by name, in any case; values of a repeated name are joined by a comma."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, str] = {}
        for name, value in pairs:
            key = name.lower()
            self._names.setdefault(key, name)
            self._values[key] = f"{self._values[key]}, {value}" if key in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return f"Headers({dict(self)!r})"


class Message:
    """A request or a response. `content` is the body and `pairs` are the headers, secrets included.

    All other attributes hide secrets. The headers are stored as one string, because thousands of small strings would
    take many times their length.
    """

    __slots__ = ("_head", "content", "size")

    def __init__(self, pairs: Iterable[tuple[str | bytes, str | bytes]] = (), content: bytes = b"") -> None:
        parts: list[Any] = [*chain.from_iterable(pairs)]
        if parts and parts[0].__class__ is bytes:
            head: str | bytes = b"\n".join(parts)
        else:
            head = _packed(parts)
        self._head = head
        self.content: bytes = content
        self.size: int = _MESSAGE_BYTES + getsizeof(head) + len(content)
        """The number of bytes of memory that the message takes."""

    @property
    def headers(self) -> Headers:
        """The headers by name, in any case, without secrets."""
        return Headers((name, _shown_header(name, value)) for name, value in self.pairs)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The headers as received or sent, secrets included."""
        head = self._head
        if isinstance(head, str):
            parts = head.split("\n")
        else:
            parts = [part.strip() for part in head.decode("latin-1").split("\n")]
        return list(zip(parts[::2], parts[1::2], strict=False))

    @property
    def body(self) -> bytes:
        """The body with secrets hidden, otherwise byte for byte."""
        content_type = self.headers.get("Content-Type", "").lower()
        if not self.content:
            return b""
        if content_type.startswith(_FORM):
            return without_secret_parameters(self.content.decode("latin-1")).encode("latin-1")
        if content_type.startswith("multipart/"):
            return HIDDEN.encode()
        if any(mark in self.content for mark in _MARKS_OF_SECRETS):
            return _without_secret_values(self.content)
        return self.content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON, or None if it is empty or not JSON."""
        return _parsed(self.body)


def _packed(parts: list[str]) -> str:
    """Return names and values in turn, as one string."""
    packed = "\n".join(parts)
    if packed.count("\n") >= len(parts) > 0:  # no header from a socket can have a line end
        return "\n".join(part.replace("\n", "") for part in parts)
    return packed


def without_secret_parameters(query: str) -> str:
    """Return a query or form with the values of secret parameters hidden, and the rest unchanged."""
    return "&".join(_shown_parameter(part) for part in query.split("&"))


def _shown_parameter(part: str) -> str:
    name, equals, value = part.partition("=")
    return f"{name}={HIDDEN}" if equals and value and unquote_plus(name) in SECRET_NAMES else part


def _shown_header(name: str, value: str) -> str:
    lower = name.lower()
    if lower == "authorization":
        return _shown_authorization(value)
    if lower in ("location", "referer") and "?" in value:
        place, _, query = value.partition("?")
        return f"{place}?{without_secret_parameters(query)}"
    return HIDDEN if lower in SECRET_HEADERS else value


def _shown_authorization(value: str) -> str:
    """Return the scheme of an Authorization value; for Basic also the client id."""
    scheme, _, rest = value.partition(" ")
    if not rest:
        return HIDDEN
    if scheme.lower() != "basic":
        return f"{scheme} {HIDDEN}"
    try:
        client_id = b64decode(rest, validate=True).decode("utf-8").partition(":")[0]
    except ValueError:
        return f"{scheme} {HIDDEN}"
    return f"{scheme} {quote_plus(client_id)}:{HIDDEN}"


def _without_secret_values(content: bytes) -> bytes:
    try:
        shown = _hidden(read_json(content))
    except ValueError:
        return HIDDEN.encode()
    return json.dumps(shown, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _hidden(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _hidden_item(name, item) for name, item in value.items()}
    return [_hidden(item) for item in value] if isinstance(value, list) else value


def _hidden_item(name: str, value: Any) -> Any:
    if name in SECRET_NAMES and isinstance(value, str) and value:
        return HIDDEN
    if name == "headers" and isinstance(value, dict):  # of a webhook: they may hold the receiver's credentials
        return dict.fromkeys(value, HIDDEN)
    return _hidden(value)


def _parsed(content: bytes) -> Any:
    try:
        return read_json(content)
    except ValueError:
        return None
