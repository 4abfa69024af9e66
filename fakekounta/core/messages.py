"""The two messages of an exchange, with secrets hidden in headers and bodies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from sys import getsizeof
from typing import Any

from fakekounta.core.nesting import read_json
from fakekounta.core.redaction import shown_body, shown_header

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

    def __repr__(self) -> str:
        return f"<message of {len(self.pairs)} headers and {len(self.content)} bytes>"

    @property
    def headers(self) -> Headers:
        """The headers by name, in any case, without secrets."""
        return Headers((name, shown_header(name, value)) for name, value in self.pairs)

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
        return shown_body(self.headers.get("Content-Type", ""), self.content)

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


def _parsed(content: bytes) -> Any:
    try:
        return read_json(content)
    except ValueError:
        return None
