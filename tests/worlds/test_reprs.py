"""The `repr` of each public object: one line that tells what it is."""

from __future__ import annotations

from typing import Any

import pytest

from fakekounta import FakeKounta, Quirk

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
    "faults": (lambda kounta: kounta.faults, "<0 faults>"),
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
        for handle in ("customers", "companies", "webhooks", "faults", "namespaces"):
            assert repr(getattr(remote, handle)) == f"<{handle} at {kounta.url}>"


def test_a_taken_port_names_cause_and_remedy() -> None:
    """In one line, with the errno of the system."""
    with (
        FakeKounta() as kounta,
        pytest.raises(OSError, match=f"Address already in use: port {kounta.port} of 127") as e,
    ):
        FakeKounta(port=kounta.port).start()
    assert "take a free one by port=0" in str(e.value)
    assert e.value.errno
