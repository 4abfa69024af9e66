"""Tests that a connected fake behaves like a fake in this process: each runs against both."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
import requests

from fakekounta import Application, FakeKounta, Quirk, Receiver
from tests.both import IN_PROCESS, KINDS, held
from tests.caller import exactly

CREATED = "customers/created"
AT = "2026-11-23T18:40:00+11:00"
OTHER = 6789
WORLD: dict[str, Any] = {
    "companies": [{"id": OTHER, "name": "Other", "timezone": "Europe/Berlin"}],
    "applications": [{"client_id": "other-id", "client_secret": "other-secret", "company_id": OTHER}],
    "seed": [{"first_name": "Sam", "email": "sam@example.com", "mobile": "0400", "reference_id": "S-1"}],
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kounta(kind: str, fakekounta_server: FakeKounta) -> Iterator[Any]:
    with held(kind, fakekounta_server, **WORLD) as kounta:
        yield kounta


def get(kounta: Any, path: str = "/v1/companies/me/customers.json", **options: Any) -> requests.Response:
    """Return the response to a plain client that knows only the URL."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(kounta.url + path, auth=kounta.auth, **options)


def outcome(ask: Callable[[], Any]) -> tuple[type[BaseException], str] | None:
    """Return which error a call raises, and its message."""
    try:
        ask()
    except Exception as error:  # noqa: BLE001 - the test compares the error
        return type(error), str(error)
    return None


def test_what_is_held_is_there(kounta: Any) -> None:
    """The fake has the attributes of the object, too."""
    for name in ("companies", "webhooks", "requests", "clock", "namespaces", "failed"):
        assert hasattr(kounta, name), name
    assert (kounta.company.name, kounta.company.timezone) == ("Fake Kounta Cafe", "Australia/Melbourne")


# --- companies, applications, customers --------------------------------------------------------------------------


def test_companies(kounta: Any) -> None:
    """`companies` has all companies by id, each with its profile and its own customers."""
    assert list(kounta.companies) == [5678, OTHER]
    assert len(kounta.companies) == 2
    other = kounta.companies[OTHER]
    assert (other.id, other.name, other.timezone, len(other.customers)) == (OTHER, "Other", "Europe/Berlin", 0)
    assert repr(other) == "<company 6789 'Other'>"
    assert kounta.company.id == 5678
    with pytest.raises(KeyError, match=r"^there is no company 1; there are 5678, 6789$"):
        kounta.companies[1]


def test_the_application(kounta: Any) -> None:
    """The default application has its credentials, and they are accepted."""
    assert isinstance(kounta.application, Application)
    assert kounta.auth == (kounta.application.client_id, kounta.application.client_secret)
    assert kounta.application.redirect_uris == ("http://localhost/callback",)
    assert get(kounta).status_code == 200


def test_customers(kounta: Any) -> None:
    """Customers are added, found, listed, changed and removed."""
    address = {"address": "1 Example St", "city": "Exampleton", "country": "AU"}
    made = kounta.customers.add(
        first_name="Zoë", phone="1", tags=["a", "b"], primary_address=address, reference_ids={"x": "y"}
    )
    assert made.primary_address.country == "AU"
    assert made.tags == ("a", "b")
    assert made.reference_ids == (("x", "y"),)
    assert kounta.customers.get(made.id) == made
    assert [one.first_name for one in kounta.customers] == ["Sam", "Zoë"]
    assert kounta.customers.all() == list(kounta.customers)
    assert len(kounta.customers) == 2
    changed = kounta.customers.change(made.id, first_name="Kim", tags=[])
    assert (changed.first_name, changed.tags, changed.phone) == ("Kim", (), "1")
    assert kounta.customers.remove(made.id) == changed
    assert len(kounta.customers) == 1
    other = kounta.companies[OTHER].customers
    assert other.get(other.add(first_name="Ada", phone="2").id).first_name == "Ada"
    assert len(kounta.customers) == 1


REFUSALS: Mapping[str, Callable[[Any], Any]] = {
    "no name": lambda kounta: kounta.customers.add(phone="1"),
    "unknown field": lambda kounta: kounta.customers.add(first_name="A", phone="1", nick="B"),
    "wrong type": lambda kounta: kounta.customers.add(first_name=7, phone="1"),
    "wrong country": lambda kounta: kounta.customers.add(first_name="A", phone="1", primary_address={"country": "XX"}),
    "taken mobile": lambda kounta: kounta.customers.add(first_name="A", mobile="0400"),
    "taken id": lambda kounta: kounta.customers.add(first_name="A", phone="1", id=kounta.customers.all()[0].id),
    "half a pair": lambda kounta: kounta.customers.add(first_name="\ud800", phone="1"),
    "change to nothing": lambda kounta: kounta.customers.change(kounta.customers.all()[0].id, first_name=""),
    "change of nobody": lambda kounta: kounta.customers.change(1, first_name="A"),
    "get of nobody": lambda kounta: kounta.customers.get(1),
    "get of a text": lambda kounta: kounta.customers.get("389427"),
    "get of a negative": lambda kounta: kounta.customers.get(-1),
    "remove of nobody": lambda kounta: kounta.customers.remove(7),
    "topic": lambda kounta: kounta.webhooks.add("customers/lost", "http://127.0.0.1:9/"),
    "address": lambda kounta: kounta.webhooks.add(CREATED, "ftp://127.0.0.1/"),
    "webhook's company": lambda kounta: kounta.webhooks.add(CREATED, "http://127.0.0.1:9/", company_id=1),
    "webhook's client": lambda kounta: kounta.webhooks.add(CREATED, "http://127.0.0.1:9/", client_id="nobody"),
    "redeliver": lambda kounta: kounta.webhooks.redeliver(7),
    "chance": lambda kounta: kounta.webhooks.disturb(drop=2),
    "no chance": lambda kounta: kounta.webhooks.disturb(dorp=1),
    "no offset": lambda kounta: kounta.clock.freeze("2026-11-23T18:40:00"),
    "no moment": lambda kounta: kounta.clock.set("soon"),
    "backward": lambda kounta: kounta.clock.advance(seconds=-1),
    "too far": lambda kounta: kounta.clock.advance(seconds=1e15),
    "rate": lambda kounta: kounta.clock.run(rate=0),
    "fault": lambda kounta: kounta.faults.add(status=99),
    "fault's client": lambda kounta: kounta.faults.add(status=500, client_id="nobody"),
    "quirk": lambda kounta: kounta.requests.find(quirk="C99"),
    "path": lambda kounta: kounta.requests.find(path="customers"),
    "namespace": lambda kounta: kounta.namespace("no name"),
    "no namespace": lambda kounta: kounta.namespaces["nobody"],
    "drop": lambda kounta: kounta.namespaces.drop("nobody"),
    "assumption": lambda kounta: kounta.assume(A99="customer"),
    "choice": lambda kounta: kounta.assume(A01="maybe"),
    "state": lambda kounta: kounta.restore({"format": 2}),
    "setting": lambda kounta: kounta.fresh(pagesize=2).__enter__(),
    "setting's value": lambda kounta: kounta.fresh(page_size=0).__enter__(),
    "seed": lambda kounta: kounta.fresh(seed=[{"first_name": "A"}]).__enter__(),
}
SAYS: Mapping[str, str] = {
    "no name": "first_name: is required",
    "taken mobile": "mobile: is already used by customer 389427",
    "get of nobody": "there is no customer 1; there are 389427",
    "no offset": "the moment needs an offset from UTC, such as 2026-11-23T18:40:00+11:00",
    "setting's value": "page_size: must be a whole number from 1 to 100000, not 0",
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusals_are_the_same(fakekounta_server: FakeKounta, case: str) -> None:
    """The error has the same class and text, and nothing changes."""
    got = []
    for kind in KINDS:
        with held(kind, fakekounta_server, **WORLD) as kounta:
            kounta.clock.freeze(AT)
            before = kounta.state()
            got.append(outcome(lambda kounta=kounta: REFUSALS[case](kounta)))  # type: ignore[misc] # bound in this iteration
            assert kounta.state() == before
    here, there = got
    assert here is not None
    assert there is not None
    assert issubclass(there[0], ValueError if issubclass(here[0], ValueError) else here[0])
    # A fresh world on a server is a namespace
    assert re.sub("'fresh-.*'", "none", there[1]) == here[1]
    assert SAYS.get(case, here[1]) == here[1]


# --- the journal -------------------------------------------------------------------------------------------------


def test_the_journal(kounta: Any) -> None:
    """Exchanges are found, counted, asserted and deleted."""
    assert get(kounta, params={"email": "SAM@example.com"}).json()["first_name"] == "Sam"
    get(kounta, "/v1/companies/me/customers/1.json")
    assert (len(kounta.requests), kounta.requests.total, repr(kounta.requests)) == (3, 3, "<3 requests>")
    first, second, third = kounta.requests
    assert (first.status, second.status, third.status) == (302, 200, 404)
    assert kounta.requests[0].query == "email=SAM%40example.com"
    assert [one.number for one in kounta.requests[1:]] == [2, 3]
    assert kounta.requests[-1].number == 3
    assert kounta.requests.find(quirk="C04")[0].response.headers["location"].endswith("customers/389427.json")
    assert kounta.requests.assert_made("GET", "/v1/companies/me/customers/{id}.json", status=404)[0].number == 3
    assert [one.number for one in kounta.requests.find(status="4xx")] == [3]
    kounta.requests.assert_none("POST")
    assert kounta.requests.covered[Quirk.C04_LOOKUP_BY_EMAIL_REDIRECTS] == 1
    assert Quirk.R01_REQUESTS_A_MINUTE not in kounta.requests.covered
    kounta.requests.clear()
    assert (len(kounta.requests), kounta.requests.total, list(kounta.requests)) == (0, 0, [])


def test_an_exchange_in_full(kounta: Any) -> None:
    """The entry has request and response without secrets."""
    kounta.clock.freeze(AT)
    with httpx.Client(trust_env=False, verify=False, auth=kounta.auth) as client:
        fields = {"first_name": "Kim", "phone": "1", "nick": "K"}
        client.post(f"{kounta.url}/v1/companies/me/customers.json", json=fields)
        secret = {"grant_type": "refresh_token", "client_secret": "s3cret", "refresh_token": "x"}
        client.post(f"{kounta.url}/v1/token", data=secret)
    made, refused = kounta.requests
    assert made.at == datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
    assert made.request.json == fields
    assert made.request.headers["AUTHORIZATION"] == "Basic fake-client-id:***"
    assert (made.status, made.client_id, list(made.ignored_fields)) == (201, "fake-client-id", ["nick"])
    assert [quirk.id for quirk in refused.explained_by] == ["O10"]
    assert made.duration_seconds > 0
    assert made.size > len(made.request.content) + len(made.response.content)
    assert "s3cret" not in refused.request.text
    assert "client_secret=***" in refused.request.text
    assert refused.response.json["error"] == "invalid_grant"


def test_a_failed_assertion_reads_the_same(fakekounta_server: FakeKounta) -> None:
    """The message has the nearest exchanges and their first differences."""
    said = []
    for kind in KINDS:
        with held(kind, fakekounta_server, **WORLD) as kounta:
            kounta.httpx_client().get("/v1/companies/me/customers.json?page=2", auth=kounta.auth)
            said.append(outcome(lambda kounta=kounta: kounta.requests.assert_made("POST", status=201)))  # type: ignore[misc] # bound in this iteration
    assert said[0] == said[1]
    assert said[0] is not None
    assert "#1 GET /v1/companies/me/customers.json?page=2 -> 200: the method is GET" in said[0][1].replace(
        f"/_fakekounta/ns/{'x'}", ""
    )


# --- webhooks ----------------------------------------------------------------------------------------------------


def test_webhooks(kounta: Any, fakekounta_receiver: Receiver) -> None:
    """Webhooks are subscribed, delivered, signed, and shown with payload and attempts."""
    hook = kounta.webhooks.add(CREATED, fakekounta_receiver.url, headers={"X-Shop": "7"})
    assert (hook.topic, hook.company_id, hook.client_id, dict(hook.headers)) == (
        CREATED,
        5678,
        "fake-client-id",
        {"X-Shop": "7"},
    )
    assert [one.id for one in kounta.webhooks.all()] == [hook.id]
    made = kounta.customers.add(first_name="Kim", phone="1", tags=["new"], announce=True)
    delivery = kounta.webhooks.wait_for(CREATED, where={"first_name": "Kim", "tags": ["new"]})
    assert kounta.webhooks.assert_delivered(CREATED, where=lambda payload: payload["id"] == made.id, times=1)
    assert (delivery.outcome, delivery.customer, delivery.webhook.address) == ("delivered", made, hook.address)
    assert kounta.webhooks.payload(delivery) == delivery.attempts[0].json()
    assert dict(delivery.attempts[0].headers)["Content-Type"] == "application/json"
    assert fakekounta_receiver.received[0].headers["x-shop"] == "7"
    assert kounta.webhooks.pending == []
    assert kounta.webhooks.redeliver(delivery.id).id == delivery.id + 1
    assert len(kounta.webhooks.deliveries) == 2


def test_a_webhook_is_changed_and_removed(kounta: Any) -> None:
    """Named attributes are replaced; an unknown webhook is a KeyError."""
    hook = kounta.webhooks.add(CREATED, "http://127.0.0.1:9/a")
    changed = kounta.webhooks.change(hook.id, address="http://127.0.0.1:9/b", headers={"X-Shop": "7"})
    assert (changed.topic, changed.address, changed.headers) == (CREATED, "http://127.0.0.1:9/b", {"X-Shop": "7"})
    assert [one.address for one in kounta.webhooks.all()] == ["http://127.0.0.1:9/b"]
    with pytest.raises(ValueError, match=r"^address: "):
        kounta.webhooks.change(hook.id, address="ftp://127.0.0.1/")
    for call in (kounta.webhooks.change, kounta.webhooks.remove):
        with pytest.raises(KeyError, match=r"^there is no webhook 99; there are 1$"):
            call(99)
        with pytest.raises(KeyError, match=r"^there is no company 1; there are 5678, 6789$"):
            call(hook.id, company_id=1)
    kounta.webhooks.remove(hook.id)
    assert kounta.webhooks.all() == []


def test_retries_on_the_clock(kounta: Any, fakekounta_receiver: Receiver) -> None:
    """A failed delivery is due again at its time on the clock."""
    kounta.clock.freeze(AT)
    kounta.webhooks.add(CREATED, fakekounta_receiver.url)
    fakekounta_receiver.answer(500)
    kounta.customers.add(first_name="Kim", phone="1", announce=True)
    assert [one.tries for one in kounta.webhooks.pending] == [1]
    assert kounta.webhooks.deliver() == 0
    kounta.clock.advance(seconds=61)
    assert [one.outcome for one in kounta.webhooks.deliveries] == ["delivered"]


def test_disturbances(kounta: Any) -> None:
    """Disturbances can be set, read and ended."""
    kounta.webhooks.disturb(drop=1, seed=3)
    assert (kounta.webhooks.disturbances.drop, kounta.webhooks.disturbances.seed) == (1, 3)
    kounta.webhooks.disturb()
    assert kounta.webhooks.disturbances.drop == 0


def test_a_delivery_that_does_not_come(kounta: Any) -> None:
    """The error lists the deliveries that there are."""
    with pytest.raises(AssertionError, match="there were no deliveries at all, and there is no webhook"):
        kounta.webhooks.wait_for(CREATED, timeout=0)
    with pytest.raises(AssertionError, match=r"^no customers/created was delivered"):
        kounta.webhooks.assert_delivered(CREATED)


# --- faults ------------------------------------------------------------------------------------------------------


def test_faults(kounta: Any) -> None:
    """Rules are added, matched, counted and removed; a reset restores those of the settings."""
    with kounta.faults.add(method="GET", status=503, times=1) as rule:
        assert (get(kounta).status_code, get(kounta).status_code) == (503, 200)
        assert (rule.fired, [one.id for one in kounta.faults]) == (1, [rule.id])
    assert len(kounta.faults) == 0
    kounta.faults.rate_limited(times=1)
    assert get(kounta).status_code == 429
    kounta.faults.clear()
    with pytest.raises(KeyError, match=r"^there is no fault 99; there are none$"):
        kounta.faults.remove(99)
    with kounta.fresh(faults=[{"status": 500}]) as fresh:
        fresh.faults.clear()
        assert get(fresh).status_code == 200
        fresh.reset()
        assert get(fresh).status_code == 500


def test_a_fault_is_changed_and_switched_off(kounta: Any) -> None:
    """A changed rule keeps its id and its counts."""
    rule = kounta.faults.add(status=503, times=5)
    assert get(kounta).status_code == 503
    assert (
        kounta.faults.change(rule.id, status=502, until=datetime(2999, 1, 1, tzinfo=timezone.utc)).fault.status == 502
    )
    assert (get(kounta).status_code, rule.fired) == (502, 2)
    assert kounta.faults.change(rule.id, disabled=True).fault.disabled
    assert (get(kounta).status_code, rule.fired) == (200, 2)
    with pytest.raises(KeyError, match=r"^there is no fault 99; there are 1$"):
        kounta.faults.change(99, status=500)
    with pytest.raises(ValueError, match=r"^times: must be a whole number"):
        kounta.faults.change(rule.id, times=0)


# --- clock -------------------------------------------------------------------------------------------------------


def test_the_clock(kounta: Any) -> None:
    """The clock is frozen, advanced, set, resumed and run faster; each call returns the time."""
    at = datetime(2026, 11, 23, 7, 40, tzinfo=timezone.utc)
    assert (kounta.clock.frozen, kounta.clock.rate) == (False, 1)
    assert kounta.clock.freeze(AT) == at
    assert (kounta.clock.now(), kounta.clock.frozen) == (at, True)
    assert (kounta.clock.advance(seconds=1.5) - at).total_seconds() == 1.5
    assert kounta.clock.set(at) == at
    assert kounta.clock.freeze() == at
    assert kounta.clock.resume() >= at
    assert not kounta.clock.frozen
    assert kounta.clock.run(rate=60) >= at
    assert kounta.clock.rate == 60
    kounta.reset()
    assert (kounta.clock.frozen, kounta.clock.rate) == (False, 1)


# --- the world ---------------------------------------------------------------------------------------------------


def test_reset_returns_to_the_seed(kounta: Any) -> None:
    """A reset restores the settings and the seed of the world."""
    seeded = kounta.customers.all()
    kounta.customers.add(first_name="Kim", phone="1")
    kounta.assume(A01="customer")
    get(kounta)
    kounta.reset()
    assert kounta.customers.all() == seeded
    assert kounta.customers.all()[0].reference_id("fake-client-id") == "S-1"
    assert (len(kounta.requests), kounta.assumptions["A01"]) == (0, "empty")
    assert list(kounta.companies) == [5678, OTHER]


def test_assumptions(kounta: Any) -> None:
    """A choice takes effect at once, and the others stay."""
    kounta.assume(A07="422")
    kounta.assume(A01="customer")
    assert (kounta.assumptions["A07"], kounta.assumptions["A01"]) == ("422", "customer")
    with httpx.Client(trust_env=False, verify=False, auth=kounta.auth) as client:
        made = client.post(f"{kounta.url}/v1/companies/me/customers.json", json={"first_name": "K", "phone": "1"})
    assert made.json()["first_name"] == "K"


def test_the_state_goes_out_and_in(kounta: Any) -> None:
    """The state is saved through JSON and restored in another world."""
    kounta.clock.freeze(AT)
    kounta.customers.add(first_name="Kim", phone="1")
    state = json.loads(json.dumps(kounta.state()))
    kounta.customers.add(first_name="Lee", phone="2")
    kounta.restore(state)
    assert [one.first_name for one in kounta.customers] == ["Sam", "Kim"]
    assert json.loads(json.dumps(kounta.state())) == state


def test_fresh_counts_on_top(kounta: Any) -> None:
    """Settings of a fresh world add to the others, and the outer world is unchanged."""
    kounta.customers.add(first_name="Kim", phone="1")
    with kounta.fresh(page_size=1, assumptions={"A15": "first_name"}) as fresh:
        assert [one.first_name for one in fresh.customers] == ["Sam"]
        fresh.customers.add(first_name="Ada", phone="2")
        answer = get(fresh)
        assert ([one["first_name"] for one in answer.json()], answer.headers["X-Pages"]) == (["Ada"], "2")
        with fresh.fresh(seed=[], redirect_uris=["http://localhost/other"]) as again:
            assert len(again.customers) == 0
            assert again.application.redirect_uris == ("http://localhost/callback", "http://localhost/other")
            assert again.assumptions["A15"] == "first_name"
            again.reset()
            assert len(again.customers) == 0
        assert len(fresh.customers) == 2
    assert [one.first_name for one in kounta.customers] == ["Sam", "Kim"]


def test_fresh_that_fails_tells_its_exchanges(kounta: Any) -> None:
    """`failed` has the exchanges after the block."""

    def fail() -> None:
        with kounta.fresh() as fresh:
            get(fresh)
            raise RuntimeError("on purpose")

    assert outcome(fail) == (RuntimeError, "on purpose")
    assert [entry.status for entry in kounta.failed] == [200]


def test_namespaces(kind: str, kounta: Any) -> None:
    """Namespaces are made on first use, separate, listed, reset and deleted."""
    worker = kounta.namespace("parity-3")
    try:
        worker.customers.add(first_name="Kim", phone="1")
        assert worker.name == "parity-3"
        assert "parity-3" in list(kounta.namespaces)
        assert len(kounta.namespaces["parity-3"].customers) == len(worker.customers)
        assert len(kounta.customers) == 1
        base = kounta.namespace_url("parity-3")
        with httpx.Client(trust_env=False, verify=False, auth=kounta.auth) as client:
            shown = client.get(f"{base}/v1/companies/me/customers.json").json()
        assert shown[-1]["first_name"] == "Kim"
        worker.reset()
        assert "Kim" not in [one.first_name for one in worker.customers]
    finally:
        kounta.namespaces.drop("parity-3")
    assert "parity-3" not in kounta.namespaces


# --- clients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["", "https://api.kounta.com"])
def test_the_clients(kounta: Any, origin: str) -> None:
    """Each reaches the world at its own URL and at the real one, follows a look-up, and reaches nothing else."""
    path = "/v1/companies/5678/customers.json?mobile=0400"
    with kounta.httpx_client() as client:
        answer = client.get(origin + path, auth=kounta.auth, follow_redirects=True)
        assert answer.json()["first_name"] == "Sam"
        assert str(answer.url).startswith(origin or kounta.url)
        with pytest.raises(httpx.ConnectError, match="this client reaches fakekounta only"):
            client.get("http://127.0.0.1:9/")
    with kounta.requests_session() as session:
        found = session.get((origin or kounta.url) + path, auth=kounta.auth)
        assert found.json()["first_name"] == "Sam"
        assert found.url == f"{origin or kounta.url}/v1/companies/5678/customers/389427.json"
        with pytest.raises(requests.ConnectionError, match="this client reaches fakekounta only"):
            session.get("http://127.0.0.1:9/")
    assert len(kounta.requests) == 4


def test_only_in_process(kind: str, kounta: Any) -> None:
    """A call that a server cannot do is refused by name."""
    if kind == IN_PROCESS:
        return
    with pytest.raises(NotImplementedError, match=r"^webhooks\.deliver_to needs the fake in this process, not on a"):
        kounta.webhooks.deliver_to(print)
    with pytest.raises(NotImplementedError, match=r"^observe needs the fake in this process"):
        kounta.observe(print)
    with pytest.raises(TypeError, match=exactly("delivery: must be one of the server's, from `deliveries`")):
        kounta.webhooks.payload(None)
