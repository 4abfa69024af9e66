"""Tests of the exact responses of the authorize page and the token endpoint, and of their notes in the journal."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from fakekounta import FakeKounta, Quirk
from tests.caller import COMPANY, CUSTOMERS, Caller, error

HERE = "http://localhost/callback"
VISIT = {"client_id": "fake-client-id", "response_type": "code", "redirect_uri": HERE, "state": "s"}
SHOP = {
    "client_id": "shop",
    "client_secret": "s3cret",
    "redirect_uris": ["https://shop.example/back?a=1", "app.shop:/back"],
}
UNREGISTERED = (500, "server_error", "redirect_uri is not registered")
UNUSABLE = (500, "server_error", "redirect_uri is not a URL to redirect to")
FORM = "application/x-www-form-urlencoded"
GRANT = {"grant_type": "client_credentials"}
OWN = {"client_id": "fake-client-id", "client_secret": "fake-client-secret"}


@pytest.fixture
def kounta() -> FakeKounta:
    return FakeKounta(applications=[SHOP])


def visit(kounta: FakeKounta, **changes: str | None) -> httpx.Response:
    """Return the authorize page's response to a valid request with these parameters replaced (None: left out)."""
    query = {name: value for name, value in (VISIT | changes).items() if value is not None}
    with kounta.httpx_client() as client:
        return client.get(f"/authorize?{urlencode(query)}")


def notes(kounta: FakeKounta) -> list[str]:
    """Return the notes of the last exchange in the journal."""
    return list(kounta.requests[-1].notes)


# --- the authorize page ----------------------------------------------------------------------------------------


def test_a_visit_is_redirected_at_once(kounta: FakeKounta) -> None:
    """A visit gets 302 without a body to the redirect_uri, with the escaped state and a code that can be redeemed."""
    answer = visit(kounta, state="a b&c=\u00fc")
    url = httpx.URL(answer.headers["Location"])
    code = url.params["code"]
    assert answer.headers["Location"] == f"{HERE}?code={code}&state=a+b%26c%3D%C3%BC"
    assert (answer.status_code, answer.content, answer.headers.get("Content-Type")) == (302, b"", None)
    token = Caller(kounta).token(grant_type="authorization_code", code=code)
    assert (token.status_code, notes(kounta)) == (200, [])


@pytest.mark.parametrize(
    "uri, joint",
    [("https://shop.example/back?a=1", "&"), ("app.shop:/back", "?")],
)
def test_a_query_of_the_redirect_uri_is_kept(kounta: FakeKounta, uri: str, joint: str) -> None:
    """Code and state are added to the query of the redirect_uri, whatever its scheme."""
    location = visit(kounta, client_id="shop", redirect_uri=uri).headers["Location"]
    assert location.startswith(f"{uri}{joint}code=")
    assert location.endswith("&state=s")


@pytest.mark.parametrize("response_type", [None, "", "token", "Code", "code "])
def test_a_wrong_response_type_redirects_with_an_error(kounta: FakeKounta, response_type: str | None) -> None:
    """A wrong response_type redirects with the error code and the state, without a code, and the journal has a note."""
    answer = visit(kounta, response_type=response_type)
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"{HERE}?error=unsupported_response_type&state=s",
    )
    assert notes(kounta) == ["O03: response_type is not `code`; the redirect tells the application"]


MINE = "registered for 'fake-client-id': 'http://localhost/callback'"


@pytest.mark.parametrize(
    "change, refused, note",
    [
        ({"client_id": None}, (400, "bad_request", "client_id is required"), ""),
        ({"client_id": ""}, (400, "bad_request", "client_id is required"), ""),
        (
            {"client_id": "x\ny"},
            (400, "bad_request", "client_id is unknown"),
            " ('x\\ny'); known: 'fake-client-id', 'shop'",
        ),
        ({"redirect_uri": None}, (400, "bad_request", "redirect_uri is required"), f"; {MINE}"),
        ({"redirect_uri": ""}, (400, "bad_request", "redirect_uri is required"), f"; {MINE}"),
        ({"redirect_uri": "http://localhost/"}, UNREGISTERED, f" ('http://localhost/'); {MINE}"),
        ({"redirect_uri": f"{HERE}\r\nX: 1"}, UNREGISTERED, f" ('{HERE}\\r\\nX: 1'); {MINE}"),
        ({"redirect_uri": "\u00e9" * 201}, UNREGISTERED, " ('" + "\\xe9" * 200 + f"...'); {MINE}"),
        ({"state": None}, (400, "bad_request", "state is required"), ""),
        ({"state": ""}, (400, "bad_request", "state is required"), ""),
    ],
    ids=repr,
)
def test_a_refused_visit_says_why(
    kounta: FakeKounta, change: dict[str, str | None], refused: tuple[int, str, str], note: str
) -> None:
    """The response gives the reason in the API's shape; the journal also lists what is registered, on one line."""
    answer = visit(kounta, **change)
    assert error(answer) == refused
    assert answer.headers["Content-Type"] == "application/json"
    assert "Location" not in answer.headers
    assert notes(kounta) == [f"O13: {refused[2]}{note}"]
    assert Quirk.O13_AUTHORIZE_REFUSES in kounta.requests[-1].quirks
    assert Quirk.O03_AUTHORIZE not in kounta.requests[-1].quirks


def test_at_most_ten_registered_uris_are_listed() -> None:
    """The note lists at most ten registered URIs, and says so if there are none."""
    many = [f"https://shop.example/{number}" for number in range(12)]
    kounta = FakeKounta(applications=[{**SHOP, "redirect_uris": many}, {"client_id": "bare", "client_secret": "s"}])
    visit(kounta, client_id="shop")
    assert notes(kounta)[0].endswith(f"{', '.join(map(repr, many[:10]))}, and 2 more")
    visit(kounta, client_id="bare")
    assert notes(kounta)[0].endswith("; registered for 'bare': none")


def test_the_order_of_the_checks_of_a_visit(kounta: FakeKounta) -> None:
    """If a visit is wrong in several ways, the first of these is reported: client, redirect_uri, state."""
    assert error(visit(kounta, client_id="x", redirect_uri="x", state=""))[2] == "client_id is unknown"
    assert error(visit(kounta, redirect_uri="x", state=""))[:1] == (500,)


@pytest.mark.parametrize("uri", ["https://shop.example/#top", "https://a b/"])
def test_a_uri_that_no_location_can_hold(uri: str) -> None:
    """A URI with a fragment or a blank cannot be registered.

    Where any URI is accepted, the journal names this reason.
    """
    with pytest.raises(ValueError, match="must be absolute URLs in ASCII without blanks and #"):
        FakeKounta(applications=[SHOP | {"redirect_uris": [uri]}])
    kounta = FakeKounta(applications=[SHOP | {"any_redirect_uri": True}])
    assert error(visit(kounta, client_id="shop", redirect_uri=uri)) == UNUSABLE
    assert notes(kounta) == [f"O13: redirect_uri is not a URL to redirect to ({uri!r}); registered for 'shop': any"]


@pytest.mark.parametrize(
    "uri",
    [
        "https://shop.example/a b",
        " https://shop.example/",
        "https://shop.example/#",
        "https://shop.example/\x00",
        "https://shop.example/\x1f",
        "https://shop.example/\x7f",
        "https://shop.example/\r\nX-Evil: 1",
        "https://shop.example/\t",
        "https://shop.example/\u00e9",
        "//shop.example/",
        "/back",
        "shop",
        "http://[",
    ],
    ids=ascii,
)
def test_under_open_auth_an_invalid_uri_is_refused(uri: str) -> None:
    """Open_auth accepts any redirect_uri except one that cannot be in a Location; that one gets no code."""
    kounta = FakeKounta(open_auth=True)
    answer = visit(kounta, client_id="newcomer", redirect_uri=uri)
    assert error(answer) == UNUSABLE
    assert "Location" not in answer.headers
    assert notes(kounta)[0].endswith("; registered for 'newcomer': any")
    assert kounta.world.applications.tokens()[2] == {}


@pytest.mark.parametrize("uri", ["https://shop.example/!~", "app://x", "http://127.0.0.1:1/?a=%20", "https://a/?x=[1]"])
def test_under_open_auth_any_url_is_redirected_to(uri: str) -> None:
    """Open_auth redirects to any printable ASCII URI with a scheme."""
    assert visit(FakeKounta(open_auth=True), client_id="newcomer", redirect_uri=uri).status_code == 302


# --- the token endpoint ----------------------------------------------------------------------------------------


def ask(
    kounta: FakeKounta, body: bytes | dict[str, Any], content_type: str | None = FORM, **headers: str
) -> httpx.Response:
    """Return the token endpoint's response to a body of this type; a dict is sent as a form."""
    content = urlencode(body).encode() if isinstance(body, dict) else body
    given = headers if content_type is None else {"Content-Type": content_type, **headers}
    with kounta.httpx_client() as client:
        return client.post("/v1/token", content=content, headers=given)


def basic(client_id: str, client_secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()


@pytest.mark.parametrize(
    "body, refused",
    [
        ({**GRANT}, ("invalid_client", "The client credentials are invalid")),
        ({**GRANT, **OWN, "client_secret": "x"}, ("invalid_client", "The client credentials are invalid")),
        ({**OWN}, ("invalid_request", "grant_type is required")),
        ({**OWN, "grant_type": ""}, ("invalid_request", "grant_type is required")),
        ({**OWN, "grant_type": "x"}, ("unsupported_grant_type", "The grant_type is not supported")),
        ({**OWN, "grant_type": "authorization_code"}, ("invalid_request", "code is required")),
        ({**OWN, "grant_type": "authorization_code", "code": ""}, ("invalid_request", "code is required")),
        (
            {**OWN, "grant_type": "authorization_code", "code": "x"},
            ("invalid_grant", "The code is invalid or has expired"),
        ),
        ({**OWN, "grant_type": "refresh_token"}, ("invalid_request", "refresh_token is required")),
        (
            {**OWN, "grant_type": "refresh_token", "refresh_token": "x"},
            ("invalid_grant", "The refresh token is invalid"),
        ),
    ],
    ids=str,
)
def test_each_refusal_of_a_form(kounta: FakeKounta, body: dict[str, str], refused: tuple[str, str]) -> None:
    """A refused form is 400 with an OAuth 2 code and a description, without a challenge, and must not be cached."""
    answer = ask(kounta, body)
    assert error(answer) == (400, *refused)
    assert (answer.headers["Cache-Control"], answer.headers["Content-Type"]) == ("no-store", "application/json")
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(
    "content_type",
    [
        FORM,
        FORM.upper(),
        f"{FORM};charset=utf-8",
        f" {FORM} ; x",
        "application/json",
        "Application/JSON; charset=utf-8",
    ],
)
def test_accepted_content_types(kounta: FakeKounta, content_type: str) -> None:
    """Form and JSON are accepted, in any case and with parameters."""
    whole = {**OWN, **GRANT}
    body = json.dumps(whole).encode() if "json" in content_type.lower() else urlencode(whole).encode()
    answer = ask(kounta, body, content_type)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "application/x-json",
        "x",
        "*/*",
    ],
)
def test_refused_content_types(kounta: FakeKounta, content_type: str | None) -> None:
    """Any other Content-Type, or none, is `invalid_request` for any body; the journal keeps the body."""
    for body in (urlencode({**OWN, **GRANT}).encode(), json.dumps({**OWN, **GRANT}).encode(), b""):
        for headers in ({}, {"Authorization": basic(*OWN.values())}):
            answer = ask(kounta, body, content_type, **headers)
            expected = f"The Content-Type must be {FORM} or application/json"
            assert error(answer) == (400, "invalid_request", expected)
            assert bool(kounta.requests[-1].request.body) == bool(body)


def test_the_first_of_a_repeated_parameter_counts(kounta: FakeKounta) -> None:
    """T20, in a form: `+` is a blank, and bytes that are not UTF-8 give no error of their own."""
    body = urlencode({**OWN, **GRANT}).encode()
    assert ask(kounta, body + b"&grant_type=x&client_secret=y").status_code == 200
    assert error(ask(kounta, b"grant_type=x&" + body))[1] == "unsupported_grant_type"
    assert ask(kounta, body + b"&x=\xff&y=%ff").status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"a": NaN}'])
def test_json_that_is_not_an_object(kounta: FakeKounta, body: bytes) -> None:
    """JSON that is not an object is `invalid_request`, with the same description as for the body of a customer."""
    elsewhere = Caller(kounta).http.post(CUSTOMERS, content=body, headers={"Content-Type": "application/json"})
    assert error(ask(kounta, body, "application/json")) == (400, "invalid_request", error(elsewhere)[2])


def test_basic_precedes_the_body(kounta: FakeKounta) -> None:
    """Readable Basic credentials precede those of the body, right or wrong; an unreadable header is ignored."""
    wrong, right = basic("fake-client-id", "x"), basic(*OWN.values())
    assert error(ask(kounta, {**OWN, **GRANT}, Authorization=wrong))[1] == "invalid_client"
    assert ask(kounta, {**GRANT, "client_id": "x"}, Authorization=right).status_code == 200
    for header in ("Basic ?", "Basic", "Bearer fake-access-token", right.removeprefix("Basic ")):
        assert ask(kounta, {**OWN, **GRANT}, Authorization=header).status_code == 200
        assert error(ask(kounta, GRANT, Authorization=header))[1] == "invalid_client"


def test_open_auth_makes_an_application_of_the_decoded_id() -> None:
    """A client that percent-encodes its id is one application at the authorize page and at the token endpoint."""
    kounta = FakeKounta(open_auth=True)
    code = httpx.URL(visit(kounta, client_id="my-shop").headers["Location"]).params["code"]
    form = {"grant_type": "authorization_code", "code": code}
    assert ask(kounta, form, Authorization=basic("my%2Dshop", "a%2Bb")).status_code == 200
    assert ask(kounta, GRANT, Authorization=basic("your%2Dshop", "x")).status_code == 200
    assert [one.client_id for one in kounta.world.applications.all()] == ["fake-client-id", "my-shop", "your-shop"]


# --- two Authorization headers ---------------------------------------------------------------------------------

TWICE = "the header Authorization was sent 2 times, so its credentials are not known"
GOOD = basic(*OWN.values())
TOKEN = "Bearer fake-access-token"


@pytest.mark.parametrize(
    "headers", [(GOOD, GOOD), (TOKEN, TOKEN), (GOOD, TOKEN), (TOKEN, GOOD), (GOOD, ""), ("", TOKEN)]
)
@pytest.mark.parametrize("open_auth", [False, True])
@pytest.mark.parametrize("in_process", [True, False])
def test_two_headers_are_refused(
    fakekounta_server: FakeKounta, headers: tuple[str, str], open_auth: bool, in_process: bool
) -> None:
    """Two Authorization headers are 401 with a note, under open_auth, too, over a socket and in-process."""
    with fakekounta_server.fresh(open_auth=open_auth) as kounta:
        client = (
            kounta.httpx_client()
            if in_process
            else httpx.Client(base_url=kounta.url, trust_env=False, verify=False, timeout=30)
        )
        with client:
            sent = [("Accept", "application/json"), *(("Authorization", header) for header in headers)]
            request = client.build_request("GET", COMPANY)
            request.headers = httpx.Headers([("Host", request.url.netloc.decode()), *sent])
            answer = client.send(request)
        assert (answer.status_code, notes(kounta)) == (401, [TWICE])
        assert len(kounta.world.applications.all()) == 1


def test_at_the_token_endpoint_two_headers_are_ignored() -> None:
    """At the token endpoint two headers are ignored, and credentials in the body count."""
    kounta = FakeKounta()
    with kounta.httpx_client() as client:
        for form, status in ((GRANT, 400), ({**GRANT, **OWN}, 200)):
            headers = [("Authorization", GOOD), ("Authorization", GOOD), ("Content-Type", FORM)]
            assert client.post("/v1/token", headers=headers, content=urlencode(form)).status_code == status
            assert notes(kounta) == [TWICE]


def test_a_comma_alone_does_not_count_as_a_second_header() -> None:
    """One header with a comma is refused without a note about two headers."""
    kounta = FakeKounta()
    for header in (f"{GOOD}, {GOOD}", f"{TOKEN}, {TOKEN}", 'Digest username="x", realm="y"'):
        with kounta.httpx_client() as client:
            answer = client.get(COMPANY, headers={"Authorization": header, "Accept": "*/*"})
        assert (answer.status_code, notes(kounta)) == (401, [])
