"""Exchanges as JSON documents and as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fakekounta.core.journal import Entry
from fakekounta.core.matching import line_of
from fakekounta.core.messages import Message

_SHOWN_CHARACTERS = 500


def entry_document(entry: Entry) -> dict[str, Any]:
    """Everything that is known of an exchange, without secrets."""
    messages = {"request": _message_document(entry.request), "response": _message_document(entry.response)}
    return {**entry_summary(entry), **messages}


def entry_summary(entry: Entry) -> dict[str, Any]:
    """What is known of an exchange, without its headers and bodies."""
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
    }


def _message_document(message: Message) -> dict[str, Any]:
    return {"headers": dict(message.headers), "body": message.text}


def journal_text(entries: Iterable[Entry]) -> str:
    """The exchanges for people to read, the oldest first."""
    return "\n".join(line for entry in entries for line in _lines(entry))


def _lines(entry: Entry) -> list[str]:
    ids = " ".join(dict.fromkeys(quirk.id for quirk in entry.quirks))
    lines = [f"{line_of(entry)}  [{ids}]" if ids else line_of(entry)]
    lines += [f"    > {_shortened(entry.request.text)}"] if entry.request.content else []
    lines += [f"    < Location: {entry.response.headers['Location']}"] if "Location" in entry.response.headers else []
    lines += [f"    < {_shortened(entry.response.text)}"] if entry.response.content else []
    lines += [f"    fault: {entry.fault}"] if entry.fault else []
    return lines + [f"    note: {note}" for note in entry.notes]


def _shortened(text: str) -> str:
    """The text on one line that a terminal takes, whatever is in it."""
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return shown if len(shown) <= _SHOWN_CHARACTERS else f"{shown[:_SHOWN_CHARACTERS]} ... ({len(shown)} characters)"
