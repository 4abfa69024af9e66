"""Tests of signatures, and of signed requests for tests of receivers: they have the bytes of a delivery."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekounta import FakeKounta, Receiver
from fakekounta.core.errors import BadField
from fakekounta.signing import HEADER, TOKEN, SignedRequest, sign, signed_request, verify
from tests.lab import CREATED, DELETED, UPDATED
from tests.sockets import unhurried

JAMIE: dict[str, Any] = {
    "first_name": "Jamie",
    "last_name": "McDonald & Söhne <\u2028>",
    "email": "jamie@example.com",
    "mobile": "0412 345 678",
    "tags": ["Gold Member", "", 'a "b"'],
    "primary_address": {"address": "1 Example St", "city": None, "country": "AU"},
    "reference_id": "crm-1",
    "accepts_marketing": True,
}
LEAST: dict[str, Any] = {"first_name": "\U0001f600", "phone": "\t02\n"}


def hmac_sha256(key: bytes, message: bytes) -> str:
    """Return the HMAC as RFC 2104 defines it, with a plain hash and no HMAC library."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()


# --- signatures ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "token, body, expected",
    [
        (
            "Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("", b"", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        (
            "key",
            b"The quick brown fox jumps over the lazy dog",
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
        ),
    ],
)
def test_published_vectors(token: str, body: bytes, expected: str) -> None:
    """W11: HMAC-SHA256 in lower-case hex gives the values published in RFC 4231 and elsewhere."""
    assert sign(body, token) == expected
    assert verify(body, expected, token)


@unhurried
@given(body=st.binary(max_size=200), token=st.text(max_size=80))
def test_it_is_hmac_with_the_token_as_utf_8(body: bytes, token: str) -> None:
    """For any bytes and any token, also long or non-ASCII ones, the signature is that of the definition."""
    expected = hmac_sha256(token.encode("utf-8", "surrogatepass"), body)
    assert sign(body, token) == expected
    assert verify(body, expected, token)
    assert not verify(body + b" ", expected, token)
    assert not verify(body, expected[:-1], token)
    assert not verify(body, None, token)


def test_a_signature_in_upper_case_is_wrong() -> None:
    """W11: a signature in upper-case hex does not verify."""
    assert not verify(b"x", sign(b"x").upper())
    assert not verify(b"x", f" {sign(b'x')}")


def test_the_token_is_that_of_the_default_application() -> None:
    """Without a token, signing and verifying use the documented one of the default application."""
    assert FakeKounta().application.signature_token == TOKEN
    assert sign(b"x") == hmac_sha256(TOKEN.encode(), b"x")


# --- signed requests -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["json", "xml"])
@pytest.mark.parametrize("fields", [JAMIE, LEAST])
@pytest.mark.parametrize("topic", [CREATED, UPDATED, DELETED])
def test_the_same_bytes_as_the_fake_delivers(
    topic: str, fields: dict[str, Any], form: str, fakekounta_receiver: Receiver
) -> None:
    """Body, signature and all headers equal those of a delivery for this customer at that time."""
    kounta = FakeKounta()
    kounta.clock.freeze("2026-01-01T00:00:00+00:00")
    own = {"X-Own": "1", "Authorization": "Bearer abc"}
    kounta.webhooks.add(topic, fakekounta_receiver.url, format=form, headers=own)
    before = {**fields, "first_name": "Before"} if topic == UPDATED else fields
    known = kounta.customers.add(announce=topic == CREATED, **before).id
    if topic == UPDATED:
        kounta.customers.change(known, announce=True, first_name=fields["first_name"])
    elif topic == DELETED:
        kounta.customers.remove(known, announce=True)
    (received,) = fakekounta_receiver.received
    made = signed_request({**fields, "id": known}, topic, format=form, headers=own)
    assert made.body == received.body
    assert {name.lower(): value for name, value in made.headers.items()}.items() <= received.headers.items()
    assert dict(kounta.webhooks.deliveries[0].attempts[0].headers) == dict(made.headers)
    assert (made.topic, verify(made.body, made.headers[HEADER])) == (topic, True)


def test_another_application_signs_with_its_own_token(fakekounta_receiver: Receiver) -> None:
    """The given token is the key, as in deliveries to an application that has it."""
    application = {"client_id": "a", "client_secret": "s", "signature_token": "töken"}
    kounta = FakeKounta(applications=[application])
    kounta.clock.freeze("2026-01-01T00:00:00+00:00")
    kounta.webhooks.add(CREATED, fakekounta_receiver.url, client_id="a")
    known = kounta.customers.add(announce=True, **LEAST).id
    made = signed_request({**LEAST, "id": known}, CREATED, "töken")
    assert made.headers[HEADER] == fakekounta_receiver.received[0].headers[HEADER.lower()]


@pytest.mark.parametrize(
    "spoilt, same_body, header",
    [
        (SignedRequest.with_wrong_token, True, "another"),
        (SignedRequest.with_tampered_body, False, "same"),
        (SignedRequest.without_signature, True, "none"),
        (SignedRequest.with_upper_case_signature, True, "upper"),
    ],
)
def test_wrong_requests(spoilt: Callable[[SignedRequest], SignedRequest], same_body: bool, header: str) -> None:
    """Each wrong request differs from the right one in one point, and none verifies; the right one is unchanged."""
    right = signed_request(JAMIE, UPDATED)
    wrong = spoilt(right)
    signature = right.headers[HEADER]
    found = wrong.headers.get(HEADER)
    expected = {"same": signature, "none": None, "upper": signature.upper(), "another": found}[header]
    assert (wrong.body == right.body, found, wrong.topic) == (same_body, expected, UPDATED)
    assert not verify(wrong.body, found)
    assert verify(right.body, right.headers[HEADER])
    rest = {name: value for name, value in right.headers.items() if name != HEADER}
    assert {name: value for name, value in wrong.headers.items() if name != HEADER} == rest


def test_a_wrong_token_still_looks_like_a_signature() -> None:
    """The signature with a wrong token has the form of a right one."""
    found = signed_request(JAMIE).with_wrong_token().headers[HEADER]
    assert len(found) == 64
    assert found == found.lower()
    assert found != signed_request(JAMIE).headers[HEADER]


def test_a_tampered_body_is_still_the_same_json() -> None:
    """A tampered body is equal as JSON, so only a receiver that signs re-written JSON accepts it."""
    body = signed_request(JAMIE).with_tampered_body().body
    assert body.strip() == signed_request(JAMIE).body


# --- refusals --------------------------------------------------------------------------------------------------


def test_invalid_arguments() -> None:
    """A customer that the API would refuse, an unknown topic and an unknown format are refused by name."""
    with pytest.raises(BadField, match="first_name"):
        signed_request({"phone": "1"})
    with pytest.raises(BadField, match="nickname"):
        signed_request({**LEAST, "nickname": "J"})
    with pytest.raises(ValueError, match=r"^topic: must be one of customers/created, "):
        signed_request(LEAST, "customers/vanished")
    with pytest.raises(ValueError, match=r"^format: must be json or xml$"):
        signed_request(LEAST, format="yaml")
