"""Tests of applications on the command line: each can have all that the default one has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from fakekounta.settings.application_text import NAMES
from tests.commands import fetch, run_here, serving, url_in

BACK = "http://127.0.0.1:9/back?a=b"
OTHER_BACK = "shop://back"
SECRET = 'k=e,y:"1" {}\u00e9'
SHOP: dict[str, Any] = {
    "client_id": "shop",
    "client_secret": "key",
    "company_id": 6789,
    "redirect_uris": [BACK, OTHER_BACK],
    "access_token": "shop-access",
    "refresh_token": "shop-refresh",
    "signature_token": "shop-signs",
    "any_redirect_uri": False,
}
PAIRS = (
    f"client_id=shop,client_secret=key,company=6789,redirect_uri={BACK},redirect_uri={OTHER_BACK},"
    "access_token=shop-access,refresh_token=shop-refresh,signature_token=shop-signs"
)
JSON = '{"client_id": "c", "client_secret": "d"}'
FILE = f"""
[[applications]]
client_id = "shop"
client_secret = "key"
company_id = 6789
redirect_uris = ["{BACK}", "{OTHER_BACK}"]
access_token = "shop-access"
refresh_token = "shop-refresh"
signature_token = "shop-signs"
"""
COMPANY = ("--company", "6789")
WAYS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "pairs": (("--application", PAIRS), {}),
    "pairs with company_id": (("--application", PAIRS.replace("company=", "company_id=")), {}),
    "JSON": (("--application", json.dumps(SHOP)), {}),
    "variable with pairs": ((), {"FAKEKOUNTA_APPLICATION": f"  a:b {PAIRS}\n{JSON}"}),
    "variable with JSON": ((), {"FAKEKOUNTA_APPLICATION": f"a:b\n{json.dumps(SHOP, indent=2)} e:f:6789"}),
    "file": (("--config", "fake.toml"), {}),
}


def logged_in(client: httpx.Client, secret: str) -> str:
    """Return the access token of a login with the given redirect URI."""
    asked = {"client_id": "shop", "response_type": "code", "state": "s", "redirect_uri": BACK}
    answer = client.get("/authorize", params=asked)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{BACK}&code=")
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    tokens = client.post("/v1/token", data={**grant, "client_id": "shop", "client_secret": secret})
    assert tokens.status_code == 200
    return str(tokens.json()["access_token"])


def company_of(client: httpx.Client, token: str) -> int:
    answer = client.get("/v1/companies/me.json", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    return int(answer.json()["id"])


@pytest.mark.parametrize("way", WAYS)
def test_an_application_can_log_in(tmp_path: Path, way: str) -> None:
    """An application logs in with its redirect URI; its tokens are valid from the start, for its company."""
    arguments, env = WAYS[way]
    (tmp_path / "fake.toml").write_text(FILE)
    with serving("--port", "0", *COMPANY, *arguments, env=env, cwd=tmp_path) as (_, line):
        applications = {one["client_id"]: one for one in fetch(f"{url_in(line)}/_fakekounta/state")["applications"]}
        assert applications["shop"] == SHOP
        with httpx.Client(base_url=url_in(line), trust_env=False) as client:
            assert company_of(client, logged_in(client, "key")) == 6789
            assert company_of(client, "shop-access") == 6789
            grant = {"grant_type": "refresh_token", "refresh_token": "shop-refresh"}
            refreshed = client.post("/v1/token", data=grant, auth=("shop", "key"))
            assert company_of(client, refreshed.json()["access_token"]) == 6789


def test_each_text_of_the_variable_is_an_application() -> None:
    """The variable takes several applications in either form."""
    text = f' a:b {{"client_id": "c c", "client_secret": {json.dumps(SECRET)}}}client_id=d,client_secret=e\tf:g:5678'
    with serving("--port", "0", env={"FAKEKOUNTA_APPLICATION": text}) as (_, line):
        _, *others = fetch(f"{url_in(line)}/_fakekounta/state")["applications"]
    assert [(one["client_id"], one["client_secret"]) for one in others] == [
        ("a", "b"),
        ("c c", SECRET),
        ("d", "e"),
        ("f", "g"),
    ]


@pytest.mark.parametrize("text", ["shop:k=e,y", "sh=op:key", "shop:client_id=x", "s,hop:a=b,c=d:5678"])
def test_the_short_form_is_as_it_was(text: str) -> None:
    """Commas and equals signs in the short form have no meaning."""
    with serving("--port", "0", "--application", text) as (_, line):
        made = fetch(f"{url_in(line)}/_fakekounta/state")["applications"][1]
    assert [made["client_id"], made["client_secret"]] == text.split(":")[:2]


KNOWN = ", ".join(NAMES)
COMMA = "(a value with a comma needs JSON)"


@pytest.mark.parametrize(
    "text, message",
    [
        ("client_id=a", "[0].client_secret: is required"),
        ("client_secret=a", "[0].client_id: is required"),
        ("client_id=a,client_secret=b,client_secret=c", ": client_secret is given twice"),
        ("client_id=a,client_secret=b,company=1,company_id=1", ": company_id is given twice"),
        ("client_id=a,client_secret=b,company=x", ": company_id: 'x' is not a number"),
        ("client_id=a,client_secret=b,company=1", ": a belongs to company 1, but the companies are 5678"),
        ("client-id=a,client_secret=b", f": 'client-id' is unknown {COMMA}; known are {KNOWN}; did you mean "),
        ("client_id=a,client_secret=b,c", f": 'c' is unknown {COMMA}; known are {KNOWN}\n"),
        ("client_id=a,client_secret=b,redirect_uri=back", "[0].redirect_uris: must be absolute URLs"),
        ("client_id=a,client_secret=b,redirect_uri=", "[0].redirect_uris: must be a text that is not"),
        ("client_id=a,client_secret=b,access_token=", "[0].access_token: must be a text that is not"),
        ("client_id=a,client_secret=b,any_redirect_uri=1", "[0].any_redirect_uri: must be true or false"),
        ("{", ": is not JSON: "),
        ("[" * 5, " [[[[[: must be ID:SECRET or ID:SECRET:COMPANY"),
        ('{"client_id": "a"}', "[0].client_secret: is required"),
        ('{"client_id": "a", "client_secret": 5}', "[0].client_secret: must be a text, not 5"),
        ('{"client_id": "a", "client_secret": "b", "url": ""}', "[0]: 'url' is unknown; known are "),
        ('{"client_id": "a", "client_secret": "b", "redirect_uris": "x:y"}', "[0].redirect_uris: must be "),
        ('{"client_id": "a"} x', ": is not JSON: "),
        ('{"a": ' * 100_000, ": is not JSON: "),
    ],
)  # fmt: skip
def test_an_invalid_application_is_reported_in_one_line(text: str, message: str) -> None:
    """Exit code 2 and the field with the reason, for a flag and for a variable."""
    for arguments, env in ((("--application", text), {}), ((), {"FAKEKOUNTA_APPLICATION": text})):
        if len(text) > 100_000 or text.endswith(" x"):  # too long for a command; another text in a variable
            continue
        done = run_here("serve", "--port", "0", *arguments, env=env)
        label = "FAKEKOUNTA_APPLICATION" if env else "--application"
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"fakekounta: {label}{message}"), done.stderr
        assert done.stderr.count("\n") == 1
