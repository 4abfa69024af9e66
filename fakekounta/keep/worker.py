"""`WorkerKounta`: one of several replicas that share a log, each of which answers requests from its own memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from contextvars import ContextVar
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from fakekounta.control.paths import is_control, split_path
from fakekounta.core.clock import system_now
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.core.journal import Entry
from fakekounta.core.outbox import Outbox
from fakekounta.core.world import World
from fakekounta.keep.asks import Asks
from fakekounta.keep.kept import PLACE, KeptKounta, refuse
from fakekounta.keep.log import DELIVER, DELIVERED, REQUEST, Change, KeepError, Moved, NoRoom, SharedLog, Unreachable
from fakekounta.keep.place import Place
from fakekounta.keep.replica import result_of
from fakekounta.wire.server.listening import SharedListener
from fakekounta.wire.server.share import ALL, Share
from fakekounta.worlds.namespace import Namespace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from typing_extensions import Self

TICK_SECONDS = 0.1
"""How often a replica without requests looks whether it is to deliver, and the longest that it is behind."""
_ANSWER_SECONDS = 120.0
_ROOM_SECONDS = 0.2
_MOST_COMPARED = 1_000

_REPEATED: ContextVar[bool] = ContextVar("fakekounta change of another replica", default=False)

log: logging.Logger = logging.getLogger("fakekounta.keep")


class WorkerKounta(KeptKounta):
    """A fake that makes the changes of all replicas of a log, in its order, and adds its own to it.

    Before a read it makes all changes that the log has at that moment. So a change that any replica has answered is
    seen by each later request to any other (C20).

    The parent of all workers makes one, calls `hand_over` and forks; then each child calls `join` and `start`.
    """

    def __init__(self, place: Any, **settings: Any) -> None:
        """Make the state of the file, as `KeptKounta` does."""
        super().__init__(place, **settings)
        self.is_leading: bool = False
        """Whether this replica makes the deliveries."""
        self._asks = Asks()
        self._statuses: dict[int, int] = {}
        self._stale: WeakSet[Outbox] = WeakSet()
        self._ended = Event()

    def hand_over(self) -> Place:
        """Close the file, but keep its lock for this process and its children; return its place."""
        return self._file.hand_over()

    def join(self, shared: SharedLog, replica: str, share: Share = ALL) -> None:
        """Go on as the replica of this name, with a log of its own on the same changes, and a share of connections."""
        self._log = self._shared = shared
        self._follower = Thread(target=self._keep_up, name="fakekounta-follower", daemon=True)
        self._observers.replica = replica
        self._observers.exchanges.insert(0, self._sign)
        self._serving.share = share
        self._observers.deliver_elsewhere = self._ask_to_deliver

    def _sign(self, entry: Entry) -> None:
        """Write down that this replica has answered."""
        if not _REPEATED.get():
            entry.replica = self.replica

    def observe_own(self, observer: Callable[[Entry], None]) -> None:
        """Register an observer to call with each later exchange that this replica answers, and with no other's."""
        self.observe(lambda entry: None if _REPEATED.get() else observer(entry))

    def start(self) -> Self:
        """Serve, and follow the log."""
        self._serving.listen()
        self._follower.start()
        return self

    def stop(self) -> None:
        """Stop serving, and close the log."""
        self._ended.set()
        if self.replica is not None and self._follower.is_alive():
            self._follower.join()
        super().stop()

    # --- following the log ---------------------------------------------------------------------------------------

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to a request in a state that has all changes answered before; refuse it if they cannot be read."""
        try:
            self.follow()
        except Unreachable as reason:
            return refuse(f"the changes of other replicas cannot be read: {reason}", environ, start_response)
        return super().wsgi_app(environ, start_response)

    def follow(self) -> None:
        """Make all changes that the log has now."""
        end = self._log.end()
        if self._position < end:
            with self._gate.changing():
                self._make_until(end)

    def _make_until(self, end: int) -> None:
        """Make the changes of others up to a position; no other is made meanwhile."""
        if self._position >= end:
            return
        try:
            changes = [*self._log.since(self._position)]
        except KeepError:
            if self._position >= self._log.first():
                raise
            self._skip()  # so far behind that changes were given up
            self._make_until(end)
            return
        for position, change in changes:
            if position > end:
                break
            self._make_next(position, change)

    def _skip(self) -> None:
        """Go on from the newest snapshot."""
        snapshot = self._log.snapshot()
        assert snapshot is not None  # noqa: S101 - a bug of ours: changes are given up for a snapshot
        with self._gate.alone():
            self.restore_all(snapshot)
        self._position = snapshot.position

    def _make_next(self, position: int, change: Change) -> None:
        """Make the change of another replica."""
        self._compare(change)
        is_alone = change.kind == REQUEST and is_control(split_path(change.head["path"])[1])
        place, repeated = PLACE.set((position - 1, position)), _REPEATED.set(True)
        try:
            with self._gate.alone() if is_alone else nullcontext():
                status = self.make(change)
        except Exception:
            log.exception("change %d failed", position)
            status = 500
        finally:
            PLACE.reset(place)
            _REPEATED.reset(repeated)
        self._position = position
        if change.kind == REQUEST:
            self._statuses[position] = status
            if len(self._statuses) > _MOST_COMPARED:  # of replicas that ended
                del self._statuses[next(iter(self._statuses))]
        elif change.kind == DELIVER:
            self._asked(position, change.head["namespace"])
        elif change.kind == DELIVERED:
            self._asks.close(change.head["asked"], change.head["attempts"])
        self._count(change)

    def _compare(self, change: Change) -> None:
        """Complain if another replica gave another status."""
        for position, status in change.results:
            made = self._statuses.pop(position, status)
            if made != status:
                log.error("change %d was answered %d, and is %d in replica %s", position, status, made, self.replica)

    def _begin_snapshot(self) -> None:
        if self.is_leading:
            super()._begin_snapshot()

    def _keep(self, change: Change) -> int:
        """Keep a change, and return its position. Raise NoRoom."""
        return self._append(change)

    def _owe(self, change: Change) -> bool:
        """Keep a change that is made in any case; return False if there is no room: then no replica makes it."""
        try:
            self._append(change)
        except NoRoom as reason:
            log.warning("%s", reason)
            return False
        return True

    def _append(self, change: Change, after: int | None = None) -> int:
        """Take the next place in the log, and make all changes before it. Raise NoRoom, Moved."""
        position = self._shared.append(change._replace(results=self._told), after)
        self._told = []
        self._make_until(position - 1)
        self._position = position
        self._count(change)
        return position

    def _keep_up(self) -> None:
        """Follow the log, without requests, too, and deliver if no other replica does."""
        while not self._ended.is_set():
            try:
                self._shared.wait(TICK_SECONDS)
                self.tick()
            except Exception:
                log.exception("replica %s could not follow", self.replica)
                self._ended.wait(TICK_SECONDS)

    def tick(self) -> None:
        """Make the changes of others, and begin or end to deliver."""
        is_to_lead = self._shared.lease()
        if self.is_leading and not is_to_lead:
            self._step_back()
        self.follow()
        if is_to_lead and not self.is_leading:
            self._lead()

    def _step_back(self) -> None:
        """Deliver no more, because another replica does."""
        self.is_leading = False
        self._courier.stop()
        self.namespaces.stop()

    # --- deliveries ----------------------------------------------------------------------------------------------

    def _lead(self) -> None:
        """Make the deliveries from now on, and first those that the replica before did not make."""
        self.follow()
        with self._gate.changing():
            for world in self.worlds().values():
                world.outbox.queue_anew()
            self.is_leading = True
            asked = dict(self._asks.open)
        self._courier.start()
        self.namespaces.start()
        for position, name in asked.items():
            self._answer_soon(position, name)
        for here in self._all():
            _in_thread(here.courier.deliver_if_immediate)

    def _all(self) -> list[Namespace]:
        return [self, *self.namespaces.all()]

    def _ask_to_deliver(self, here: Namespace) -> int | None:
        """Have the leading replica deliver what is due; return the number of attempts, None if it is this one."""
        if self.is_leading:
            return None
        outbox = here.world.outbox
        if outbox in self._stale:
            with self._gate.changing():
                if not self.is_leading:
                    self._stale.discard(outbox)
                    outbox.queue_anew()
        if not outbox.is_due(here.world.clock.now()):
            return 0
        try:
            return self._asks.answer(self._append_ask(here.name), _ANSWER_SECONDS)
        except NoRoom as reason:
            log.warning("%s", reason)
            return 0

    def _append_ask(self, name: str) -> int:
        """Ask the leading replica to deliver what is due in a namespace. Raise NoRoom."""
        with self._gate.changing():
            position = self._append(Change(DELIVER, system_now(), head={"namespace": name}))
            self._asks.await_answer(position)
            self._asked(position, name)
        return position

    def _asked(self, position: int, name: str) -> None:
        self._asks.open[position] = name
        if self.is_leading:
            self._answer_soon(position, name)

    def _answer_soon(self, position: int, name: str) -> None:
        _in_thread(lambda: self._answer(position, name))

    def _answer(self, position: int, name: str) -> None:
        """Deliver what another replica asks for, and tell it."""
        here = self.place_of(name)
        attempts = 0 if here is None else here.courier.deliver_here()
        change = Change(DELIVERED, system_now(), head={"asked": position, "attempts": attempts})
        while not self._answered(change):
            if self._ended.wait(_ROOM_SECONDS):
                return

    def _answered(self, change: Change) -> bool:
        """Add an answer to the log; return False if there is no room."""
        try:
            with self._gate.changing():
                self._append(change)
                self._asks.close(change.head["asked"], change.head["attempts"])
        except NoRoom:
            return False
        return True

    def _repeat_attempt(self, head: Any) -> None:
        super()._repeat_attempt(head)
        here = self.place_of(head["namespace"])
        if here is not None:
            self._stale.add(here.world.outbox)

    def _keep_attempt(self, here: Namespace, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
        """Keep and record the result of an attempt, once there is room for it."""
        change = result_of(here, delivery, attempt, outcome)
        while True:
            with self._gate.changing():
                if self._kept_attempt(change, here, world):
                    world.outbox.record_result(delivery, attempt, outcome)
                    return
            if self._ended.wait(_ROOM_SECONDS):
                return  # the next start makes the attempt once more

    def _kept_attempt(self, change: Change, here: Namespace, world: World) -> bool:
        """Keep the result of an attempt if its world is the current one; return False if there is no room."""
        is_kept = False
        while not is_kept:
            self._make_until(self._log.end())
            if not self._is_current(here, world):
                return True
            try:
                with suppress(Moved):
                    self._append(change, after=self._position)
                    is_kept = True
            except NoRoom as reason:
                log.warning("%s", reason)
                return False
        return True

    # --- serving -------------------------------------------------------------------------------------------------

    def bind(self) -> SharedListener:
        """Take the port, for all children of this process. Raise OSError."""
        return self._serving.bind()

    def _keep_handshake(self) -> str | None:
        with suppress(Unreachable):  # the request after it is refused
            self.follow()
        return super()._keep_handshake()

    @property
    def url(self) -> str:
        """The base URL."""
        return self._serving.bind().url

    @property
    def port(self) -> int:
        """The port."""
        return self._serving.bind().port


def _in_thread(run: Any) -> None:
    Thread(target=run, name="fakekounta-deliver", daemon=True).start()
