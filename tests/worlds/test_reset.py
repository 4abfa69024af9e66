"""Tests of `reset`, which equals a fresh start, and of fakes that share nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from fakekounta import FakeKounta
from fakekounta.worlds.state import world_from
from tests.drawn_worlds import HISTORIES, SETTINGS, play, state
from tests.sockets import unhurried


@unhurried
@given(settings=SETTINGS, history=HISTORIES)
def test_reset_equals_fresh(settings: dict[str, Any], history: list[tuple[str, Any]]) -> None:
    """After random operations, `reset` gives the state of a new fake with the same settings."""
    kounta = FakeKounta(**settings)
    play(kounta, history)
    kounta.reset()
    fresh = FakeKounta(**settings)
    assert state(kounta) == state(fresh)
    assert kounta.customers.all() == fresh.customers.all()
    assert (len(kounta.requests), kounta.requests.total) == (0, 0)


def test_reset_forgets_the_rate_limit_too() -> None:
    """Requests before the reset do not count towards the rate limit after it."""
    kounta = FakeKounta(rate_limit={"basic": 1})
    with kounta.httpx_client() as client:
        statuses = [client.get("/v1/companies/me.json", auth=kounta.auth).status_code for _ in range(2)]
        kounta.reset()
        statuses.append(client.get("/v1/companies/me.json", auth=kounta.auth).status_code)
    assert statuses == [200, 429, 200]


def test_reset_forgets_a_state_that_was_put_in() -> None:
    """`reset` returns to the settings, not to a restored state."""
    kounta = FakeKounta(page_size=3)
    kounta.replace_world(world_from({"format": 1, "companies": [{"id": 7}]}))
    kounta.reset()
    assert state(kounta) == state(FakeKounta(page_size=3))


@unhurried
@given(history=HISTORIES)
def test_two_fakes_share_nothing(history: list[tuple[str, Any]]) -> None:
    """No operation on one fake changes another with the same settings."""
    settings: dict[str, Any] = {"seed": [{"first_name": "Sam", "mobile": "1", "tags": ["a"]}], "open_auth": True}
    one, other = FakeKounta(**settings), FakeKounta(**settings)
    before = state(other)
    play(one, history)
    assert state(other) == before
    assert (len(other.requests), other.requests.total) == (0, 0)
