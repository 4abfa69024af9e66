"""Claims about tokens under each choice of the assumptions."""

from __future__ import annotations

import re

import pytest

from tests.choices import caller, shows

ANSWER = {"access_token", "expires_in", "token_type"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"}


@shows("O06", {"none": None, "same": "same", "new": "new"})
def test_refresh_tokens(told: dict[str, str], expected: str | None) -> None:
    """The answer to a refresh has no refresh token, the same one, or a new one; the old one stays good always."""
    api = caller(told)
    answers = [api.token(**REFRESH) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    first, second = (answer.json() for answer in answers)
    assert first["access_token"] != second["access_token"]
    assert first.keys() == second.keys() == (ANSWER if expected is None else {*ANSWER, "refresh_token"})
    if expected == "same":
        assert first["refresh_token"] == second["refresh_token"] == "fake-refresh-token"
    if expected == "new":
        assert re.fullmatch(r"[0-9a-f]{40}", first["refresh_token"])
        assert first["refresh_token"] != second["refresh_token"]
        again = api.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
        assert api.with_token(again.json()["access_token"]).status_code == 200


@shows("O07", {"invalid_token": "invalid_token", "expired_token": "expired_token"})
@pytest.mark.parametrize("seconds", [3600, 10**6])
def test_expired_token(told: dict[str, str], expected: str, seconds: int) -> None:
    """An expired token is 401 with this code in the body and in the challenge; the description is always the same."""
    api = caller(told)
    token = api.token(grant_type="client_credentials").json()["access_token"]
    assert api.with_token(token).status_code == 200
    api.kounta.clock.advance(seconds=seconds)
    answer = api.with_token(token)
    description = "The access token provided has expired"
    assert (answer.status_code, answer.json()) == (401, {"error": expected, "error_description": description})
    challenge = f'Bearer realm="Service", error="{expected}", error_description="{description}"'
    assert answer.headers["WWW-Authenticate"] == challenge
    assert api.with_token("unknown").json()["error"] == "invalid_token"  # O08
