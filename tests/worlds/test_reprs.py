"""The `repr` of each public object: one line that tells what it is."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from fakekounta import Address, CompanyProfile, FakeKounta, Quirk, Receiver, RequestsPerMinute, Site
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.deliveries import Attempt
from fakekounta.core.messages import Message
from fakekounta.core.reprs import fields_given
from fakekounta.receiver import Received

AT = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)

SHOWN: dict[str, tuple[Any, str]] = {
    "fake": (lambda kounta: kounta, "<FakeKounta not serving: 1 customers, 1 exchanges>"),
    "namespace": (lambda kounta: kounta.namespace("mine"), "<namespace 'mine': 0 customers, 0 exchanges>"),
    "namespaces": (lambda kounta: kounta.namespaces, "<namespaces []>"),
    "customers": (lambda kounta: kounta.customers, "<1 customers of company 5678>"),
    "companies": (lambda kounta: kounta.companies, "<companies [5678]>"),
    "company": (lambda kounta: kounta.company, "<company 5678 'Example company'>"),
    "webhooks": (lambda kounta: kounta.webhooks, "<1 webhooks, 1 deliveries>"),
    "delivery": (
        lambda kounta: kounta.webhooks.deliveries[0],
        "<delivery 1 of customers/created to http://127.0.0.1:9/: pending>",
    ),
    "webhook": (lambda kounta: kounta.webhooks.all()[0], "<webhook 1 of customers/created to http://127.0.0.1:9/>"),
    "attempt": (
        lambda _: Attempt(number=2, at=AT, status=204, error=None, duration_seconds=0.1, headers=(), body=b"{}"),
        "<attempt 2: 204>",
    ),
    "failed attempt": (
        lambda _: Attempt(
            number=1, at=AT, status=None, error="TimeoutError: no answer", duration_seconds=1, headers=(), body=b""
        ),
        "<attempt 1: TimeoutError: no answer>",
    ),
    "courier": (lambda kounta: kounta.courier, "<courier of 1 pending deliveries>"),
    "customer": (lambda kounta: kounta.customers.all()[0], "Customer(id=389427, first_name='J', phone='1')"),
    "address": (lambda _: Address(city="Hobart", country="AU"), "Address(city='Hobart', country='AU')"),
    "sites": (lambda kounta: kounta.sites, "<0 sites of company 5678>"),
    "site": (
        lambda _: Site(id=7, name="Kiosk", created_at=AT),
        "Site(id=7, name='Kiosk', created_at=2026-11-23T07:40:00+00:00)",
    ),
    "product": (
        lambda kounta: kounta.products.add(name="Tea", sites=[{"id": kounta.sites.add(name="A").id, "stock": 2}]).sites,
        "(ProductSite(id=1640, stock=Decimal('2')),)",
    ),
    "application": (lambda kounta: kounta.application, "<application 'fake-client-id' of company 5678>"),
    "company's settings": (lambda _: CompanyProfile(id=7, name="Cafe"), "CompanyProfile(id=7, name='Cafe')"),
    "rate limit": (lambda _: RequestsPerMinute(basic=5), "RequestsPerMinute(basic=5)"),
    "disturbances": (lambda kounta: kounta.webhooks.disturbances, "Disturbances()"),
    "fault rule": (
        lambda kounta: kounta.faults.add(status=503, method="GET", path="/customers", times=3),
        "<fault 1: Fault(methods=('GET',), path='/customers', times=3, status=503), matched 0, fired 0>",
    ),
    "faults": (lambda kounta: kounta.faults, "<0 faults>"),
    "message": (lambda _: Message([("Accept", "*/*")], b"abc"), "<message of 1 headers and 3 bytes>"),
    "received": (
        lambda _: Received(method="POST", path="/hook", headers={}, body=b"{}", is_signed=True),
        "<POST /hook of 2 bytes, signed>",
    ),
    "world": (lambda kounta: kounta.world, "<world of 1 companies and 1 exchanges>"),
    "requests": (lambda kounta: kounta.requests, "<1 requests>"),
    "exchange": (lambda kounta: kounta.requests[0], "<exchange #1 GET /v1/companies/me.json -> 200>"),
    "clock": (lambda kounta: kounta.clock, "<clock 2026-11-23T07:40:00+00:00 frozen>"),
    "quirk": (lambda _: Quirk.C03_GET_BY_ID, "<Quirk C03_GET_BY_ID>"),
    "assumptions": (lambda kounta: kounta.assumptions, "Assumptions({})"),
}


@pytest.fixture
def kounta() -> FakeKounta:
    """A fake with one of each."""
    kounta = FakeKounta(webhook_mode="collect")
    kounta.clock.freeze("2026-11-23T18:40:00+11:00")
    kounta.webhooks.add("customers/created", "http://127.0.0.1:9/")
    kounta.customers.add(first_name="J", phone="1", announce=True)
    kounta.httpx_client().get("/v1/companies/me.json", auth=kounta.auth)
    return kounta


@pytest.mark.parametrize("name", SHOWN)
def test_a_repr_is_one_useful_line(name: str, kounta: FakeKounta) -> None:
    """It says what the object is and what is in it, and starts no server."""
    get, shown = SHOWN[name]
    assert repr(get(kounta)).replace(kounta.company.name, "Example company") == shown


def test_a_fake_that_serves_shows_where() -> None:
    """Its URL stands in its repr."""
    with FakeKounta() as kounta:
        assert repr(kounta) == f"<FakeKounta {kounta.url}: 0 customers, 0 exchanges>"
        remote = FakeKounta.connect(kounta.url)
        assert repr(remote) == f"<fakekounta at {kounta.url}>"
        for handle in ("customers", "companies", "webhooks", "faults", "namespaces", "clock", *COLLECTIONS):
            assert repr(getattr(remote, handle)) == f"<{handle} at {kounta.url}>"


def test_the_repr_of_a_receiver_has_its_url() -> None:
    """The repr of a receiver has its URL and the number of requests."""
    with Receiver() as receiver:
        assert repr(receiver) == f"<receiver at {receiver.url}: 0 requests>"


@pytest.mark.parametrize("plural", COLLECTIONS)
def test_the_repr_of_a_record_has_what_differs_from_the_defaults(plural: str) -> None:
    """A record that has only what it must have shows only this: its class has `__repr__ = fields_given`."""
    assert vars(COLLECTIONS[plural].resource.cls)["__repr__"] is fields_given


def test_a_taken_port_names_cause_and_remedy() -> None:
    """A taken port raises an error of one line with cause, remedy and the errno of the system."""
    with (
        FakeKounta() as kounta,
        pytest.raises(OSError, match=f"Address already in use: port {kounta.port} of 127") as e,
    ):
        FakeKounta(port=kounta.port).start()
    assert "take a free one by port=0" in str(e.value)
    assert e.value.errno
