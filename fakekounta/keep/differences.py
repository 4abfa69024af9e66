"""What differs between two states of a world, up to a number and a size."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from fakekounta.core.differences import MISSING
from fakekounta.keep.snapshots import written

MOST = 200
"""The largest number of differences that are told."""
MOST_BYTES = 1_048_576
"""The largest number of bytes of them, as JSON."""
_KEYS = ("id", "client_id")


class Difference(NamedTuple):
    """A value that differs; MISSING stands for none."""

    path: str
    before: Any
    after: Any

    def document(self) -> dict[str, Any]:
        """Return it as JSON: `before` or `after` is absent if there was no value."""
        pairs = (("path", self.path), ("before", self.before), ("after", self.after))
        return {name: value for name, value in pairs if value is not MISSING}


def told(before: Any, after: Any) -> tuple[list[dict[str, Any]], int]:
    """Return the differences of two states as documents, and how many more there are."""
    documents: list[dict[str, Any]] = []
    size = more = 0
    for one in differences(before, after):
        if more or len(documents) == MOST:
            more += 1
            continue
        text = json.dumps(one.document(), default=written)
        size += len(text)
        if size > MOST_BYTES:
            more += 1
        else:
            documents.append(json.loads(text))
    return documents, more


def differences(before: Any, after: Any, path: str = "") -> Iterator[Difference]:
    """Yield the values that differ. Records of a list are compared by their ids, as `customers[389427]`."""
    if before is after or before == after:
        return
    before, after = _opened(before), _opened(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        parts = ((f"{path}.{key}" if path else str(key), key) for key in _keys(before, after))
    elif (one := _by_id(before)) is not None and (other := _by_id(after)) is not None:
        before, after = one, other
        parts = ((f"{path}[{key}]", key) for key in _keys(before, after))
    else:
        yield Difference(path, before, after)
        return
    for where, key in parts:
        yield from differences(before.get(key, MISSING), after.get(key, MISSING), where)


def _keys(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    return [*before, *(key for key in after if key not in before)]


def _opened(value: Any) -> Any:
    """Return a record as its document, and any other value as it is."""
    is_json = value is None or value is MISSING or isinstance(value, (str, int, float, Mapping, list, tuple))
    return value if is_json else written(value)


def _by_id(values: Any) -> dict[Any, Any] | None:
    """Return the items of a list by their ids; None unless all have one."""
    if not isinstance(values, Sequence) or isinstance(values, str):
        return None
    found: dict[Any, Any] = {}
    for one in values:
        key = _id_of(one)
        if key is None or key in found:
            return None
        found[key] = one
    return found


def _id_of(value: Any) -> Any:
    if isinstance(value, Mapping):
        return next((value[key] for key in _KEYS if key in value), None)
    return getattr(value, "id", None)
