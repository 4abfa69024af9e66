"""Tokens of an application: the authorize page and the token endpoint."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import httpx
import pytest

from contracts.arranging import basic, form_encoded
from contracts.expecting import (
    expect,
    expect_form,
    expect_header,
    expect_media_type,
    expect_no_header,
    expect_parts,
    expect_status,
)
from contracts.target import KountaTarget

FORM = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": None, "Accept": None}
JSON = {"Content-Type": "application/json", "Authorization": None, "Accept": None}


def own(target: KountaTarget) -> dict[str, str]:
    return {
        "client_id": target.application.client_id,
        "client_secret": target.application.client_secret,
        "grant_type": "client_credentials",
    }


def works(target: KountaTarget, answer: httpx.Response) -> None:
    """Check that the response has an access token, and that it is valid."""
    expect_status(answer, 200)
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    expect_parts(target.get("/v1/companies/me", headers=headers).json(), {"id": target.company_id})


def keys(target: KountaTarget, *more: str) -> set[str]:
    """Return the keys of a token response with these tokens."""
    scope = {"scope"} if target.chosen["O05"] == "null_scope" else set()
    return {"access_token", "expires_in", "token_type", *more} | scope


def refused(answer: httpx.Response, error: str) -> None:
    expect_status(answer, 400)
    expect_parts(answer.json(), {"error": error})
    assert isinstance(answer.json()["error_description"], str)


@pytest.mark.quirk("O03")
def test_authorize_sends_back_code_and_state(target: KountaTarget) -> None:
    """/authorize redirects to the redirect_uri with a code and the unchanged state."""
    answer = target.authorize(state="a b&c=ü")
    expect_status(answer, 302)
    url = httpx.URL(answer.headers["Location"])
    assert str(url.copy_with(query=None)) == target.redirect_uri
    assert set(url.params) == {"code", "state"}
    assert url.params["state"] == "a b&c=ü"
    assert url.params["code"] != ""


@pytest.mark.quirk("O03")
def test_every_code_is_another(target: KountaTarget) -> None:
    """Two requests get different codes."""
    assert target.authorisation_code() != target.authorisation_code()


@pytest.mark.quirk("O04")
@pytest.mark.parametrize("path", ["/v1/token", "/v1/token.json"])
def test_the_token_endpoint_takes_a_form(target: KountaTarget, path: str) -> None:
    """A form with credentials in the body is enough, with and without .json, without Accept."""
    works(target, target.ask("POST", path, content=urlencode(own(target)).encode(), headers=FORM))


@pytest.mark.quirk("O04")
@pytest.mark.parametrize("path", ["/v1/token", "/v1/token.json"])
def test_the_token_endpoint_takes_json(target: KountaTarget, path: str) -> None:
    """A JSON object with credentials is enough, with and without .json, without Accept."""
    works(target, target.ask("POST", path, content=json.dumps(own(target)).encode(), headers=JSON))


@pytest.mark.quirk("O04")
def test_the_token_endpoint_takes_basic_credentials(target: KountaTarget) -> None:
    """The credentials may be in the Authorization header instead of the body."""
    headers = {**FORM, "Authorization": target.application.basic}
    works(target, target.ask("POST", "/v1/token", content=b"grant_type=client_credentials", headers=headers))


@pytest.mark.quirk("O04")
@pytest.mark.parametrize("with_uri", [False, True])
def test_a_code_is_exchanged_for_tokens(target: KountaTarget, with_uri: bool) -> None:
    """The grant authorization_code works with and without the redirect_uri."""
    code = {"grant_type": "authorization_code", "code": target.authorisation_code()}
    uri = {"redirect_uri": str(target.redirect_uri)} if with_uri else {}
    works(target, target.ask_for_token(**code, **uri))


@pytest.mark.quirk("O04")
def test_a_refresh_token_is_exchanged_for_an_access_token(target: KountaTarget) -> None:
    """The grant refresh_token gives a new access token."""
    tokens = target.tokens_of_a_code()
    answer = target.ask_for_token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
    works(target, answer)
    assert answer.json()["access_token"] != tokens["access_token"]


@pytest.mark.quirk("O05")
def test_the_answer_to_a_code_has_both_tokens(target: KountaTarget) -> None:
    """The response has exactly these keys; each token is 40 hex digits and valid for an hour."""
    tokens = target.tokens_of_a_code()
    expect(set(tokens), keys(target, "refresh_token"))
    expect_form(tokens["access_token"], "[0-9a-f]{40}", "$.access_token")
    expect_form(tokens["refresh_token"], "[0-9a-f]{40}", "$.refresh_token")
    expect_parts(tokens, {"expires_in": 3600, "token_type": "Bearer"})
    expect(tokens.get("scope"), None, "$.scope")


@pytest.mark.quirk("O05")
def test_a_token_answer_is_json_that_is_not_stored(target: KountaTarget) -> None:
    """The response is application/json with `Cache-Control: no-store`."""
    answer = target.ask_for_token(grant_type="client_credentials")
    expect_status(answer, 200)
    expect_form(answer.json()["access_token"], "[0-9a-f]{40}", "$.access_token")
    expect_media_type(answer, "application/json")
    expect_header(answer, "Cache-Control", "no-store")


@pytest.mark.quirk("O06")
def test_a_refresh_token_is_good_again_and_again(target: KountaTarget) -> None:
    """A refresh token works several times, also after hours, and each access token is different."""
    refresh = {"grant_type": "refresh_token", "refresh_token": target.tokens_of_a_code()["refresh_token"]}
    answers = [target.ask_for_token(**refresh) for _ in range(3)]
    for answer in answers:
        works(target, answer)
    assert len({answer.json()["access_token"] for answer in answers}) == 3


@pytest.mark.quirk("O06")
def test_a_refresh_token_outlives_its_access_token(target: KountaTarget) -> None:
    """A refresh token works after the access token issued with it has expired."""
    refresh_token = target.tokens_of_a_code()["refresh_token"]
    target.let_time_pass(seconds=30 * 86_400)
    works(target, target.ask_for_token(grant_type="refresh_token", refresh_token=refresh_token))


@pytest.mark.quirk("O06")
def test_a_refresh_gives_no_new_refresh_token(target: KountaTarget) -> None:
    """The response to a refresh has no refresh_token, or the same, or a new valid one, if that is expected."""
    old = target.tokens_of_a_code()["refresh_token"]
    answer = target.ask_for_token(grant_type="refresh_token", refresh_token=old)
    if target.chosen["O06"] == "none":
        expect(set(answer.json()), keys(target))
        return
    expect(set(answer.json()), keys(target, "refresh_token"))
    new = answer.json()["refresh_token"]
    assert (new == old) is (target.chosen["O06"] == "same")
    works(target, target.ask_for_token(grant_type="refresh_token", refresh_token=new))


@pytest.mark.quirk("O10")
@pytest.mark.parametrize(
    "fields,error",
    [
        ({"grant_type": "authorization_code", "code": "nonsense"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant"),
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({}, "invalid_request"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
    ],
)
def test_the_token_endpoint_refuses_with_the_codes_of_oauth(
    target: KountaTarget, fields: dict[str, str], error: str
) -> None:
    """Each error is 400 with its code from OAuth 2."""
    refused(target.ask_for_token(**fields), error)


@pytest.mark.quirk("O10")
@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b'"x"', b"\xff", b""])
def test_the_token_endpoint_refuses_malformed_requests(target: KountaTarget, body: bytes) -> None:
    """A malformed JSON body is 400 `invalid_request`."""
    refused(target.ask("POST", "/v1/token", content=body, headers=JSON), "invalid_request")


@pytest.mark.quirk("O10")
@pytest.mark.parametrize("content_type", [None, "", "text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_the_token_endpoint_takes_form_and_json_only(target: KountaTarget, content_type: str | None) -> None:
    """Another content type, or none, is 400 `invalid_request`, though body and credentials are right."""
    parts = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in own(target).items()
    )
    bodies = (urlencode(own(target)).encode(), json.dumps(own(target)).encode(), f"{parts}--x--\r\n".encode())
    for authorization in (None, target.application.basic):
        headers = {**FORM, "Content-Type": content_type, "Authorization": authorization}
        for body in bodies:
            refused(target.ask("POST", "/v1/token", content=body, headers=headers), "invalid_request")


@pytest.mark.quirk("O10")
@pytest.mark.parametrize("grant_type", [None, 1, True, [], ["client_credentials"], {}], ids=repr)
def test_a_grant_type_is_a_text(target: KountaTarget, grant_type: object) -> None:
    """A grant_type in JSON that is not a string is 400 `invalid_request`, though the credentials are right."""
    body = json.dumps({**own(target), "grant_type": grant_type}).encode()
    refused(target.ask("POST", "/v1/token", content=body, headers=JSON), "invalid_request")


@pytest.mark.quirk("O10")
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH"])
def test_the_token_endpoint_has_post_only(target: KountaTarget, method: str) -> None:
    """Any other method is 405 with Allow."""
    answer = target.ask(method, "/v1/token")
    expect_status(answer, 405)
    assert "POST" in answer.headers["Allow"].split(", ")
    assert method not in answer.headers["Allow"].split(", ")


@pytest.mark.quirk("O12")
def test_a_code_works_once(target: KountaTarget) -> None:
    """The second use of a code is refused."""
    grant = {"grant_type": "authorization_code", "code": target.authorisation_code()}
    works(target, target.ask_for_token(**grant))
    refused(target.ask_for_token(**grant), "invalid_grant")


@pytest.mark.quirk("O12")
@pytest.mark.parametrize("seconds,good", [(590, True), (601, False)])
def test_a_code_works_for_ten_minutes(target: KountaTarget, seconds: int, good: bool) -> None:
    """A code is accepted before ten minutes are over and refused afterwards."""
    grant = {"grant_type": "authorization_code", "code": target.authorisation_code()}
    target.let_time_pass(seconds=seconds)
    answer = target.ask_for_token(**grant)
    works(target, answer) if good else refused(answer, "invalid_grant")


@pytest.mark.quirk("O12")
@pytest.mark.parametrize("grant", ["authorization_code", "refresh_token"])
def test_a_grant_is_for_its_application_only(target: KountaTarget, grant: str) -> None:
    """A code or refresh token of one application is refused to another, and still valid for its own."""
    target.as_second_application()
    second = target.second_application
    assert second is not None
    if grant == "authorization_code":
        fields = {"grant_type": grant, "code": target.authorisation_code()}
    else:
        fields = {"grant_type": grant, "refresh_token": target.tokens_of_a_code()["refresh_token"]}
    theirs = {"client_id": second.client_id, "client_secret": second.client_secret}
    refused(target.ask_for_token(**fields, **theirs), "invalid_grant")
    if grant == "refresh_token":
        works(target, target.ask_for_token(**fields))


@pytest.mark.quirk("O12")
def test_a_code_is_for_its_redirect_uri_only(target: KountaTarget) -> None:
    """A redirect_uri that is not that of the code is refused."""
    code = target.authorisation_code()
    other = f"{target.redirect_uri}/other"
    refused(target.ask_for_token(grant_type="authorization_code", code=code, redirect_uri=other), "invalid_grant")


@pytest.mark.quirk("O13")
@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "somebody-else"},
        {"client_id": "somebody-else", "redirect_uri": "https://evil.example.com/callback"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"state": None},
        {"state": ""},
    ],
    ids=repr,
)
def test_authorize_refuses_without_a_redirect(target: KountaTarget, change: dict[str, str | None]) -> None:
    """The refusal is 400 and not a redirect."""
    answer = target.authorize(**change)
    expect_status(answer, 400)
    expect_no_header(answer, "Location")


@pytest.mark.quirk("O13")
@pytest.mark.parametrize("path", ["/../other", "/", "?a=b", "#x", "\r\nX-Evil: 1", " "])
def test_authorize_fails_at_a_redirect_uri_that_is_not_registered(target: KountaTarget, path: str) -> None:
    """An unregistered redirect_uri is 500, or 400 if that is expected, with or without a state, and not a redirect."""
    for uri in ("https://evil.example.com/callback", f"{target.redirect_uri}{path}"):
        for state in ("s", None):
            answer = target.authorize(redirect_uri=uri, state=state)
            expect_status(answer, int(target.chosen["O13"]))
            expect_no_header(answer, "Location")


@pytest.mark.quirk("O14")
def test_the_token_endpoint_takes_form_encoded_credentials(target: KountaTarget) -> None:
    """Id and secret in Basic may be form-encoded, as in RFC 6749; or must be plain, if that is expected."""
    encoded = target.ask_for_token_by_basic(*map(form_encoded, target.own_credentials))
    if target.chosen["O14"] == "raw":
        assert not encoded.is_success
    else:
        works(target, encoded)
    works(target, target.ask_for_token_by_basic(*target.own_credentials))


@pytest.mark.quirk("O14")
def test_wrong_credentials_do_not_become_right_by_decoding(target: KountaTarget) -> None:
    """Both of an encoded pair must be right, and nothing is decoded twice."""
    client_id, secret = map(form_encoded, target.own_credentials)
    for pair in (
        (client_id, form_encoded("wrong")),
        (form_encoded("wrong"), secret),
        (client_id, form_encoded(secret)),
    ):
        assert not target.ask_for_token_by_basic(*pair).is_success


@pytest.mark.quirk("O14")
def test_the_rest_of_the_api_takes_no_form_encoded_credentials(target: KountaTarget) -> None:
    """All other endpoints accept plain Basic credentials only."""
    headers = {"Authorization": basic(*map(form_encoded, target.own_credentials))}
    expect_status(target.get(target.company, headers=headers), 401)


@pytest.mark.quirk("O13")
@pytest.mark.parametrize("response_type", [None, "token"])
def test_authorize_gives_codes_only(target: KountaTarget, response_type: str | None) -> None:
    """Another response_type gets no code."""
    answer = target.authorize(response_type=response_type)
    assert "code=" not in answer.headers.get("Location", "")
    expect_status(answer, 302, 400)
