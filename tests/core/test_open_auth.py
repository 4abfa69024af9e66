"""Tests of open authentication: every client is an application of the first company."""

from __future__ import annotations

import httpx
import pytest

from fakekounta import FakeKounta
from tests.caller import COMPANY, CUSTOMERS, Caller

OTHER = {"client_id": "other", "client_secret": "s", "company_id": 6789, "redirect_uris": ["http://localhost/other"]}


@pytest.fixture
def opened() -> FakeKounta:
    return FakeKounta(open_auth=True, companies=[{"id": 6789}], applications=[OTHER])


def company_of(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_without_it_only_registered_applications_are_known() -> None:
    """By default unknown credentials are 401 and make no application."""
    api = Caller(FakeKounta(), auth=("anybody", "anything"))
    assert api.get(COMPANY).status_code == api.with_token("anything").status_code == 401
    assert len(api.kounta.world.applications.all()) == 1


def test_any_credentials_are_accepted(opened: FakeKounta) -> None:
    """Any client id with any secret, and any bearer token, reaches the first company."""
    api = Caller(opened, auth=("anybody", "anything"))
    assert company_of(api.get(COMPANY)) == company_of(api.get("/v1/companies/me")) == 5678
    assert company_of(api.with_token("whatever")) == 5678
    assert company_of(Caller(opened, auth=("anybody", "something else")).get(COMPANY)) == 5678
    assert api.get("/v1/companies/6789").status_code == 403


def test_each_client_id_is_an_application_of_its_own(opened: FakeKounta) -> None:
    """Each client id or bearer token, with any secret, has its own reference ids."""
    first, second = Caller(opened, auth=("first", "x")), Caller(opened, auth=("second", "x"))
    created = first.create(reference_id="R1").headers["Location"]
    assert first.get(created).json()["reference_id"] == "R1"
    assert Caller(opened, auth=("first", "y")).get(created).json()["reference_id"] == "R1"
    assert second.get(created).json()["reference_id"] == ""
    assert first.with_token("second").status_code == 200
    assert len(first.ids(reference_id="R1")) == 1
    assert second.ids(reference_id="R1") == []


def test_a_registered_application_stays_what_it_is(opened: FakeKounta) -> None:
    """A registered client id, with any secret or as a bearer token, is that application of its own company."""
    api = Caller(opened, auth=("other", "wrong"))
    assert company_of(api.get("/v1/companies/me")) == 6789
    assert company_of(api.with_token("other")) == 6789
    assert company_of(Caller(opened, auth=("other", "s")).get("/v1/companies/me")) == 6789
    assert company_of(api.with_token("fake-access-token")) == 5678
    kept = opened.world.applications.get("other")
    assert kept is not None
    assert kept.redirect_uris == ("http://localhost/other",)


def test_no_credentials_are_still_refused(opened: FakeKounta) -> None:
    """A missing header, an empty client id or an empty token is refused."""
    api = Caller(opened, auth=("", ""))
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic Og=="}, {"Authorization": "Basic ?"}):
        request = api.http.build_request("GET", COMPANY, headers=header)
        assert api.http.send(request, auth=None).status_code == 401


def test_an_expired_token_is_still_refused(opened: FakeKounta) -> None:
    """An expired token of the fake is refused as usual."""
    api = Caller(opened, auth=("anybody", "x"))
    token = api.token(grant_type="client_credentials").json()["access_token"]
    assert company_of(api.with_token(token)) == 5678
    opened.clock.advance(seconds=3600)
    assert api.with_token(token).json()["error_description"] == "The access token provided has expired"


def test_any_refresh_token_is_taken(opened: FakeKounta) -> None:
    """A refresh token belongs to the first client that uses it, and to no other afterwards."""
    first, second = Caller(opened, auth=("first", "x")), Caller(opened, auth=("second", "x"))
    form = {"grant_type": "refresh_token", "refresh_token": "from another time"}
    assert first.token(**form).status_code == 200
    refused = second.token(**form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert first.token(**form).status_code == 200


def test_an_unknown_client_completes_the_oauth_flow(opened: FakeKounta) -> None:
    """An unknown client is redirected to any URI with a code, and gets tokens for it."""
    api = Caller(opened, auth=("newcomer", "x"))
    query = {"client_id": "newcomer", "redirect_uri": "https://shop.example.com/back", "response_type": "code"}
    sent_back = httpx.URL(api.http.get("/authorize", params={**query, "state": "s"}).headers["Location"])
    assert (sent_back.host, sent_back.params["state"]) == ("shop.example.com", "s")
    tokens = api.token(grant_type="authorization_code", code=sent_back.params["code"]).json()
    assert company_of(api.with_token(tokens["access_token"])) == 5678
    assert api.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


def test_a_registered_client_is_sent_to_its_own_uris_only(opened: FakeKounta) -> None:
    """Open authentication does not add redirect URIs to a registered application."""
    api = Caller(opened)
    query = {"client_id": "other", "response_type": "code", "state": "s"}
    known = api.http.get("/authorize", params={**query, "redirect_uri": "http://localhost/other"})
    unknown = api.http.get("/authorize", params={**query, "redirect_uri": "https://shop.example.com/back"})
    assert (known.status_code, unknown.status_code) == (302, 500)


def test_a_reset_forgets_accepted_applications(opened: FakeKounta) -> None:
    """After kounta.reset() only the registered applications exist."""
    api = Caller(opened, auth=("anybody", "x"))
    assert api.get(CUSTOMERS).status_code == 200
    assert len(opened.world.applications.all()) == 3
    opened.reset()
    assert [one.client_id for one in opened.world.applications.all()] == ["fake-client-id", "other"]
