"""Tests of the readers of single values, which settings, faults, control calls and the state share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from fakekounta.core import values

RIGHT: list[tuple[values.Reader[Any], Any, Any]] = [
    (values.flag, False, False),
    (values.text, "a", "a"),
    (values.any_text, "", ""),
    (values.whole(1, 3), 1, 1),
    (values.whole(1, 3), 3, 3),
    (values.number(0, 1), 0, 0),
    (values.number(), -1.5, -1.5),
    (values.moment, "2026-01-01T11:00:00+11:00", datetime(2026, 1, 1, tzinfo=timezone.utc)),
    (values.moment, datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, tzinfo=timezone.utc)),
    (values.one_of(("a", "b")), "b", "b"),
    (values.optional(values.text), None, None),
    (values.optional(values.text), "a", "a"),
    (values.list_of(values.text), ["a", "b"], ("a", "b")),
    (values.mapping, {"a": 1}, {"a": 1}),
    (values.objects, [{"a": 1}], [{"a": 1}]),
]
WRONG: list[tuple[values.Reader[Any], Any, str]] = [
    (values.flag, 1, "x: must be true or false, not 1"),
    (values.text, "", "x: must be a text that is not empty, not ''"),
    (values.any_text, None, "x: must be a text, not None"),
    (values.whole(1, 3), 0, "x: must be a whole number from 1 to 3, not 0"),
    (values.whole(1, 3), 4, "x: must be a whole number from 1 to 3, not 4"),
    (values.whole(1, 3), True, "x: must be a whole number from 1 to 3, not True"),
    (values.whole(1, 3), 2.0, "x: must be a whole number from 1 to 3, not 2.0"),
    (values.number(0, 1), 1.1, "x: must be a number from 0 to 1, not 1.1"),
    (values.number(0, 1), float("nan"), "x: must be a number from 0 to 1, not nan"),
    (values.number(0, 1), -0.1, "x: must be a number from 0 to 1, not -0.1"),
    (values.number(), False, "x: must be a number, not False"),
    (values.number(), "1", "x: must be a number, not '1'"),
    (values.moment, 7, "x: must be an ISO 8601 date and time with an offset, not 7"),
    (values.moment, "noon", "x: 'noon' is not an ISO 8601 date and time"),
    (values.one_of(("a", "b")), "c", "x: must be one of a, b, not 'c'"),
    (values.one_of(("a", "b")), ["a"], "x: must be one of a, b, not ['a']"),
    (values.optional(values.text), "", "x: must be a text that is not empty, not ''"),
    (values.list_of(values.text), "ab", "x: must be a list, not 'ab'"),
    (values.list_of(values.text), ["a", ""], "x[1]: must be a text that is not empty, not ''"),
    (values.mapping, ["a"], "x: must be an object"),
    (values.objects, {}, "x: must be an array of objects"),
    (values.objects, [{}, 1], "x[1]: must be an object"),
    (lambda name, value: values.known_keys(name, value, ("a",)), {"b": 1}, "x.b: is unknown; known are a"),
    (lambda _, value: values.known_keys("", value, ("a",)), {"b": 1}, "b: is unknown; known are a"),
]


@pytest.mark.parametrize("reader, value, read", RIGHT)
def test_a_right_value_is_read(reader: Callable[[str, Any], Any], value: Any, read: Any) -> None:
    """A value is returned unchanged, except that a time is in UTC and a list is a tuple."""
    assert reader("x", value) == read


@pytest.mark.parametrize("reader, value, message", WRONG)
def test_a_wrong_value_is_refused(reader: Callable[[str, Any], Any], value: Any, message: str) -> None:
    """The message is one line: the name, what the value must be, and what it is."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared as a whole
        reader("x", value)
    assert str(refused.value) == message


def test_errors_get_the_kind_of_their_reader() -> None:
    """`raising` gives a ValueError another class and the same message, and leaves one of that class alone."""

    class StateError(ValueError):
        pass

    with pytest.raises(StateError, match=r"^x: must be true or false, not 1$"), values.raising(StateError):
        values.flag("x", 1)
    own = StateError("mine")
    with pytest.raises(StateError) as kept, values.raising(StateError):
        raise own
    assert kept.value is own
