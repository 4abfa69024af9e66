"""Tests of the first difference between a response and its expectation."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from fakekounta.verify.differences import difference_of, place


@pytest.mark.parametrize(
    "expected, got, text",
    [
        ({"a": 1}, {"a": 2}, "$.a: expected 1, got 2"),
        ({"a": {"b": [1, {"c": ""}]}}, {"a": {"b": [1, {"c": None}]}}, '$.a.b[1].c: expected "", got null'),
        ({"a": 1}, {}, "$.a: expected 1, got nothing"),
        ({}, {"a": 1}, "$.a: expected nothing, got 1"),
        ([1], [1, 2], "$[1]: expected nothing, got 2"),
        ([1, 2], [1], "$[1]: expected 2, got nothing"),
        ({"a", "b"}, {"a"}, "$.b: expected it to be there, got nothing"),
        ({"a"}, {"a", "b"}, "$.b: expected nothing, got it is there"),
        ("x", b"y", '$: expected "x", got "y"'),
        ({"a": "x" * 500}, {"a": ""}, f'$.a: expected "{"x" * 199}…, got ""'),
    ],
)
def test_the_first_difference_is_found(expected: Any, got: Any, text: str) -> None:
    """The difference is a JSON path with the expected and the actual value, both shortened."""
    assert str(difference_of(expected, got)) == text


@pytest.mark.parametrize("value", [None, 1, "x", [1, [2]], {"a": {"b": []}}, {"a"}])
def test_the_same_does_not_differ(value: Any) -> None:
    """Equal values have no difference."""
    assert difference_of(value, value) is None


def test_more_keys_may_be_allowed() -> None:
    """Without `extra`, additional keys do not count."""
    assert difference_of({"a"}, {"a": 1, "b": 2}, extra=False) is None
    assert difference_of({"a": 1}, {"a": 1, "b": 2}, extra=False) is None


@pytest.mark.parametrize(
    "expression, where",
    [
        ("answer.status_code", "status"),
        ("answer.content", "body"),
        ('answer.headers["X-Pages"]', "header X-Pages"),
        ('answer.headers.get("X-Pages")', "header X-Pages"),
        ('answer.headers["Location"].removesuffix(".json")', "header Location"),
        ('answer.json()["error"]', "$.error"),
        ('target.record(customer)["primary_address"]["city"]', "$.primary_address.city"),
        ("record[key]", "$.created_at"),
        ("items[0]", "$[0]"),
        ("set(record)", "$"),
        ('re.sub("a", "b", record[key])', "$.created_at"),
        ("len(items)", ""),
        ("text", ""),
        ("target.finds(email=email)", ""),
    ],
)
def test_a_path_is_read_from_the_test(expression: str, where: str) -> None:
    """The compared expression of a test gives the path in the response, if it has one."""
    names = {"record": {}, "items": [], "key": "created_at", "text": "x"}
    assert place(ast.parse(expression, mode="eval").body, names) == where
