"""What a failed contract test says: where a response differs from the expectation, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from contracts import expecting
from fakekounta.verify.failures import place_of, text_of

ANSWER = httpx.Response(404, headers={"X-Pages": "2", "Content-Type": "text/html; charset=utf-8"}, content=b"no")
RECORD: dict[str, Any] = {"id": 1, "name": "Kim", "tags": ["a"], "address": {"city": "Two"}}


def fail_plainly() -> None:
    assert len("four") == 5


@pytest.mark.parametrize(
    "fail, text",
    [
        (lambda: expecting.expect(RECORD, {**RECORD, "tags": ["b"]}), '$.tags[0]: expected "b", got "a"'),
        (lambda: expecting.expect(ANSWER.content, b"", "body"), 'body: expected "", got "no"'),
        (lambda: expecting.expect_keys(RECORD, {"id", "email"}), "$.email: expected a value, got nothing"),
        (lambda: expecting.expect_parts(RECORD, {"name": "Kim", "id": 2}), "$.id: expected 2, got 1"),
        (lambda: expecting.expect_parts(RECORD, {"email": None}), "$.email: expected null, got nothing"),
        (lambda: expecting.expect_parts(RECORD, {"address": {}}), '$.address.city: expected nothing, got "Two"'),
        (
            lambda: expecting.expect_parts(RECORD["address"], {"city": "One"}, "$.address"),
            '$.address.city: expected "One", got "Two"',
        ),
        (lambda: expecting.expect_form("Kim", "[0-9]+", "$.name"), '$.name: expected the form [0-9]+, got "Kim"'),
        (lambda: expecting.expect_that(0, "$.at", "stays"), "$.at: stays"),
        (lambda: expecting.expect_status(ANSWER, 200, 201), 'status: expected 200 or 201, got 404 "no"'),
        (lambda: expecting.expect_success(ANSWER), 'status: expected 200 to 299, got 404 "no"'),
        (lambda: expecting.expect_client_error(httpx.Response(500)), "status: expected 400 to 499, got 500"),
        (lambda: expecting.expect_header(ANSWER, "X-Pages", "3"), 'header X-Pages: expected "3", got "2"'),
        (lambda: expecting.expect_header(ANSWER, "Location"), "header Location: expected a value, got nothing"),
        (lambda: expecting.expect_no_header(ANSWER, "X-Pages"), 'header X-Pages: expected nothing, got "2"'),
        (
            lambda: expecting.expect_media_type(ANSWER, "application/json"),
            'header Content-Type: expected "application/json", got "text/html"',
        ),
        (lambda: ANSWER.headers["Location"], "header Location: expected a value, got nothing"),
        (lambda: RECORD["email"], "$.email: expected a value, got nothing"),
    ],
)
def test_a_failure_names_the_place(fail: Callable[[], object], text: str) -> None:
    """The place of the first difference stands before what was expected there and what came."""
    with pytest.raises((AssertionError, KeyError)) as failed:
        fail()
    assert (place_of(failed.value), text_of(failed.value)) == (text.partition(": ")[0], text)


@pytest.mark.parametrize(
    "fail, text",
    [
        (fail_plainly, "assert 4 == 5"),
        (ANSWER.json, "the response cannot be parsed: JSONDecodeError: "),
        (lambda: 1 / 0, "the response cannot be parsed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_failure_without_a_place(fail: Callable[[], object], text: str) -> None:
    """The text is the assertion with its values, or the error by which the test broke off."""
    with pytest.raises((AssertionError, ValueError, ArithmeticError)) as failed:
        fail()
    assert place_of(failed.value) == ""
    assert text_of(failed.value).startswith(text)


@pytest.mark.parametrize(
    "hold",
    [
        lambda: expecting.expect(RECORD, dict(reversed(RECORD.items()))),
        lambda: expecting.expect_keys(RECORD, {"id"}),
        lambda: expecting.expect_parts(RECORD, {"id": 1}),
        lambda: expecting.expect_form("12", "[0-9]+", "$"),
        lambda: expecting.expect_that(1, "$", ""),
        lambda: expecting.expect_status(ANSWER, 200, 404),
        lambda: expecting.expect_success(httpx.Response(204)),
        lambda: expecting.expect_client_error(ANSWER),
        lambda: expecting.expect_header(ANSWER, "x-pages"),
        lambda: expecting.expect_header(ANSWER, "X-Pages", "2"),
        lambda: expecting.expect_no_header(ANSWER, "Location"),
        lambda: expecting.expect_media_type(ANSWER, "text/html"),
    ],
)
def test_what_is_as_expected_raises_nothing(hold: Callable[[], None]) -> None:
    """Each helper of the contract suite accepts what it describes."""
    hold()
