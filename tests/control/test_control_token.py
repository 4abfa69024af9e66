"""Tests of the control token: a client without it learns only that the fake is healthy."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from werkzeug.test import Client

from fakekounta import FakeKounta
from tests.caller import exactly
from tests.commands import fetch, run, serving, url_in
from tests.sockets import AUTHORIZATION, JSON_TYPE

TOKEN = "correct-horse.battery~staple"
MISSING = "The control token is missing or wrong: send it as Authorization: Bearer TOKEN"
WRONG: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": f"Bearer {TOKEN[:-1]}"},
    {"Authorization": f"Bearer {TOKEN.upper()}"},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": TOKEN},
    {"X-Fakekounta-Token": ""},
    {"X-Fakekounta-Token": f"{TOKEN}, {TOKEN}"},
    {"X-Fakekounta-Token": "\xe9"},
    {"Cookie": f"token={TOKEN}"},
)
RIGHT = (
    {"Authorization": f"Bearer {TOKEN}"},
    {"Authorization": f"bearer  {TOKEN}"},
    {"X-Fakekounta-Token": TOKEN},
    {"X-Fakekounta-Token": TOKEN, "Authorization": AUTHORIZATION[1]},
)
CALLS = (("GET", "state"), ("GET", "clock"), ("POST", "reset"), ("GET", "nothing"), ("OPTIONS", "clock"))


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta(control_token=TOKEN) as kounta:
        yield kounta


def ask(kounta: FakeKounta, method: str, path: str, headers: dict[str, str], prefix: str = "") -> httpx.Response:
    """Return the response over the socket."""
    given = {JSON_TYPE[0]: JSON_TYPE[1], **headers}
    sent = [(name.encode("ascii"), value.encode("latin-1")) for name, value in given.items()]
    with httpx.Client(trust_env=False, verify=False) as client:  # HTTP only: loading certificates takes 20 ms
        return client.request(method, f"{kounta.url}{prefix}/_fakekounta/{path}", headers=sent)


@pytest.mark.parametrize("headers", WRONG)
@pytest.mark.parametrize("prefix", ["", "/_fakekounta/ns/worker-1"])
def test_without_the_token_calls_are_refused(kounta: FakeKounta, headers: dict[str, str], prefix: str) -> None:
    """Every call is 401 with a challenge, also in namespaces, for unknown calls and for OPTIONS."""
    for method, path in CALLS:
        answer = ask(kounta, method, path, headers, prefix)
        assert (answer.status_code, answer.json()["error_description"]) == (401, MISSING)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="fakekounta"'
    assert ask(kounta, "GET", "health", headers, prefix).status_code == 200


@pytest.mark.parametrize("headers", RIGHT)
def test_with_the_token_everything_is_as_without(kounta: FakeKounta, headers: dict[str, str]) -> None:
    """The token is accepted in either header."""
    for method, path in CALLS[:3]:
        for prefix in ("", "/_fakekounta/ns/worker-1"):
            assert ask(kounta, method, path, headers, prefix).status_code == 200
    assert ask(kounta, "GET", "nothing", headers).status_code == 404


def test_the_api_asks_for_no_token(kounta: FakeKounta) -> None:
    """The API, which has its own credentials, needs no token."""
    with httpx.Client(trust_env=False, verify=False, auth=kounta.auth) as client:
        assert client.get(f"{kounta.url}/v1/companies/me.json").status_code == 200


def test_the_token_does_not_replace_the_guard(kounta: FakeKounta) -> None:
    """With the token a foreign page, and a change that is not JSON, are still refused."""
    token = {"X-Fakekounta-Token": TOKEN}
    assert ask(kounta, "GET", "state", {**token, "Origin": "http://evil.example"}).status_code == 403
    assert ask(kounta, "GET", "state", {**token, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert ask(kounta, "POST", "reset", {**token, "Content-Type": "text/plain"}).status_code == 403


def test_the_token_allows_any_host() -> None:
    """With the token any Host is accepted, for example that of a container."""
    client = Client(FakeKounta(host="0.0.0.0", control_token=TOKEN).wsgi_app)
    for headers, status in (({}, 403), ({"X-Fakekounta-Token": "x"}, 403), ({"X-Fakekounta-Token": TOKEN}, 200)):
        assert client.get("/_fakekounta/state", headers={"Host": "fake:8080", **headers}).status_code == status
    assert Client(FakeKounta().wsgi_app).get("/_fakekounta/state", headers={"Host": "fake:8080"}).status_code == 403


def test_an_in_process_client_needs_it_too(kounta: FakeKounta) -> None:
    """An in-process client needs the token, so that a test sees what other callers see."""
    with kounta.httpx_client() as client:
        assert client.get("/_fakekounta/clock").status_code == 401
        assert client.get("/_fakekounta/clock", headers=RIGHT[0]).status_code == 200


@pytest.mark.parametrize("token", ["", " ", "a b", "caf\xe9", "x\n", 7, b"x", True])
def test_an_invalid_token_is_refused(token: Any) -> None:
    """An invalid token is refused with the reason, and not quoted."""
    with pytest.raises(
        ValueError, match=exactly("control_token: must be a text of printable ASCII without blanks that is not empty")
    ):
        FakeKounta(control_token=token)


def test_it_is_shown_nowhere(kounta: FakeKounta, caplog: pytest.LogCaptureFixture) -> None:
    """The token is not in state, settings, journal, log or repr, even if a client sends it to the API."""
    caplog.set_level(logging.DEBUG)
    with httpx.Client(trust_env=False, verify=False, auth=kounta.auth) as client:
        client.get(f"{kounta.url}/v1/companies/me.json", headers={"X-Fakekounta-Token": TOKEN})
        client.get(f"{kounta.url}/v1/nowhere.json", headers={"X-Fakekounta-Token": TOKEN})
    shown = [ask(kounta, "GET", path, RIGHT[0]).text for path in ("state", "settings", "requests", "namespaces")]
    assert json.loads(shown[2])["requests"][0]["request"]["headers"]["X-Fakekounta-Token"] == "***"
    log = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    for text in (*shown, *log, repr(kounta), str(kounta.requests[0])):
        assert TOKEN not in text


def test_the_command_line_takes_it(tmp_path: Any) -> None:
    """The token is given by flag, variable or file; an invalid one stops the start and is not quoted."""
    config = tmp_path / "kounta.toml"
    config.write_text(f'control_token = "{TOKEN}"\n', encoding="utf-8")
    for arguments, env in (
        (["--control-token", TOKEN], {}),
        ([], {"FAKEKOUNTA_CONTROL_TOKEN": TOKEN}),
        (["--config", str(config)], {}),
    ):
        with serving("--port", "0", *arguments, env=env) as (process, line):
            assert fetch(f"{url_in(line)}/_fakekounta/health")["status"] == "ok"
            with pytest.raises(OSError, match="401"):
                fetch(f"{url_in(line)}/_fakekounta/state")
            process.terminate()
            output = process.communicate(timeout=10)
        assert TOKEN not in line + "".join(output)
    refused = run("serve", "--port", "0", "--control-token", "two words")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("fakekounta: --control-token: must be")
    assert "two words" not in refused.stderr
