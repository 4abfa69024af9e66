"""Tests that an acknowledged change is kept if the world, or its choices, are replaced in the middle of it.

The test chooses the moment: just before or just after the core makes the change, in the thread that makes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from fakekounta import FakeKounta
from fakekounta.core.applications import Applications
from fakekounta.core.company import Company
from fakekounta.core.fault_book import FaultBook
from fakekounta.core.subscriptions import Subscriptions
from fakekounta.core.world import World
from fakekounta.worlds.namespace import Namespace

CUSTOMERS = "/v1/companies/me/customers"
WEBHOOKS = "/v1/companies/me/webhooks"
WEBHOOK = {"topic": "customers/created", "address": "http://127.0.0.1:9/", "format": "json"}
BACK = "http://localhost/callback"
SEED = [{"id": 1, "first_name": "Sam", "mobile": "1"}]
PATIENCE_SECONDS = 30

Ask = Callable[..., requests.Response]
Swap = Callable[[FakeKounta], object]


@pytest.fixture
def kounta() -> FakeKounta:
    return FakeKounta(seed=SEED, webhook_mode="collect", redirect_uris=[BACK], assumptions={"C21": "204"})


def api_client(kounta: FakeKounta, namespace: str | None = None) -> Ask:
    """A client of the API and of the control surface."""
    session = kounta.requests_session()
    session.auth = kounta.auth
    session.headers.update({"Accept": "application/json"})
    if namespace is not None:
        session.headers["X-Fakekounta-Namespace"] = namespace

    def ask(method: str, path: str, **more: Any) -> requests.Response:
        return session.request(method, kounta.url + path, allow_redirects=False, **more)

    return ask


def control(kounta: FakeKounta, method: str, path: str, **more: Any) -> None:
    session = kounta.requests_session()
    headers = {"Content-Type": "application/json"}
    session.request(method, f"{kounta.url}/_fakekounta/{path}", headers=headers, **more).raise_for_status()


# --- ways to replace the world -------------------------------------------------------------------------------------


def _put_state(kounta: FakeKounta) -> None:
    control(kounta, "PUT", "state", json=FakeKounta(seed=SEED, assumptions={"C21": "204"}).state())


SWAPS: dict[str, Swap] = {
    "reset": lambda kounta: kounta.reset(),
    "reset by the control surface": lambda kounta: control(kounta, "POST", "reset"),
    "restore": lambda kounta: kounta.restore(FakeKounta(seed=SEED, assumptions={"C21": "204"}).state()),
    "import by the control surface": _put_state,
    "set_default_assumptions": lambda kounta: kounta.set_default_assumptions({"A01": "customer"}),
}
VIEWS: dict[str, Swap] = {
    "assume": lambda kounta: kounta.assume(A11="digits", A15="first_name"),
    "assume by the control surface": lambda kounta: control(kounta, "PUT", "assumptions", json={"A11": "digits"}),
}
DROPS: dict[str, Swap] = {
    "drop": lambda kounta: kounta.namespaces.drop("a"),
    "drop by the control surface": lambda kounta: control(kounta, "DELETE", "namespaces/a"),
    "clear": lambda kounta: kounta.namespaces.clear(),
    "reset of it": lambda kounta: control(kounta, "POST", "namespaces/a/reset"),
}


# --- changes: how to make each, the core's method, and how to find it after ----------------------------------------


def _code_is_good(world: World, answer: requests.Response) -> bool:
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    application = world.applications.all()[0]
    return bool(world.applications.redeem(application, code, BACK, world.clock.now()).access_token)


def _first_names(world: World) -> list[str]:
    return [customer.first_name for customer in world.company.store.all()]


AUTHORIZE = f"/authorize?client_id=fake-client-id&response_type=code&state=s&redirect_uri={BACK}"
TOKEN = {"grant_type": "client_credentials"}
JAMIE: dict[str, Any] = {"first_name": "Jamie", "mobile": "2"}
WRITERS: dict[str, tuple[type, str, Callable[[Ask], Any], Callable[[World, Any], bool]]] = {
    "POST customer": (
        Company,
        "add_customers",
        lambda ask: ask("POST", CUSTOMERS, json=JAMIE),
        lambda world, answer: (
            _first_names(world).count("Jamie") == 1
            and world.company.customer(int(answer.headers["Location"].rpartition("/")[2])).first_name == "Jamie"
        ),
    ),
    "PUT customer": (
        Company,
        "change_customer",
        lambda ask: ask("PUT", f"{CUSTOMERS}/1", json={"first_name": "Max"}),
        lambda world, _: _first_names(world) == ["Max"],
    ),
    "DELETE customer": (
        Company,
        "remove_customer",
        lambda ask: ask("DELETE", f"{CUSTOMERS}/1"),
        lambda world, _: _first_names(world) == [],
    ),
    "token": (
        Applications,
        "issue",
        lambda ask: ask("POST", "/v1/token", data=TOKEN),
        lambda world, answer: bool(
            world.applications.by_access_token(answer.json()["access_token"], world.clock.now()).client_id
        ),
    ),
    "code": (Applications, "authorise", lambda ask: ask("GET", AUTHORIZE), _code_is_good),
    "POST webhook": (
        Subscriptions,
        "create",
        lambda ask: ask("POST", WEBHOOKS, json=WEBHOOK),
        lambda world, _: len(world.company.subscriptions.all()) == 1,
    ),
    "customer by the control surface": (
        Company,
        "add_customers",
        lambda ask: ask("POST", "/_fakekounta/customers", json=JAMIE),
        lambda world, answer: (
            world.company.store.get(answer.json()["id"]) is not None and _first_names(world).count("Jamie") == 1
        ),
    ),
    "change by the control surface": (
        Company,
        "change_customer",
        lambda ask: ask("PUT", "/_fakekounta/customers/1", json={"first_name": "Max"}),
        lambda world, _: _first_names(world) == ["Max"],
    ),
    "webhook by the control surface": (
        Subscriptions,
        "create",
        lambda ask: ask("POST", "/_fakekounta/webhooks", json=WEBHOOK),
        lambda world, _: len(world.company.subscriptions.all()) == 1,
    ),
    "fault by the control surface": (
        FaultBook,
        "add",
        lambda ask: ask("POST", "/_fakekounta/faults", json={"status": 503, "nth": 99}),
        lambda world, _: len(world.faults.all()) == 1,
    ),
}


class Moment:
    """A hook that calls something once, just before or just after a method of the core."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, owner: type, name: str, *, is_after: bool) -> None:
        self.what: Callable[[], object] | None = None
        self.came = False
        original = getattr(owner, name)

        def method(*arguments: Any, **more: Any) -> Any:
            what, self.what = self.what, None
            self.came = self.came or what is not None
            if what is not None and not is_after:
                what()
            done = original(*arguments, **more)
            if what is not None and is_after:
                what()
            return done

        monkeypatch.setattr(owner, name, method)


@pytest.fixture(params=[False, True], ids=["before it", "after it"])
def is_after(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.mark.parametrize("swap", [*SWAPS, *VIEWS])
@pytest.mark.parametrize("writer", WRITERS)
def test_an_answered_change_survives_a_new_world(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, writer: str, swap: str, is_after: bool
) -> None:
    """If the world is replaced during a request, the request is answered for the new world."""
    owner, name, write, is_there = WRITERS[writer]
    moment = Moment(monkeypatch, owner, name, is_after=is_after)
    moment.what = lambda: {**SWAPS, **VIEWS}[swap](kounta)
    answer = write(api_client(kounta))
    assert moment.came
    assert answer.status_code < 400
    assert is_there(kounta.world, answer)


@pytest.mark.parametrize("swap", DROPS)
@pytest.mark.parametrize("writer", WRITERS)
def test_an_answered_change_survives_a_dropped_namespace(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, writer: str, swap: str, is_after: bool
) -> None:
    """If a namespace is dropped during a request, the request goes on in the next one of that name."""
    owner, name, write, is_there = WRITERS[writer]
    kounta.namespace("a")
    moment = Moment(monkeypatch, owner, name, is_after=is_after)
    moment.what = lambda: DROPS[swap](kounta)
    answer = write(api_client(kounta, "a"))
    assert moment.came
    assert answer.status_code < 400
    assert is_there(kounta.namespace("a").world, answer)


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("namespace", [None, "a"])
@pytest.mark.parametrize("end", [False, True], ids=["it begins", "it ends"])
def test_fresh_during_a_request(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, writer: str, namespace: str | None, end: bool, is_after: bool
) -> None:
    """A request during which `fresh` begins is done in its world; one during which it ends, in the earlier world."""
    owner, name, write, is_there = WRITERS[writer]
    moment, ask = Moment(monkeypatch, owner, name, is_after=is_after), api_client(kounta, namespace)
    with ExitStack() as stack:
        if end:
            stack.enter_context(kounta.fresh())
        _world(kounta, namespace)  # it is made before the moment is waited for
        moment.what = stack.close if end else lambda: stack.enter_context(kounta.fresh())
        answer = write(ask)
        assert moment.came
        assert is_there(_world(kounta, namespace), answer)


def _world(kounta: FakeKounta, namespace: str | None) -> World:
    return (kounta if namespace is None else kounta.namespace(namespace)).world


# --- direct changes -----------------------------------------------------------------------------------------------

BY_HAND: dict[str, tuple[type, str, Callable[[Namespace], Any], Callable[[World], bool]]] = {
    "add": (
        Company,
        "add_customers",
        lambda here: here.customers.add(**JAMIE),
        lambda world: len(world.company.store) == 2,
    ),
    "change": (
        Company,
        "change_customer",
        lambda here: here.customers.change(1, first_name="Max"),
        lambda world: _first_names(world) == ["Max"],
    ),
    "remove": (
        Company,
        "remove_customer",
        lambda here: here.customers.remove(1),
        lambda world: _first_names(world) == [],
    ),
    "webhook": (
        Subscriptions,
        "create",
        lambda here: here.webhooks.add("customers/created", "http://127.0.0.1:9/"),
        lambda world: len(world.company.subscriptions.all()) == 1,
    ),
    "fault": (FaultBook, "add", lambda here: here.faults.add(status=503), lambda world: len(world.faults.all()) == 1),
}


@pytest.mark.parametrize("swap", [*SWAPS, *VIEWS])
@pytest.mark.parametrize("change", BY_HAND)
def test_a_direct_change_survives_a_new_world(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, change: str, swap: str, is_after: bool
) -> None:
    """Changes by handles survive a new world, too."""
    owner, name, write, is_there = BY_HAND[change]
    moment = Moment(monkeypatch, owner, name, is_after=is_after)
    moment.what = lambda: {**SWAPS, **VIEWS}[swap](kounta)
    write(kounta)
    assert moment.came
    assert is_there(kounta.world)


def test_the_application_that_is_delivered_to_is_shared_by_views(kounta: FakeKounta) -> None:
    """`deliver_to` on an earlier view of the world holds for the current one, too."""
    before, app = kounta.world, Flask("receiver")
    kounta.assume(A01="customer")
    before.receiver = app
    assert kounta.world.receiver is app


# --- choices -------------------------------------------------------------------------------------------------------


def _coming(came: Event, act: Callable[[], object]) -> Thread:
    def run() -> None:
        came.set()
        act()

    return Thread(target=run, daemon=True)


def test_choices_that_are_taken_at_the_same_time_are_all_taken(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of `assume` waits for one under way, and both take effect."""
    came = Event()
    second = _coming(came, lambda: kounta.assume(A07="422"))
    original = World.under

    def under(*arguments: Any) -> World:
        if not came.is_set():
            second.start()
            assert came.wait(PATIENCE_SECONDS)
            second.join(0.1)  # it waits until the first is done
        return original(*arguments)

    monkeypatch.setattr(World, "under", under)
    kounta.assume(A01="customer")
    second.join(PATIENCE_SECONDS)
    assert (kounta.assumptions["A01"], kounta.assumptions["A07"]) == ("customer", "422")


def test_no_choice_brings_back_a_world_that_was_reset(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reset during `assume` happens before or after it, and is never undone."""
    came = Event()
    second = _coming(came, kounta.reset)
    original = World.under

    def under(*arguments: Any) -> World:
        second.start()
        assert came.wait(PATIENCE_SECONDS)
        second.join(0.1)  # see above
        return original(*arguments)

    kounta.customers.add(**JAMIE)
    monkeypatch.setattr(World, "under", under)
    kounta.assume(A01="customer")
    second.join(PATIENCE_SECONDS)
    assert _first_names(kounta.world) == ["Sam"]


@pytest.mark.parametrize("is_after", [False], ids=["before it"])
def test_one_request_sees_one_set_of_choices(
    kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch, is_after: bool
) -> None:
    """A request under way is checked and answered by the choices it began with; the next by the new ones."""
    kounta.assume(A11="digits", A07="422")
    moment = Moment(monkeypatch, Company, "add_customers", is_after=is_after)
    moment.what = lambda: kounta.assume(A11="exact", A07="409")
    ask = api_client(kounta)
    statuses = [
        ask("POST", CUSTOMERS, json={"first_name": "Al", "mobile": text}).status_code for text in ("-1", "-1", "1")
    ]
    assert moment.came
    assert statuses == [422, 201, 409]


def test_a_list_under_way_is_sorted_as_it_began(kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
    """An earlier view of the world keeps its order of lists (A15) while the new one has another."""
    for name in ("Zoe", "Ada"):
        kounta.customers.add(first_name=name, phone=name)
    before = kounta.world
    kounta.assume(A15="first_name", A11="digits")
    for _ in range(2):
        assert _first_names(before) == ["Sam", "Zoe", "Ada"]
        assert _first_names(kounta.world) == ["Ada", "Sam", "Zoe"]
    assert before.company.store.by_mobile("-1") == ()
    assert [one.id for one in kounta.world.company.store.by_mobile("-1")] == [1, 1]


# --- deliveries ----------------------------------------------------------------------------------------------------


@pytest.fixture
def received() -> list[str]:
    return []


def _receiver(received: list[str], also: Callable[[], object]) -> Flask:
    app = Flask("receiver")

    @app.post("/hook")
    def hook() -> str:
        from flask import request  # noqa: PLC0415 - of this application

        received.append(request.get_json()["first_name"])
        also()
        return ""

    return app


def test_other_choices_lose_no_delivery(kounta: FakeKounta, received: list[str]) -> None:
    """New choices lose no delivery, waiting or under way, and repeat none."""
    kounta.webhooks.add("customers/created", "http://127.0.0.1/hook")
    for number in range(5):
        kounta.customers.add(first_name=str(number), phone="1", announce=True)
        kounta.assume(A11=("digits", "exact")[number % 2])
    kounta.webhooks.deliver_to(_receiver(received, lambda: kounta.assume(A01="customer")))
    kounta.webhooks.deliver()
    assert received == ["0", "1", "2", "3", "4"]
    assert {one.outcome for one in kounta.webhooks.deliveries} == {"delivered"}


@pytest.mark.parametrize("swap", [*SWAPS, *VIEWS])
def test_a_receiver_may_swap_in_the_middle_of_a_request(received: list[str], swap: str) -> None:
    """In `immediate` a receiver can replace the world before the response is sent, without a deadlock."""
    kounta = FakeKounta(seed=SEED, webhook_mode="immediate", redirect_uris=[BACK], assumptions={"C21": "204"})
    kounta.webhooks.deliver_to(_receiver(received, lambda: {**SWAPS, **VIEWS}[swap](kounta)))
    kounta.webhooks.add("customers/created", "http://127.0.0.1/hook")
    assert api_client(kounta)("POST", CUSTOMERS, json=JAMIE).status_code == 201
    assert received == ["Jamie"]
    assert set(_first_names(kounta.world)) == ({"Sam", "Jamie"} if swap in VIEWS else {"Sam"})


@pytest.fixture(autouse=True)
def _nothing_is_left(kounta: FakeKounta) -> Iterator[None]:
    yield
    kounta.namespaces.clear()
