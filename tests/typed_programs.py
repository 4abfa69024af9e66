"""Programs that use the fake, for type checkers only: tests/test_types.py reads this file, and it is never run.

A line that ends in `# refused` is one that mypy must refuse; it must accept every other.
"""

from __future__ import annotations

from fakekounta import FakeKounta, Kounta
from fakekounta.remote.kounta import RemoteKounta
from fakekounta.remote.session import SessionKounta
from fakekounta.settings.keywords import KountaSettings, MarkerSettings, NewCustomer


def implementations(here: FakeKounta, there: RemoteKounta, session: SessionKounta) -> tuple[Kounta, ...]:
    """Use a fake in this process and one on a server through the protocol."""
    return here, there, session


def lacking(there: RemoteKounta) -> FakeKounta:
    """Try to use a remote fake as FakeKounta, which has a WSGI application."""
    return there  # refused


def constructors() -> None:
    """Use the keywords of the constructor."""
    FakeKounta(page_size=3, companies=[{"id": 6789, "name": "Other"}], assumptions={"A01": "customer"}, port=0)
    FakeKounta(webhook_mode="collect", rate_limit={"basic": 5}, faults=[{"status": 503, "times": 1}])
    FakeKounta(pagesize=3)  # refused
    FakeKounta(page_size="3")  # refused
    FakeKounta(webhook_mode="later")  # refused
    FakeKounta(assume={"A01": "customer"})  # refused
    FakeKounta(port_file="the.port")  # refused


def fresh(kounta: Kounta, here: FakeKounta, there: RemoteKounta) -> None:
    """Use the keywords of a fresh world."""
    with kounta.fresh(page_size=3) as one, here.fresh(seed=[{"first_name": "A"}]), there.fresh(open_auth=True):
        one.reset()
    kounta.fresh(pagesize=3)  # refused
    kounta.fresh(port=8080)  # refused
    here.fresh(port=8080)  # refused
    there.fresh(pagesize=3)  # refused


def customers(kounta: Kounta, here: FakeKounta, there: RemoteKounta) -> None:
    """Use the fields of customers."""
    made = kounta.customers.add(first_name="Kim", phone="1", tags=["a"], primary_address={"country": "AU"}, id=7)
    kounta.customers.change(made.id, last_name="Lee", announce=True)
    here.companies[5678].customers.change(made.id, email=None)
    there.customers.add(first_name="Kim", mobile="1", reference_ids={"x": "y"})
    kounta.customers.add(firstname="x")  # refused
    kounta.customers.add(phone="1")  # refused
    here.customers.add(first_name="Kim", phone=1)  # refused
    there.customers.add(first_name="Kim", nick="K")  # refused
    kounta.customers.change(made.id, firstname="x")  # refused
    kounta.customers.change(made.id, id=7)  # refused
    kounta.customers.change("7", first_name="x")  # refused


def faults(kounta: Kounta, here: FakeKounta, there: RemoteKounta) -> None:
    """Use the fields of rules."""
    kounta.faults.add(status=503, method=["GET", "POST"], path="/v1/token", nth=2, headers={"X-A": "b"})
    here.faults.flaky(0.5, connection="reset", seed=3)
    there.faults.slow((0.1, 2), client_id="a", clock=True)
    kounta.faults.add(statsu=503)  # refused
    here.faults.add(status="503")  # refused
    there.faults.down(pth="/v1/token")  # refused
    kounta.faults.flaky(0.5, probabilty=0.1)  # refused


def the_lab(kounta: Kounta, there: RemoteKounta) -> None:
    """Use webhooks, requests, the clock and namespaces."""
    kounta.webhooks.add("customers/created", "http://127.0.0.1:9/", format="json", headers={"X-A": "b"})
    kounta.webhooks.disturb(drop=0.5, seed=7)
    kounta.requests.assert_made("GET", "/v1/companies/me.json", status=200, times=1)
    kounta.clock.advance(seconds=60)
    kounta.namespace("worker").customers.add(first_name="Kim", phone="1")
    kounta.webhooks.add("customers/created", "http://127.0.0.1:9/", fromat="json")  # refused
    kounta.webhooks.disturb(dorp=0.5)  # refused
    there.webhooks.disturb(dorp=0.5)  # refused
    kounta.requests.find(pth="/customers")  # refused
    kounta.clock.advance(minutes=1)  # refused


def dictionaries() -> tuple[KountaSettings, MarkerSettings, NewCustomer]:
    """Give the same keywords as dictionaries, for the fixture `fakekounta_settings` and for markers."""
    wrong: KountaSettings = {"pagesize": 3}  # refused
    strange: MarkerSettings = {"port": 8080}  # refused
    assert wrong or strange
    return {"page_size": 3, "host": "::1"}, {"allow_unmodelled": True}, {"first_name": "Kim"}
