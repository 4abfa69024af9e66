"""Tests that `st.from_type` knows our public types by Hypothesis's entry point, at almost no cost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from fakekounta import (
    Address,
    Application,
    Assumptions,
    Category,
    CompanyProfile,
    Customer,
    FakeKounta,
    Order,
    PaymentMethod,
    Product,
    Register,
    RequestsPerMinute,
    Site,
    StaffMember,
    Tax,
    TaxGroup,
    Webhook,
)
from fakekounta.core.customers import new_customer
from fakekounta.schemas.customers import document_of
from fakekounta.strategies import registration
from tests.caller import CUSTOMERS, Caller
from tests.shares import examples

MENU = (Category, Order, PaymentMethod, Product, Register, Site, StaffMember, Tax, TaxGroup)
KINDS = (Address, Application, Assumptions, CompanyProfile, Customer, RequestsPerMinute, *MENU, Webhook)
SETTINGS = settings(max_examples=examples(80), database=None, deadline=None)


def ran(code: str, **environment: str) -> str:
    """Return the output of a new interpreter."""
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=180, check=False, env={**os.environ, **environment}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_there_is_an_entry_point() -> None:
    """Hypothesis finds the hook in its group."""
    (found,) = [one for one in entry_points(group="hypothesis") if one.name == "fakekounta"]
    assert found.load() is registration.register


@pytest.mark.parametrize("first", ["from hypothesis import", "from fakekounta import"])
def test_the_user_imports_nothing_for_it(first: str) -> None:
    """In any order of imports each type is drawn; the strategies are loaded at the first draw."""
    names = ", ".join(kind.__name__ for kind in KINDS)
    imports = [
        "from hypothesis import HealthCheck, settings, given, strategies as st",
        f"from fakekounta import {names}",
    ]
    code = "\n".join(sorted(imports, key=lambda line: not line.startswith(first)))
    code += f"""
import sys
kinds = [{names}]
assert "fakekounta.strategies.values" not in sys.modules
assert not any("values_of" in str(st.from_type(kind)) for kind in kinds), "it has been looked up already"
for kind in kinds:
    @settings(max_examples=5, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.from_type(kind))
    def check(value):
        assert type(value) is kind
    check()
    print(kind.__name__, "fakekounta.strategies" in sys.modules)
"""
    assert ran(code) == "".join(f"{kind.__name__} True\n" for kind in KINDS)


def test_a_test_function_needs_no_more_than_an_annotation() -> None:
    """`@given(...)` draws a Customer for an annotated argument."""
    code = """
from hypothesis import HealthCheck, given, settings
from fakekounta import Customer
seen = []
@settings(max_examples=50, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(...)
def check(customer: Customer) -> None:
    seen.append(customer)
check()
print(all(one.id > 0 and (one.email or one.phone or one.mobile) for one in seen), len(seen))
"""
    assert ran(code) == "True 50\n"


def test_hypothesis_without_plugins() -> None:
    """With HYPOTHESIS_NO_PLUGINS nothing of ours is loaded."""
    code = "import hypothesis, sys; print([name for name in sys.modules if name.startswith('fakekounta')])"
    assert ran(code, HYPOTHESIS_NO_PLUGINS="1") == "[]\n"


def test_hypothesis_loads_next_to_nothing_of_ours() -> None:
    """`import hypothesis` loads the package's names, the originals that tests may patch, and the hook."""
    code = """
import os, socket, sys
os.environ["HYPOTHESIS_NO_PLUGINS"] = "1"
import hypothesis
from importlib.metadata import entry_points
(ours,) = entry_points(group="hypothesis", name="fakekounta")
before = set(sys.modules)
ours.load()()
print(sorted(set(sys.modules) - before))
"""
    early = [
        "fakekounta",
        "fakekounta.process",
        "fakekounta.process.forks",
        "fakekounta.process.unpatched",
        "fakekounta.strategies",
        "fakekounta.strategies.registration",
    ]
    assert ran(code) == f"{early}\n"


# --- drawn values -----------------------------------------------------------------------------------------

KOUNTA = FakeKounta(webhook_mode="collect")


@SETTINGS
@given(st.from_type(Customer))
def test_customers_are_those_of_the_fake(customer: Customer) -> None:
    """A drawn Customer is one that the fake stores unchanged, with an id, a name and a contact."""
    with KOUNTA.fresh(seed=[document_of(customer)]) as kounta:
        assert kounta.customers.all() == [customer]


@SETTINGS
@given(st.from_type(Address))
def test_addresses_are_those_of_the_fake(address: Address) -> None:
    """A drawn Address is one that the fake makes of the same parts."""
    parts = {name: getattr(address, name) for name in ("address", "city", "state", "postal_code", "country")}
    fields = {"first_name": "Ada", "phone": "1", "primary_address": parts}
    assert new_customer(1, "me", fields, Assumptions()).primary_address == address


@SETTINGS
@given(st.from_type(Webhook))
def test_webhooks_are_those_of_the_fake(webhook: Webhook) -> None:
    """A drawn Webhook can be subscribed unchanged."""
    with KOUNTA.fresh() as kounta:
        kept = kounta.webhooks.add(
            webhook.topic, webhook.address, format=webhook.format, filter=webhook.filter, headers=webhook.headers
        )
    assert (kept.filter, kept.headers) == (webhook.filter, webhook.headers)
    assert webhook.created_at <= webhook.updated_at


@settings(max_examples=examples(60), database=None, deadline=None)
@given(company=..., application=..., assumptions=..., limit=...)
def test_the_others_are_settings_of_the_fake(
    company: CompanyProfile, application: Application, assumptions: Assumptions, limit: RequestsPerMinute
) -> None:
    """A drawn company, application, assumptions and limits are accepted by FakeKounta and take effect."""
    application = Application(
        client_id=application.client_id, client_secret=application.client_secret, company_id=company.id
    )
    with KOUNTA.fresh(
        companies=[company], applications=[application], assumptions=assumptions, rate_limit=limit
    ) as kounta:
        caller = Caller(kounta, (application.client_id, application.client_secret))
        answer = caller.get(f"/v1/companies/{company.id}/customers")
        assert answer.status_code == 200
        assert answer.headers["X-Ratelimit-Limit"] == str(limit.basic)
        assert kounta.companies[company.id].name == company.name


REACHED: list[tuple[type[Any], Callable[[Any], bool]]] = [
    (Customer, lambda one: len(one.reference_ids) == 3),
    (Customer, lambda one: not one.reference_ids),
    (Customer, lambda one: one.id >= 2**53),
    (Customer, lambda one: one.primary_address is not None and one.shipping_address is not None),
    (Address, lambda one: one.city is None and one.country is not None),
    (Webhook, lambda one: bool(one.filter.get("attributes"))),
    (Webhook, lambda one: one.format == "xml" and one.topic == "customers/deleted"),
    (Application, lambda one: one.access_token is None and one.any_redirect_uri),
    (Assumptions, lambda one: one["A01"] == "customer" and one["A07"] == "422"),
    (CompanyProfile, lambda one: one.timezone == "Asia/Kathmandu"),
    (RequestsPerMinute, lambda one: one.basic == 1),
]


@pytest.mark.parametrize("kind, claim", REACHED)
def test_borders_are_reached(kind: type[Any], claim: Callable[[Any], bool]) -> None:
    """The values of each type vary."""
    find(st.from_type(kind), claim, settings=settings(max_examples=10_000, database=None, phases=[Phase.generate]))


def test_every_customer_has_a_record() -> None:
    """A drawn customer can be seeded and read by the API."""

    @settings(max_examples=examples(50), database=None, deadline=None)
    @given(st.from_type(Customer))
    def check(customer: Customer) -> None:
        with KOUNTA.fresh(seed=[document_of(customer)]) as kounta:
            assert Caller(kounta).get(f"{CUSTOMERS}/{customer.id}").json()["first_name"] == customer.first_name

    check()
