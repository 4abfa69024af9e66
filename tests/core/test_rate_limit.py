"""Tests of the rate limit: its arithmetic, and the responses that a client gets (R01 to R04)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import ceil
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakekounta import FakeKounta, RequestsPerMinute
from fakekounta.core.rate_limit import Allowance, RateLimit
from tests.caller import COMPANY, CUSTOMERS, Caller

START = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
UNIX = int(START.timestamp())
TWO = RequestsPerMinute(basic=2, oauth=3)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def take(limit: RateLimit, seconds: float, *, client_id: str = "app", scheme: str = "basic") -> tuple[bool, int, int]:
    """Return the verdict, the remaining number, and the seconds from the start to the end of the window."""
    allowance = limit.take(client_id, scheme, after(seconds))
    return allowance.allowed, allowance.remaining, allowance.reset_at - UNIX


def test_the_documented_limits_are_the_default() -> None:
    """60 requests a minute with Basic, 180 with a token."""
    assert RequestsPerMinute() == RequestsPerMinute(basic=60, oauth=180)
    limit = RateLimit(RequestsPerMinute())
    assert limit.take("app", "basic", START) == Allowance(limit=60, remaining=59, reset_at=UNIX + 60, allowed=True)
    assert limit.take("app", "oauth", START) == Allowance(limit=180, remaining=179, reset_at=UNIX + 60, allowed=True)


def test_a_minute_has_so_many_requests_and_no_more() -> None:
    """The last permitted request leaves 0; further ones are refused until the minute is over."""
    limit = RateLimit(TWO)
    assert [take(limit, seconds) for seconds in (0, 10, 20, 59.999)] == [
        (True, 1, 60),
        (True, 0, 60),
        (False, 0, 60),
        (False, 0, 60),
    ]
    assert take(limit, 60) == (True, 1, 120)


def test_the_minute_starts_with_the_first_request() -> None:
    """A window is no minute of the wall clock; the next one starts with the next request."""
    limit = RateLimit(TWO)
    assert take(limit, 42) == (True, 1, 102)
    assert take(limit, 101) == (True, 0, 102)
    assert take(limit, 150) == (True, 1, 210)


def test_refused_requests_do_not_count() -> None:
    """A client that keeps sending is accepted no later than one that waits."""
    limit = RateLimit(TWO)
    verdicts = [take(limit, seconds)[0] for seconds in range(60)]
    assert verdicts == [True, True] + [False] * 58
    assert [take(limit, 60 + seconds)[0] for seconds in range(3)] == [True, True, False]


@pytest.mark.parametrize("fraction", [0.001, 0.5, 0.999])
def test_after_the_reset_requests_are_allowed(fraction: float) -> None:
    """The minute is over at the Unix second in the header, also if it began within a second."""
    limit = RateLimit(RequestsPerMinute(basic=1))
    assert take(limit, fraction) == (True, 0, 61)
    assert take(limit, 60) == (False, 0, 61)
    assert take(limit, 61) == (True, 0, 121)


@pytest.mark.parametrize("seconds", [-1, -0.001, -(10**6)])
def test_a_clock_set_back_starts_a_new_minute(seconds: float) -> None:
    """A minute that begins in the future counts as over, so nobody is refused until then."""
    limit = RateLimit(RequestsPerMinute(basic=1))
    assert take(limit, 0)[0] is True
    assert take(limit, 1)[0] is False
    assert take(limit, seconds) == (True, 0, ceil(seconds) + 60)
    assert take(limit, seconds + 1)[0] is False


def test_applications_and_kinds_of_credentials_are_counted_apart() -> None:
    """Each application has its own limits for Basic and for tokens."""
    limit = RateLimit(TWO)
    for client_id in ("app", "other"):
        assert [take(limit, 0, client_id=client_id)[0] for _ in range(3)] == [True, True, False]
        oauth = [take(limit, 0, client_id=client_id, scheme="oauth")[0] for _ in range(4)]
        assert oauth == [True, True, True, False]


def test_a_limit_of_none_refuses_everything() -> None:
    """With a limit of 0 no request is allowed, ever."""
    limit = RateLimit(RequestsPerMinute(basic=0))
    assert [take(limit, seconds) for seconds in (0, 30, 60)] == [(False, 0, 60), (False, 0, 90), (False, 0, 120)]


@settings(deadline=None)  # a slow machine is no defect of the code
@given(st.lists(st.integers(0, 40), max_size=40), st.integers(1, 4))
def test_windows_are_those_of_a_simple_count(pauses: list[int], allowed: int) -> None:
    """Each window permits as many requests as the limit, however they are spread, and has the remaining number."""
    limit = RateLimit(RequestsPerMinute(basic=allowed))
    now, start, used = 0, -60, 0
    for pause in pauses:
        now += pause
        if now - start >= 60:
            start, used = now, 0
        is_allowed = used < allowed
        used += is_allowed
        assert take(limit, now) == (is_allowed, allowed - used, start + 60)


# --- over HTTP -------------------------------------------------------------------------------------------------

LIMITED = {"basic": 2, "oauth": 3}
HEADERS = ("X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset")


def limited(**settings: Any) -> Caller:
    api = Caller(FakeKounta(rate_limit=LIMITED, **settings))
    api.kounta.clock.freeze(START)
    return api


def test_by_default_requests_are_not_limited() -> None:
    """Without the setting there is no limit, and no headers of one."""
    api = Caller(FakeKounta())
    answers = [api.get(COMPANY) for _ in range(61)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any(name in answer.headers for answer in answers for name in HEADERS)


def test_the_setting_true_is_the_documented_limits() -> None:
    """With rate_limit=True the 61st request with Basic is refused, and 180 with a token are accepted."""
    api = Caller(FakeKounta(rate_limit=True))
    api.kounta.clock.freeze(START)
    assert [api.get(COMPANY).status_code for _ in range(61)] == [200] * 60 + [429]
    assert api.with_token("fake-access-token").headers["X-Ratelimit-Remaining"] == "179"


def test_the_clock_of_the_fake_lets_the_minute_pass() -> None:
    """The headers count down, a 429 is plain text, and after the reset the whole limit is there."""
    api = limited()
    answers = [api.get(COMPANY) for _ in range(3)]
    assert [tuple(answer.headers[name] for name in HEADERS) for answer in answers] == [
        ("2", left, str(UNIX + 60)) for left in ("1", "0", "0")
    ]
    assert (answers[2].status_code, answers[2].text) == (429, "Limit exceeded")
    assert {"X-Pages", "X-Next-Page", "Retry-After"}.isdisjoint(answers[2].headers)
    api.kounta.clock.advance(seconds=60)
    assert (api.get(COMPANY).status_code, api.get(COMPANY).headers["X-Ratelimit-Reset"]) == (200, str(UNIX + 120))


def test_a_request_over_the_limit_changes_nothing() -> None:
    """A POST that is refused by the limit creates no customer."""
    api = limited()
    assert [api.create(email=f"{n}@example.com").status_code for n in range(4)] == [201, 201, 429, 429]
    assert len(api.kounta.customers) == 2


def test_tokens_of_one_application_share_its_limit() -> None:
    """Requests are counted for the application, not the token; Basic is counted separately."""
    api = limited()
    tokens = [api.token(grant_type="client_credentials").json()["access_token"] for _ in range(4)]
    assert [api.with_token(token).status_code for token in tokens] == [200, 200, 200, 429]
    assert api.get(COMPANY).headers["X-Ratelimit-Remaining"] == "1"


def test_requests_without_an_application_do_not_count() -> None:
    """Token requests, and those without known credentials, are neither counted nor limited."""
    api = limited()
    for _ in range(5):
        assert api.with_token("unknown").status_code == 401
        assert api.http.get(COMPANY, auth=("fake-client-id", "wrong")).status_code == 401
        assert "X-Ratelimit-Limit" not in api.token(grant_type="client_credentials").headers
    assert api.get(COMPANY).headers["X-Ratelimit-Remaining"] == "1"


def test_every_response_has_the_rate_limit_headers() -> None:
    """Redirects, refusals and paths that are not modelled count and have the headers."""
    api = limited()
    answers = [api.get(f"{CUSTOMERS}/1"), api.get("/v1/companies/5678/tables"), api.find(email="x")]
    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert [answer.headers["X-Ratelimit-Remaining"] for answer in answers] == ["1", "0", "0"]


def test_a_reset_of_the_fake_forgets_the_counts() -> None:
    """After kounta.reset() the whole limit is there again."""
    api = limited()
    assert [api.get(COMPANY).status_code for _ in range(3)] == [200, 200, 429]
    api.kounta.reset()
    assert api.get(COMPANY).headers["X-Ratelimit-Remaining"] == "1"
