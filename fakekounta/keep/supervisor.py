"""The parent of several workers: it takes the port, starts them, replaces those that die, and ends them."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import Any, NoReturn

from fakekounta.keep.shared_log import Shared, SharedSqliteLog
from fakekounta.keep.worker import WorkerKounta
from fakekounta.process.shared import Load, Numbers
from fakekounta.process.signals import Signals
from fakekounta.process.unpatched import monotonic, sleep

_STOP_SECONDS = 1.1  # the process ends within two seconds of a SIGTERM
_LOOK_SECONDS = 0.01
_SOON_SECONDS = 1.0  # a worker that lived for less is replaced later and later
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_FAILED = 2


class NotStarted(Exception):
    """Signals that no worker could start; each has printed why."""


class _Place:
    """A place for a worker: the process that has it, and when it gets the next one."""

    def __init__(self) -> None:
        self.pid = 0
        self.since = 0.0
        self.pause = 0.0
        self.due_at = 0.0


class Supervisor:
    """Workers on one port with one log: the file of `keep`, or a temporary one.

    The parent has one thread and answers nothing, so that it can fork at any time. A worker begins with the state of
    the parent, which is that of the start, and makes the changes since. All workers end when the parent does, however
    it ends: they wait for the end of a pipe that only the parent can write to.
    """

    def __init__(self, count: int, keep: Path | None, settings: Mapping[str, Any], end: Callable[[], object]) -> None:
        """Make the state of the file. Raise as `WorkerKounta` does. A worker calls `end` before it stops."""
        self._folder = None if keep is not None else mkdtemp(prefix="fakekounta-")
        self._path = keep or Path(self._folder or "", "changes.db")
        self._end = end
        try:
            self.kounta: WorkerKounta = WorkerKounta(self._path, **settings)
        except BaseException:
            self._remove_folder()
            raise
        self._shared = Shared(count)
        self._loads = Numbers(count)
        self._places = [_Place() for _ in range(count)]
        self._life, self._life_of_parent = os.pipe()
        self._ready, self._ready_of_workers = os.pipe()

    def start(self) -> None:
        """Take the port, and start all workers; return when one of them serves. Raise OSError, NotStarted."""
        try:
            self.kounta.bind()
        except BaseException:
            self.stop()
            raise
        self._place = self.kounta.hand_over()
        for number in range(len(self._places)):
            self._fork(number)
        while not select.select([self._ready], [], [], _LOOK_SECONDS)[0]:
            self._reap()
            if not any(place.pid for place in self._places):
                self.stop()
                raise NotStarted

    def wait(self, signals: Signals) -> None:
        """Replace the workers that die, until a signal ends the process."""
        signal.signal(signal.SIGCHLD, lambda *_: None)  # `signals` get it, too
        numbers = {signal.SIGCHLD}
        while numbers <= {signal.SIGCHLD}:
            self._reap()
            for number, place in enumerate(self._places):
                if not place.pid and monotonic() >= place.due_at:
                    self._fork(number)
            is_there = select.select([signals.reader], [], [], self._seconds_until_due())[0]
            numbers = {*signals.reader.recv(64)} if is_there else set()

    def stop(self) -> None:
        """End all workers, remove the temporary file, and let others have the port and the log."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._life_of_parent)
        deadline = monotonic() + _STOP_SECONDS
        while self._living() and monotonic() < deadline:
            sleep(_LOOK_SECONDS)
        for place in self._places:
            if place.pid:
                os.kill(place.pid, signal.SIGKILL)
                os.waitpid(place.pid, 0)
        self.kounta.stop()
        self._remove_folder()

    def _living(self) -> bool:
        for place in self._places:
            if place.pid and os.waitpid(place.pid, os.WNOHANG)[0]:
                place.pid = 0
        return any(place.pid for place in self._places)

    def _seconds_until_due(self) -> float | None:
        due = [place.due_at for place in self._places if not place.pid]
        return max(0.0, min(due) - monotonic()) if due else None

    # --- in the parent -------------------------------------------------------------------------------------------

    def _reap(self) -> None:
        """Note which workers have ended, say so, and plan when each is replaced."""
        for number, place in enumerate(self._places):
            if not place.pid:
                continue
            pid, status = os.waitpid(place.pid, os.WNOHANG)
            if pid:
                Load(self._loads, number).leave()
                now = monotonic()
                is_soon = now < place.since + _SOON_SECONDS
                place.pause = min(max(_FIRST_PAUSE, 2 * place.pause), _LONGEST_PAUSE) if is_soon else 0.0
                place.pid, place.due_at = 0, now + place.pause
                later = f" in {place.pause:g} s" if place.pause else ""
                _tell(f"worker {number + 1} {_how(status)}; another takes its place{later}")

    def _fork(self, number: int) -> None:
        place = self._places[number]
        place.since = monotonic()
        sys.stdout.flush()
        try:
            pid = os.fork()
        except OSError as error:
            place.pause = min(max(_FIRST_PAUSE, 2 * place.pause), _LONGEST_PAUSE)
            place.due_at = place.since + place.pause
            _tell(f"worker {number + 1} cannot be started: {error.strerror}")
            return
        if pid == 0:
            self._work(number)
        place.pid = pid

    def _remove_folder(self) -> None:
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)

    # --- in a worker ---------------------------------------------------------------------------------------------

    def _work(self, number: int) -> NoReturn:
        """Serve until a SIGTERM or the end of the parent, and end the process."""
        code = _FAILED
        try:
            self._serve(number)
            code = 0
        except BaseException as error:  # noqa: BLE001 - this process ends in any case
            _tell(f"worker {number + 1}: {error}")
        finally:
            os._exit(code)

    def _serve(self, number: int) -> None:
        signal.set_wakeup_fd(-1)  # that of the parent
        for ignored in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to all; the parent ends its workers
            signal.signal(ignored, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # programs that a worker runs end, too
        signal.signal(signal.SIGTERM, lambda *_: None)
        signals = Signals()
        os.close(self._life_of_parent)
        log = SharedSqliteLog(self._place, self._shared, number)
        self.kounta.join(log, str(number + 1), Load(self._loads, number))
        self.kounta.follow()
        self.kounta.start()
        Load(self._loads, number).note(0)
        os.write(self._ready_of_workers, b"x")
        is_orphan = self._life in select.select([self._life, signals.reader.fileno()], [], [])[0]
        self._end()
        self.kounta.stop()
        left = len(self.kounta.webhooks.pending)
        if self.kounta.is_leading and left:
            _tell(f"{left} webhook deliveries were still due")
        if is_orphan:  # the parent may have been killed
            self._remove_folder()


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"ended with exit code {os.WEXITSTATUS(status)}"


def _tell(line: str) -> None:
    with suppress(OSError, ValueError):  # it is closed
        sys.stderr.write(f"fakekounta: {line}\n")  # at once, so that lines of two processes do not mix
        sys.stderr.flush()
