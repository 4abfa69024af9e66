"""Filters of lists: which records a parameter of the query keeps, by an index where there is one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import Any, NamedTuple

from fakekounta.catalogue.quirks import Quirk

Keys = Callable[[Any], Iterable[Hashable]]
"""A function that returns the keys of a record in an index."""
BY_ID = "id"
"""The name of the index that each collection has without declaring it."""


class Condition(NamedTuple):
    """What the records of a list have in common; those with one of these keys in this index, if it names one."""

    wanted: Callable[[Any], bool]
    by: str = ""
    keys: Collection[Hashable] = ()


def with_ids(ids: Collection[int]) -> Condition:
    """Return the condition that a record has one of these ids."""
    return Condition(lambda record: record.id in ids, BY_ID, ids)


class Filter(NamedTuple):
    """A parameter of the query of a list.

    Attributes:
        doc: What it keeps, in one sentence.
        quirk: The quirk that a request with it covers.
        wanted: Whether a record is kept, as a function of the record and the text of the parameter.
        keys: The keys of a record in an index of its own, if it has one.
        asked: The keys of an index that a text asks for.
        by: The name of that index; the name of the parameter without it.

    """

    doc: str
    quirk: Quirk
    wanted: Callable[[Any, str], bool]
    keys: Keys | None = None
    asked: Callable[[str], Collection[Hashable]] | None = None
    by: str = ""


def by_scan(doc: str, quirk: Quirk, wanted: Callable[[Any, str], bool]) -> Filter:
    """Return a filter that looks at each record."""
    return Filter(doc, quirk, wanted)


def by_key(doc: str, quirk: Quirk, keys: Keys) -> Filter:
    """Return a filter with an index: it keeps the records of which one key is the text."""
    return Filter(doc, quirk, lambda record, text: text in keys(record), keys, lambda text: (text,))


def by_ids(doc: str, quirk: Quirk) -> Filter:
    """Return a filter by ids, in a text such as `301,302`."""
    return Filter(doc, quirk, lambda record, text: record.id in numbers(text), None, numbers, BY_ID)


def by_flag(doc: str, quirk: Quirk, flag: Callable[[Any], bool]) -> Filter:
    """Return a filter by a truth value, written `true` or `1`, `false` or `0`; any other text keeps all."""

    def wanted(record: Any, text: str) -> bool:
        asked = _FLAGS.get(text.lower())
        return asked is None or flag(record) is asked

    return Filter(doc, quirk, wanted)


_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def numbers(text: str) -> frozenset[int]:
    """Return the ids in a text such as `301,302`; parts that are no ids are left out."""
    parts = (part.strip() for part in text.split(","))
    return frozenset(int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS)


_MOST_DIGITS = 20
