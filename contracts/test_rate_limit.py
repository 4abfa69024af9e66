"""The rate limit, in a world of the fake with rate limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

from contracts.arranging import basic
from contracts.expecting import expect, expect_header, expect_no_header, expect_status
from contracts.target import KountaTarget


@pytest.fixture
def fake_settings() -> dict[str, Any]:
    return {"rate_limit": True}


@pytest.fixture(autouse=True)
def only_on_a_fake(target: KountaTarget, request: pytest.FixtureRequest) -> None:
    if target.kind == "live" and "spares_an_account" not in request.keywords:
        target.not_provable("it would use up the requests of an account")


LIMIT_HEADERS = {"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"}


def ask_many(target: KountaTarget, number: int, **headers: str) -> list[httpx.Response]:
    return [target.get(target.customers, headers=headers) for _ in range(number)]


def used_up(target: KountaTarget) -> None:
    """Use up the requests of this minute."""
    ask_many(target, 60)
    expect_status(target.get(target.company), 429)


@pytest.mark.quirk("R01")
def test_basic_has_60_requests_a_minute(target: KountaTarget) -> None:
    """Sixty requests are answered, the sixty-first is 429."""
    statuses = [answer.status_code for answer in ask_many(target, 61)]
    assert statuses == [200] * 60 + [429]


@pytest.mark.quirk("R01")
def test_a_token_has_180_requests_a_minute(target: KountaTarget) -> None:
    """A hundred and eighty requests are answered, the next is 429."""
    answers = ask_many(target, 181, Authorization=f"Bearer {target.access_token()}")
    assert [answer.status_code for answer in answers] == [200] * 180 + [429]


@pytest.mark.quirk("R01")
def test_each_application_has_its_own_limit(target: KountaTarget) -> None:
    """An application can send requests after another has used up its limit."""
    used_up(target)
    expect_status(target.get(target.company, headers=target.as_second_application()), 200)


@pytest.mark.quirk("R02")
def test_every_answer_tells_the_limit(target: KountaTarget) -> None:
    """Limit is constant, Remaining counts down to 0, Reset is the end of the minute in Unix seconds."""
    answers = ask_many(target, 61)
    assert {answer.headers["X-Ratelimit-Limit"] for answer in answers} == {"60"}
    remaining = [int(answer.headers["X-Ratelimit-Remaining"]) for answer in answers]
    assert remaining == [*range(59, -1, -1), 0]
    ends = {int(answer.headers["X-Ratelimit-Reset"]) for answer in answers}
    assert len(ends) == 1
    assert 0 < ends.pop() - datetime.now().timestamp() <= 61  # noqa: DTZ005 - seconds since the epoch


@pytest.mark.quirk("R02")
@pytest.mark.spares_an_account
@pytest.mark.parametrize("path", ["", "/customers.json", "/customers/0"])
def test_an_answer_has_three_headers(target: KountaTarget, path: str) -> None:
    """Limit, Remaining and Reset are whole numbers, and there is no Retry-After."""
    answer = target.get(target.company + path)
    names = {name: answer.headers[name] for name in LIMIT_HEADERS if name in answer.headers}
    if target.kind == "live" and target.is_fakekounta and not names:
        target.not_provable("this fake was started without a rate limit")
    for name in sorted(LIMIT_HEADERS):
        expect_header(answer, name)
    assert {name for name, value in names.items() if value.isdigit()} == LIMIT_HEADERS
    expect_no_header(answer, "Retry-After")


@pytest.mark.quirk("R02")
def test_a_token_has_a_limit_of_180(target: KountaTarget) -> None:
    """With a token, Limit is 180."""
    [answer] = ask_many(target, 1, Authorization=f"Bearer {target.access_token()}")
    expect_header(answer, "X-Ratelimit-Limit", "180")
    expect_header(answer, "X-Ratelimit-Remaining", "179")


@pytest.mark.quirk("R02")
def test_a_refusal_tells_no_retry_after(target: KountaTarget) -> None:
    """A 429 has the three headers and no Retry-After."""
    used_up(target)
    answer = target.get(target.company)
    expect_status(answer, 429)
    expect_no_header(answer, "Retry-After")
    expect_header(answer, "X-Ratelimit-Remaining", "0")


@pytest.mark.quirk("R02")
def test_other_refusals_tell_the_limit_too(target: KountaTarget) -> None:
    """A 404 counts, and its headers have the remaining number."""
    answer = target.get(target.customer(0))
    expect_status(answer, 404)
    expect_header(answer, "X-Ratelimit-Remaining", "59")


@pytest.mark.quirk("R03")
@pytest.mark.parametrize("path", ["/customers", "/customers.json", "/customers/0", ""])
def test_the_body_of_429_is_a_bare_text(target: KountaTarget, path: str) -> None:
    """The body of a 429 is `Limit exceeded`, not JSON, without paging headers, whatever Accept says."""
    used_up(target)
    answer = target.get(target.company + path)
    expect_status(answer, 429)
    expect(answer.content, b"Limit exceeded", "body")
    assert "json" not in answer.headers.get("Content-Type", "")
    assert {"X-Pages", "X-Next-Page"}.isdisjoint(answer.headers)


@pytest.mark.quirk("R04")
def test_the_minute_starts_with_the_first_request(target: KountaTarget) -> None:
    """Sixty seconds after the first request all sixty are free again, and none before."""
    target.get(target.company)
    target.let_time_pass(seconds=30)
    ask_many(target, 59)
    target.let_time_pass(seconds=25)
    expect_status(target.get(target.company), 429)
    target.let_time_pass(seconds=5)
    assert [answer.status_code for answer in ask_many(target, 61)] == [200] * 60 + [429]


@pytest.mark.quirk("R04")
def test_what_is_refused_does_not_count(target: KountaTarget) -> None:
    """Further requests over the limit do not move the end of the minute."""
    used_up(target)
    ask_many(target, 10)
    target.let_time_pass(seconds=60)
    expect_header(target.get(target.company), "X-Ratelimit-Remaining", "59")


@pytest.mark.quirk("T12")
def test_rate_limit_headers_keep_their_case(target: KountaTarget) -> None:
    """The names are sent as `X-Ratelimit-…`, with a small l."""
    names = {name.decode() for name, _ in target.get(target.company).headers.raw}
    assert {"X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} <= names


@pytest.mark.quirk("T21")
@pytest.mark.parametrize(
    "path,headers,status",
    [
        ("{company}", {"Accept": None}, 406),
        ("{company}", {"Authorization": None}, 401),
        ("{company}", {"Authorization": basic("somebody", "else")}, 401),
        ("{company}/unicorns", {}, 429),
        ("/v1/companies/6789", {}, 429),
    ],
)
def test_the_limit_comes_between_credentials_and_route(
    target: KountaTarget, path: str, headers: dict[str, str | None], status: int
) -> None:
    """Over the limit, a wrong format or wrong credentials are still refused as such, and all else is 429."""
    used_up(target)
    expect_status(target.get(path.format(company=target.company), headers=headers), status)
