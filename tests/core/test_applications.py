"""Tests of applications, their tokens and codes, and about open authentication."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import count

import pytest

from fakekounta import Application, Assumptions, Quirk
from fakekounta.core.applications import MOST, MOST_BYTES, Applications
from fakekounta.core.errors import GrantRefused, TokenRefused
from fakekounta.core.tokens import Tokens, new_token

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)
HERE = "http://localhost/callback"
MINE = Application(
    client_id="mine", client_secret="s", access_token="for-ever", refresh_token="again", redirect_uris=(HERE, "app://x")
)
OTHER = Application(client_id="other", client_secret="s2", company_id=6789, redirect_uris=(HERE,))


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def numbered() -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"token-{next(numbers)}"


def registered(*, open_company_id: int | None = None, **chosen: str) -> Applications:
    """Return applications whose tokens are token-1, token-2 and so on."""
    return Applications((MINE, OTHER), Assumptions(chosen), open_company_id=open_company_id, token=numbered())


@pytest.fixture
def applications() -> Applications:
    return registered()


def refused_grant(redeem: Callable[[], Tokens]) -> tuple[Quirk, str, str]:
    with pytest.raises(GrantRefused) as caught:
        redeem()
    return caught.value.quirk, caught.value.code, caught.value.description


# --- credentials -----------------------------------------------------------------------------------------------


def test_an_application_is_known_by_both_credentials(applications: Applications) -> None:
    """Client id and secret together identify an application; no other pair does."""
    assert applications.by_credentials("mine", "s") is MINE
    assert applications.by_credentials("other", "s2") is OTHER
    for client_id, secret in (("mine", "s2"), ("mine", ""), ("nobody", "s"), ("", ""), ("MINE", "s"), ("mine", "S")):
        assert applications.by_credentials(client_id, secret) is None
    assert applications.all() == [MINE, OTHER]


def test_a_token_belongs_to_one_application(applications: Applications) -> None:
    """Each issued token is unique and leads to its application."""
    tokens = {one.client_id: applications.issue(one, NOW) for one in (MINE, OTHER)}
    assert len({tokens[name].access_token for name in tokens} | {tokens[name].refresh_token for name in tokens}) == 4
    for one in (MINE, OTHER):
        assert applications.by_access_token(tokens[one.client_id].access_token, NOW) is one


@pytest.mark.parametrize("seconds, good", [(0, True), (3599.999, True), (3600, False), (3601, False), (-60, True)])
def test_a_token_expires_after_an_hour(applications: Applications, seconds: float, good: bool) -> None:
    """A token is valid until the 3600th second, and valid again if the clock is set back."""
    tokens = applications.issue(MINE, NOW)
    assert tokens.expires_in_seconds == 3600
    if good:
        assert applications.by_access_token(tokens.access_token, later(seconds)) is MINE
        return
    with pytest.raises(TokenRefused, match="The access token provided has expired") as caught:
        applications.by_access_token(tokens.access_token, later(seconds))
    assert (caught.value.quirk, caught.value.code) == (Quirk.O07_EXPIRED_TOKEN, "invalid_token")
    assert applications.by_access_token(tokens.access_token, NOW) is MINE


def test_the_tokens_that_were_configured_never_expire(applications: Applications) -> None:
    """The documented fake tokens stay valid."""
    assert applications.by_access_token("for-ever", later(10**9)) is MINE
    tokens = applications.refresh(MINE, "again", later(10**9))
    assert applications.by_access_token(tokens.access_token, later(10**9 + 3599)) is MINE


@pytest.mark.parametrize("token", ["unknown", "", "again", "mine", "s", "FOR-EVER"])
def test_an_unknown_token_is_refused(applications: Applications, token: str) -> None:
    """A refresh token, a client id and a secret are not access tokens."""
    with pytest.raises(TokenRefused, match="The access token provided is invalid") as caught:
        applications.by_access_token(token, NOW)
    assert (caught.value.quirk, caught.value.code) == (Quirk.O08_UNKNOWN_TOKEN, "invalid_token")


def test_tokens_are_40_hex_digits_and_never_the_same() -> None:
    """Tokens that the fake makes have the documented form."""
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[0-9a-f]{40}", token) for token in tokens)


def test_an_application_replaces_one_with_its_client_id(applications: Applications) -> None:
    """The new secret is valid and the old one is not; the number of applications is unchanged."""
    again = Application(client_id="mine", client_secret="new")
    applications.add(again)
    assert (applications.by_credentials("mine", "new"), applications.by_credentials("mine", "s")) == (again, None)
    assert applications.all() == [again, OTHER]


# --- refreshing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("choice, given", [("none", None), ("same", "again"), ("new", "token-2")])
def test_a_refresh_token_can_be_used_again_and_again(choice: str, given: str | None) -> None:
    """Under each choice the old refresh token stays valid, and so does a new one."""
    applications = registered(O06=choice)
    first = applications.refresh(MINE, "again", NOW)
    assert first == Tokens(access_token="token-1", refresh_token=given, expires_in_seconds=3600)
    second = applications.refresh(MINE, given or "again", later(10**6))
    third = applications.refresh(MINE, "again", later(10**6))
    tokens = {one.access_token for one in (first, second, third)}
    assert len(tokens) == 3
    assert [applications.by_access_token(one.access_token, later(10**6)) for one in (second, third)] == [MINE, MINE]


def test_a_refresh_leaves_older_access_tokens_valid(applications: Applications) -> None:
    """Issued access tokens expire at their own time."""
    first = applications.issue(MINE, NOW)
    assert first.refresh_token is not None
    applications.refresh(MINE, first.refresh_token, later(3000))
    assert applications.by_access_token(first.access_token, later(3599)) is MINE


@pytest.mark.parametrize("token", ["unknown", "for-ever", ""])
def test_an_unknown_refresh_token_is_refused(applications: Applications, token: str) -> None:
    """An unknown refresh token is refused with the code of OAuth 2."""
    expected = (Quirk.O10_TOKEN_ERRORS, "invalid_grant", "The refresh token is invalid")
    assert refused_grant(lambda: applications.refresh(MINE, token, NOW)) == expected


def test_a_refresh_token_belongs_to_one_application(applications: Applications) -> None:
    """A refresh token is refused to another application, and stays valid for its own."""
    assert refused_grant(lambda: applications.refresh(OTHER, "again", NOW))[1] == "invalid_grant"
    assert applications.refresh(MINE, "again", NOW).access_token == "token-1"


# --- codes -----------------------------------------------------------------------------------------------------

BAD_CODE = (Quirk.O12_CODES_ARE_USED_ONCE, "invalid_grant", "The code is invalid or has expired")


def test_a_code_works_once(applications: Applications) -> None:
    """A code gives an access and a refresh token, and is refused the second time."""
    code = applications.authorise("mine", HERE, NOW)
    tokens = applications.redeem(MINE, code, HERE, later(599))
    assert tokens == Tokens(access_token="token-2", refresh_token="token-3", expires_in_seconds=3600)
    assert refused_grant(lambda: applications.redeem(MINE, code, HERE, later(599))) == BAD_CODE
    assert applications.by_access_token("token-2", later(599 + 3599)) is MINE


def test_a_code_is_valid_for_ten_minutes(applications: Applications) -> None:
    """At the 600th second a code has expired."""
    code = applications.authorise("mine", HERE, NOW)
    assert refused_grant(lambda: applications.redeem(MINE, code, HERE, later(600))) == BAD_CODE


def test_a_code_belongs_to_one_application(applications: Applications) -> None:
    """A code is refused to another application as an unknown one is, and stays valid."""
    code = applications.authorise("mine", HERE, NOW)
    assert refused_grant(lambda: applications.redeem(OTHER, code, HERE, NOW)) == BAD_CODE
    assert refused_grant(lambda: applications.redeem(MINE, "unknown", HERE, NOW)) == BAD_CODE
    assert applications.redeem(MINE, code, HERE, NOW).access_token == "token-2"


def test_a_code_is_for_its_redirect_uri(applications: Applications) -> None:
    """The redirect URI may be omitted; another one is refused, registered or not, and the code stays valid."""
    code = applications.authorise("mine", HERE, NOW)
    another = (Quirk.O12_CODES_ARE_USED_ONCE, "invalid_grant", "The redirect_uri is not that of the code")
    for uri in ("app://x", HERE + "/", ""):
        assert refused_grant(partial(applications.redeem, MINE, code, uri, NOW)) == another
    assert applications.redeem(MINE, code, None, NOW).access_token == "token-2"


def test_only_registered_redirect_uris_are_accepted(applications: Applications) -> None:
    """Only a URI that is registered for the client, character by character, is accepted."""
    assert [applications.may_redirect("mine", uri) for uri in (HERE, "app://x")] == [True, True]
    assert applications.may_redirect("other", "app://x") is False
    for uri in ("", HERE + "/", HERE + "?a=1", HERE.upper(), "http://localhost"):
        assert applications.may_redirect("mine", uri) is False
    for client_id in ("nobody", ""):
        assert applications.may_redirect(client_id, HERE) is False


def test_tokens_survive_state_out_and_in(applications: Applications) -> None:
    """`tokens` returns a copy, and `restore_tokens` makes exactly these valid again."""
    code = applications.authorise("mine", HERE, NOW)
    issued = applications.issue(OTHER, NOW)
    saved = applications.tokens()
    applications.redeem(MINE, code, None, NOW)
    later_token = applications.issue(OTHER, NOW).access_token
    applications.restore_tokens(*saved)
    assert applications.by_access_token(issued.access_token, NOW) is OTHER
    assert applications.redeem(MINE, code, None, NOW).expires_in_seconds == 3600
    with pytest.raises(TokenRefused):
        applications.by_access_token(later_token, NOW)


# --- bounds and gaps -----------------------------------------------------------------------------------------------


def test_the_newest_tokens_are_kept(applications: Applications) -> None:
    """The oldest issued token is dropped, an expired one refused as expired, and those of the settings stay."""
    old = applications.issue(MINE, later(-5_000)).access_token
    issued = [applications.issue(MINE, later(-4_000)) for _ in range(MOST)]
    with pytest.raises(TokenRefused) as unknown:
        applications.by_access_token(old, NOW)
    assert unknown.value.quirk is Quirk.O08_UNKNOWN_TOKEN
    for tokens in (issued[0], issued[-1]):
        with pytest.raises(TokenRefused) as expired:
            applications.by_access_token(tokens.access_token, NOW)
        assert expired.value.quirk is Quirk.O07_EXPIRED_TOKEN
        assert applications.refresh(MINE, tokens.refresh_token or "", NOW).access_token
    access, refresh, _ = applications.tokens()
    assert (len(access), len(refresh)) == (MOST + 1, MOST + 1)
    assert applications.by_access_token("for-ever", NOW) is MINE
    assert applications.refresh(MINE, "again", NOW).access_token


def test_the_newest_codes_are_kept(applications: Applications) -> None:
    """Codes have the same limit as tokens."""
    codes = [applications.authorise("mine", HERE, NOW) for _ in range(MOST + 1)]
    assert refused_grant(lambda: applications.redeem(MINE, codes[0], None, NOW))[0] is Quirk.O12_CODES_ARE_USED_ONCE
    assert applications.redeem(MINE, codes[1], None, NOW).access_token
    assert len(applications.tokens()[2]) == MOST - 1


def test_a_token_of_the_settings_that_expired_stays_so(applications: Applications) -> None:
    """A fault's expiry of a token of the settings outlasts many new tokens, and saving and restoring."""
    applications.expire("for-ever", MINE, NOW)
    for _ in range(MOST + 1):
        applications.issue(MINE, NOW)
    again = registered()
    again.restore_tokens(*applications.tokens())
    for one in (applications, again):
        with pytest.raises(TokenRefused) as expired:
            one.by_access_token("for-ever", NOW)
        assert expired.value.quirk is Quirk.O07_EXPIRED_TOKEN
    assert len(again.tokens()[0]) == MOST + 1


def test_data_of_unknown_clients_is_bounded_in_number_and_in_bytes() -> None:
    """Client ids, refresh tokens and redirect URIs of any length are accepted, and the oldest are dropped."""
    opened = registered(open_company_id=5678)
    large = "x" * 100_000
    for number in range(60):
        stranger = opened.by_credentials(f"{large}{number}", large)
        assert stranger is not None
        assert opened.refresh(stranger, f"{large}{number}", NOW).access_token
        opened.authorise("mine", f"{large}{number}", NOW)
    access, refresh, codes = opened.tokens()
    held = [*refresh, *(code.redirect_uri for code in codes.values()), *(one.client_id for one in opened.all())]
    assert sum(map(len, held)) <= 3 * MOST_BYTES
    token = next(iter(reversed(access)))
    for number in range(MOST + 1):
        opened.by_credentials(str(number), "s")
    assert len(opened.all()) == 2 + MOST
    assert opened.by_access_token(token, NOW).client_id == f"{large}59"
    assert opened.by_credentials("mine", "s") is MINE


def test_open_authentication_accepts_a_client_at_authorize() -> None:
    """Open authentication accepts an unknown client at /authorize, and leaves a registered one as it is."""
    opened, closed = registered(open_company_id=5678), registered()
    opened.authorise("newcomer", HERE, NOW)
    opened.authorise("mine", HERE, NOW)
    closed.authorise("newcomer", HERE, NOW)
    assert opened.all() == [MINE, OTHER, Application(client_id="newcomer", client_secret="", any_redirect_uri=True)]
    assert closed.all() == [MINE, OTHER]
    code = opened.authorise("newcomer", HERE, NOW)
    assert opened.redeem(opened.all()[-1], code, HERE, NOW).access_token


def test_a_dropped_client_keeps_its_webhooks() -> None:
    """Webhooks of a dropped client are signed as before, and a state with them can be restored."""
    opened = registered(open_company_id=5678)
    opened.by_credentials("newcomer", "s")
    for number in range(MOST):
        opened.by_credentials(str(number), "s")
    assert opened.get("newcomer") is None
    owner = opened.owner("newcomer")
    assert owner is not None
    assert (owner.client_id, owner.signature_token) == ("newcomer", "fake-signature-token")
    assert registered().owner("newcomer") is None
