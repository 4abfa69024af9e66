"""Exchanges as JSON documents and as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fakekounta.core.exchange_kinds import OneMessage
from fakekounta.core.fields import Field
from fakekounta.core.journal import EXCHANGE, Entry
from fakekounta.core.matching import line_of

_SHOWN_CHARACTERS = 500
_SHOWN_OF_STATEMENT = 160


_OF_SUMMARY = tuple(one for one in EXCHANGE.own if not isinstance(one.kind, OneMessage))


def entry_document(entry: Entry) -> dict[str, Any]:
    """Return an exchange as a document, complete and without secrets."""
    return {**_document(entry, EXCHANGE.own), "target": entry.target}


def entry_summary(entry: Entry) -> dict[str, Any]:
    """Return an exchange as a document, without headers and bodies."""
    return {**_document(entry, _OF_SUMMARY), "target": entry.target}


def _document(entry: Entry, fields: Iterable[Field]) -> dict[str, Any]:
    return {one.key: one.kind.document(getattr(entry, one.name)) for one in fields}


def entry_from(document: Mapping[str, Any]) -> Entry:
    """Return the exchange in a document made by `entry_document`; its secrets stay hidden."""
    return Entry(**{one.name: one.kind.restored(document[one.key]) for one in EXCHANGE.own})


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
