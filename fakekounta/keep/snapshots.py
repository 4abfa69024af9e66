"""A snapshot as JSON, written piece by piece, so that a large state needs little memory more."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from fakekounta.core.deliveries import DELIVERY
from fakekounta.core.world import World
from fakekounta.worlds.state import state_of

PART_BYTES = 1_048_576
"""The size of a part, but for the last one."""
_AT_A_TIME = 50
_LARGE = "companies"


def document_of(worlds: Mapping[str, World], moment: datetime, start: int) -> dict[str, Any]:
    """Return all that worlds have at a moment, with the position of their start.

    Customers and records, which never change, are left for `pieces_of`, so that changes wait for less.
    """
    return {
        "moment": moment.isoformat(),
        "start": start,
        "worlds": {name: _kept(world) for name, world in worlds.items()},
    }


def _kept(world: World) -> dict[str, Any]:
    line = world.clock.line
    return {
        "state": state_of(world, whole=False),
        "clock": None if line is None else [one.isoformat() for one in line],
        "past": [DELIVERY.document(one) for one in world.outbox.all()],
    }


def pieces_of(value: Any, name: str = "") -> Iterator[str]:
    """Yield what `document_of` returned, as JSON. Large lists are written some items at a time."""
    if isinstance(value, dict) and any(isinstance(one, (dict, list, tuple)) for one in value.values()):
        yield from _joined("{", (_with_key(key, one) for key, one in value.items()), "}")
    elif isinstance(value, (list, tuple)) and name == _LARGE:
        yield from _joined("[", map(pieces_of, value), "]")
    elif isinstance(value, (list, tuple)):
        some = (value[at : at + _AT_A_TIME] for at in range(0, len(value), _AT_A_TIME))
        yield from _joined("[", ((_text(one)[1:-1],) for one in some), "]")
    else:
        yield _text(value)


def _with_key(key: str, value: Any) -> Iterator[str]:
    yield f"{_text(key)}: "
    yield from pieces_of(value, key)


def _joined(opening: str, parts: Iterable[Iterable[str]], closing: str) -> Iterator[str]:
    before = opening
    for part in parts:
        yield before
        yield from part
        before = ", "
    yield closing if before != opening else opening + closing


def _text(value: Any) -> str:
    return json.dumps(value, default=written)


def written(record: Any) -> Any:
    """Return a customer or a record as a document."""
    (document,) = _RECORD.document(record).values()
    return document


_RECORD = DELIVERY.by_name["record"].kind


def parts_of(pieces: Iterable[str]) -> Iterator[tuple[bytes, bool]]:
    """Yield the parts of a text, so that no change waits long for one, each with whether it is the last."""
    part = bytearray()
    for piece in pieces:
        part += piece.encode()
        while len(part) > PART_BYTES:
            yield bytes(part[:PART_BYTES]), False
            del part[:PART_BYTES]
    yield bytes(part), True
