"""Tests of the dashboard's page and files as they are served; tests/browser tests them in a browser."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from email.message import Message
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from fakekounta import FakeKounta
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.customers import CUSTOMER

FOLDER = Path(__file__).parents[2] / "fakekounta" / "control" / "page"
FILES = sorted(path for path in FOLDER.rglob("*") if path.suffix in {".js", ".css"})
SCRIPTS = [path for path in FILES if path.suffix == ".js" and path.parent.name != "vendor"]
PAGE = "/_fakekounta/"


@dataclass(frozen=True)
class PageResponse:
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(kounta: FakeKounta, path: str, *headers: tuple[str, str]) -> PageResponse:
    connection = HTTPConnection("127.0.0.1", kounta.port, timeout=10)
    try:
        connection.request("GET", path, headers=dict(headers))
        response = connection.getresponse()
        return PageResponse(response.status, response.headers, response.read())
    finally:
        connection.close()


def header(answer: PageResponse, name: str) -> str:
    return str(answer.headers.get(name, ""))


def test_the_page_is_there(fakekounta: FakeKounta) -> None:
    """The page is HTML without inline scripts and styles, and may load nothing from elsewhere."""
    answer = ask(fakekounta, PAGE)
    assert answer.status == 200
    assert header(answer, "Content-Type") == "text/html; charset=utf-8"
    assert b"<style" not in answer.body
    assert not re.search(rb"\son\w+=|style=|<script>", answer.body)
    policy = dict(part.split(" ", 1) for part in header(answer, "Content-Security-Policy").split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    assert header(answer, "X-Content-Type-Options") == "nosniff"
    assert header(answer, "Referrer-Policy") == "no-referrer"


def test_the_address_without_a_slash_leads_there(fakekounta: FakeKounta) -> None:
    """The address without a slash redirects to the page, in namespaces, too."""
    assert header(ask(fakekounta, "/_fakekounta"), "Location") == PAGE
    answer = ask(fakekounta, "/_fakekounta/ns/worker-3/_fakekounta")
    assert header(answer, "Location") == "/_fakekounta/ns/worker-3/_fakekounta/"
    assert ask(fakekounta, "/_fakekounta/ns/worker-3/_fakekounta/").body == ask(fakekounta, PAGE).body


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_file_is_served_once(fakekounta: FakeKounta, path: Path) -> None:
    """Each file has its type; a browser with the current version gets 304."""
    address = f"{PAGE}page/{path.relative_to(FOLDER).as_posix()}"
    answer = ask(fakekounta, address)
    assert (answer.status, answer.body) == (200, path.read_bytes())
    kind = "text/javascript" if path.suffix == ".js" else "text/css"
    assert header(answer, "Content-Type") == f"{kind}; charset=utf-8"
    assert header(answer, "Cache-Control") == "no-cache"
    again = ask(fakekounta, address, ("If-None-Match", header(answer, "ETag")))
    assert (again.status, again.body) == (304, b"")


def test_the_form_is_made_of_the_declarations(fakekounta: FakeKounta) -> None:
    """The script of fields exports each settable field of a customer, and the parts of addresses."""
    script = ask(fakekounta, f"{PAGE}page/fields.js")
    assert header(script, "Content-Type") == "text/javascript; charset=utf-8"
    exported = dict(re.findall(r"^export const (\w+) = (.*);$", script.body.decode(), re.MULTILINE))
    fields = {one["key"]: one for one in json.loads(exported["CUSTOMER"])}
    assert list(fields) == list(CUSTOMER.sent)
    parts = {one["key"]: one["label"] for one in fields["primary_address"]["parts"]}
    assert list(parts) == ["address", "city", "state", "postal_code", "country"]  # not those of its other form
    assert (parts["address"], parts["city"]) == ("Street", "City")
    assert (fields["email"]["kind"], fields["email"]["nullable"], fields["last_name"]["nullable"]) == (
        "Email",
        True,
        False,
    )
    collections = json.loads(exported["COLLECTIONS"])
    assert list(collections) == [one for one in COLLECTIONS if one != "orders"]
    products = {one["key"]: one for one in collections["products"]["fields"]}
    assert (products["tax_ids"]["plural"], products["sites"]["parts"][0]["plural"]) == ("taxes", "sites")
    assert json.loads(exported["POSSIBLE"])["accept"] == ["SUBMITTED"]
    assert "orders/created" in json.loads(exported["PERHAPS"])


@pytest.mark.parametrize("name", ["nothing.js", "../dashboard.py", "%2e%2e/dashboard.py", "vendor/", "", "/etc/passwd"])
def test_nothing_else_is_served(fakekounta: FakeKounta, name: str) -> None:
    """No other file of the package or the machine is served."""
    assert ask(fakekounta, f"{PAGE}page/{name}").status == 404


def test_a_link_from_anywhere_shows_the_page_and_nothing_else(fakekounta: FakeKounta) -> None:
    """A visit from another site gets the page, which has no data, and no data."""
    visit = (("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"))
    assert ask(fakekounta, PAGE, *visit).status == 200
    assert ask(fakekounta, "/_fakekounta", *visit).status == 308
    for path in ("state", "settings", "customers", "page/app.js"):
        assert ask(fakekounta, PAGE + path, *visit).status == 403
    for dest in ("iframe", "frame", "embed", "object", "empty", "script"):
        assert ask(fakekounta, PAGE, visit[0], visit[1], ("Sec-Fetch-Dest", dest)).status == 403
    assert ask(fakekounta, PAGE, *visit, ("Origin", "http://evil.example")).status == 403
    assert ask(fakekounta, PAGE, visit[0], ("Sec-Fetch-Mode", "no-cors"), visit[2]).status == 403
    assert ask(fakekounta, "/_fakekounta/ns/new/_fakekounta/", *visit).status == 400
    assert "new" not in fakekounta.namespaces


def test_every_script_is_small_and_escapes_by_construction() -> None:
    """No script is longer than 300 lines or makes markup or code of text."""
    assert len(SCRIPTS) > 10
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, path.name
        forbidden = re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
        assert forbidden is None, path.name


def test_the_libraries_are_those_that_were_released() -> None:
    """The files in vendor/ have the hashes in its README, and each has its licence."""
    vendor = FOLDER / "vendor"
    listed = dict(re.findall(r"`(\S+\.js)`.*?`([0-9a-f]{64})`", (vendor / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name: sha256(path.read_bytes()).hexdigest() for path in vendor.glob("*.js")}
    assert {path.name for path in vendor.glob("LICENSE-*.txt")} == {"LICENSE-htm.txt", "LICENSE-preact.txt"}


def test_signatures_of_a_delivery_are_checked(fakekounta: FakeKounta) -> None:
    """Each attempt has the sent signature and the right one by the current token, and never the token."""
    fakekounta.webhooks.add("customers/created", "http://127.0.0.1:1/hook")
    fakekounta.customers.add(first_name="Ada", phone="1", announce=True)
    fakekounta.webhooks.deliver()
    answer = ask(fakekounta, f"{PAGE}deliveries/1/signatures")
    assert answer.status == 200
    [checked] = answer.json
    assert checked["is_right"] is True
    assert checked["sent"] == checked["right"]
    assert len(checked["right"]) == 64
    assert fakekounta.application.signature_token.encode() not in answer.body
    assert ask(fakekounta, f"{PAGE}deliveries/7/signatures").status == 404


def test_the_newest_deliveries_can_be_asked_for(fakekounta: FakeKounta) -> None:
    """`limit` returns the newest, the oldest of them first; without it all are returned."""
    fakekounta.webhooks.add("customers/created", "http://127.0.0.1:1/hook")
    for name in "ABC":
        fakekounta.customers.add(first_name=name, phone=name, announce=True)
    assert [one["id"] for one in ask(fakekounta, f"{PAGE}deliveries?limit=2").json] == [2, 3]
    assert len(ask(fakekounta, f"{PAGE}deliveries").json) == 3
    assert ask(fakekounta, f"{PAGE}deliveries?limit=0").status == 400


def test_a_summary_leaves_out_headers_and_bodies(fakekounta: FakeKounta) -> None:
    """A summary has all else."""
    fakekounta.requests_session().get(f"{fakekounta.url}/v1/companies/me.json", auth=fakekounta.auth)
    [full] = ask(fakekounta, f"{PAGE}requests").json["requests"]
    [summary] = ask(fakekounta, f"{PAGE}requests?summary=true").json["requests"]
    assert summary == {name: value for name, value in full.items() if name not in {"request", "response"}}
    assert ask(fakekounta, f"{PAGE}requests?summary=yes").status == 400


def test_the_docs_tell_the_keys_that_there_are() -> None:
    """The table of keys in docs/dashboard.md equals the list on the page."""
    docs = (Path(__file__).parents[2] / "docs" / "dashboard.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(.+?)` \| (.+?) \|$", docs, re.MULTILINE)
    shown = re.findall(r'^  \["(.+?)", "(.+?)"\],$', (FOLDER / "help.js").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == shown
    assert len(shown) == 7


VISIT = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("settings", [{}, {"control_token": "t0ken"}])
def test_a_link_elsewhere_leads_to_the_page_and_to_nothing_else(settings: dict[str, Any]) -> None:
    """The page and its redirect are the same for everybody, also if a token is needed."""
    client = Client(FakeKounta(**settings).wsgi_app)
    statuses = {"": 308, "/": 200, "/page/page.js": 403, "/state": 403, "/health": 403}
    for path, status in statuses.items():
        assert client.get(f"/_fakekounta{path}", headers=VISIT).status_code == status, path
    for name, other in (("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "iframe"), ("Origin", "http://evil.example")):
        assert client.get("/_fakekounta/", headers={**VISIT, name: other}).status_code == 403
    assert client.head("/_fakekounta/", headers=VISIT).status_code == 403


def imports_of(script: Path) -> list[Path]:
    found = re.findall(
        r"""^(?:import|export)\b[^;]*?["'](\.[^"']+)["'];""", script.read_text(encoding="utf-8"), re.MULTILINE
    )
    return [(script.parent / name).resolve() for name in found]


def test_the_scripts_have_no_import_circle() -> None:
    """The scripts can be ordered so that each comes after its imports."""
    left = {script.resolve(): set(imports_of(script)) for script in SCRIPTS}
    assert any(left.values())
    while left:
        free = {script for script, needed in left.items() if not needed & set(left)}
        assert free, f"a circle of {sorted(path.name for path in left)}"
        left = {script: needed for script, needed in left.items() if script not in free}
