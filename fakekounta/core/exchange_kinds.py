"""The kinds of values that only exchanges have: messages, quirks and durations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.kinds import Kind, Number, Texts
from fakekounta.core.messages import Headers, Message


class ShownMessage(Message):
    """A message from a document. Its secrets are hidden already; hiding them again would hide more."""

    __slots__ = ()

    @property
    def headers(self) -> Headers:
        return Headers(self.pairs)

    @property
    def body(self) -> bytes:
        return self.content


class OneMessage(Kind):
    """A request or a response; its document has no secrets."""

    sent_as: type = dict
    kept_as: type = Message
    reason = "must be an object with headers and body"
    annotation = "Message"

    def document(self, kept: Message) -> dict[str, Any]:
        return {"headers": dict(kept.headers), "body": kept.text}

    def restored(self, document: Mapping[str, Any]) -> Message:
        return ShownMessage(document["headers"].items(), document["body"].encode("utf-8"))


class Quirks(Texts):
    """Quirks, each written once, by its id."""

    annotation = "Sequence[Quirk]"

    def document(self, kept: Iterable[Quirk]) -> list[str]:
        return list(dict.fromkeys(quirk.id for quirk in kept))

    def restored(self, document: Iterable[str]) -> Any:
        return [Quirk.by_id(quirk_id) for quirk_id in document]


class Remarks(Texts):
    """A list of texts that grows while a request is answered."""

    def restored(self, document: Sequence[str]) -> Any:
        return list(document)


class Milliseconds(Number):
    """A number of seconds, written in milliseconds with at most three digits after the point."""

    def document(self, kept: float) -> float:
        return round(kept * 1_000, 3)

    def restored(self, document: float) -> float:
        return document / 1_000
