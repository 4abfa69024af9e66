"""Tests of tokens, challenges and the authorize page under each choice of the assumptions."""

from __future__ import annotations

import re
from urllib.parse import quote_plus

import pytest

from fakekounta import FakeKounta
from tests.caller import COMPANY, Caller, refusal
from tests.choices import caller, shows

ANSWER = {"access_token", "expires_in", "token_type"}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"}


@shows("O06", {"none": None, "same": "same", "new": "new"})
def test_refresh_tokens(chosen: dict[str, str], expected: str | None) -> None:
    """The response to a refresh has no refresh token, the same, or a new one; the old one always stays valid."""
    api = caller(chosen)
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
def test_expired_token(chosen: dict[str, str], expected: str, seconds: int) -> None:
    """An expired token is 401 with this code in body and challenge; the description is always the same."""
    api = caller(chosen)
    token = api.token(grant_type="client_credentials").json()["access_token"]
    assert api.with_token(token).status_code == 200
    api.kounta.clock.advance(seconds=seconds)
    answer = api.with_token(token)
    description = "The access token provided has expired"
    assert (answer.status_code, answer.json()) == (401, {"error": expected, "error_description": description})
    challenge = f'Bearer realm="Service", error="{expected}", error_description="{description}"'
    assert answer.headers["WWW-Authenticate"] == challenge
    assert api.with_token("unknown").json()["error"] == "invalid_token"  # O08


@shows("O05", {"no_scope": ANSWER, "null_scope": {*ANSWER, "scope"}})
def test_scope_of_a_token(chosen: dict[str, str], expected: set[str]) -> None:
    """A token response has no scope, or a null one, for any grant; the other keys are the same."""
    api = caller(chosen)
    for form in (REFRESH, {"grant_type": "client_credentials"}):
        answer = api.token(**form).json()
        assert answer.keys() - {"refresh_token"} == expected
        assert (answer["token_type"], answer.get("scope")) == ("Bearer", None)


@shows("O09", {"bearer": ["Bearer"], "both": ["Bearer", "Basic"]})
def test_challenges(chosen: dict[str, str], expected: list[str]) -> None:
    """Without credentials there is one challenge, or two in separate headers, and never a body."""
    api = caller(chosen)
    for headers in ({}, {"Authorization": "Digest username=x"}):
        answer = api.http.send(api.http.build_request("GET", COMPANY, headers=headers), auth=None)
        assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (401, b"", None)
        challenges = answer.headers.get_list("WWW-Authenticate")
        assert challenges == [f'{scheme} realm="Service"' for scheme in expected]
    wrong = api.http.get(COMPANY, auth=("fake-client-id", "x"))
    assert wrong.headers.get_list("WWW-Authenticate") == ['Basic realm="Service"']  # O11


VISIT = {
    "client_id": "fake-client-id",
    "response_type": "code",
    "redirect_uri": "http://localhost/callback",
    "state": "s",
}


@shows("O13", {"500": (500, "server_error"), "400": (400, "bad_request")})
def test_unregistered_redirect_uri(chosen: dict[str, str], expected: tuple[int, str]) -> None:
    """An unregistered redirect_uri has this status and its code; other refusals are 400."""
    api = caller(chosen)
    assert refusal(api.http.get("/authorize", params={**VISIT, "redirect_uri": "http://localhost/"})) == expected
    for change in ({"client_id": "x"}, {"client_id": ""}, {"redirect_uri": ""}, {"state": ""}):
        assert refusal(api.http.get("/authorize", params=VISIT | change)) == (400, "bad_request")
    assert api.http.get("/authorize", params=VISIT).status_code == 302


ODD = {"client_id": "shop +1%2B@", "client_secret": "a b+c%25&=\u00e9"}
RAW = (ODD["client_id"], ODD["client_secret"])


@shows("O14", {"raw_or_decoded": 200, "raw": 400})
def test_form_encoded_basic(chosen: dict[str, str], expected: int) -> None:
    """At the token endpoint a pair that is unknown as sent is decoded, `+` to a blank, or refused."""
    api = caller(chosen, applications=[ODD])
    form = {"grant_type": "client_credentials"}
    encoded = quote_plus(RAW[0]), quote_plus(RAW[1])
    assert (encoded[0], " " in "".join(encoded)) == ("shop+%2B1%252B%40", False)
    assert api.http.post("/v1/token", data=form, auth=encoded).status_code == expected
    assert api.http.post("/v1/token", data=form, auth=("fake%2Dclient%2Did", "fake%2dclient%2dsecret")).status_code == (
        expected
    )
    assert api.http.post("/v1/token", data=form, auth=RAW).status_code == 200
    half = api.http.post("/v1/token", data=form, auth=(encoded[0], "x"))
    assert refusal(half) == (400, "invalid_client")
    assert api.http.get("/v1/companies/me", auth=encoded).status_code == 401


@shows("O14", {"raw_or_decoded": "a+b", "raw": "a+b"})
def test_what_was_sent_counts_before_what_it_decodes_to(chosen: dict[str, str], expected: str) -> None:
    """If both the pair as sent and the decoded one are known, the one as sent counts."""
    api = caller(chosen, applications=[{"client_id": name, "client_secret": "s"} for name in ("a b", "a+b")])
    assert api.http.post("/v1/token", data={"grant_type": "client_credentials"}, auth=("a+b", "s")).status_code == 200
    assert api.kounta.requests[-1].client_id == expected


@pytest.mark.parametrize("choice, statuses", [("raw_or_decoded", (200, 200, 400)), ("raw", (400, 200, 400))])
def test_credentials_that_are_form_encoded(choice: str, statuses: tuple[int, int, int]) -> None:
    """O14: they are decoded unless they are known as sent, or never; wrong ones stay wrong."""
    applications = [
        {"client_id": "my shop", "client_secret": "a+b"},
        {"client_id": "your%20shop", "client_secret": "c"},
    ]
    kounta = FakeKounta(applications=applications, assumptions={"O14": choice})
    pairs = (("my+shop", "a%2Bb"), ("your%20shop", "c"), ("my+shop", "a%2Bc"))
    answers = [Caller(kounta, pair).token(grant_type="client_credentials") for pair in pairs]
    assert tuple(answer.status_code for answer in answers) == statuses
    met = [{quirk.id for quirk in entry.quirks} for entry in kounta.requests]
    assert ["O14" in quirks for quirks in met] == [True, False, True]
