"""A forked child holds nothing of its parent's: connections end, ports are free, and the fake works in the child."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

import pytest
import requests

from fakekounta import FakeKounta, Receiver
from fakekounta.forks import given_up_in_children
from tests.caller import CUSTOMERS
from tests.lab import CREATED, PATIENCE_SECONDS, customer, until_done

pytestmark = [
    pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system does not fork"),
    pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning"),
]
GET = b"GET /v1/companies/me.json HTTP/1.1\r\nHost: api.kounta.com\r\n\r\n"


@contextmanager
def forked() -> Iterator[None]:
    """A child lives, which does nothing, for as long as the block lasts."""
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
    """What the work returns in a forked child; the child is killed if it hangs."""

    def run(answers: Connection) -> None:
        try:
            answers.send((True, work()))
        except BaseException:  # noqa: BLE001 - the parent is told
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
def connected(port: int) -> Iterator[socket.socket]:
    """A connection to a server of ours that has answered."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as client:
        client.sendall(GET)
        assert client.recv(65_536).startswith(b"HTTP/1.1 401")
        yield client


def test_a_cut_ends_the_connection() -> None:
    """A connection that is cut while a child lives is at its end for the client."""
    with FakeKounta() as kounta, connected(kounta.port) as client, forked():
        kounta.faults.cut("close")
        client.sendall(GET)
        assert client.recv(65_536) == b""


def test_a_reset_is_a_reset() -> None:
    """A connection that is reset while a child lives is reset, not ended."""
    with FakeKounta() as kounta, connected(kounta.port) as client, forked():
        kounta.faults.cut("reset")
        client.sendall(GET)
        with pytest.raises(ConnectionResetError):
            client.recv(65_536)


def test_a_receiver_closes_its_connections() -> None:
    """`close_connection()` cuts a delivery while a child lives."""
    with FakeKounta() as kounta, Receiver() as receiver:
        kounta.webhooks.add(CREATED, receiver.url)
        customer(kounta)
        with forked():
            receiver.close_connection(times=2)  # a post on a connection that was used before is sent once more
            customer(kounta)
            (attempt,) = kounta.webhooks.deliveries[1].attempts
            assert attempt.status is None
            assert "timed out" not in (attempt.error or "")


def test_a_stopped_server_leaves_its_port() -> None:
    """After `stop()` nothing listens on the port, and it can be taken again, while a child lives."""
    kounta = FakeKounta().start()
    port = kounta.port
    with forked():
        kounta.stop()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        with FakeKounta(port=port) as again:
            assert requests.get(again.url + "/_fakekounta/health", timeout=PATIENCE_SECONDS).status_code == 200


def test_the_parent_goes_on() -> None:
    """What the child gives up works on in the parent: listener, connections, deliveries."""
    with FakeKounta(webhook_mode="background") as kounta, Receiver() as receiver, connected(kounta.port) as client:
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
    """In the child, the fake's address is the parent's, which answers."""
    with FakeKounta() as kounta:

        def add() -> int:
            new = {"first_name": "A", "phone": "1"}
            return requests.post(kounta.url + CUSTOMERS, json=new, auth=kounta.auth).status_code

        assert in_a_child(add) == 201
        assert len(kounta.customers.all()) == 1


@pytest.mark.parametrize("mode", ["immediate", "background"])
def test_the_child_stops_and_starts_its_own(mode: str) -> None:
    """In the child, `stop()` returns and hurts nobody; `start()` makes a server of the child's own, which delivers."""
    with FakeKounta(webhook_mode=mode) as kounta, Receiver() as receiver:
        kounta.webhooks.add(CREATED, receiver.url)
        customer(kounta)
        until_done(kounta)  # what is under way is the parent's

        def work() -> tuple[bool, int, int]:
            theirs = kounta.url
            with kounta:  # it does not serve here, so it starts anew
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
    """The child stops what it was given, whatever the parent's threads were doing."""
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


def test_one_that_fails_to_give_up_hinders_no_other() -> None:
    """Whatever goes wrong in one of them, the child begins its work, and all others give up."""
    given_up: list[str] = []

    class Holder:
        def give_up(self) -> None:
            given_up.append("")
            raise RuntimeError("on purpose")

    holders = [Holder(), Holder()]
    for holder in holders:
        given_up_in_children(holder)
    assert in_a_child(lambda: len(given_up)) == 2
    assert given_up == []
