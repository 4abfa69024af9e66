"""Every kind of refusal, in one shape and without the words that mislead a public client."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pytest

from contracts.samples import new_email, new_mobile
from contracts.target import KountaTarget, basic


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A request that is refused; `{…}` in path and body is filled in by `refused`."""

    status: int
    error: str
    method: str = "GET"
    path: str = "{customers}"
    body: str | None = None
    headers: dict[str, str | None] = field(default_factory=dict)


BAD, GONE = (400, "bad_request"), (404, "not_found")
BAIT = "invalid, expired"


def post(body: str, kind: tuple[int, str] = BAD, **headers: str) -> Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Refusal(status=kind[0], error=kind[1], method="POST", body=body, headers={**named})


def get(path: str, kind: tuple[int, str] = GONE, **headers: str | None) -> Refusal:
    return Refusal(status=kind[0], error=kind[1], path=path, headers=headers)


REFUSALS = {
    "no accept": get("{company}", (406, "not_acceptable"), Accept=None),
    "accept": get("{company}", (406, "not_acceptable"), Accept="text/invalid"),
    "unknown client": get("{company}", (401, "unauthorized"), Authorization=basic("invalid", "expired")),
    "broken basic": get("{company}", (401, "unauthorized"), Authorization="Basic invalid"),
    "unknown resource": get("{company}/invalid/expired"),
    "outside of v1": get("/invalid/expired"),
    "no number": get("{customers}/invalid"),
    "unknown customer": get("{customers}/0"),
    "unknown address": get("{customer}/addresses/0"),
    "email of nobody": get("{customers}?email=invalid-{email}"),
    "mobile of nobody": get("{customers}?mobile=expired-{free}"),
    "name of nobody": get("{customers}?first_name=invalid&last_name=expired&phone={free}"),
    "incomplete name": get("{customers}?first_name=invalid&last_name=expired", BAD),
    "other company": get("{other}/customers", (403, "forbidden")),
    "wrong method": Refusal(status=405, error="method_not_allowed", method="PATCH", path="{customers}"),
    "unknown method": Refusal(status=405, error="method_not_allowed", method="INVALID", path="{customers}"),
    "content type": post("{{}}", Content_Type="application/invalid"),
    "syntax": post('{{"invalid": expired'),
    "array": post('["invalid", "expired"]'),
    "nothing": post("{{}}"),
    "no contact": post(f'{{{{"first_name": "{BAIT}"}}}}'),
    "no first name": post(f'{{{{"last_name": "{BAIT}", "email": "{{email}}"}}}}'),
    "email": post(f'{{{{"first_name": "Sam", "email": "{BAIT}"}}}}'),
    "type": post(f'{{{{"first_name": ["{BAIT}"], "email": "{{email}}"}}}}'),
    "tags": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "tags": "{BAIT}"}}}}'),
    "flag": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "accepts_marketing": "{BAIT}"}}}}'),
    "address": post(f'{{{{"first_name": "Sam", "email": "{{email}}", "primary_address": "{BAIT}"}}}}'),
    "country": post('{{"first_name": "Sam", "email": "{email}", "shipping_address": {{"country": "invalid"}}}}'),
    "taken mobile": post('{{"first_name": "Sam", "mobile": "{taken}"}}', (409, "conflict")),
    "too large": post('{{"first_name": "' + "invalid" * 300_000 + '"}}', (413, "payload_too_large")),
    "unknown to change": Refusal(
        status=404, error="not_found", method="PUT", path="{customers}/0", body='{{"first_name": "invalid"}}'
    ),
}

every_refusal = pytest.mark.parametrize("refusal", REFUSALS.values(), ids=REFUSALS.keys())


def refused(target: KountaTarget, refusal: Refusal) -> httpx.Response:
    """The answer to a request that must be refused."""
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
    return target.ask(refusal.method, path, content=body, headers=refusal.headers)


@pytest.mark.quirk("T10")
@every_refusal
def test_refusals_have_one_shape(target: KountaTarget, refusal: Refusal) -> None:
    """A refusal is a JSON object with two texts: a code that belongs to the status, and a description."""
    answer = refused(target, refusal)
    assert answer.headers["Content-Type"].partition(";")[0] == "application/json"
    assert set(answer.json()) == {"error", "error_description"}
    assert (answer.status_code, answer.json()["error"]) == (refusal.status, refusal.error)
    assert isinstance(answer.json()["error_description"], str)
    assert answer.json()["error_description"] != ""


@pytest.mark.quirk("T10")
@pytest.mark.parametrize("name", [name for name, refusal in REFUSALS.items() if refusal.status == 404])
def test_what_is_missing_is_called_not_found(target: KountaTarget, name: str) -> None:
    """The description of a 404 contains `Not Found`."""
    assert "Not Found" in refused(target, REFUSALS[name]).json()["error_description"]


@pytest.mark.quirk("T11")
@every_refusal
def test_no_refusal_sounds_like_a_token_error(target: KountaTarget, refusal: Refusal) -> None:
    """Neither `invalid` nor `expired` stands in a refusal, even where the request had the words."""
    answer = refused(target, refusal)
    assert answer.status_code == refusal.status
    assert "invalid" not in answer.text
    assert "expired" not in answer.text


@pytest.mark.quirk("T11")
@pytest.mark.parametrize("change", ["client_id", "redirect_uri", "state"])
def test_authorize_does_not_sound_like_a_token_error(target: KountaTarget, change: str) -> None:
    """The authorize page has neither word, though the request had one."""
    changes = {change: None if change == "state" else "http://invalid.example.com/expired"}
    answer = target.authorize(**changes)
    assert answer.status_code == 400
    assert "invalid" not in answer.text
    assert "expired" not in answer.text
