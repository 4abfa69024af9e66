"""Tests of the values that an email and a country may have (C12, and two choices)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from string import ascii_uppercase

import pytest

from fakekounta import Assumptions, Quirk
from fakekounta.core.countries import country_codes
from fakekounta.core.customers import changed_customer, new_customer
from fakekounta.core.errors import BadField
from tests.caller import exactly
from tests.choices import COUNTRY, EMAIL, LENIENT

ME = "my-client-id"
PAIRS = ["".join(pair) for pair in product(ascii_uppercase, repeat=2)]
# ISO 3166-1 alpha-2 codes of each continent, and texts that are easily confused with codes.
CODES = ["AU", "NZ", "GB", "US", "DE", "ZA", "BR", "AQ", "SS", "XX", "UK", "EU", "AN", "CS", "SU", "YU", "ZZ", "EN"]
EMAILS = [
    "jmcdonald@kounta.kom",
    "a@b.co",
    "first.last@example.com",
    "first+tag@example.com",
    "a.b+c-d_e@sub.domain.example.co.uk",
    "UPPER@EXAMPLE.COM",
    "o'hara@example.com",
    "1234@example.com",
    "!#$%&'*+/=?^_`{|}~-@example.com",
    ".leading@example.com",
    "trailing.@example.com",
    "two..dots@example.com",
    '"quoted"@example.com',
    "robin@exa-mple.com",
    "robin@xn--bcher-kva.example",
    "j\u00f6rg@example.com",
    "robin@b\u00fccher.example",
    "\u7528\u6237@\u4f8b\u3048.\u6d4b\u8bd5",
    "\U0001f40e@example.com",
    "x" * 200 + "@example.com",
]
NO_EMAILS = [
    "plain",
    "@",
    "@example.com",
    "robin@",
    "robin@localhost",
    "robin@.com",
    "robin@example.",
    "robin@example..com",
    "robin@@example.com",
    "a@b@example.com",
    "robin smith@example.com",
    "robin@exam ple.com",
    " robin@example.com",
    "robin@example.com ",
    "robin@example.com\n",
    "robin\t@example.com",
    "robin\x00@example.com",
    "robin@exa\x7fmple.com",
    "robin\u00a0@example.com",
    "robin\u2028@example.com",
    "robin@example\u3000.com",
    "robin\x85@example.com",  # a blank to Python only
    "robin@\ufeffexample.com",  # a blank to JavaScript only
    "robin@" + "a." * 5_000,
]


def country_kept(code: str, assumptions: Assumptions) -> str | None:
    """Return the stored country of a customer created with this one."""
    sent = {"first_name": "Al", "phone": "1", "primary_address": {"country": code}}
    address = new_customer(1, ME, sent, assumptions).primary_address
    return None if address is None else address.country


def test_the_table_of_countries_is_iso_3166_1() -> None:
    """The table has the 249 codes in use, and none that is withdrawn or only reserved."""
    assert len(country_codes()) == 249
    assert country_codes() <= set(PAIRS)
    assert [code for code in CODES if code in country_codes()] == CODES[:9]


def test_every_code_of_the_table_is_a_country_and_no_other() -> None:
    """Of all pairs of capitals exactly those of the table are accepted and stored unchanged."""
    taken: set[str | None] = set()
    refusals: set[Quirk] = set()
    for code in PAIRS:
        try:
            taken.add(country_kept(code, Assumptions()))
        except BadField as refusal:
            refusals.add(refusal.quirk)
    assert taken == country_codes()
    assert refusals == {Quirk.C12_COUNTRY_CODE}


@pytest.mark.parametrize("change", [str.lower, str.capitalize], ids=["au", "Au"])
def test_every_code_in_another_case_is_refused_or_kept_in_upper_case(change: Callable[[str], str]) -> None:
    """Each code in lower case is refused, or stored in upper case."""
    accepting = Assumptions(LENIENT)
    for code in sorted(country_codes()):
        sent = change(code)
        assert country_kept(sent, accepting) == code
        with pytest.raises(BadField) as caught:
            country_kept(sent, Assumptions())
        assert caught.value.quirk is COUNTRY


@pytest.mark.parametrize("choice", ["refused", "accepted"])
@pytest.mark.parametrize(
    "code",
    [
        "A",
        "AUS",
        "036",
        "Australia",
        " AU",
        "AU ",
        "A\x00",
        "\uff21\uff35",
        "xx",
        "\u00df",
        "\ufb01",
        "\u0131t",
        "\u017fe",
    ],
)
def test_an_unknown_country_code_is_refused(code: str, choice: str) -> None:
    """Longer, shorter and padded texts are refused, and letters whose upper case happens to be a code."""
    text = "shipping_address.country: is not a two-letter ISO 3166-1 country code"
    sent = {"first_name": "Al", "phone": "1", "shipping_address": {"city": "Exampleton", "country": code}}
    with pytest.raises(BadField, match=exactly(text)) as caught:
        new_customer(1, ME, sent, Assumptions({COUNTRY.id: choice}))
    assert caught.value.quirk is Quirk.C12_COUNTRY_CODE


@pytest.mark.parametrize("choice", ["refused", "accepted"])
@pytest.mark.parametrize("email", EMAILS, ids=ascii)
def test_an_address_is_kept_as_it_is(email: str, choice: str) -> None:
    """Any address that mail systems deliver to is accepted: other scripts, plus, dots, quotes."""
    customer = new_customer(1, ME, {"first_name": "Al", "email": email}, Assumptions({EMAIL.id: choice}))
    assert customer.email == email


@pytest.mark.parametrize("email", NO_EMAILS, ids=lambda email: ascii(email)[:40])
def test_an_invalid_email_is_refused(email: str) -> None:
    """An email has one @, a name, a domain with a dot, and no blanks; others are refused, or accepted as a choice."""
    text = "email: is not an email address"
    before = new_customer(1, ME, {"first_name": "Al", "phone": "1"}, Assumptions())
    with pytest.raises(BadField, match=exactly(text)) as caught:
        new_customer(1, ME, {"first_name": "Al", "phone": "1", "email": email}, Assumptions())
    assert caught.value.quirk is EMAIL
    with pytest.raises(BadField, match=exactly(text)):
        changed_customer(before, ME, {"email": email}, Assumptions())
    assert changed_customer(before, ME, {"email": email}, Assumptions(LENIENT)).email == email
