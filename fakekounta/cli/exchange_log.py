"""The log of `fakekounta serve --log-requests`: one line on stderr for each exchange."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from fakekounta.core.matching import line_of
from fakekounta.schemas.journal import printable

_OF_NEARLY_ALL = frozenset((Quirk.T01_BASE_PATH_V1, Quirk.T04_EXTENSION_BEFORE_QUERY, Quirk.O01_BASIC))
_COLOURS = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
_NO_ANSWER = "magenta"


def log_exchange(entry: Entry) -> None:
    """Print the line of an exchange; in colour on a terminal, unless NO_COLOR is set."""
    in_colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    click.echo(_coloured(entry) if in_colour else _plain(entry), err=True, color=in_colour)


def _plain(entry: Entry) -> str:
    return f"{_begin(entry)}{_names(entry)}".rstrip()


def _coloured(entry: Entry) -> str:
    begin = click.style(_begin(entry), fg=_COLOURS.get(entry.status // 100, _NO_ANSWER))
    return f"{begin}{click.style(_names(entry), dim=not entry.explained_by)}"


def _begin(entry: Entry) -> str:
    at = f"{entry.at:%H:%M:%S} " if entry.at is not None else ""
    return printable(f"{at}{line_of(entry)} in {entry.duration_seconds * 1_000:.1f} ms")


def _names(entry: Entry) -> str:
    """Return the quirks that explain the status; if it needs no explanation, those that not every exchange covers."""
    shown: Iterable[Quirk] = entry.explained_by or (one for one in entry.quirks if one not in _OF_NEARLY_ALL)
    names = [f"{quirk.id} {quirk.slug.replace('_', ' ').lower()}" for quirk in dict.fromkeys(shown)]
    faults = [f"fault: {printable(entry.fault)}"] if entry.fault else []
    return "".join(f"  {part}" for part in (*faults, ", ".join(names)) if part)
