"""Search in the journal: the conditions for an exchange, and how exchanges differ from them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from fakekounta.catalogue.names import did_you_mean_id
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.differences import MISSING, Difference, first_difference
from fakekounta.core.journal import Entry
from fakekounta.core.paths import path_matches, path_pattern
from fakekounta.process.dataclass import dataclass

ANYTHING: Any = object()
STATUS_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """The conditions for an exchange. None and ANYTHING are no condition.

    `path` is a pattern (see `fakekounta.core.paths`), `json` the whole body of the request, `includes` some of its keys
    with their values, `query` some of its parameters, `status` a number or a class such as "4xx", `quirk` an id such as
    "C04". Raises ValueError if no exchange can match.
    """

    method: str | None = None
    path: str | None = None
    json: Any = ANYTHING
    includes: Any = ANYTHING
    query: Mapping[str, Any] | None = None
    status: int | str | None = None
    client_id: str | None = None
    quirk: Quirk | str | None = None

    def __post_init__(self) -> None:
        """Raise ValueError if no exchange can match."""
        if self.path is not None:
            path_pattern(self.path)
        if isinstance(self.status, str) and self.status not in STATUS_CLASSES:
            raise ValueError(f"status: must be a number, or one of {', '.join(STATUS_CLASSES)}, not {self.status!r}")
        if isinstance(self.quirk, str) and self.quirk not in {quirk.id for quirk in Quirk}:
            near = did_you_mean_id(self.quirk, (quirk.id for quirk in Quirk))
            raise ValueError(f"quirk: {self.quirk!r} is not an id of the catalogue{near}")

    def differences(self, entry: Entry) -> list[str]:
        """Return how an exchange differs from the conditions; an empty list if it matches."""
        differences = []
        if self.method is not None and entry.method != self.method.upper():
            differences.append(f"the method is {entry.method}")
        if self.path is not None and not path_matches(self.path, entry.path):
            differences.append("the path differs")
        if self.status not in (None, entry.status, f"{entry.status // 100}xx"):
            differences.append(f"the status is {entry.status}")
        if self.client_id is not None and entry.client_id != self.client_id:
            differences.append(f"client {entry.client_id} asked")
        if self.quirk is not None and not self._covers(entry):
            differences.append(f"it did not cover {self.quirk if isinstance(self.quirk, str) else self.quirk.id}")
        return differences + self._differences_of_query(entry) + self._differences_of_body(entry)

    def __str__(self) -> str:
        parts = [self.method or "request", *([self.path] if self.path else [])]
        for name in ("json", "includes", "query", "status", "client_id", "quirk"):
            value = getattr(self, name)
            if value is not None and value is not ANYTHING:
                parts.append(f"{name}={value!r}")
        return " ".join(parts)

    def _covers(self, entry: Entry) -> bool:
        wanted = self.quirk.id if isinstance(self.quirk, Quirk) else self.quirk
        return any(quirk.id == wanted for quirk in entry.quirks)

    def _differences_of_query(self, entry: Entry) -> list[str]:
        if self.query is None:
            return []
        given = dict(reversed(parse_qsl(entry.query, keep_blank_values=True)))  # T20: the first counts
        found = (first_difference(str(value), given.get(name), path=name) for name, value in self.query.items())
        return [f"in the query, {_in_words(one)}" for one in found if one is not None]

    def _differences_of_body(self, entry: Entry) -> list[str]:
        wanted = ((self.json, False), (self.includes, True))
        found = (
            first_difference(value, entry.request.json, partial=partial)
            for value, partial in wanted
            if value is not ANYTHING
        )
        return [f"in the body, {_in_words(one)}" for one in found if one is not None]


def _in_words(found: Difference) -> str:
    """Return one line such as "$.tags[0] is 'a', not 'b'"."""
    if found.lengths is not None:
        expected, actual = found.lengths
        return f"{found.path.rpartition('[')[0]} has {actual} items, not {expected}"
    if found.actual is MISSING:
        return f"{found.path} is missing"
    if found.expected is MISSING:
        return f"{found.path} is {found.actual!r}, and was not expected"
    return f"{found.path} is {found.actual!r}, not {found.expected!r}"


def nearest(wanted: Conditions, entries: Iterable[Entry]) -> str:
    """Return the closest exchanges, each with its differences, for an error message; the newest of equals first."""
    judged = [(wanted.differences(entry), entry) for entry in entries]
    if not judged:
        return "; no request was made at all"
    judged.sort(key=lambda one: (len(one[0]), -one[1].number))
    lines = [
        f"  {line_of(entry)}: {', '.join(differences) or 'as looked for'}" for differences, entry in judged[:_SHOWN]
    ]
    return f"; the nearest of {len(judged)}:\n" + "\n".join(lines)


def is_about(entry: Entry, record_id: int) -> bool:
    """Return whether an exchange is about the record with this id.

    The id is in its path, or in the `Location` of its response, also if a fault kept that back and a note has it.
    """
    place = re.compile(rf"/companies/[^/ ]+/(?:[^ ]*/)?{record_id}(?![\w-])")
    return any(map(place.search, (entry.path, entry.response.headers.get("Location", ""), *entry.notes)))


def line_of(entry: Entry) -> str:
    """Return a one-line description of an exchange."""
    return f"#{entry.number} {entry.method} {entry.target} -> {entry.status or 'no answer'}"
