"""Strategies for the public types of the core, for `st.from_type`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.customers import Address, Customer, with_reference_ids
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.core.webhooks import Webhook, new_webhook
from fakekounta.strategies.address import countries
from fakekounta.strategies.collections import records_of
from fakekounta.strategies.customer import CLIENT_ID, IDS, customer_values, new_customers
from fakekounta.strategies.parts import Body, Strategy
from fakekounta.strategies.texts import names, reference_ids
from fakekounta.strategies.webhook import webhooks

_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
_LONG_AGO = datetime(2013, 1, 1, tzinfo=timezone.utc)
_MOMENTS = st.integers(0, 800_000_000).map(lambda seconds: _LONG_AGO + timedelta(seconds=seconds))
_ZONES = ("Australia/Melbourne", "Australia/Perth", "Asia/Kathmandu", "America/St_Johns", "Etc/UTC", "Asia/Tokyo")
_COMPANY_IDS = st.one_of(st.just(5678), st.integers(1, 2**31))


def address_values() -> st.SearchStrategy[Address]:
    """Return a strategy for addresses as the fake stores them: with at least one part, and no empty one."""
    parts = dict.fromkeys(("city", "address", "state", "postal_code"), st.none() | names())
    return st.builds(Address, **parts, country=st.sampled_from(countries()))


@st.composite
def customers_of_the_core(draw: st.DrawFn) -> Customer:
    """Draw customers as the fake stores them, some with a reference id of another application as well."""
    customer = draw(customer_values(new_customers(), IDS, Assumptions()))
    others = draw(st.dictionaries(st.sampled_from(("till", "loyalty")), reference_ids(), max_size=2))
    return with_reference_ids(customer, (*customer.reference_ids, *others.items()))


@st.composite
def webhook_values(draw: st.DrawFn) -> Webhook:
    """Return a strategy for webhooks as the fake stores them."""
    body: Body = {name: value for name, value in draw(webhooks()).items() if value is not None}
    made, changed = sorted(draw(st.tuples(_MOMENTS, _MOMENTS)))
    number, company_id = draw(st.integers(1, 2**31)), draw(_COMPANY_IDS)
    return new_webhook(number, company_id, CLIENT_ID, body, made).updated(changed)


def _applications() -> st.SearchStrategy[Application]:
    tokens = st.none() | _WORDS
    return st.builds(
        Application,
        client_id=_WORDS,
        client_secret=_WORDS,
        company_id=_COMPANY_IDS,
        signature_token=_WORDS,
        access_token=tokens,
        refresh_token=tokens,
        redirect_uris=st.sampled_from(((), ("http://localhost/callback",), ("app://x", "https://example.com/?a=b"))),
        any_redirect_uri=st.booleans(),
    )


def _companies() -> st.SearchStrategy[CompanyProfile]:
    return st.builds(CompanyProfile, id=_COMPANY_IDS, name=names(), timezone=st.sampled_from(_ZONES))


def _assumptions() -> st.SearchStrategy[Assumptions]:
    choices: dict[str, Strategy] = {quirk.id: st.sampled_from(tuple(names)) for quirk, names in CHOICES.items()}
    return st.fixed_dictionaries({}, optional=choices).map(Assumptions)


def values_of(kind: type[Any]) -> Strategy:
    """Return the strategy for one of the types that `fakekounta.strategies.registration` registers."""
    strategies: dict[type[Any], Strategy] = {
        Address: address_values(),
        Application: _applications(),
        Assumptions: _assumptions(),
        CompanyProfile: _companies(),
        Customer: customers_of_the_core(),
        RequestsPerMinute: st.builds(RequestsPerMinute, basic=st.integers(1, 1_000), oauth=st.integers(1, 1_000)),
        Webhook: webhook_values(),
    }
    return strategies[kind] if kind in strategies else records_of(kind)
