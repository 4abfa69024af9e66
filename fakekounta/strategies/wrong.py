"""Strategies for values of a wrong type or beyond the bounds of a field, made from the declarations (C22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import strategies as st

from fakekounta.core.customers import ADDRESS_PARTS
from fakekounta.core.kinds import Flag, Kind, Moment, Number, Text, Texts, Whole, by_kind
from fakekounta.core.orders.kinds import Wholes
from fakekounta.core.resources import Many, Nested, Shape
from fakekounta.strategies.address import addresses
from fakekounta.strategies.parts import Body, Strategy

NOT_TEXT: Strategy = st.one_of(
    st.sampled_from((0, 7, -1.5, True, False, [], {}, ["Ada"], {"a": 1}, 412_345_678, 2**64)), st.integers()
)
_NOT_TEXTS = st.sampled_from(
    ("VIP", "", 0, False, {}, {"VIP": True}, [None], [7], ["VIP", None], ["VIP", ["x"]], [{}], [True])
)
_NOT_ADDRESS = st.sampled_from(
    ("1 High St", "", 0, False, True, [], ["1 High St"], [{}], {"lines": "1 High St"}, {"lines": [1]}, {"zone": 7})
)
_NOT_BOOLEAN = st.sampled_from((0, 1, "", "true", "false", "yes", "on", [], {}, 0.0))
_NOT_NUMBER: Strategy = st.sampled_from(("", "1", "7.5", True, False, [], {}, [1], {"a": 1}))
_NOT_WHOLES = st.sampled_from(("", "1", 7, True, {}, [None], ["1"], [1.5], [True], [1, []], [2**63], [-(2**64)]))
_NOT_MOMENT = st.sampled_from(
    (*(0, 7.5, True, [], {}, "", "today", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "T:00Z"),)
)
_NOT_OBJECTS: Strategy = st.sampled_from(("", "x", 7, True, {}, {"0": {}}, [7], [None], ["x"], [[]], [True]))


def wrong_fields(shape: Shape) -> dict[str, Strategy]:
    """Return a strategy for the wrong values of each field of a body; null is not wrong."""
    return {key: wrong_values(field.kind) for key, field in shape.sent.items()}


def wrong_bodies(shape: Shape) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies with one field, which has a wrong value."""
    return st.one_of(*(st.fixed_dictionaries({key: values}) for key, values in wrong_fields(shape).items()))


def wrong_values(kind: Kind) -> Strategy:
    """Return a strategy for values that a field of this kind refuses."""
    return by_kind(_WRONG, kind)(kind)


def _wrong_addresses() -> Strategy:
    parts = [addresses(blanks=True, **{part: NOT_TEXT}) for part in ADDRESS_PARTS]
    return st.one_of(_NOT_ADDRESS, st.sampled_from(parts).flatmap(lambda one: one))


def _beyond(kind: Whole) -> Strategy:
    beyond = st.integers(max_value=kind.least - 1) | st.integers(min_value=kind.most + 1)
    return st.one_of(_NOT_NUMBER, st.just(1.5), beyond)


def _too_much(kind: Number) -> Strategy:
    return st.one_of(_NOT_NUMBER, st.sampled_from((kind.most * 1.001 + 1, kind.least * 1.001 - 1, 1e300, -(10**40))))


def _wrong_objects(kind: Many) -> Strategy:
    """Return what is no list of objects, and lists whose last object has one wrong field."""
    return st.one_of(_NOT_OBJECTS, st.tuples(st.integers(0, 2), wrong_bodies(kind.shape)).map(_as_last))


def _as_last(drawn: tuple[int, Body]) -> list[Body]:
    before, wrong = drawn
    return [*({} for _ in range(before)), wrong]


_WRONG: Mapping[type[Kind], Callable[[Any], Strategy]] = {
    Text: lambda _: NOT_TEXT,
    Texts: lambda _: _NOT_TEXTS,
    Flag: lambda _: _NOT_BOOLEAN,
    Nested: lambda _: _wrong_addresses(),
    Moment: lambda _: _NOT_MOMENT,
    Wholes: lambda _: _NOT_WHOLES,
    Whole: _beyond,
    Number: _too_much,
    Many: _wrong_objects,
}
