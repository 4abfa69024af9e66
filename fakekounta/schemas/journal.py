"""Exchanges as JSON documents and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.clock import aware
from fakekounta.core.journal import Entry
from fakekounta.core.matching import line_of
from fakekounta.core.messages import Headers, Message

_SHOWN_CHARACTERS = 500
_SHOWN_OF_STATEMENT = 160


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an exchange as a document, complete and without secrets."""
    messages = {"request": _message_document(entry.request), "response": _message_document(entry.response)}
    return {**entry_summary(entry), **messages}


def entry_summary(entry: Entry) -> dict[str, Any]:
    """Return an exchange as a document, without headers and bodies."""
    return {
        "number": entry.number,
        "at": None if entry.at is None else entry.at.isoformat(),
        "duration_ms": round(entry.duration_seconds * 1_000, 3),
        "method": entry.method,
        "path": entry.path,
        "query": entry.query,
        "target": entry.target,
        "status": entry.status,
        "client_id": entry.client_id,
        "quirks": list(dict.fromkeys(quirk.id for quirk in entry.quirks)),
        "notes": list(entry.notes),
        "ignored_fields": list(entry.ignored_fields),
        "fault": entry.fault,
        "explained_by": [quirk.id for quirk in entry.explained_by],
    }


def _message_document(message: Message) -> dict[str, Any]:
    return {"headers": dict(message.headers), "body": message.text}


def entry_from(document: Mapping[str, Any]) -> Entry:
    """Return the exchange in a document made by `entry_document`; its secrets stay hidden."""
    return Entry(
        method=document["method"],
        path=document["path"],
        query=document["query"],
        number=document["number"],
        at=None if document["at"] is None else aware(document["at"]),
        duration_seconds=document["duration_ms"] / 1_000,
        status=document["status"],
        client_id=document["client_id"],
        request=_message_from(document["request"]),
        response=_message_from(document["response"]),
        quirks=[Quirk.by_id(quirk_id) for quirk_id in document["quirks"]],
        notes=list(document["notes"]),
        ignored_fields=tuple(document["ignored_fields"]),
        fault=document["fault"],
        explained_by=tuple(Quirk.by_id(quirk_id) for quirk_id in document["explained_by"]),
    )


def _message_from(document: Mapping[str, Any]) -> Message:
    return _Shown(document["headers"].items(), document["body"].encode("utf-8"))


class _Shown(Message):
    """A message from a document. Its secrets are hidden already; hiding them again would hide more."""

    __slots__ = ()

    @property
    def headers(self) -> Headers:
        return Headers(self.pairs)

    @property
    def body(self) -> bytes:
        return self.content


def journal_text(entries: Iterable[Entry]) -> str:
    """Return the exchanges as text for people, oldest first."""
    return "\n".join(line for entry in entries for line in _lines(entry))


def _lines(entry: Entry) -> list[str]:
    ids = " ".join(dict.fromkeys(quirk.id for quirk in entry.quirks))
    lines = [f"{line_of(entry)}  [{ids}]" if ids else line_of(entry)]
    lines += [f"    > {_shortened(entry.request.text)}"] if entry.request.content else []
    lines += [f"    < Location: {entry.response.headers['Location']}"] if "Location" in entry.response.headers else []
    lines += [f"    < {_shortened(entry.response.text)}"] if entry.response.content else []
    lines += [f"    {quirk.id}: {quirk.shortened(_SHOWN_OF_STATEMENT)}" for quirk in entry.explained_by]
    lines += [f"    fault: {entry.fault}"] if entry.fault else []
    return lines + [f"    note: {note}" for note in entry.notes]


def printable(text: str) -> str:
    """Return the text on one line, with unprintable characters escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _shortened(text: str) -> str:
    """Return the text on one line, as `printable` does, cut if it is long."""
    shown = printable(text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]} ... ({len(shown)} characters)"
