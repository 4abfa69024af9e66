"""Tests that nothing of a past world is sent after a reset, a drop, a stop, a restored state, or `fresh()`."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from fakekounta import FakeKounta, Receiver
from fakekounta.process import unpatched
from fakekounta.settings.kinds import Mode
from fakekounta.wire.delivery import courier
from fakekounta.wire.delivery.attempt import parcel_of
from fakekounta.wire.delivery.connections import ReceiverConnection
from fakekounta.wire.delivery.flights import ARRIVAL_SECONDS, Flight, FlightCut, Flights
from fakekounta.wire.delivery.over_http import HttpPost
from fakekounta.worlds.namespace import Namespace
from tests.lab import CREATED, PATIENCE_SECONDS, calling, customer, outcomes, raw_receiver, until_done
from tests.wire.test_http_server import eventually

Ending = Callable[["Rig"], object]


def _restore(rig: Rig) -> None:
    state = rig.namespace.state()
    rig.namespace.restore({**state, "deliveries": {}})


def _leave_fresh(rig: Rig) -> None:
    """Leave a `fresh()` that was entered before, which ends its world."""
    namespace = rig.namespace
    namespace._factory, world = namespace._factory, namespace._factory.world()
    namespace.replace_world(world)


ENDINGS: dict[str, Ending] = {
    "reset": lambda rig: rig.namespace.reset(),
    "drop": lambda rig: rig.kounta.namespaces.drop(rig.namespace.name),
    "clear": lambda rig: rig.kounta.namespaces.clear(),
    "restore": _restore,
    "fresh entered": lambda rig: rig.blocks.enter_context(rig.namespace.fresh()),
    "fresh left": _leave_fresh,
    "set aside": lambda rig: rig.blocks.enter_context(rig.kounta.fresh()),
    "stop": lambda rig: rig.kounta.stop(),
}


class Gate:
    """A point at which a delivery stops until the test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.opened = Event(), Event()

    def __call__(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE_SECONDS)


class Rig:
    """A namespace of a serving fake, with one webhook and a gate where its deliveries stop.

    `blocks` are blocks of `fresh()` that last until the end of the test; one without a reference would end at once.
    """

    def __init__(self, kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
        self.kounta: FakeKounta = kounta
        self.blocks: ExitStack = ExitStack()
        self.namespace: Namespace = kounta.namespace("a")
        self.gate = Gate()
        self.done = Event()
        attempt = self.namespace._courier._attempt
        monkeypatch.setattr(self.namespace._courier, "_attempt", partial(self._attempt, attempt))

    def _attempt(self, attempt: Callable[..., None], *arguments: Any) -> None:
        try:
            attempt(*arguments)
        finally:
            self.done.set()

    def end_at_the_gate(self, ending: Ending) -> None:
        """Stop a delivery at the gate, end its world, and let the delivery go on."""
        self.namespace.customers.add(first_name="A", phone="1", announce=True)
        assert self.gate.reached.wait(PATIENCE_SECONDS)
        ending(self)
        self.gate.opened.set()
        assert self.done.wait(PATIENCE_SECONDS)


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    with FakeKounta(webhook_mode="background") as kounta:
        rig = Rig(kounta, monkeypatch)
        with rig.blocks:
            yield rig


# --- before the first byte -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_delivery_whose_name_is_being_resolved(ending: str, rig: Rig, fakekounta_receiver: Receiver) -> None:
    """If the world ends while the name is resolved, no byte is sent."""

    def resolve(*_: Any) -> Sequence[str]:
        rig.gate()
        return ["127.0.0.1"]

    rig.kounta._http_post = HttpPost(resolver=resolve)
    rig.namespace.webhooks.add(CREATED, fakekounta_receiver.url.replace("127.0.0.1", "shop.lan"))
    rig.end_at_the_gate(ENDINGS[ending])
    assert fakekounta_receiver.received == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_delivery_that_is_being_made(
    ending: str, rig: Rig, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the world ends after the delivery was taken and its bytes made, no byte is sent."""
    _gate_at_parcel(rig, monkeypatch)
    rig.namespace.webhooks.add(CREATED, fakekounta_receiver.url)
    rig.end_at_the_gate(ENDINGS[ending])
    assert fakekounta_receiver.received == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_delivery_into_an_app(ending: str, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same case with `deliver_to`, the app is not called."""
    called: list[str] = []
    _gate_at_parcel(rig, monkeypatch)
    rig.namespace.webhooks.deliver_to(calling(lambda path, _: called.append(path)))
    rig.namespace.webhooks.add(CREATED, "http://shop.lan/")
    rig.end_at_the_gate(ENDINGS[ending])
    assert called == []


def _gate_at_parcel(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:

    def gated(*arguments: Any) -> Any:
        rig.gate()
        return parcel_of(*arguments)

    monkeypatch.setattr(courier, "parcel_of", gated)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_delivery_that_is_being_connected(ending: str, rig: Rig, fakekounta_receiver: Receiver) -> None:
    """If the world ends while the receiver accepts the connection, it gets no byte."""

    class Slow(ReceiverConnection):
        def open(self, *arguments: Any) -> None:
            super().open(*arguments)
            rig.gate()

    rig.kounta._http_post = HttpPost(connector=Slow)
    rig.namespace.webhooks.add(CREATED, fakekounta_receiver.url)
    rig.end_at_the_gate(ENDINGS[ending])
    assert fakekounta_receiver.received == []


def test_what_was_not_sent_is_sent_when_the_world_is_back(
    rig: Rig, fakekounta_receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A delivery that `fresh()` cut before its first byte made no attempt, and is due again after the block."""
    _gate_at_parcel(rig, monkeypatch)
    rig.namespace.webhooks.add(CREATED, fakekounta_receiver.url)
    rig.end_at_the_gate(ENDINGS["fresh entered"])
    rig.blocks.close()
    fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
    assert rig.namespace.courier.wait_until(lambda: not rig.namespace.webhooks.pending, PATIENCE_SECONDS)
    assert [(one.outcome, one.tries) for one in rig.namespace.webhooks.deliveries] == [("delivered", 1)]


def test_namespaces_that_were_set_aside_deliver_again(fakekounta_receiver: Receiver) -> None:
    """During `fresh()` of the whole fake its earlier namespaces send nothing; afterwards they do."""
    with FakeKounta(webhook_mode="background") as kounta:
        namespace = kounta.namespace("a")
        namespace.webhooks.add(CREATED, fakekounta_receiver.url)
        with kounta.fresh():
            namespace.customers.add(first_name="A", phone="1", announce=True)
            assert (namespace.world.outbox.is_closed, fakekounta_receiver.received) == (True, [])
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)


@pytest.mark.parametrize("swap", ["reset", "restore"])
def test_a_namespace_that_is_set_aside_delivers_nothing_from_a_new_world(swap: str) -> None:
    """A namespace set aside or dropped can be reset, and sends nothing from its new world."""
    with FakeKounta(webhook_mode="background") as kounta:
        namespace = kounta.namespace("a")

        def exchange() -> bool:
            namespace.reset() if swap == "reset" else namespace.restore(namespace.state())
            return namespace.world.outbox.is_closed

        with kounta.fresh():
            assert exchange()
        assert not namespace.world.outbox.is_closed
        assert not exchange()
        kounta.namespaces.drop("a")
        assert exchange()


@pytest.mark.parametrize("ending", ["drop", "clear", "set aside"])
def test_a_namespace_whose_world_is_being_exchanged(ending: str, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new world that another thread has put in place, but not opened yet, sends nothing either."""
    world = rig.namespace._factory.world()
    opening = world.outbox.open

    def open_late() -> None:
        rig.gate()
        opening()

    monkeypatch.setattr(world.outbox, "open", open_late)
    thread = Thread(target=rig.namespace.replace_world, args=(world,))
    thread.start()
    assert rig.gate.reached.wait(PATIENCE_SECONDS)
    ender = Thread(target=ENDINGS[ending], args=(rig,))
    ender.start()
    assert eventually(lambda: not rig.kounta.namespaces)
    rig.gate.opened.set()
    for one in (thread, ender):
        one.join(PATIENCE_SECONDS)
        assert not one.is_alive()
    assert world.outbox.is_closed


def test_a_stop_ends_deliveries_of_other_threads(fakekounta_receiver: Receiver) -> None:
    """After a stop, `deliver()` in another thread, or a call in `immediate`, makes no further attempt."""
    with FakeKounta(webhook_mode="collect") as kounta:
        kounta.webhooks.add(CREATED, fakekounta_receiver.url)
        for _ in range(3):
            customer(kounta)
        fakekounta_receiver.hang()
        thread = Thread(target=kounta.webhooks.deliver)
        thread.start()
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        kounta.stop()
        fakekounta_receiver.release()
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
        assert (len(fakekounta_receiver.received), len(kounta.webhooks.pending)) == (1, 3)


# --- under way ------------------------------------------------------------------------------------------------


def _never(_: socket.socket, gone: Event) -> None:
    gone.wait(PATIENCE_SECONDS)


def _wait_for_the_end(connection: socket.socket, gone: Event) -> None:
    while connection.recv(65_536):
        pass
    gone.set()


def _drip(connection: socket.socket, gone: Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    connection.settimeout(0.02)
    while True:
        try:
            if not connection.recv(65_536):
                gone.set()
                return
        except TimeoutError:
            connection.sendall(b"x")


HANGS: dict[str, tuple[str, Callable[[socket.socket, Event], None]]] = {
    "before the answer": ("http", _wait_for_the_end),
    "in the answer": ("http", _drip),
    "in the TLS handshake": ("https", _wait_for_the_end),
}


@pytest.mark.parametrize("hang", HANGS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_a_reset_does_not_wait_for_a_hanging_receiver(ending: str, hang: str, rig: Rig) -> None:
    """A reset shuts the connection of a hanging receiver and does not wait for its timeout."""
    scheme, behave = HANGS[hang]
    gone, came = Event(), Event()

    def serve(connection: socket.socket) -> None:
        came.set()
        behave(connection, gone)

    with raw_receiver(serve) as port, _patient(rig.namespace):
        rig.namespace.webhooks.add(CREATED, f"{scheme}://127.0.0.1:{port}/")
        rig.namespace.customers.add(first_name="A", phone="1", announce=True)
        assert came.wait(PATIENCE_SECONDS)
        started = monotonic()
        ENDINGS[ending](rig)
        assert monotonic() - started < 5
        assert gone.wait(PATIENCE_SECONDS), "the connection was kept"
        assert rig.done.wait(PATIENCE_SECONDS)


@contextmanager
def _patient(namespace: Namespace) -> Iterator[None]:
    """Return a fake with a timeout that no test waits for."""
    outbox = namespace.world.outbox
    outbox.schedule = replace(outbox.schedule, timeout_seconds=10 * PATIENCE_SECONDS)
    yield


def test_a_receiver_that_takes_no_connection(rig: Rig) -> None:
    """A reset does not wait for a connect that hangs because the backlog is full."""
    connecting = Event()

    class Slow(ReceiverConnection):
        def open(self, *arguments: Any) -> None:
            connecting.set()
            super().open(*arguments)

    rig.kounta._http_post = HttpPost(connector=Slow)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, _patient(rig.namespace):
        address = listener.getsockname()
        full = [socket.socket() for _ in range(4)]
        for one in full:
            one.setblocking(False)
            one.connect_ex(address)
        rig.namespace.webhooks.add(CREATED, f"http://127.0.0.1:{address[1]}/")
        rig.namespace.customers.add(first_name="A", phone="1", announce=True)
        assert connecting.wait(PATIENCE_SECONDS)
        started = monotonic()
        rig.namespace.reset()
        assert monotonic() - started < 5
        assert rig.done.wait(PATIENCE_SECONDS), "the connect goes on"
        for one in full:
            one.close()


def test_what_was_cut_on_its_way_counts_as_an_attempt(rig: Rig, fakekounta_receiver: Receiver) -> None:
    """A delivery cut after its first byte made an attempt, whose error says so; its retry is made after `fresh()`."""
    fakekounta_receiver.hang()
    rig.namespace.webhooks.add(CREATED, fakekounta_receiver.url)
    rig.namespace.customers.add(first_name="A", phone="1", announce=True)
    fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
    with rig.namespace.fresh():
        assert rig.done.wait(PATIENCE_SECONDS)
    (delivery,) = rig.namespace.webhooks.deliveries
    (attempt,) = delivery.attempts
    assert (delivery.outcome, attempt.status) == ("pending", None)
    assert attempt.error == "cut off: another world took the place of this one, or the fake stopped"


# --- the flights themselves ------------------------------------------------------------------------------------


def test_a_flight_that_was_cut_sends_nothing() -> None:
    """A flight cut before its first byte sends and connects nothing; one cut later is shut at the end."""
    flight, calls = Flight(), []
    with flight.shut_by(lambda: calls.append("shut")):
        flight.cut()
        assert calls == ["shut"]
        with pytest.raises(FlightCut):
            flight.depart()
    with pytest.raises(FlightCut), flight.shut_by(lambda: calls.append("never")):
        pass
    flight.end()
    assert calls == ["shut"]


def test_a_cut_waits_briefly_for_flights() -> None:
    """A cut waits until a flight has ended, or for a moment after its first byte, and then shuts the connection."""
    flights, departed, shut = Flights(), Event(), Event()

    def fly() -> None:
        with flights.begin("mine") as flight, flight.shut_by(shut.set):
            flight.depart()
            departed.set()
            shut.wait(PATIENCE_SECONDS)

    thread = Thread(target=fly)
    thread.start()
    assert departed.wait(PATIENCE_SECONDS)
    flights.cut("another's")
    assert not shut.is_set()
    started = monotonic()
    flights.cut("mine")
    assert shut.is_set()
    assert monotonic() - started < ARRIVAL_SECONDS + 5
    thread.join(PATIENCE_SECONDS)


@pytest.mark.parametrize("age, most", [(0.0, ARRIVAL_SECONDS), (10.0, 0.0)])
def test_a_cut_waits_for_no_longer_than_an_arrival_takes(
    age: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wait is counted from the first byte of the flight."""
    flights, flight = Flights(), Flight("mine")
    flight.thread = -1  # another thread's
    flight.departed_at = unpatched.monotonic() - age
    flights._all.add(flight)
    waits: list[float] = []
    monkeypatch.setattr(flights._changed, "wait_for", lambda *arguments: waits.append(arguments[1]))
    flights.cut("mine")
    assert len(waits) == 1
    assert 0.0 <= waits[0] <= most


def test_a_thread_does_not_wait_for_its_own_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app that is called in the delivering thread can reset the fake without a wait."""
    flights = Flights()
    waits: list[float] = []
    monkeypatch.setattr(flights._changed, "wait_for", lambda *arguments: waits.append(arguments[1]))
    with flights.begin("mine") as flight:
        flight.depart()
        flights.cut()
    assert (flight.is_cut, waits) == (True, [])


@pytest.mark.parametrize("mode", ["background", "immediate", "collect"])
def test_an_app_may_reset_the_fake_from_within_a_delivery(mode: Mode) -> None:
    """In each mode an app of `deliver_to` can reset the fake, and nothing of the old world is sent after it."""
    paths: list[str] = []
    with FakeKounta(webhook_mode=mode) as kounta:

        def hear(path: str, _: bytes) -> None:
            paths.append(path)
            kounta.reset()

        kounta.webhooks.deliver_to(calling(hear))
        for path in ("/a", "/a"):
            kounta.webhooks.add(CREATED, f"http://shop.lan{path}")
        customer(kounta)
        kounta.webhooks.deliver()
        assert kounta.courier.wait_until(lambda: bool(paths) and not kounta.webhooks.all(), PATIENCE_SECONDS)
        assert until_done(kounta) == []
        assert outcomes(kounta) == []
