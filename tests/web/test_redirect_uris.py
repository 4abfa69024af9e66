"""Tests of redirect URIs that cannot be in a Location header: `/authorize` always refuses them."""

from __future__ import annotations

import httpx
import pytest

from fakekounta import FakeKounta
from tests.caller import Caller

UNFIT = {
    "no scheme": "shop.example.com/back",
    "a line end": "https://shop.example.com/\r\nX-Evil: 1",
    "a tab": "https://shop.example.com/\tback",
    "a null": "https://shop.example.com/\0",
    "DEL": "https://shop.example.com/\x7f",
    "a blank": "https://shop.example.com/a b",
    "a fragment": "https://shop.example.com/#part",
    "an empty fragment": "https://shop.example.com/#",
    "a letter beyond ASCII": "https://shop.example.com/caf\u00e9",
    "half a bracket": "https://[::1/back",
    "nothing": "",
}


@pytest.fixture
def api() -> Caller:
    """An application with any redirect URI registered, so that only the URI itself can be refused."""
    return Caller(FakeKounta(open_auth=True), auth=("newcomer", "x"))


def sent_back(api: Caller, uri: str, **query: str) -> httpx.Response:
    asked = {"client_id": "newcomer", "response_type": "code", "state": "s", "redirect_uri": uri, **query}
    return api.http.get("/authorize", params=asked)


@pytest.mark.parametrize("uri", UNFIT.values(), ids=UNFIT.keys())
def test_an_invalid_uri_gets_no_code(api: Caller, uri: str) -> None:
    """An invalid redirect_uri is refused without Location, code or a new application."""
    answer = sent_back(api, uri)
    assert answer.status_code >= 400
    assert "Location" not in answer.headers
    world = api.kounta.world
    assert world.applications.tokens()[2] == {}
    assert world.applications.get("newcomer") is None


@pytest.mark.parametrize(
    "uri, begins",
    [
        ("https://shop.example.com/back", "https://shop.example.com/back?code="),
        ("https://shop.example.com/back?shop=7", "https://shop.example.com/back?shop=7&code="),
        ("app://x", "app://x?code="),
        ("https://[::1]:8000/%20", "https://[::1]:8000/%20?code="),
    ],
)
def test_any_valid_uri_gets_a_code(api: Caller, uri: str, begins: str) -> None:
    """A valid redirect_uri keeps its query and gets code and state added."""
    location = sent_back(api, uri).headers["Location"]
    assert location.startswith(begins)
    assert location.endswith("&state=s")


def test_a_wrong_response_type_redirects_with_an_error(api: Caller) -> None:
    """A wrong response_type redirects with an error and the state, without a code."""
    location = sent_back(api, "https://shop.example.com/", response_type="token").headers["Location"]
    assert location == "https://shop.example.com/?error=unsupported_response_type&state=s"
    assert api.kounta.world.applications.tokens()[2] == {}


def test_open_auth_registers_the_application_it_redirects_to(api: Caller) -> None:
    """Open_auth registers an application once, by its client id; a request without client id is refused."""
    sent_back(api, "https://shop.example.com/")
    sent_back(api, "https://shop.example.com/")
    ids = [one.client_id for one in api.kounta.world.applications.all()]
    assert ids.count("newcomer") == 1
    assert sent_back(api, "https://shop.example.com/", client_id="").status_code >= 400
    assert [one.client_id for one in api.kounta.world.applications.all()] == ids


def test_without_open_auth_no_application_is_registered() -> None:
    api = Caller(FakeKounta())
    assert sent_back(api, "https://shop.example.com/").status_code >= 400
    assert api.kounta.world.applications.get("newcomer") is None
