"""`KeptKounta`: a fake that keeps each change in a log before it makes it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from secrets import token_bytes
from threading import Thread
from typing import TYPE_CHECKING, Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.control import NAMESPACE, PREFIX
from fakekounta.control.calls import refuse_call
from fakekounta.control.paths import is_control, split_path
from fakekounta.core.clock import system_now
from fakekounta.core.deliveries import ATTEMPT, Attempt, Delivery
from fakekounta.core.sources import GivenSources
from fakekounta.core.world import World
from fakekounta.keep.gate import Gate
from fakekounta.keep.log import ATTEMPT_RESULT, HANDSHAKE, REQUEST, Change, NoRoom
from fakekounta.keep.replica import Replica, document_of, replayed, started_anew, text_of
from fakekounta.keep.requests import head_of
from fakekounta.keep.sqlite_log import SqliteLog, parts_of
from fakekounta.keep.starts import is_same, start_of
from fakekounta.web.errors import tell_unready
from fakekounta.wire.delivery.courier import HELD
from fakekounta.worlds.namespace import Namespace

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SNAPSHOT_CHANGES = 10_000
SNAPSHOT_BYTES = 64 * 1_048_576
_ENTROPY_BYTES = 16
_READS = frozenset(("GET", "HEAD", "OPTIONS"))
_DELIVER = f"{PREFIX}/deliver"

log: logging.Logger = logging.getLogger("fakekounta.keep")


class KeptKounta(Replica):
    """A fake whose changes are in a log before they are made, so that its next start has the same state.

    Requests are changes or reads. Those that cannot be kept are refused with 503 (K11); reads go on.
    """

    def __init__(self, path: Path, **settings: Any) -> None:
        """Open the file, and make its state again; an empty one begins with the seed.

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
        self._owed: list[Change] = []
        self._tail = self._tail_bytes = 0
        self._snapshot: Thread | None = None
        self._log = SqliteLog(path)
        try:
            self._begin_with(start)
        except BaseException:
            self._log.close()
            raise
        self._observers.record_attempt = self._keep_attempt
        self._front.cut_handshake = self._keep_handshake  # type: ignore[method-assign] # asked for each connection

    def _begin_with(self, start: Change) -> None:
        """Make the state of the log again, and then go on with these settings. Raise KeepError, SeedError."""
        if self._log.is_empty:
            with self.given.change(start.moment, start.entropy):
                worlds = {"": self.factory.world()}
            is_new = True
        else:
            self._start, before = self._log.start()
            replica = replayed(self._log, self.given)
            is_new = not is_same(before, start)
            with self.given.change(start.moment, start.entropy):
                later = started_anew(replica, {}, start) if is_new else replica
            worlds = later.worlds()
            self._tail = self._log.end() - self._log.newest()
        self._log.begin_to_write()
        if is_new:
            self._start = self._log.append(start)
        self.use(worlds)
        if self._start > 1 and is_new:
            self._write_snapshot(*self._taken())

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
        return self._log.limit_pages(pages)

    # --- requests ------------------------------------------------------------------------------------------------

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Respond to a request; keep it first if it is a change."""
        name, path = split_path(environ.get("PATH_INFO", ""))
        if path == _DELIVER:  # what it changes are the results of attempts, each a change of its own
            return super().wsgi_app(environ, start_response)
        ticket = self._gate.begin_reading()
        try:
            if not self._changes(environ, name or environ.get("HTTP_X_FAKEKOUNTA_NAMESPACE"), path):
                return self._read(environ, start_response)
        finally:
            self._gate.end_reading(ticket)
        try:
            return self._changed(environ, start_response, path)
        finally:
            self._deliver(environ)

    def _read(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        held = HELD.set(True)
        try:
            return self._front(environ, start_response)
        finally:
            HELD.reset(held)

    def _deliver(self, environ: WSGIEnvironment) -> None:
        """Deliver what a change has caused, if deliveries are made before its response is sent."""
        here: Namespace | None = environ.get(NAMESPACE)
        if here is not None:
            here.courier.deliver_if_immediate()

    def _changes(self, environ: WSGIEnvironment, name: str | None, path: str) -> bool:
        """Return whether a request to a namespace, or to the fake's own world, may change anything."""
        is_read = environ["REQUEST_METHOD"] in _READS
        if name is not None and name not in self.namespaces:
            return True
        if is_control(path):
            return not is_read
        if not is_read or path == "/authorize":
            return True
        world = self.world if name is None else self.namespaces[name].world
        faults = world.faults
        return faults.early is not None or faults.late is not None or world.rate_limit is not None or world.open_auth

    def _changed(self, environ: WSGIEnvironment, start_response: StartResponse, path: str) -> Iterable[bytes]:
        """Keep a change, make it, and respond; or refuse it, if it cannot be kept (K11)."""
        body = environ["wsgi.input"].read()
        environ["wsgi.input"] = BytesIO(body)
        head = head_of(environ)
        with self._gate.changing(alone=is_control(path)):
            why = ""
            change = Change(REQUEST, system_now(), token_bytes(_ENTROPY_BYTES), head, body)
            try:
                position = self._keep(change)
            except NoRoom as reason:
                response = None
                why = f"{Quirk.K11_NOT_KEPT.id}: the change cannot be kept, and was not made: {reason}"
            else:
                with self.given.change(change.moment, change.entropy):
                    response = self.response_to(environ)
                self._told.append((position, response.status))
        if response is not None:
            return response.send(start_response)
        if is_control(path):
            return refuse_call(503, why, environ, start_response)
        return tell_unready(why, environ, start_response)

    # --- other changes -------------------------------------------------------------------------------------------

    def _keep_attempt(self, here: Namespace, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
        """Keep and record the result of an attempt. One that cannot be kept now is kept with the next change."""
        with self._gate.changing():
            if here.world.is_one_with(world) and here.current() is here:
                head = {
                    "namespace": here.name,
                    "delivery": delivery.id,
                    "attempt": ATTEMPT.document(attempt),
                    "outcome": outcome,
                }
                self._owed.append(Change(ATTEMPT_RESULT, system_now(), head=head))
                self._pay()
            world.outbox.record_result(delivery, attempt, outcome)

    def _keep_handshake(self) -> str | None:
        """Return where a fault cuts a TLS handshake that begins, as `Front` does; its count is a change."""
        if not self.world.faults.has_handshakes:
            return None
        with self._gate.changing():
            change = Change(HANDSHAKE, system_now())
            self._owed.append(change)
            self._pay()
            with self.given.change(change.moment, b""):
                return self.world.faults.handshake(self.world.clock.now())

    def _pay(self) -> None:
        """Keep what is owed, as far as there is room."""
        try:
            while self._owed:
                self._append(self._owed[0])
                del self._owed[0]
        except NoRoom as reason:
            log.warning("%s", reason)

    def _keep(self, change: Change) -> int:
        """Keep a change after all that is owed, and return its position. Raise NoRoom."""
        while self._owed:
            self._append(self._owed[0])
            del self._owed[0]
        return self._append(change)

    def _append(self, change: Change) -> int:
        position = self._log.append(change._replace(results=self._told))
        self._told = []
        self._tail += 1
        self._tail_bytes += len(change.body)
        if self._tail >= SNAPSHOT_CHANGES or self._tail_bytes >= SNAPSHOT_BYTES:
            self._begin_snapshot()
        return position

    # --- snapshots -----------------------------------------------------------------------------------------------

    def _begin_snapshot(self) -> None:
        """Write a snapshot in a thread of its own, unless one is being written."""
        if self._snapshot is None or not self._snapshot.is_alive():
            self._tail = self._tail_bytes = 0
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
        moment = system_now()
        with self.given.change(moment, b""):
            return self._log.end(), document_of(self.worlds(), moment, self._start)

    def _write_snapshot(self, position: int, document: Mapping[str, Any]) -> None:
        parts = parts_of(text_of(document))
        for number, content in enumerate(parts, 1):
            with self._gate.changing():
                self._log.keep_part(position, number, len(parts), content)
