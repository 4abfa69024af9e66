"""The `repr` of values: only what differs from the defaults, so that it stays one readable line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from datetime import datetime
from typing import Any


def fields_given(value: Any) -> str:
    """Return the `repr` of an instance of a dataclass, without the fields that have their default."""
    return f"{type(value).__name__}({', '.join(_given(value))})"


def _given(value: Any) -> Iterator[str]:
    for one in fields(value):
        item = getattr(value, one.name)
        if item != _default(one):
            yield f"{one.name}={item.isoformat() if isinstance(item, datetime) else repr(item)}"


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()
