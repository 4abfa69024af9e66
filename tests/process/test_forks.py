"""Tests that a forked child keeps no socket of its parent: connections end, ports are free, the fake works."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from fakekounta.process.forks import call_before_forks, reset_in_children
from fakekounta.settings.kinds import Mode
from tests.caller import CUSTOMERS
from tests.fault_doors import DOORS, socket_through, trusting
from tests.lab import CREATED, PATIENCE_SECONDS, customer, until_done

pytestmark = [
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
GET = b"GET /v1/companies/me.json HTTP/1.1\r\nHost: api.kounta.com\r\n\r\n"


@contextmanager
def forked() -> Iterator[None]:
    """Keep an idle child process during the block."""
    asks, answers = multiprocessing.Pipe()
    child = os.fork()
    if child == 0:
        asks.close()
        answers.send("ready")
        answers.poll(None)
        os._exit(0)
    answers.close()
    try:
        assert asks.poll(PATIENCE_SECONDS)
        asks.recv()
        yield
    finally:
        asks.close()
        os.waitpid(child, 0)


def in_a_child(work: Callable[[], object]) -> object:
    """Return what the work returns in a forked child, which is killed if it hangs."""

    def run(answers: Connection) -> None:
        try:
            answers.send((True, work()))
        except BaseException:  # noqa: BLE001 - the parent gets the error
            answers.send((False, traceback.format_exc()))

    asks, answers = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=run, args=(answers,))
    child.start()
    try:
        assert asks.poll(PATIENCE_SECONDS), "the child hangs"
        is_done, result = asks.recv()
        assert is_done, result
        return result
    finally:
        child.kill()
        child.join()


@contextmanager
def connected(kounta: FakeKounta, door: str = "http") -> Iterator[socket.socket]:
    """Return a connection to a fake that has answered."""
    with socket_through(door, kounta) as client:
        client.sendall(GET)
        assert client.recv(65_536).startswith(b"HTTP/1.1 401")
        yield client


def beneath_tls(client: socket.socket) -> socket.socket:
    """Return a socket that reads what arrives, encrypted or not: `ssl` hides how a connection ends."""
    sock = socket.socket(fileno=os.dup(client.fileno()))
    sock.settimeout(PATIENCE_SECONDS)
    return sock


@contextmanager
def speaking(door: str) -> Iterator[FakeKounta]:
    """Return a fake that speaks TLS if the door needs it."""
    with FakeKounta(tls=door != "http") as kounta:
        yield kounta


@pytest.mark.parametrize("door", DOORS)
def test_a_cut_ends_the_connection(door: str) -> None:
    """While a child lives, a cut connection ends for the client, in TLS without the alert that ends it properly."""
    with speaking(door) as kounta, connected(kounta, door) as client, forked():
        kounta.faults.cut("close")
        client.sendall(GET)
        with beneath_tls(client) as sock:
            assert sock.recv(65_536) == b""


@pytest.mark.parametrize("door", DOORS)
def test_a_reset_is_a_reset(door: str) -> None:
    """While a child lives, a reset connection is reset for the client, not ended."""
    with speaking(door) as kounta, connected(kounta, door) as client, forked():
        kounta.faults.cut("reset")
        client.sendall(GET)
        with beneath_tls(client) as sock, pytest.raises(ConnectionResetError):
            sock.recv(65_536)


@pytest.mark.parametrize("where", ["before", "in"])
def test_a_cut_handshake_ends_the_connection(where: str) -> None:
    """While a child lives, a handshake that is cut ends for the client."""
    with FakeKounta(tls=True) as kounta, socket_through("http", kounta) as client, forked():
        kounta.faults.cut_handshake(where)
        with pytest.raises(ssl.SSLEOFError):
            trusting().wrap_socket(client, server_hostname="127.0.0.1")


@pytest.mark.parametrize("door", DOORS)
def test_a_stop_ends_connections(door: str) -> None:
    """While a child lives, `stop()` ends idle connections for their clients, in TLS with the alert for that."""
    with speaking(door) as kounta, connected(kounta, door) as client, forked():
        kounta.stop()
        with beneath_tls(client) as sock:
            assert bool(sock.recv(65_536)) == (door != "http")
            assert sock.recv(65_536) == b""


def test_a_stop_ends_a_tunnel_to_another_host() -> None:
    """While a child lives, `stop()` ends the tunnel for its client and for the other host."""
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        FakeKounta(proxy_pass_through=True) as kounta,
        socket_through("http", kounta) as client,
    ):
        client.sendall(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" % other.getsockname()[1])
        assert client.recv(65_536).startswith(b"HTTP/1.1 200")
        target, _ = other.accept()
        with target, forked():
            target.settimeout(PATIENCE_SECONDS)
            kounta.stop()
            assert (client.recv(1), target.recv(1)) == (b"", b"")


def test_a_receiver_closes_its_connections() -> None:
    """While a child lives, `close_connection()` cuts a delivery."""
    with FakeKounta() as kounta, Receiver() as receiver:
        kounta.webhooks.add(CREATED, receiver.url)
        customer(kounta)
        with forked():
            receiver.close_connection(times=2)  # a post on a kept connection is sent once more
            customer(kounta)
            (attempt,) = kounta.webhooks.deliveries[1].attempts
            assert attempt.status is None
            assert "timed out" not in (attempt.error or "")


def test_a_stopped_server_leaves_its_port() -> None:
    """While a child lives, `stop()` frees the port."""
    kounta = FakeKounta().start()
    port = kounta.port
    with forked():
        kounta.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        with FakeKounta(port=port) as again:
            assert requests.get(again.url + "/_fakekounta/health", timeout=PATIENCE_SECONDS).status_code == 200


def test_the_parent_goes_on() -> None:
    """Listener, connections and deliveries of the parent work after the child has closed its copies."""
    with FakeKounta(webhook_mode="background") as kounta, Receiver() as receiver, connected(kounta) as client:
        kounta.webhooks.add(CREATED, receiver.url)
        customer(kounta)
        receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        assert in_a_child(lambda: 1) == 1
        client.sendall(GET)
        assert client.recv(65_536).startswith(b"HTTP/1.1 401")
        answer = requests.post(kounta.url + CUSTOMERS, json={"first_name": "A", "phone": "1"}, auth=kounta.auth)
        assert answer.status_code == 201
        receiver.wait_for(2, timeout=PATIENCE_SECONDS)
        assert [one.outcome for one in until_done(kounta)] == ["delivered"] * 2


def test_the_child_is_a_client() -> None:
    """In the child, the fake's address leads to the parent's server."""
    with FakeKounta() as kounta:

        def add() -> int:
            new = {"first_name": "A", "phone": "1"}
            return requests.post(kounta.url + CUSTOMERS, json=new, auth=kounta.auth).status_code

        assert in_a_child(add) == 201
        assert len(kounta.customers.all()) == 1


@pytest.mark.parametrize("mode", ["immediate", "background"])
def test_the_child_stops_and_starts_its_own(mode: Mode) -> None:
    """In the child `stop()` affects only the child, and `start()` makes its own server, which delivers."""
    with FakeKounta(webhook_mode=mode) as kounta, Receiver() as receiver:
        kounta.webhooks.add(CREATED, receiver.url)
        customer(kounta)
        until_done(kounta)  # deliveries under way are the parent's

        def work() -> tuple[bool, int, int]:
            theirs = kounta.url
            with kounta:  # the child has no server, so it starts one
                status = requests.get(kounta.url + "/_fakekounta/health", timeout=PATIENCE_SECONDS).status_code
                is_new = kounta.url != theirs
                customer(kounta)
                until_done(kounta)
            receiver.stop()
            kounta.stop()
            return is_new, status, kounta.webhooks.deliveries[1].attempts[0].status or 0

        assert in_a_child(work) == (True, 200, 204)
        receiver.wait_for(2, timeout=PATIENCE_SECONDS)
        assert requests.get(kounta.url + "/_fakekounta/health", timeout=PATIENCE_SECONDS).status_code == 200


def test_a_stop_in_the_child_does_not_hang() -> None:
    """The child can stop its fake, whatever the parent's threads were doing."""
    kounta, receiver = FakeKounta(webhook_mode="background").start(), Receiver().start()
    held = [kounta._serving.listening._stop_lock, kounta._courier._starting, receiver._arrived]  # type: ignore[union-attr]
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with held[0], held[1], held[2]:
            is_held.set()
            may_end.wait(PATIENCE_SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(PATIENCE_SECONDS)

    def stop() -> int:
        receiver.reset()
        receiver.stop()
        kounta.stop()
        return 1

    try:
        assert in_a_child(stop) == 1
    finally:
        may_end.set()
        holder.join()
        receiver.stop()
        kounta.stop()


def locks_of(kounta: FakeKounta) -> list[Any]:
    """Return each lock in the state of a fake."""
    world, namespaces = kounta.world, kounta.namespaces
    found: list[Any] = [kounta._swapping, namespaces._lock, world.journal._share._budget.lock]
    for part in vars(world).values():
        found += filter(None, [getattr(part, "_lock", None)])
    for company in world.companies.values():
        found += [company.announcer.order, company.store._shelf.lock, company.subscriptions._lock]
    return list({id(lock): lock for lock in found}.values())


def use_in_process(kounta: FakeKounta) -> int:
    """Use each part of a fake, without a socket."""
    with kounta.requests_session() as session:
        new = {"first_name": "A", "phone": "1"}
        status = session.post("https://api.kounta.com" + CUSTOMERS, json=new, auth=kounta.auth).status_code
    kounta.webhooks.add(CREATED, "http://127.0.0.1:9/")
    kounta.namespace("another").customers.add(first_name="B", phone="2")
    kounta.faults.slow(0.001)
    kounta.clock.advance(seconds=1)
    kounta.reset()
    kounta.namespaces.clear()
    return status


def test_locks_that_were_held_are_free_in_the_child() -> None:
    """If a thread held every lock during the fork, the fake works in the child."""
    kounta = FakeKounta()
    kounta.namespace("one")
    locks = locks_of(kounta)
    assert len(locks) >= 10
    is_held, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with contextlib.ExitStack() as stack:
            for lock in locks:
                stack.enter_context(lock)
            is_held.set()
            may_end.wait(PATIENCE_SECONDS)

    holder = threading.Thread(target=hold)
    holder.start()
    assert is_held.wait(PATIENCE_SECONDS)
    try:
        assert in_a_child(lambda: use_in_process(kounta)) == 201
    finally:
        may_end.set()
        holder.join()
    assert use_in_process(kounta) == 201


def test_the_child_sees_no_change_half_done() -> None:
    """A fork waits for the change that another thread is making."""
    kounta = FakeKounta()
    lock = kounta.world.company.store._shelf.lock
    state, is_held, is_forking = {"first": 0, "second": 0}, threading.Event(), threading.Event()

    class Forking:
        def before_fork(self) -> None:
            is_forking.set()

    forking = Forking()
    call_before_forks(forking)

    def change() -> None:
        with lock:
            state["first"] = 1
            is_held.set()
            assert is_forking.wait(PATIENCE_SECONDS)
            state["second"] = 1

    changing = threading.Thread(target=change)
    changing.start()
    assert is_held.wait(PATIENCE_SECONDS)
    assert in_a_child(lambda: dict(state)) == {"first": 1, "second": 1}
    changing.join()
    assert not lock.locked()


def ask_from_a_child(url: str, auth: tuple[str, str], answers: Connection) -> None:
    """Make a request in a child process that has only these arguments."""
    try:
        new = {"first_name": "A", "phone": "1"}
        with FakeKounta.connect(url) as kounta:
            status = requests.post(url + CUSTOMERS, json=new, auth=auth, timeout=PATIENCE_SECONDS).status_code
            answers.send((status, [one.first_name for one in kounta.customers.all()]))
    except BaseException:  # noqa: BLE001 - the parent gets the error
        answers.send(traceback.format_exc())


@pytest.mark.parametrize("way", ["spawn", "forkserver"])
def test_a_child_that_shares_nothing_is_a_client(way: str) -> None:
    """A child of each other start method reaches the fake by its URL."""
    with FakeKounta() as kounta:
        context = multiprocessing.get_context(way)
        asks, answers = context.Pipe()
        child = context.Process(target=ask_from_a_child, args=(kounta.url, kounta.auth, answers))  # type: ignore[attr-defined]
        child.start()
        try:
            assert asks.poll(60), "the child hangs"
            assert asks.recv() == (201, ["A"])
            assert [one.first_name for one in kounta.customers.all()] == ["A"]
        finally:
            child.kill()
            child.join()


def test_one_that_fails_to_give_up_hinders_no_other() -> None:
    """If one holder fails in a child, the child starts, and the other holders are called."""
    reset: list[str] = []

    class Holder:
        def reset_after_fork(self) -> None:
            reset.append("")
            raise RuntimeError("on purpose")

    holders = [Holder(), Holder()]
    for holder in holders:
        reset_in_children(holder)
    assert in_a_child(lambda: len(reset)) == 2
    assert reset == []


def test_a_courier_in_a_child_waits_for_no_thread_of_the_parent() -> None:
    """A lock that was held during the fork is free in the child."""
    courier = FakeKounta()._courier
    with courier._starting:
        child = os.fork()
        if child == 0:
            os._exit(0 if courier._starting.acquire(timeout=PATIENCE_SECONDS) else 1)
    assert os.waitpid(child, 0)[1] == 0
