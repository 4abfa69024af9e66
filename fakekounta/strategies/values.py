"""Strategies for the public types of the core, for `st.from_type`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fakekounta.catalogue.assumptions import CHOICES, Assumptions
from fakekounta.core.applications import APPLICATION, Application
from fakekounta.core.company import COMPANY, CompanyProfile
from fakekounta.core.customers import ADDRESS, Address, Customer, with_reference_ids
from fakekounta.core.kinds import Flag, Kind, Text, Whole, by_kind
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.core.resources import Resource
from fakekounta.core.webhooks import Webhook, new_webhook
from fakekounta.strategies.address import countries
from fakekounta.strategies.collections import MOMENTS, records_of
from fakekounta.strategies.customer import CLIENT_ID, IDS, ZONES, customer_values, new_customers
from fakekounta.strategies.parts import Body, Strategy
from fakekounta.strategies.texts import names, reference_ids
from fakekounta.strategies.webhook import webhooks

_WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=40)
_REDIRECT_URIS = ((), ("http://localhost/callback",), ("app://x", "https://example.com/?a=b"))
_COMPANY_IDS = st.one_of(st.just(5678), st.integers(1, 2**31))


def address_values() -> st.SearchStrategy[Address]:
    """Return a strategy for addresses as the fake stores them: with at least one part, and no empty one."""
    return _declared(ADDRESS, names(), country=st.sampled_from(countries()))


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
    made, changed = sorted(draw(st.tuples(MOMENTS, MOMENTS)))
    number, company_id = draw(st.integers(1, 2**31)), draw(_COMPANY_IDS)
    return new_webhook(number, company_id, CLIENT_ID, body, made).updated(changed)


def _declared(resource: Resource[Any], texts: Strategy, **own: Strategy) -> Strategy:
    """Return a strategy for objects of a declared class; fields that are not in `own` are drawn by their kinds."""
    values: dict[type[Kind], Strategy] = {Text: texts, Whole: _COMPANY_IDS, Flag: st.booleans()}
    drawn = {one.name: own[one.name] if one.name in own else by_kind(values, one.kind) for one in resource.own}
    nullable = {one.name for one in resource.own if one.nullable} - own.keys()
    return st.builds(resource.cls, **{key: st.none() | one if key in nullable else one for key, one in drawn.items()})


def _assumptions() -> st.SearchStrategy[Assumptions]:
    choices: dict[str, Strategy] = {quirk.id: st.sampled_from(tuple(names)) for quirk, names in CHOICES.items()}
    return st.fixed_dictionaries({}, optional=choices).map(Assumptions)


def values_of(kind: type[Any]) -> Strategy:
    """Return the strategy for one of the types that `fakekounta.strategies.registration` registers."""
    strategies: dict[type[Any], Strategy] = {
        Address: address_values(),
        Application: _declared(APPLICATION, _WORDS, redirect_uris=st.sampled_from(_REDIRECT_URIS)),
        Assumptions: _assumptions(),
        CompanyProfile: _declared(COMPANY, names(), timezone=st.sampled_from(ZONES)),
        Customer: customers_of_the_core(),
        RequestsPerMinute: st.builds(RequestsPerMinute, basic=st.integers(1, 1_000), oauth=st.integers(1, 1_000)),
        Webhook: webhook_values(),
    }
    return strategies[kind] if kind in strategies else records_of(kind)
