"""The first difference of two JSON values, with its JSON path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

MISSING: Any = object()
"""Stands for a missing value."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The first difference: its JSON path, and the two values there; a missing value is MISSING.

    If two lists differ in length only, `lengths` has the expected and the actual length.
    """

    path: str
    expected: Any
    actual: Any
    lengths: tuple[int, int] | None = None


def first_difference(expected: Any, actual: Any, *, partial: bool = False, path: str = "$") -> Difference | None:
    """Return the first difference of two JSON values, None if they are the same.

    With `partial`, objects may have additional keys. 1 and true are different.
    """
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


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))
