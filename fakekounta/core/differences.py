"""The first difference of two JSON values, with its JSON path."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import Any

from fakekounta.process.dataclass import dataclass

MISSING: Any = object()
"""Stands for a missing value."""
_PRESENT: Any = object()
"""Stands for the value of a key in a set of keys."""
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference: its JSON path, and the two values there; a missing value is MISSING.

    If two lists differ in length only, `lengths` has the expected and the actual length.
    """

    path: str
    expected: Any
    actual: Any
    lengths: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"{self.path}: expected {shown(self.expected)}, got {shown(self.actual)}"


def first_difference(expected: Any, actual: Any, *, partial: bool = False, path: str = "$") -> Difference | None:
    """Return the first difference of two JSON values, or of two sets of keys; None if they are the same.

    With `partial`, objects may have additional keys. 1 and true are different.
    """
    if isinstance(expected, AbstractSet) and isinstance(actual, (AbstractSet, Mapping)):
        expected, actual = _of_keys(expected), _of_keys(actual)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        keys = [*expected, *(key for key in actual if not partial and key not in expected)]
        parts = [(f"{path}.{key}", expected.get(key, MISSING), actual.get(key, MISSING)) for key in keys]
    elif _is_list(expected) and _is_list(actual):
        pairs = zip_longest(expected, actual, fillvalue=MISSING)
        parts = [(f"{path}[{index}]", *pair) for index, pair in enumerate(pairs)]
    else:
        same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)
        return None if same else Difference(path, expected, actual)
    for where, one, other in parts:
        if _is_list(expected) and (one is MISSING or other is MISSING):
            return Difference(where, one, other, (len(expected), len(actual)))
        found = first_difference(one, other, partial=partial, path=where)
        if found is not None:
            return found
    return None


def shown(value: Any) -> str:
    """Return a value as JSON, or as Python where JSON has no such value, cut to 200 characters."""
    if value is MISSING or value is _PRESENT:
        return "nothing" if value is MISSING else "a value"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    try:
        return cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return written(value)


def written(value: Any) -> str:
    """Return a value as Python writes it, cut to 200 characters."""
    try:
        return cut(repr(value))
    except ValueError:  # Python writes no number with thousands of digits
        return "a number with thousands of digits"


def cut(text: str) -> str:
    """Return a text cut to 200 characters."""
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"


def _of_keys(keys: AbstractSet[Any] | Mapping[Any, Any]) -> Mapping[Any, Any]:
    return dict.fromkeys(sorted(keys, key=str), _PRESENT)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
