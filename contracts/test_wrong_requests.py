"""Malformed requests, and the order in which a request is checked."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from contracts.expecting import expect, expect_client_error, expect_status
from contracts.target import KountaTarget
from contracts.wire import wire


@pytest.mark.quirk("T21")
@pytest.mark.parametrize(
    "method,path,changes,status",
    [
        ("GET", "{company}", {"Accept": None, "Authorization": None}, 406),
        ("GET", "{company}/unicorns", {"Accept": "text/html"}, 406),
        ("GET", "{company}/unicorns", {"Authorization": None}, 401),
        ("GET", "{other}/customers", {"Authorization": None}, 401),
        ("GET", "{other}/unicorns", {}, 404),
        ("PATCH", "{other}/customers", {}, 405),
        ("POST", "{other}/customers", {"Content-Type": "text/plain"}, None),
        ("PUT", "{other}/customers/1", {}, None),
        ("PUT", "{company}/customers/0", {"Content-Type": "text/plain"}, 400),
        ("PUT", "{company}/customers/0", {}, 400),
    ],
)
def test_checks_come_in_order(
    target: KountaTarget, method: str, path: str, changes: dict[str, Any], status: int | None
) -> None:
    """Of several errors the first counts: format, credentials, route, company, content type, body, record.

    None of the statuses is that of another company's resources (A16).
    """
    filled = path.format(company=target.company, other=f"/v1/companies/{target.other_company_id}")
    body = b"{" if method in {"POST", "PUT"} else None
    expected = status or target.get(f"/v1/companies/{target.other_company_id}/customers").status_code
    expect_status(target.ask(method, filled, content=body, headers=changes), expected)


@pytest.mark.quirk("T22")
@pytest.mark.parametrize(
    "garbage",
    [
        b"garbage\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /v1/companies/me\r\n\r\n",
        b"GET /v1/companies/me HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /v1/companies/me HTTP/1.1\r\nno colon\r\n\r\n",
        b"G\x00T /v1/companies/me HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/companies/me/customers HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/companies/me/customers HTTP/1.1\r\nHost: x\r\nContent-Length: ten\r\n\r\n",
        b"POST /v1/companies/me/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_malformed_http_gets_an_error_response(target: KountaTarget, garbage: bytes) -> None:
    """Malformed HTTP is 4xx in the API's error shape."""
    refused_in_shape(target.send_bytes(garbage))


@pytest.mark.quirk("T22")
def test_a_target_that_is_too_long_is_refused(target: KountaTarget) -> None:
    """A request line of a megabyte is 4xx in the API's error shape."""
    refused_in_shape(wire(target, f"GET {target.customers}?email={'x' * 2**20} HTTP/1.1"))


@pytest.mark.quirk("T22")
def test_headers_that_are_too_long_are_refused(target: KountaTarget) -> None:
    """A header of a megabyte is 4xx in the API's error shape."""
    refused_in_shape(wire(target, f"GET {target.customers} HTTP/1.1", f"X-Long: {'x' * 2**20}"))


def refused_in_shape(answer: httpx.Response) -> None:
    expect_client_error(answer)
    expect(set(answer.json()), {"error", "error_description"})


@pytest.mark.quirk("T11")
@pytest.mark.parametrize(
    "garbage",
    [
        b"invalid\r\n\r\n",
        b"GET expired HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/companies/me HTTP/1.1\r\ninvalid header\r\n\r\n",
        b"POST /v1/companies/me/customers HTTP/1.1\r\nHost: x\r\nContent-Length: invalid\r\n\r\n",
        b"POST /v1/companies/me/customers HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: expired\r\n\r\n",
        b"GET /" + b"invalid" * 2**18 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=lambda garbage: garbage[:30].decode(),
)
def test_no_refusal_of_garbage_sounds_like_a_token_error(target: KountaTarget, garbage: bytes) -> None:
    """The refusal of malformed HTTP has neither `invalid` nor `expired`."""
    answer = target.send_bytes(garbage)
    expect_client_error(answer)
    assert "invalid" not in answer.text
    assert "expired" not in answer.text
