"""The first difference of two JSON values, with its JSON path."""

from __future__ import annotations

from typing import Any


def first_difference(expected: Any, actual: Any, *, partial: bool = False, path: str = "$") -> str | None:
    """Return the first difference, such as "$.tags[0] is 'a', not 'b'", or None.

    With `partial`, objects may have more keys than expected.
    """
    if isinstance(expected, dict) and isinstance(actual, dict):
        return _in_objects(expected, actual, partial=partial, path=path)
    if isinstance(expected, (list, tuple)) and isinstance(actual, list):
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            found = first_difference(one, other, partial=partial, path=f"{path}[{index}]")
            if found is not None:
                return found
        if len(expected) != len(actual):
            return f"{path} has {len(actual)} items, not {len(expected)}"
        return None
    same = expected == actual and isinstance(expected, bool) == isinstance(actual, bool)  # 1 is not true
    return None if same else f"{path} is {actual!r}, not {expected!r}"


def _in_objects(expected: dict[str, Any], actual: dict[str, Any], *, partial: bool, path: str) -> str | None:
    for key, value in expected.items():
        if key not in actual:
            return f"{path}.{key} is missing"
        found = first_difference(value, actual[key], partial=partial, path=f"{path}.{key}")
        if found is not None:
            return found
    more = next((key for key in actual if key not in expected), None)
    return None if partial or more is None else f"{path}.{more} is {actual[more]!r}, and was not expected"
