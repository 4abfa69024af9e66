"""Tests that a foreign page in a browser on this machine can neither change nor read the fake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from fakekounta import FakeKounta
from fakekounta.worlds.state import state_of
from tests.lab import serving
from tests.sockets import AUTHORIZATION

SECRETS = ("very-secret-name", "fake-client-secret", "fake-signature-token")
CHANGES = (
    ("POST", "/_fakekounta/reset", "{}"),
    ("POST", "/_fakekounta/customers", '{"first_name":"Mallory","phone":"666"}'),
    ("PUT", "/_fakekounta/clock", '{"frozen":true}'),
    ("PUT", "/_fakekounta/assumptions", '{"A01":"customer"}'),
    ("POST", "/_fakekounta/webhooks", '{"topic":"customers/created","address":"http://127.0.0.1:1/"}'),
    ("DELETE", "/_fakekounta/requests", ""),
    ("DELETE", "/_fakekounta/customers/389427", ""),
    ("POST", "/_fakekounta/ns/evil/_fakekounta/reset", "{}"),
)
READS = ("state", "settings", "customers", "requests", "quirks", "page/app.js", "")
TYPES = ("application/json", "text/plain", "application/x-www-form-urlencoded", "")


def wsgi_of_page(html: str) -> Any:
    def page(_: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html; charset=utf-8")])
        return [html.encode()]

    return page


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    """A fake with data."""
    with FakeKounta(webhook_mode="collect") as kounta:
        kounta.clock.freeze("2026-07-01T09:00:00+00:00")
        kounta.customers.add(first_name="very-secret-name", phone="1")
        kounta.requests_session().get(f"{kounta.url}/v1/companies/me.json", auth=kounta.auth)
        yield kounta


@contextmanager
def untouched(kounta: FakeKounta) -> Iterator[None]:
    """Check that the block changes no state, no journal and no namespace of the fake.

    The icon that a browser requests of every server is an exchange of the API, and no attack.
    """
    before = state_of(kounta.world), exchanges(kounta)
    yield
    assert (state_of(kounta.world), exchanges(kounta)) == before
    assert list(kounta.namespaces) == []


def exchanges(kounta: FakeKounta) -> list[str]:
    return [entry.path for entry in kounta.requests if entry.path != "/favicon.ico"]


@contextmanager
def refused(kounta: FakeKounta) -> Iterator[None]:
    """Check that the block changes only the journal, which gets at least one 403 more."""
    before = state_of(kounta.world), len(kounta.requests)
    yield
    assert state_of(kounta.world) == before[0]
    assert list(kounta.namespaces) == []
    asked = [entry for entry in kounta.requests[before[1] :] if entry.path != "/favicon.ico"]
    assert asked
    assert [entry.target for entry in asked if entry.status != 403] == []


@contextmanager
def elsewhere(page: Page, html: str = "<!doctype html><title>evil</title>", host: str = "127.0.0.1") -> Iterator[str]:
    """A page at an origin with another port, or with another name."""
    with serving(wsgi_of_page(html)) as origin:
        address = origin.replace("127.0.0.1", host)
        page.goto(address)
        yield address


FETCHING = """
async ([url, method, body, options]) => {
  try {
    const answer = await fetch(url, { method, body: /^(GET|HEAD)$/.test(method) ? undefined : body, ...options });
    return `${answer.type} ${answer.status} ${await answer.text()}`;
  } catch (error) {
    return String(error);
  }
}
"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "evil.test"])
@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin"])
def test_fetch(kounta: FakeKounta, page: Page, mode: str, host: str) -> None:
    """fetch fails in every mode, with and without credentials, with and without a preflight."""
    with untouched(kounta), elsewhere(page, host=host):
        for credentials in ("include", "omit"):
            for read in READS:
                options = {"mode": mode, "credentials": credentials}
                got = page.evaluate(FETCHING, [f"{kounta.url}/_fakekounta/{read}", "GET", None, options])
                assert_opaque(got)
            for method, path, body in CHANGES:
                for content_type in TYPES:
                    headers = {"Content-Type": content_type} if content_type else {}
                    with_type = {"mode": mode, "credentials": credentials, "headers": headers}
                    assert_opaque(page.evaluate(FETCHING, [kounta.url + path, method, body, with_type]))


def assert_opaque(got: str) -> None:
    """Check that the request failed, or that the response is opaque, without status and body."""
    assert got.startswith(("TypeError", "opaque 0 ")), got
    assert not any(secret in got for secret in SECRETS)
    assert got.removeprefix("opaque 0 ") == "" or got.startswith("TypeError")


OTHER_WAYS = """
async ([url, body]) => {
  const outcomes = [];
  const xhr = (method, type) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => resolve(outcomes.push(`xhr ${request.status} ${request.responseText}`));
    request.open(method, url);
    request.withCredentials = true;
    if (type) request.setRequestHeader("Content-Type", type);
    request.send(body);
  });
  await xhr("GET"); await xhr("POST", "text/plain"); await xhr("POST", "application/json"); await xhr("DELETE");
  navigator.sendBeacon(url, body);
  navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }));
  try { navigator.sendBeacon(url, new Blob([body], { type: "application/json" })); } catch {}
  await new Promise((resolve) => {
    const source = new EventSource(url);
    source.onerror = () => resolve(source.close());
    source.onmessage = (event) => resolve(outcomes.push(`events ${event.data}`));
  });
  return outcomes;
}
"""


@pytest.mark.parametrize("path", ["reset", "customers", "state", "ns/evil/_fakekounta/reset", "ns/evil/v1/token.json"])
def test_requests_of_other_kinds(kounta: FakeKounta, page: Page, path: str) -> None:
    """XMLHttpRequest, sendBeacon and EventSource fail."""
    with untouched(kounta), elsewhere(page):
        body = '{"first_name":"Mallory","phone":"666"}'
        outcomes = page.evaluate(OTHER_WAYS, [f"{kounta.url}/_fakekounta/{path}", body])
        assert outcomes == ["xhr 0 "] * 4


ELEMENTS = ["script", "img", "iframe", "link", "object", "embed", "video", "module"]
EMBEDDING = """
([url, names]) => Promise.all(names.map((name) => new Promise((resolve) => {
  const element = document.createElement(name === "module" ? "script" : name);
  if (name === "module") element.type = "module";
  const timer = setTimeout(() => resolve(`${name} nothing`), 2000);
  const tell = (what) => { clearTimeout(timer); resolve(`${name} ${what}`); };
  element.onload = element.onloadeddata = () => {
    const rules = () => element.sheet?.cssRules?.length ?? "";
    try { tell(`loaded ${element.contentDocument?.body?.innerText ?? "closed"} ${rules()}`); }
    catch (error) { tell(`loaded closed ${error.name}`); }
  };
  element.onerror = () => tell("failed");
  if (name === "link") { element.rel = "stylesheet"; element.href = url; }
  else if (name === "object") element.data = url;
  else element.src = url;
  document.body.append(element);
})))
"""


@pytest.mark.parametrize("path", ["", "state", "settings", "page/app.js", "page/base.css", "ns/evil/v1/companies.json"])
def test_embedding(kounta: FakeKounta, page: Page, path: str) -> None:
    """A script, image, style, frame or media element loads nothing, and a frame shows nothing."""
    with untouched(kounta), elsewhere(page):
        outcomes = page.evaluate(EMBEDDING, [f"{kounta.url}/_fakekounta/{path}", ELEMENTS])
        for what in outcomes:
            name, _, rest = what.partition(" ")
            if name in {"script", "img", "link", "module", "video"}:
                assert rest in {"failed", "nothing"}, what
            else:
                assert rest in {"failed", "nothing", "loaded closed "}, what
        for frame in page.frames[1:]:
            assert not any(secret in frame.content() for secret in SECRETS)
            assert frame.locator("#app header").count() == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("enctype", ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"])
def test_forms(kounta: FakeKounta, page: Page, method: str, enctype: str) -> None:
    """Any form of a foreign page is refused."""
    for path in ("reset", "customers", "state", "clock", "ns/evil/_fakekounta/customers", "namespaces/x/reset"):
        form = (
            f"<!doctype html><form method={method} enctype='{enctype}' action='{kounta.url}/_fakekounta/{path}'>"
            """<input name='{"first_name":"Mallory","phone":"666","x":"' value='"}'></form>"""
        )
        with untouched(kounta), elsewhere(page, form):
            with page.expect_navigation() as going:
                page.evaluate("document.forms[0].submit()")
            assert going.value is not None
            assert going.value.status in {400, 403}
            assert "foreign web page" in json.loads(going.value.text())["error_description"]


def test_a_link_shows_the_page_but_gives_no_hold_on_it(kounta: FakeKounta, page: Page) -> None:
    """A link opens the dashboard from anywhere; the opening page cannot access its window."""
    with untouched(kounta), elsewhere(page) as origin:
        with page.context.expect_page() as opening:
            page.evaluate("url => { window.held = window.open(url); }", f"{kounta.url}/_fakekounta/#/customers")
        opened = opening.value
        opened.wait_for_selector("text=very-secret-name")
        assert page.evaluate("window.held.closed")
        page.evaluate("window.held.postMessage('hello', '*')")
        assert opened.evaluate("window.opener") is None
        page.goto(f"{origin}?again")
        with page.expect_navigation():
            page.evaluate("url => { location.href = url; }", f"{kounta.url}/_fakekounta/state")
        assert "foreign web page" in page.content()
        assert "very-secret-name" not in page.content()


def test_a_name_that_was_rebound_to_this_machine(kounta: FakeKounta, browser: Browser) -> None:
    """A page whose name now resolves to the fake has the same origin, and is refused."""
    page = browser.new_page()
    with untouched(kounta):
        rebound = kounta.url.replace("127.0.0.1", "evil.test")
        answer = page.goto(f"{rebound}/_fakekounta/")
        assert answer is not None
        assert answer.status == 403
        for read in READS:
            got = page.evaluate(FETCHING, [f"{rebound}/_fakekounta/{read}", "GET", None, {}])
            assert got.startswith("basic 403 "), got
            assert not any(secret in got for secret in SECRETS)
        for method, path, body in CHANGES:
            options = {"headers": {"Content-Type": "application/json", "X-Fakekounta-Namespace": "evil-2"}}
            got = page.evaluate(FETCHING, [rebound + path, method, body, options])
            assert got.startswith("basic 403 "), got
    page.close()


# --- the API -----------------------------------------------------------------------------------------------------

GRANT = "grant_type=client_credentials&client_id=fake-client-id&client_secret=fake-client-secret"
CUSTOMERS = "/v1/companies/5678/customers.json"
API_CALLS: tuple[tuple[str, str, str | None, dict[str, str]], ...] = (
    ("GET", "/v1/companies/me.json", None, {}),
    ("GET", "/authorize?client_id=fake-client-id", None, {}),
    ("POST", "/v1/token", GRANT, {"Content-Type": "application/x-www-form-urlencoded"}),
    ("POST", "/v1/token.json", GRANT, {"Content-Type": "text/plain"}),
    ("POST", CUSTOMERS, '{"first_name":"Mallory","phone":"666"}', {"Content-Type": "application/json"}),
    ("DELETE", "/v1/companies/me/webhooks/1.json", None, {}),
)
SANDBOXED = """
url => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.srcdoc = `<script>
    fetch("${url}/v1/token", { method: "POST", mode: "no-cors", body: new URLSearchParams("GRANT") })
      .catch(() => {}).then(() => parent.postMessage("done", "*"));
  </script>`;
  addEventListener("message", () => resolve());
  document.body.append(frame);
})
""".replace("GRANT", GRANT)


@pytest.mark.parametrize("mode", ["cors", "no-cors"])
@pytest.mark.parametrize("credentials", ["include", "omit"])
def test_fetch_of_the_api(kounta: FakeKounta, page: Page, mode: str, credentials: str) -> None:
    """Each call by a page of another machine is refused, with and without the documented credentials."""
    with elsewhere(page, host="evil.test"):
        for authorization in ({}, {"Authorization": AUTHORIZATION[1]}, {"X-Fakekounta-Namespace": "evil"}):
            for method, path, body, types in API_CALLS:
                options = {"mode": mode, "credentials": credentials, "headers": {**types, **authorization}}
                assert_opaque(page.evaluate(FETCHING, [kounta.url + path, method, body, options]))
        with refused(kounta):
            options = {"mode": mode, "credentials": credentials}
            page.evaluate(FETCHING, [f"{kounta.url}/v1/token", "POST", GRANT, options])
            page.evaluate(FETCHING, [f"{kounta.url}/v1/companies/me.json", "GET", None, options])
        assert {entry.status for entry in kounta.requests[1:]} == {403}


def test_requests_of_other_kinds_to_the_api(kounta: FakeKounta, page: Page) -> None:
    """XMLHttpRequest, sendBeacon, EventSource, and a page without an origin are refused."""
    with elsewhere(page, host="evil.test"):
        for path in ("/v1/token", "/authorize", CUSTOMERS):
            with refused(kounta):
                assert page.evaluate(OTHER_WAYS, [kounta.url + path, GRANT]) == ["xhr 0 "] * 4
    with elsewhere(page), refused(kounta):
        page.evaluate(SANDBOXED, kounta.url)


def test_embedding_the_api(kounta: FakeKounta, page: Page) -> None:
    """A script, image, style, frame or media element loads nothing of the API."""
    with elsewhere(page, host="evil.test"), refused(kounta):
        address = (
            "/authorize?client_id=fake-client-id&response_type=code&state=s&redirect_uri=http://localhost/callback"
        )
        for path in ("/v1/companies/me.json", address):
            for what in page.evaluate(EMBEDDING, [kounta.url + path, ELEMENTS]):
                assert what.partition(" ")[2] in {"failed", "nothing", "loaded closed "}, what


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ["/v1/token", "/v1/token.json"])
def test_forms_to_the_api(kounta: FakeKounta, page: Page, method: str, path: str) -> None:
    """A foreign page's form gets no token; one of a page of this machine is treated like any client."""
    fields = "".join("<input name={} value={}>".format(*field.split("=")) for field in GRANT.split("&"))
    form = f"<!doctype html><form method={method} action='{kounta.url}{path}'>{fields}</form>"
    with elsewhere(page, form, host="evil.test"), refused(kounta), page.expect_navigation():
        page.evaluate("document.forms[0].submit()")
    assert "foreign web page" in page.content()
    with elsewhere(page, form) as origin, page.expect_navigation():
        assert origin.startswith("http://127.0.0.1:")
        page.evaluate("document.forms[0].submit()")
    assert kounta.requests[-1].status != 403


def test_a_name_that_was_rebound_to_this_machine_has_no_api(kounta: FakeKounta, browser: Browser) -> None:
    """It reads and changes nothing with the documented credentials, and adds no webhook."""
    page = browser.new_page()
    rebound = kounta.url.replace("127.0.0.1", "evil.test")
    with refused(kounta):
        page.goto(f"{rebound}/v1/companies/me.json")
        reset = f'{{"topic":"customers/created","address":"{kounta.url}/_fakekounta/reset"}}'
        calls = (*API_CALLS, ("POST", "/v1/companies/me/webhooks.json", reset, {"Content-Type": "application/json"}))
        for method, path, body, types in calls:
            for more in ({}, {"X-Fakekounta-Namespace": "evil"}):
                options = {"headers": {**types, **more, "Authorization": AUTHORIZATION[1]}}
                got = page.evaluate(FETCHING, [rebound + path, method, body, options])
                assert got.startswith("basic 403 "), got
                assert not any(secret in got for secret in SECRETS)
    got = page.evaluate(FETCHING, [f"{rebound}/_fakekounta/ns/evil{CUSTOMERS}", "GET", None, {}])
    assert got.startswith("basic 403 "), got
    page.close()


@pytest.mark.parametrize("host", ["evil.test", "localhost", "127.0.0.1"])
@pytest.mark.parametrize("place", ["", "/_fakekounta/ns/one"])
def test_going_to_authorize(kounta: FakeKounta, page: Page, host: str, place: str) -> None:
    """A link on any page leads to /authorize and back to the application, with a code."""
    kounta.namespace("one")
    back = "http://localhost/callback"
    page.route(f"{back}*", lambda route: route.fulfill(body="logged in"))
    query = f"client_id=fake-client-id&response_type=code&state=s&redirect_uri={back}"
    html = f"<!doctype html><a href='{kounta.url}{place}/authorize?{query}'>log in</a>"
    with elsewhere(page, html, host=host):
        page.click("a")
        page.wait_for_url(f"{back}?code=*")
        assert "logged in" in page.content()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_development_server_passes_requests_on(kounta: FakeKounta, page: Page, host: str) -> None:
    """Requests that its proxy passes on with the browser's headers are answered."""

    def proxy(environ: Any, start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/v1/"):
            return wsgi_of_page("<!doctype html><title>shop</title>")(environ, start_response)
        browsers = ("Origin", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest", "Authorization", "Content-Type")
        keys = {name: name.upper().replace("-", "_") for name in browsers}
        sent = {name: environ.get(f"HTTP_{key}", environ.get(key)) for name, key in keys.items()}
        body = environ["wsgi.input"].read()
        with httpx.Client(trust_env=False) as client:
            answer = client.request(
                environ["REQUEST_METHOD"],
                kounta.url + environ["PATH_INFO"],
                headers={name: value for name, value in sent.items() if value is not None},
                content=body,
            )
        start_response(f"{answer.status_code} X", [("Content-Type", "application/json")])
        return [answer.content]

    with serving(proxy) as origin:
        page.goto(origin.replace("127.0.0.1", host))
        for method, path, body, types in API_CALLS:
            if path.startswith("/v1/"):
                options = {"headers": {**types, "Authorization": AUTHORIZATION[1]}}
                got = page.evaluate(FETCHING, [path, method, body, options])
                assert got.startswith("basic ")
                assert not got.startswith("basic 403 "), got
    assert [entry.status for entry in kounta.requests][1:] == [200, 200, 400, 201, 404]  # not a grant type (O10)
