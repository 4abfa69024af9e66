"""A fake that makes the changes of a log, and so comes to the state that they led to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from fakekounta import __version__
from fakekounta.core.clock import system_now
from fakekounta.core.deliveries import ATTEMPT, DELIVERY, Attempt, Delivery
from fakekounta.core.sources import GivenSources
from fakekounta.core.world import World
from fakekounta.keep.log import (
    ATTEMPT_RESULT,
    DELIVER,
    DELIVERED,
    HANDSHAKE,
    REQUEST,
    START,
    Change,
    KeepError,
    Readable,
    Snapshot,
)
from fakekounta.keep.requests import Response, environ_of
from fakekounta.keep.starts import KeptFactory, world_after
from fakekounta.kounta import FakeKounta
from fakekounta.process.collector import no_garbage_collection
from fakekounta.wire.delivery.courier import HELD
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.state import world_from

_APART = timedelta(minutes=1)
"""How far the clocks of replicas may be apart."""


class Replica(FakeKounta):
    """A fake whose worlds take moments and tokens from the changes that it makes."""

    def __init__(self, settings: Mapping[str, Any], start: Change, given: GivenSources) -> None:
        """Make a fake with these settings of the server, which has no seed yet; `use` puts worlds in."""
        super().__init__(**settings)
        self.given: GivenSources = given
        self.factory: KeptFactory = KeptFactory(start, given.sources)
        self._factory = self.factory
        self.latest: datetime | None = None
        """The moment of the last change."""

    def use(self, worlds: Mapping[str, World]) -> None:
        """Replace the worlds by these, by the names of their namespaces; the fake's own is ""."""
        for name in {*self.namespaces} - worlds.keys():
            self.namespaces.drop(name)
        for name, world in worlds.items():
            self.replace_world(world) if name == "" else self.namespace(name).replace_world(world)

    def restore_all(self, snapshot: Snapshot) -> None:
        """Replace the worlds by those of a snapshot."""
        self.latest = datetime.fromisoformat(snapshot.document["moment"])
        worlds = {}
        with self.given.change(self.latest, b""):
            for name, kept in snapshot.document["worlds"].items():
                worlds[name] = world_from(kept["state"], self.given.sources)
                if kept["clock"] is not None:  # the state has seconds as a float, so that a microsecond could differ
                    worlds[name].clock.follow(*map(datetime.fromisoformat, kept["clock"]))
                worlds[name].outbox.restore_past([DELIVERY.restored(one) for one in kept["past"]])
            self.use(worlds)

    def worlds(self) -> dict[str, World]:
        """Return all worlds by the names of their namespaces."""
        return {"": self.world, **{name: one.world for name, one in self.namespaces.items()}}

    def make(self, change: Change) -> int:
        """Make a change; return the status of the response to a request, 0 without any."""
        if change.kind in (DELIVER, DELIVERED):
            return 0
        with self.giving(change):
            if change.kind == ATTEMPT_RESULT:
                self._repeat_attempt(change.head)
            elif change.kind == HANDSHAKE:
                self.world.faults.handshake(self.world.clock.now())
            else:
                response = self.response_to(environ_of(change.head, change.body))
                response.close()
                return response.status
        return 0

    def giving(self, change: Change) -> AbstractContextManager[None]:
        """Return the block in which a change is made, with its moment and entropy.

        Replicas append in another order than they read their clocks, so time does not go back by so little.
        """
        latest, moment = self.latest, change.moment
        if latest is not None and moment < latest < moment + _APART:
            moment = latest
        self.latest = moment
        return self.given.change(moment, change.entropy)

    def response_to(self, environ: dict[str, Any]) -> Response:
        """Return the complete response to a request; its deliveries are left to the caller."""
        held = HELD.set(True)
        try:
            return Response(self._front, environ)
        finally:
            HELD.reset(held)

    def place_of(self, name: str) -> Namespace | None:
        """Return the namespace that a change names, None if there is none; the fake's own is ""."""
        return self.namespaces.get(name) if name else self

    def _repeat_attempt(self, head: Mapping[str, Any]) -> None:
        here = self.place_of(head["namespace"])
        if here is not None:
            attempt = ATTEMPT.restored(head["attempt"])
            here.world.outbox.repeat_result(head["delivery"], attempt, head["outcome"])


def result_of(here: Namespace, delivery: Delivery, attempt: Attempt, outcome: str) -> Change:
    """Return the result of an attempt as a change."""
    head = {
        "namespace": here.name,
        "delivery": delivery.id,
        "attempt": ATTEMPT.document(attempt),
        "outcome": outcome,
    }
    return Change(ATTEMPT_RESULT, system_now(), head=head)


def replayed(log: Readable, given: GivenSources, at: int | None = None) -> Replica:
    """Return a fake in the state after the last change of a log, or after the change at a position.

    Raise KeepError if the log is damaged, or if a response is another one than the log has.
    """
    with no_garbage_collection():
        return _Replay(log, given).upto(log.end() if at is None else at)


def around(log: Readable, given: GivenSources, position: int) -> Iterator[Replica]:
    """Yield a fake in the state before the change at a position, then after it. Raise as `replayed` does."""
    with no_garbage_collection():
        yield from _Replay(log, given).steps(position - 1, position)


class _Replay:
    def __init__(self, log: Readable, given: GivenSources) -> None:
        self._log = log
        self._given = given
        self._made: dict[int, tuple[int, str]] = {}

    def upto(self, end: int) -> Replica:
        (replica,) = self.steps(end, end)
        for world in replica.worlds().values():
            world.outbox.queue_anew()
            world.journal.clear()
        return replica

    def steps(self, start: int, end: int) -> Iterator[Replica]:
        """Yield the fake after the change at `start`, and after each later one up to `end`."""
        snapshot = self._log.snapshot(start)
        if snapshot is None and self._log.first():
            raise KeepError(f"{self._log.path}: has no state before change {self._log.first()}")
        replica = self._first() if snapshot is None else self._restored(snapshot)
        known = 1 if snapshot is None else snapshot.position
        if known == start:
            yield replica
        for position, change in self._log.since(known):
            self._compare(change)
            if position > end:
                break
            replica = self._after(replica, position, change)
            if position >= start:
                yield replica

    def _first(self) -> Replica:
        """Return the fake after the first change of the log, which is a start."""
        _, start = self._log.start(1)
        replica = Replica(start.head["server"], start, self._given)
        with self._given.change(start.moment, start.entropy):
            replica.use({"": replica.factory.world()})
        return replica

    def _restored(self, snapshot: Snapshot) -> Replica:
        """Return the fake of a snapshot."""
        _, start = self._log.start(snapshot.document["start"])
        replica = Replica(start.head["server"], start, self._given)
        replica.restore_all(snapshot)
        return replica

    def _after(self, replica: Replica, position: int, change: Change) -> Replica:
        if change.kind == START:
            with replica.giving(change):
                return started_anew(replica, change.head["server"], change)
        status = replica.make(change)
        if change.kind == REQUEST:
            self._made[position] = status, f"{change.head['method']} {change.head['path']}"
        return replica

    def _compare(self, change: Change) -> None:
        """Raise KeepError if an earlier request has another response now than it had."""
        for position, status in change.results:
            made, what = self._made.pop(position, (status, ""))
            if made != status:
                raise KeepError(
                    f"{self._log.path}: change {position}, {what}, was answered {status}, and would be {made} by "
                    f"fakekounta {__version__}; start the version that wrote it, or export the state with that"
                )


def started_anew(replica: Replica, settings: Mapping[str, Any], start: Change) -> Replica:
    """Return the fake after a start with other settings."""
    later = Replica(settings, start, replica.given)
    later.latest = replica.latest
    worlds = replica.worlds()
    later.use({name: world_after(one, replica.factory, later.factory) for name, one in worlds.items()})
    return later
