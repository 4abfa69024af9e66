"""Unusual requests: accepted where public clients need it, refused where they make no sense."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from contracts.expecting import expect, expect_parts, expect_status, expect_success
from contracts.forms import editable
from contracts.samples import new_customer, new_email, new_reference_id
from contracts.target import KountaTarget
from contracts.wire import wire

TEXT = new_email()
EMAIL = TEXT.encode()
NO_JSON_OBJECTS = {
    "empty": b"",
    "spaces": b"  \r\n",
    "cut off": b'{"first_name": "Sam"',
    "trailing comma": b'{"first_name": "Sam",}',
    "two values": b"{} {}",
    "single quotes": b"{'first_name': 'Sam'}",
    "form": b"first_name=Sam&email=" + quote(TEXT).encode(),
    "array": b'[{"first_name": "Sam"}]',
    "empty array": b"[]",
    "text": b'"Sam"',
    "number": b"1",
    "true": b"true",
    "null": b"null",
    "NaN": b'{"first_name": "Sam", "email": "%b", "extra": NaN}' % EMAIL,
    "Infinity": b'{"first_name": "Sam", "email": "%b", "extra": -Infinity}' % EMAIL,
    "lone surrogate": b'{"first_name": "\\ud800", "email": "%b"}' % EMAIL,
    "lone surrogate in a key": b'{"first_name": "Sam", "email": "%b", "\\udfff": 1}' % EMAIL,
    "raw surrogate": b'{"first_name": "\xed\xa0\x80", "email": "%b"}' % EMAIL,
    "not UTF-8": b'{"first_name": "Zo\xeb", "email": "%b"}' % EMAIL,
    "UTF-16": f'{{"first_name": "Sam", "email": "{TEXT}"}}'.encode("utf-16"),
    "control character": b'{"first_name": "Sa\x00m", "email": "%b"}' % EMAIL,
    "deep arrays": b'{"first_name": "Sam", "email": "%b", "extra": ' % EMAIL + b"[" * 100_000,
    "deep and closed": b'{"tags": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep objects": b'{"a": ' * 100_000 + b"1" + b"}" * 100_000,
}


@pytest.mark.quirk("T08")
@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "nonsense"])
def test_a_get_may_carry_a_content_type(target: KountaTarget, content_type: str) -> None:
    """A Content-Type without a body is ignored."""
    answer = target.get(target.company, headers={"Content-Type": content_type})
    expect_status(answer, 200)


@pytest.mark.quirk("T08")
def test_a_delete_may_carry_a_content_type(target: KountaTarget) -> None:
    """The response to DELETE depends on its path, not on its Content-Type."""
    bare = target.ask("DELETE", target.customer(target.add_customer()))
    typed = target.ask("DELETE", target.customer(target.add_customer()), headers={"Content-Type": "text/plain"})
    expect_status(typed, bare.status_code)


@pytest.mark.quirk("T08")
def test_ids_may_be_percent_encoded(target: KountaTarget) -> None:
    """A customer's id with its digits percent-encoded is that customer."""
    customer = target.some_customer()
    encoded = "".join(f"%{ord(digit):02X}" for digit in str(customer))
    expect_parts(target.get(target.customer(encoded)).json(), {"id": customer})


@pytest.mark.quirk("T08")
@pytest.mark.parametrize("query", ["colour=blue", "page=1&per_page=100.json", "=", "&&", "x=%00", "a[b]=1"])
def test_unknown_parameters_are_ignored(target: KountaTarget, query: str) -> None:
    """An unknown query parameter changes nothing."""
    reference_id = new_reference_id()
    customer = target.add_customer(reference_id=reference_id)
    answer = target.get(f"{target.customers}?reference_id={reference_id}&{query}")
    assert [item["id"] for item in target.items(answer)] == [customer]


@pytest.mark.quirk("T08")
def test_a_repeated_lookup_on_the_record_is_ignored(target: KountaTarget) -> None:
    """A client that adds the email to the URL of the redirect still gets the record."""
    customer = target.add_customer(email=(email := new_email()))
    answer = target.get(f"{target.customer(customer)}?email={quote(email)}")
    expect_status(answer, 200)
    expect_parts(answer.json(), {"id": customer})


@pytest.mark.quirk("T08")
def test_http_1_0_is_answered(target: KountaTarget) -> None:
    """A request in HTTP/1.0 is answered."""
    answer = wire(target, f"GET {target.company} HTTP/1.0")
    expect_status(answer, 200)
    expect_parts(answer.json(), {"id": target.company_id})


@pytest.mark.quirk("T15")
@pytest.mark.parametrize("body", NO_JSON_OBJECTS.values(), ids=NO_JSON_OBJECTS.keys())
def test_a_post_needs_an_object(target: KountaTarget, body: bytes) -> None:
    """POST refuses a body that is not an object with 400."""
    answer = target.ask("POST", target.customers, content=body)
    expect_status(answer, 400)


@pytest.mark.quirk("T15")
@pytest.mark.parametrize("body", NO_JSON_OBJECTS.values(), ids=NO_JSON_OBJECTS.keys())
def test_a_put_needs_an_object(target: KountaTarget, body: bytes) -> None:
    """PUT refuses a body that is not an object with 400, and the customer is unchanged."""
    customer = target.add_customer()
    before = target.record(customer)
    answer = target.ask("PUT", target.customer(customer), content=body)
    expect_status(answer, 400)
    expect(editable(target.record(customer)), editable(before))


@pytest.mark.quirk("T16")
@pytest.mark.parametrize("extension", ["", ".json"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_company_can_only_be_read(target: KountaTarget, method: str, extension: str) -> None:
    """Any other method is 405, and Allow lists the methods of the path."""
    not_on_a_live_company(target)
    refuses_method(target, method, target.company + extension, {"GET", "HEAD", "OPTIONS"})


@pytest.mark.quirk("T16")
@pytest.mark.parametrize("extension", ["", ".json"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_list_has_get_and_post(target: KountaTarget, method: str, extension: str) -> None:
    """Any other method on the list of customers is 405, and Allow lists the methods of the path."""
    not_on_a_live_company(target)
    refuses_method(target, method, target.customers + extension, {"GET", "HEAD", "OPTIONS", "POST"})


@pytest.mark.quirk("T16")
@pytest.mark.parametrize("extension", ["", ".json"])
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_customer_has_get_and_put(target: KountaTarget, method: str, extension: str) -> None:
    """Any other method on a customer is 405, and Allow lists the methods of the path."""
    path = target.customer(target.add_customer()) + extension
    refuses_method(target, method, path, methods_of_a_customer(target))


def methods_of_a_customer(target: KountaTarget) -> set[str]:
    return {"GET", "HEAD", "OPTIONS", "PUT"} | ({"DELETE"} if target.chosen["C21"] == "204" else set())


def not_on_a_live_company(target: KountaTarget) -> None:
    if target.kind == "live":
        target.not_provable("were it not refused, it might change or delete more than our own customers")


def refuses_method(target: KountaTarget, method: str, path: str, allowed: set[str]) -> None:
    answer = target.ask(method, path, json={})
    expect_status(answer, 405)
    expect(set(answer.headers["Allow"].split(", ")), allowed, "header Allow")


@pytest.mark.quirk("T17")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_body_of_2_mib_is_too_large(target: KountaTarget, method: str) -> None:
    """A body of 2 MiB is 413, and the next request is answered as usual."""
    path = target.customers if method == "POST" else target.customer(target.add_customer())
    answer = target.ask(method, path, json=new_customer(first_name="x" * 2 * 1024 * 1024))
    expect_status(answer, 413)
    expect_status(target.get(target.company), 200)


@pytest.mark.quirk("T17")
def test_a_chunked_body_of_2_mib_is_too_large(target: KountaTarget) -> None:
    """A body of 2 MiB in chunks, without a declared length, is 413, too."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    request = f"POST {target.customers} HTTP/1.1"
    headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = wire(target, request, *headers, body=chunk * 32 + b"0\r\n\r\n")
    expect_status(answer, 413)


@pytest.mark.quirk("T17")
def test_a_body_of_half_a_mib_is_taken(target: KountaTarget) -> None:
    """A body of half a MiB is accepted."""
    body = f'{{"first_name": "Sam", "email": "{new_email()}"}}'.encode() + b" " * 512 * 1024
    expect_success(target.ask("POST", target.customers, content=body))


@pytest.mark.quirk("T18")
@pytest.mark.parametrize("query", ["", "?email={email}", "?email=nobody-{email}"])
def test_head_is_get_without_the_body(target: KountaTarget, query: str) -> None:
    """HEAD has the status and the headers of GET and no body."""
    email = new_email()
    if query == "?email={email}":
        target.add_customer(email=email)
    path = target.customers + query.format(email=email)
    head, get = target.ask("HEAD", path), target.ask("GET", path)
    expect(head.content, b"", "body")
    expect_status(head, get.status_code)
    for name in ("Content-Type", "Content-Length", "Location", "X-Pages"):
        expect(head.headers.get(name), get.headers.get(name), f"header {name}")


@pytest.mark.quirk("T18")
@pytest.mark.parametrize(
    "path,allowed",
    [
        ("{company}", {"GET", "HEAD", "OPTIONS"}),
        ("{company}/customers", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("{company}/customers/1", None),
    ],
)
def test_options_tells_the_methods(target: KountaTarget, path: str, allowed: set[str] | None) -> None:
    """OPTIONS is 200 with Allow."""
    answer = target.ask("OPTIONS", path.format(company=target.company))
    expect_status(answer, 200)
    expect(set(answer.headers["Allow"].split(", ")), (allowed or methods_of_a_customer(target)), "header Allow")
