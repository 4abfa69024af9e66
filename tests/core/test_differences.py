"""Tests of the first difference of two JSON values."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta.core.differences import first_difference


@pytest.mark.parametrize(
    "expected, actual, text",
    [
        ({"a": 1}, {"a": 2}, "$.a: expected 1, got 2"),
        ({"a": 1}, {"a": True}, "$.a: expected 1, got true"),
        ({"a": {"b": [1, {"c": ""}]}}, {"a": {"b": [1, {"c": None}]}}, '$.a.b[1].c: expected "", got null'),
        ({"a": 1}, {}, "$.a: expected 1, got nothing"),
        ({}, {"a": 1}, "$.a: expected nothing, got 1"),
        ([1], [1, 2], "$[1]: expected nothing, got 2"),
        ([1, 2], [1], "$[1]: expected 2, got nothing"),
        ({"a", "b"}, {"a"}, "$.b: expected a value, got nothing"),
        ({"a"}, {"a", "b"}, "$.b: expected nothing, got a value"),
        ({"a"}, {"b": 1}, "$.a: expected a value, got nothing"),
        ("x", b"y", '$: expected "x", got "y"'),
        ({"a": "x" * 500}, {"a": ""}, f'$.a: expected "{"x" * 199}…, got ""'),
    ],
)
def test_the_first_difference_is_found(expected: Any, actual: Any, text: str) -> None:
    """The difference is a JSON path with the expected and the actual value, both shortened."""
    assert str(first_difference(expected, actual)) == text


@pytest.mark.parametrize("value", [None, 1, "x", [1, [2]], {"a": {"b": []}}, {"a"}])
def test_the_same_does_not_differ(value: Any) -> None:
    """Equal values have no difference."""
    assert first_difference(value, value) is None


def test_more_keys_may_be_allowed() -> None:
    """With `partial`, additional keys do not count."""
    assert first_difference({"a"}, {"a": 1, "b": 2}, partial=True) is None
    assert first_difference({"a": 1}, {"a": 1, "b": 2}, partial=True) is None
