"""`KeptKounta`: a fake that keeps each change in a log before it makes it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from datetime import datetime
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from werkzeug.test import run_wsgi_app

from fakekounta.catalogue.quirks import Quirk
from fakekounta.control import NAMESPACE, PREFIX
from fakekounta.control.calls import refuse_call
from fakekounta.control.paths import is_control, split_path
from fakekounta.core.clock import system_now
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.core.journal import Entry
from fakekounta.core.sources import GivenSources
from fakekounta.core.world import World
from fakekounta.keep.entropy import Entropy
from fakekounta.keep.gate import Gate
from fakekounta.keep.log import HANDSHAKE, REQUEST, Change, KeepError, Log, NoRoom, Uncertain
from fakekounta.keep.owed import Owed
from fakekounta.keep.past import CHANGES, KeptPast
from fakekounta.keep.place import real
from fakekounta.keep.replica import Replica, replayed, result_of, started_anew
from fakekounta.keep.requests import asking_health, head_of
from fakekounta.keep.snapshots import document_of, parts_of, pieces_of
from fakekounta.keep.sqlite_log import SqliteLog
from fakekounta.keep.starts import is_same, start_of
from fakekounta.web.errors import tell_unready
from fakekounta.wire.delivery.courier import HELD
from fakekounta.worlds.namespace import Namespace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SNAPSHOT_CHANGES = 10_000
SNAPSHOT_BYTES = 64 * 1_048_576
_READS = frozenset(("GET", "HEAD", "OPTIONS"))
_DELIVER = f"{PREFIX}/deliver"

PLACE: ContextVar[tuple[int, int | None] | None] = ContextVar("fakekounta place in the log", default=None)
"""The position before the request under way, and its own if it is a change."""

log: logging.Logger = logging.getLogger("fakekounta.keep")


class KeptKounta(Replica):
    """A fake whose changes are in a log before they are made, so that its next start has the same state.

    Requests are changes or reads. Those that cannot be kept are refused with 503 (K11); reads go on.
    """

    def __init__(self, place: Any, **settings: Any) -> None:
        """Open the file at a path, and make its state again; an empty one begins with the seed.

        Raises:
            KeepError: The file cannot be used; it is as it was.
            SettingsError: A setting is invalid; it is a ValueError, as is SeedError.
            TypeError: A name is not a setting.
        """
        given = GivenSources()
        start = start_of(settings, system_now())
        super().__init__(
            {name: one for name, one in settings.items() if name not in start.head["worlds"]}, start, given
        )
        self._gate = Gate()
        self._told: list[tuple[int, int]] = []
        self._owed = Owed()
        self._entropy = Entropy()
        self._snapshot_at = self._tail_bytes = 0
        self._snapshot: Thread | None = None
        self._file = self._opened(place)
        self._log: Log = self._file
        try:
            self._begin_with(start)
        except BaseException:
            self._file.close()
            raise
        self._observers.record_attempt = self._keep_attempt
        self._front.cut_handshake = self._keep_handshake  # type: ignore[method-assign] # asked for each connection
        self.observe(_note_place)

    def _opened(self, place: Any) -> SqliteLog:
        """Return the log at a place. Raise KeepError."""
        self.path: Path = real(place)
        """The file of its changes."""
        self._front.past = KeptPast(self.path, self.wsgi_app)
        return SqliteLog(self.path)

    def _begin_with(self, start: Change) -> None:
        """Make the state of the log again, and then go on with these settings. Raise KeepError, SeedError."""
        end = self._file.end()
        if not end:
            with self.giving(start):
                worlds = {"": self.factory.world()}
            is_new = True
        else:
            self._start, before = self._file.start()
            replica = replayed(self._file, self.given, end)
            self.latest: datetime | None = replica.latest
            is_new = not is_same(before, start)
            with self.giving(start):
                later = started_anew(replica, {}, start) if is_new else replica
            worlds = later.worlds()
        self._file.begin_to_write()
        if is_new:
            try:
                self._start = end = self._log.append(start, after=end)
            except NoRoom as reason:
                raise KeepError(str(reason)) from None
        self._position = end
        self._snapshot_at = self._file.newest() or 1
        self.use(worlds)
        if self._start > 1 and is_new:
            self._make_snapshot()

    def stop(self) -> None:
        """Stop serving, and close the file."""
        super().stop()
        self.settle()
        with self._gate.changing():
            self._log.close()

    @property
    def changes_kept(self) -> int:
        """The number of changes since the file was made."""
        return self._log.end()

    def settle(self) -> None:
        """Wait until a snapshot that is being written is in the file."""
        if self._snapshot is not None:
            self._snapshot.join()

    def limit_pages(self, pages: int) -> int:
        """Limit the size of the file, as a full disk does, and return the limit before; 0 leaves no room."""
        return self._file.limit_pages(pages)

    # --- requests ------------------------------------------------------------------------------------------------

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to a request; keep it first if it is a change."""
        in_path, path = split_path(environ.get("PATH_INFO", ""))
        name = in_path or environ.get("HTTP_X_FAKEKOUNTA_NAMESPACE")
        if path == _DELIVER or path.startswith(CHANGES):  # what these change are changes of their own
            if name is not None and name not in self.namespaces:
                content, status, headers = run_wsgi_app(self.wsgi_app, asking_health(environ, path))
                if name not in self.namespaces:  # it is refused
                    start_response(status, [*headers])
                    return content
            return super().wsgi_app(environ, start_response)
        if not self._changes_always(environ, path):
            ticket = self._gate.begin_reading()
            try:
                if not self._changes_now(name, path):
                    return self._read(environ, start_response)
            finally:
                self._gate.end_reading(ticket)
        try:
            return self._changed(environ, start_response, path)
        finally:
            self._deliver(environ)

    def _read(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        held, place = HELD.set(True), PLACE.set((self._position, None))
        try:
            return self._front(environ, start_response)
        finally:
            PLACE.reset(place)
            HELD.reset(held)

    def _deliver(self, environ: WSGIEnvironment) -> None:
        """Deliver what a change has caused, if deliveries are made before its response is sent."""
        here: Namespace | None = environ.get(NAMESPACE)
        if here is not None:
            here.courier.deliver_if_immediate()

    @staticmethod
    def _changes_always(environ: WSGIEnvironment, path: str) -> bool:
        """Return whether a request may change something in any world."""
        return environ["REQUEST_METHOD"] not in _READS or path == "/authorize"

    def _changes_now(self, name: str | None, path: str) -> bool:
        """Return whether a read of a namespace, or of the fake's own world, may change anything at this moment."""
        if name is not None and name not in self.namespaces:
            return True
        if is_control(path):
            return False
        world = self.world if name is None else self.namespaces[name].world
        faults = world.faults
        return faults.early is not None or faults.late is not None or world.rate_limit is not None or world.open_auth

    def _changed(self, environ: WSGIEnvironment, start_response: StartResponse, path: str) -> Iterable[bytes]:
        """Keep a change, make it, and respond; or refuse it, if it cannot be kept (K11)."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        head = head_of(environ)
        try:
            with self._gate.changing(alone=is_control(path)):
                change = Change(REQUEST, system_now(), self._entropy.next(), {}, body, self._told, head)
                position = self._keep(change)
                place = PLACE.set((position - 1, position))
                with self.giving(change):
                    response = self.response_to(environ)
                PLACE.reset(place)
                self._told = [(position, response.status)]
        except Uncertain as reason:
            return refuse(f"the change was perhaps made: {reason}", environ, start_response)
        except NoRoom as reason:
            return refuse(f"the change cannot be kept, and was not made: {reason}", environ, start_response)
        return response.send(start_response)

    # --- other changes -------------------------------------------------------------------------------------------

    def _keep_attempt(self, here: Namespace, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
        """Keep and record the result of an attempt. One that cannot be kept now is kept with the next change."""
        with self._gate.changing():
            if self._is_current(here, world) and not self._owe(result_of(here, delivery, attempt, outcome)):
                self._owed.set_aside(world, delivery)
                return
            world.outbox.record_result(delivery, attempt, outcome)

    def _is_current(self, here: Namespace, world: World) -> bool:
        """Return whether a namespace is still there, and has this world."""
        return here.world.is_one_with(world) and (here is self or self.namespaces.get(here.name) is here)

    def _keep_handshake(self) -> str | None:
        """Return where a fault cuts a TLS handshake that begins, as `Front` does; its count is a change."""
        if not self.world.faults.has_handshakes:
            return None
        with self._gate.changing():
            change = Change(HANDSHAKE, system_now())
            if not self._owe(change):
                return None
            with self.giving(change):
                return self.world.faults.handshake(self.world.clock.now())

    def _owe(self, change: Change) -> bool:
        """Keep a change that is made in any case, now or later; return False if there is room for it nowhere."""
        try:
            self._keep(change)
        except NoRoom as reason:
            log.warning("%s", reason)
            return self._owed.add(change)
        return True

    def _keep(self, change: Change) -> int:
        """Keep a change after all that is owed, and return its position. Raise NoRoom."""
        if self._owed:
            self._pay()
        self._position = self._log.append(change)
        self._count(change)
        return self._position

    def _count(self, change: Change) -> None:
        """Count a change that was made, and begin a snapshot if there are enough of them."""
        self._tail_bytes += len(change.body)
        if self._position - self._snapshot_at >= SNAPSHOT_CHANGES or self._tail_bytes >= SNAPSHOT_BYTES:
            self._begin_snapshot()

    def _pay(self) -> None:
        """Keep what is owed. Raise NoRoom."""
        while self._owed.changes:
            self._position = self._log.append(self._owed.changes[0])
            self._owed.paid()
        self._owed.put_back()

    # --- snapshots -----------------------------------------------------------------------------------------------

    def _begin_snapshot(self) -> None:
        """Write a snapshot in a thread of its own, unless one is being written."""
        if self._snapshot is None or not self._snapshot.is_alive():
            self._snapshot_at, self._tail_bytes = self._position, 0
            self._snapshot = Thread(target=self._make_snapshot, name="fakekounta-keep", daemon=True)
            self._snapshot.start()

    def _make_snapshot(self) -> None:
        with self._gate.changing():
            taken = self._taken()
        try:
            self._write_snapshot(*taken)
        except NoRoom as reason:
            log.warning("no snapshot now: %s", reason)

    def _taken(self) -> tuple[int, Mapping[str, Any]]:
        """Return the position and the document of a snapshot. Nothing may change meanwhile."""
        moment = self.latest or system_now()
        with self.given.change(moment, b""):
            return self._position, document_of(self.worlds(), moment, self._start)

    def _write_snapshot(self, position: int, document: Mapping[str, Any]) -> None:
        for number, (content, is_last) in enumerate(parts_of(pieces_of(document)), 1):
            with self._gate.changing():
                self._log.keep_part(position, number, number if is_last else 0, content)


def refuse(why: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Refuse a request because of the log (K11)."""
    why = f"{Quirk.K11_NOT_KEPT.id}: {why}"
    if is_control(split_path(environ.get("PATH_INFO", ""))[1]):
        return refuse_call(503, why, environ, start_response)
    return tell_unready(why, environ, start_response)


def _note_place(entry: Entry) -> None:
    """Write down the place of an exchange in the log."""
    place = PLACE.get()
    if place is not None:
        entry.follows, entry.change = place
