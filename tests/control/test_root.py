"""Tests of `/` (K10): a browser that opens it is led to the dashboard, and any other client gets the API's 404."""

from __future__ import annotations

import logging

import pytest

from fakekounta import FakeKounta, Quirk
from tests.control.test_control_guard import FOREIGN_HOSTS
from tests.sockets import RawResponse, arranged, attempt

# The headers of Chromium and Firefox for a typed address
BROWSERS = {
    "chromium": (
        ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"),
        ("Sec-Fetch-Site", "none"),
        ("Sec-Fetch-Mode", "navigate"),
        ("Sec-Fetch-Dest", "document"),
    ),
    "old": (("Accept", "text/html,*/*;q=0.1"),),
}
HTML = ("Accept", "text/html")


def ask(kounta: FakeKounta, method: str, path: str, *headers: tuple[str, str], host: str | None = None) -> RawResponse:
    return attempt(kounta, method, path, headers=headers, host=host)


@pytest.mark.parametrize("browser", BROWSERS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_goes_to_the_dashboard(
    fakekounta_server: FakeKounta, method: str, browser: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A browser is redirected within the namespace of its address, without an exchange or a log record."""
    with arranged(fakekounta_server) as kounta:
        kounta.namespace("mine")
        for root in ("", "/_fakekounta/ns/mine"):
            answer = ask(kounta, method, f"{root}/", *BROWSERS[browser])
            assert (answer.status, answer["Location"]) == (302, f"{root}/_fakekounta/")
            assert answer["Cache-Control"] == "no-store"
            assert ask(kounta, "GET", answer["Location"]).status == 200
        assert (len(kounta.requests), caplog.records) == (0, [])


@pytest.mark.parametrize(
    "method, path, headers",
    [
        ("GET", "/", ()),
        ("GET", "/", (("Accept", "*/*"),)),
        ("GET", "/", (("Accept", "application/json"),)),
        ("GET", "/", (("Accept", "application/json, text/html;q=0.9"),)),
        ("GET", "/", (("Accept", "text/html;q=0"),)),
        ("GET", "/", (HTML, ("Sec-Fetch-Mode", "cors"))),
        ("POST", "/", (HTML,)),
        ("GET", "/?x=1", ()),
    ],
)
def test_anything_else_gets_the_404_of_the_api_and_no_line_in_the_log(
    fakekounta_server: FakeKounta,
    method: str,
    path: str,
    headers: tuple[tuple[str, str], ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The journal has the request with K05, so that a test which sends it by mistake fails."""
    caplog.set_level(logging.DEBUG)
    with arranged(fakekounta_server) as kounta:
        answer = ask(kounta, method, path, *headers)
        assert (answer.status, answer.json["error"]) == (404, "not_found")
        assert Quirk.K05_NOT_MODELLED in kounta.requests[-1].quirks
        assert caplog.records == []
        assert ask(kounta, "GET", "/v1", HTML).status == 404
        assert len(caplog.records) == 1


def test_the_rules_of_hosts_and_pages_come_first(fakekounta_server: FakeKounta) -> None:
    """A foreign Host, a foreign page, and a name of the real service get no redirect."""
    browser = BROWSERS["chromium"]
    with arranged(fakekounta_server) as kounta:
        for host in FOREIGN_HOSTS:
            status = 404 if host == "api.kounta.com" else 403
            assert ask(kounta, "GET", "/", *browser, host=host).status == status
        assert ask(kounta, "GET", "/", HTML, ("Sec-Fetch-Site", "cross-site")).status == 403
        assert ask(kounta, "GET", "/", HTML, ("Origin", "http://evil.example")).status == 403
