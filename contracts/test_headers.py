"""Headers and the URLs in them."""

from __future__ import annotations

from urllib.parse import quote

import httpx
import pytest

from contracts.arranging import precondition
from contracts.samples import new_customer, new_email
from contracts.target import KountaTarget


@pytest.mark.quirk("T09")
@pytest.mark.parametrize("origin", ["https://shop.example.com", "http://localhost:5173"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_no_cors_headers(target: KountaTarget, method: str, origin: str) -> None:
    """No response has CORS headers, neither to a preflight nor to the request itself."""
    headers = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    answer = target.ask(method, target.customers, headers=headers)
    assert [name for name in answer.headers if name.startswith("access-control-")] == []


@pytest.mark.quirk("T12")
def test_header_names_keep_their_case(target: KountaTarget) -> None:
    """X-Pages is sent in this case, not as x-pages."""
    names = header_names(target, "GET", target.customers, Authorization=target.application.basic)
    assert "X-Pages" in names
    assert {"x-pages", "X-PAGES"}.isdisjoint(names)


@pytest.mark.quirk("T12")
def test_challenge_keeps_its_case(target: KountaTarget) -> None:
    """WWW-Authenticate is sent in this case, not as Www-Authenticate."""
    assert "WWW-Authenticate" in header_names(target, "GET", target.company)


@pytest.mark.quirk("T12")
def test_redirect_keeps_its_case(target: KountaTarget) -> None:
    """Location and Content-Type are sent in this case."""
    target.add_customer(email=(email := new_email()))
    path = f"{target.customers}?email={quote(email)}"
    precondition((answer := target.get(path)).status_code == 302, "C04", answer)
    assert "Location" in header_names(target, "GET", path, Authorization=target.application.basic)
    assert "Content-Type" in header_names(target, "GET", target.company, Authorization=target.application.basic)


def header_names(target: KountaTarget, method: str, path: str, **sent: str) -> set[str]:
    """Return the names of the response's headers exactly as they were sent."""
    headers = {"Accept": "application/json", **sent}
    if target.kind == "in-process":
        answer = target.ask(method, path, headers={"Authorization": None, **headers})
    else:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {httpx.URL(target.url).netloc.decode()}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        answer = target.send_bytes("\r\n".join([*lines, "Connection: close", "", ""]).encode())
    return {name.decode() for name, _ in answer.headers.raw}


@pytest.mark.quirk("T13")
def test_urls_have_the_origin_of_the_request(target: KountaTarget) -> None:
    """Location, if it has an origin (A02), has that of the request."""
    created = target.create(new_customer(email=(email := new_email())))
    for answer, quirk in ((created, "C15"), (target.find(email=email), "C04")):
        precondition("Location" in answer.headers, quirk, answer)
        if httpx.URL(answer.headers["Location"]).is_absolute_url:
            assert answer.headers["Location"].startswith(f"{target.url}/v1/")


@pytest.mark.quirk("T13")
@pytest.mark.parametrize("host", ["localhost:8080", "api.kounta.com", "my.kounta.com:81", "[::1]:8080"])
def test_urls_have_the_host_that_was_named(target: KountaTarget, host: str) -> None:
    """Location and X-Next-Page have the Host of the request, by whatever name it calls the server."""
    if target.kind == "live":
        target.not_provable("a live server may answer to its own name only")
    created = target.ask("POST", target.customers, json=new_customer(), headers={"Host": host})
    scheme = httpx.URL(target.url).scheme
    origin = f"{scheme}://{host}" if target.chosen["A02"] == "absolute" else ""
    assert created.headers["Location"].startswith(f"{origin}/v1/companies/")
    for _ in range(25):
        target.add_customer()
    listed = target.get(target.customers, headers={"Host": host})
    assert listed.headers["X-Next-Page"].startswith(f"{scheme}://{host}/v1/companies/")
