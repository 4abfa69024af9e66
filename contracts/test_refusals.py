"""Refusals of every kind: they have one shape, without the words that a public client takes for a token error."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from contracts.arranging import basic
from contracts.expecting import expect, expect_media_type, expect_parts
from contracts.samples import FLAG, MARK, new_email, new_mobile
from contracts.target import KountaTarget


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A request to refuse; `refused` replaces `{…}` in its path and body."""

    status: int
    method: str = "GET"
    path: str = "{customers}"
    body: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)


BAD, GONE = 400, 404
BAIT = f"invalid, expired, {MARK}"
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "payload_too_large",
    422: "unprocessable_entity",
}


def post(body: str, status: int = BAD, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status=status, method="POST", body=body, headers={**named})


def get(path: str, status: int = GONE, **headers: str | None) -> Refusal:
    return Refusal(status=status, path=path, headers=headers)


REFUSALS = {
    "no accept": get("{company}", 406, Accept=None),
    "accept": get("{company}", 406, Accept="text/invalid"),
    "unknown client": get("{company}", 401, Authorization=basic("invalid", "expired")),
    "broken basic": get("{company}", 401, Authorization="Basic invalid"),
    "unknown resource": get("{company}/invalid/expired"),
    "outside of v1": get("/invalid/expired"),
    "no number": get("{customers}/invalid"),
    "unknown customer": get("{customers}/0"),
    "unknown address": get("{customer}/addresses/0"),
    "email of nobody": get("{customers}?email=invalid-{email}"),
    "mobile of nobody": get("{customers}?mobile=expired-{free}"),
    "name of nobody": get("{customers}?first_name=invalid&last_name=expired&phone={free}"),
    "incomplete name": get("{customers}?first_name=invalid&last_name=expired", BAD),
    "other company": get("{other}/customers", 403),
    "wrong method": Refusal(status=405, method="PATCH", path="{customers}"),
    "unknown method": Refusal(status=405, method="INVALID", path="{customers}"),
    "content type": post("{{}}", Content_Type="application/invalid"),
    "syntax": post('{{"invalid": expired'),
    "array": post('["invalid", "expired"]'),
    "nothing": post("{{}}"),
    "no contact": post(f'{{{{"first_name": "{BAIT}"}}}}'),
    "no first name": post(f'{{{{"last_name": "{BAIT}", "email": "{{email}}"}}}}'),
    "email": post(f'{{{{"first_name": "Sam", "email": "{BAIT}"}}}}'),
    "type": post(f'{{{{"first_name": ["{BAIT}"], "email": "{{email}}"}}}}'),
    "tags": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "tags": "{BAIT}"}}}}'),
    "flag": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "{FLAG}": "{BAIT}"}}}}'),
    "address": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "primary_address": "{BAIT}"}}}}'),
    "country": post('{{"first_name": "Sam", "email": "{email}", "shipping_address": {{"country": "invalid"}}}}'),
    "taken mobile": post(f'{{{{"first_name": "{MARK}", "mobile": "{{taken}}"}}}}', 400),
    "too large": post('{{"first_name": "' + "invalid" * 300_000 + MARK + '"}}', 413),
    "unknown to change": Refusal(status=404, method="PUT", path="{customers}/0", body='{{"first_name": "invalid"}}'),
}

every_refusal = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())


def refused(target: KountaTarget, refusal: Refusal) -> httpx.Response:
    """Return the response to a request that must be refused."""
    taken = new_mobile()
    customer = target.add_customer(mobile=taken)
    path = refusal.path.format(
        company=target.company,
        other=f"/v1/companies/{target.other_company_id}",
        customers=target.customers,
        customer=target.customer(customer),
        email=new_email(),
        free=new_mobile(),
    )
    body = None if refusal.body is None else refusal.body.format(email=new_email(), taken=taken).encode()
    answer = target.ask(refusal.method, path, content=body, headers=refusal.headers)
    if not answer.is_error:
        target.not_provable(f"it is not refused, but answered {answer.status_code}")
    return answer


@pytest.mark.quirk("T10")
@every_refusal
def test_refusals_have_one_shape(target: KountaTarget, refusal: Refusal) -> None:
    """A refusal is a JSON object with two texts: the code of the status, and a description."""
    answer = refused(target, refusal)
    expect_media_type(answer, "application/json")
    expect(set(answer.json()), {"error", "error_description"})
    expect_parts(answer.json(), {"error": CODES.get(answer.status_code, answer.json()["error"])})
    assert isinstance(answer.json()["error_description"], str)
    assert answer.json()["error_description"] != ""


@pytest.mark.quirk("T10")
@pytest.mark.parametrize("name", [name for name, refusal in REFUSALS.items() if refusal.status == 404])
def test_what_is_missing_is_called_not_found(target: KountaTarget, name: str) -> None:
    """The description of a 404 contains `Not Found`."""
    answer = refused(target, REFUSALS[name])
    assert "Not Found" in answer.json()["error_description"]


@pytest.mark.quirk("T11")
@every_refusal
def test_no_refusal_sounds_like_a_token_error(target: KountaTarget, refusal: Refusal) -> None:
    """No refusal has `invalid` or `expired`, even if the request had these words."""
    answer = refused(target, refusal)
    assert "invalid" not in answer.text
    assert "expired" not in answer.text


@pytest.mark.quirk("T11")
@pytest.mark.parametrize("change", ["client_id", "redirect_uri", "state"])
def test_authorize_does_not_sound_like_a_token_error(target: KountaTarget, change: str) -> None:
    """The authorize page has neither word, even if the request had one."""
    changes = {change: None if change == "state" else "http://invalid.example.com/expired"}
    answer = target.authorize(**changes)
    assert "invalid" not in answer.text
    assert "expired" not in answer.text
