"""Helpers of the webhook lab's tests: fakes with a webhook, and other kinds of receivers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta import FakeKounta
from fakekounta.core.deliveries import PENDING, Delivery
from fakekounta.wire.server import HttpServer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

CREATED, UPDATED, DELETED = "customers/created", "customers/updated", "customers/deleted"
PATIENCE_SECONDS = 30.0
HOOK = "http://127.0.0.1:1/webhooks"
"""An address for deliveries that are never posted there."""


def customer(kounta: FakeKounta, first_name: str = "Jamie", **fields: Any) -> int:
    """Return the id of a new customer that webhooks get."""
    return kounta.customers.add(announce=True, **{"first_name": first_name, "phone": "02 1234", **fields}).id


def until(kounta: FakeKounta, is_true: Callable[[], bool], what: str) -> None:
    """Wait for a result of deliveries."""
    assert kounta._courier.wait_until(is_true, PATIENCE_SECONDS), f"never came true: {what}"


def until_done(kounta: FakeKounta) -> list[Delivery]:
    """Return all deliveries, once none is pending."""
    until(kounta, lambda: not kounta.webhooks.pending, "nothing is pending")
    return kounta.webhooks.deliveries


def until_tried(kounta: FakeKounta, attempts: int, delivery_id: int = 1) -> Delivery:
    """Return a delivery, once it was tried so many times."""

    def is_tried() -> bool:
        return any(one.id == delivery_id and one.tries >= attempts for one in kounta.webhooks.deliveries)

    until(kounta, is_tried, f"{attempts} attempts of delivery {delivery_id}")
    return next(one for one in kounta.webhooks.deliveries if one.id == delivery_id)


def outcomes(kounta: FakeKounta) -> list[str]:
    return [one.outcome for one in kounta.webhooks.deliveries]


def is_pending(delivery: Delivery) -> bool:
    return delivery.outcome == PENDING


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Yield the origin of a live server of this application."""
    with HttpServer(app, refusal=lambda _, text: ("text/plain", text.encode("ascii"))) as server:
        yield server.url


def calling(handle: Callable[[str, bytes], object]) -> WSGIApplication:
    """Return a receiver that passes path and body of each request to a function, then answers 204."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        handle(environ["PATH_INFO"], environ["wsgi.input"].read())
        start_response("204 No Content", [])
        return []

    return app


@contextmanager
def raw_receiver(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """Yield the port of a listener that calls this for each connection once it has sent bytes."""

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(PATIENCE_SECONDS)
            connection.recv(65_536)
            behave(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                thread = Thread(target=serve, args=(listener.accept()[0],), daemon=True)
                thread.start()
                threads.append(thread)

    threads: list[Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = Thread(target=accept, daemon=True)
        acceptor.start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            acceptor.join(PATIENCE_SECONDS)
            for thread in threads:
                thread.join(PATIENCE_SECONDS)


class Rest:
    """Detects when the courier's scheduler begins to rest, by its call for the length of the rest."""

    def __init__(self, kounta: FakeKounta, monkeypatch: pytest.MonkeyPatch) -> None:
        self._kounta = kounta
        self._asked = Event()
        self._next_due_at = kounta.world.outbox.next_due_at
        monkeypatch.setattr(kounta.world.outbox, "next_due_at", self._ask)

    def _ask(self) -> datetime | None:
        self._asked.set()
        return self._next_due_at()

    def wait(self) -> None:
        """Let it look once for due deliveries, and wait until it rests again."""
        for _ in range(2):  # the first rest may follow a look that was under way
            self._asked.clear()
            self._kounta._courier.wake()
            assert self._asked.wait(PATIENCE_SECONDS)
