"""The threads that deliver in the background: one scheduler, and as many workers as needed.

After an exception a thread logs it, rests a moment, and goes on; none ends before `stop`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context
from threading import Condition, Event, Thread, current_thread

from fakekounta.core.world import World
from fakekounta.process.unpatched import monotonic
from fakekounta.settings.kinds import MODES

BACKGROUND = MODES[0]

_WORKERS = 4
_MOST_WORKERS = 256
# A worker that waits for one receiver for longer does not count as one of the four quick ones. So if eight receivers
# hang, the ninth gets its delivery after twice this time.
_LONG_SECONDS = 0.005
_LINGER_SECONDS = 0.002  # lets the response to the request that caused the delivery leave first
_LONGEST_REST_SECONDS = 5.0  # the longest wait, for any time and rate of the clock

_RECOVERY_SECONDS = 0.1
_STOP_SECONDS = 0.25

log: logging.Logger = logging.getLogger("fakekounta.delivery")


class Crew:
    """The threads from one start to one stop. `carry` makes one due attempt and returns False if there is none."""

    def __init__(self, world: Callable[[], World], carry: Callable[[World, Crew], bool]) -> None:
        self._world = world
        self._carry = carry
        self._nudged = Event()
        self._stopping = Event()
        self._changed = Condition()  # guards the attributes below
        self._workers: set[Thread] = set()
        self._idle = 0
        self._called = 0
        self._busy_since: dict[Thread, float] = {}
        self._scheduler = _thread(self._schedule)

    def start(self) -> None:
        """Start to deliver, in daemon threads."""
        self.nudge()
        self._scheduler.start()

    def stop(self) -> None:
        """Begin no new attempt. Threads that wait for a receiver end when it answers."""
        self._stopping.set()
        self.nudge()
        with self._changed:
            self._changed.notify_all()

    def join(self) -> None:
        """Wait briefly for the threads that do not wait for a receiver."""
        with self._changed:
            threads = [self._scheduler, *(thread for thread in self._workers if thread not in self._busy_since)]
        deadline = monotonic() + _STOP_SECONDS
        for thread in threads:
            if thread is not current_thread():
                thread.join(max(0.0, deadline - monotonic()))

    @property
    def is_stopped(self) -> bool:
        """Whether no new attempt may begin."""
        return self._stopping.is_set()

    def nudge(self) -> None:
        """Let the scheduler look for due deliveries now."""
        if not self._nudged.is_set():
            self._nudged.set()

    # --- the scheduler -----------------------------------------------------------------------------------------

    def _schedule(self) -> None:
        """Wait until deliveries become due, and employ workers for them."""
        while not self.is_stopped:
            try:
                self._rest()
                self._employ_while_due()
            except BaseException:  # without this thread nothing is delivered in the background
                log.exception("the scheduler of deliveries failed; it goes on")
                self._stopping.wait(_RECOVERY_SECONDS)

    def _rest(self) -> None:
        if self._nudged.wait(_seconds_until_due(self._world())):
            self._stopping.wait(_LINGER_SECONDS)
            self._nudged.clear()

    def _employ_while_due(self) -> None:
        while self._is_due():
            self._employ()
            self._nudged.wait(_LONG_SECONDS / 2)
            self._nudged.clear()

    def _is_due(self) -> bool:
        world = self._world()
        return not self.is_stopped and world.webhook_mode == BACKGROUND and world.outbox.is_due(world.clock.now())

    def _employ(self) -> None:
        """Wake or start one more worker, unless enough of them are quick."""
        with self._changed:
            now = monotonic()
            quick = sum(now - since < _LONG_SECONDS for since in self._busy_since.values())
            if quick + self._called >= _WORKERS or self.is_stopped:
                return
            if self._idle > self._called:
                self._called += 1
                self._changed.notify()
            elif len(self._workers) < _MOST_WORKERS:
                worker = _thread(self._work)
                worker.start()  # it waits for this lock, so it is registered and called before it runs
                self._workers.add(worker)
                self._called += 1

    def _try_to_employ(self) -> None:
        """Try to start another worker; a failure is logged, so that the caller still makes its delivery."""
        try:
            self._employ()
        except Exception:
            log.exception("no further worker could be started")

    # --- the workers -------------------------------------------------------------------------------------------

    def _work(self) -> None:
        """Run one worker until the crew stops."""
        while not self.is_stopped:
            try:
                self._wait_to_be_called()
                self._deliver()
            except BaseException:  # a receiver's assertion, or a bug of ours: the next delivery must still be made
                with self._recovering():
                    log.exception("a worker that delivers failed; it goes on")
        with self._changed:
            self._workers.discard(current_thread())

    def _wait_to_be_called(self) -> None:
        with self._changed:
            self._idle += 1
            try:
                self._changed.wait_for(lambda: self._called > 0 or self.is_stopped)
            finally:
                self._idle -= 1
            self._called = max(self._called - 1, 0)

    def _deliver(self) -> None:
        """Deliver until nothing is due."""
        while not self.is_stopped:
            world = self._world()
            if world.webhook_mode != BACKGROUND or not self._carry(world, self):
                return

    @contextmanager
    def busy(self, world: World) -> Iterator[None]:
        """Mark this worker as busy in the block, and employ another one if more is due."""
        me = current_thread()
        with self._changed:
            self._busy_since[me] = monotonic()
        try:
            if world.outbox.has_ready:
                self._try_to_employ()
            yield
        finally:
            with self._changed:
                del self._busy_since[me]

    @contextmanager
    def _recovering(self) -> Iterator[None]:
        """Rest after the block, and count as quick until then, so that no worker is started in place of this one."""
        me = current_thread()
        with self._changed:
            self._busy_since[me] = monotonic() + _RECOVERY_SECONDS
        yield
        self._stopping.wait(_RECOVERY_SECONDS)
        with self._changed:
            del self._busy_since[me]


def _thread(target: Callable[[], None]) -> Thread:
    """Return a thread with an empty context; some builds of Python pass the caller's on to a new thread."""
    return Thread(target=Context().run, args=(target,), name="fakekounta-courier", daemon=True)


def _seconds_until_due(world: World) -> float:
    """Return how long the scheduler may rest; changes wake it earlier."""
    due_at = world.outbox.next_due_at()
    if due_at is None or world.clock.frozen or world.webhook_mode != BACKGROUND:
        return _LONGEST_REST_SECONDS
    seconds = (due_at - world.clock.now()).total_seconds() / world.clock.rate
    return min(max(seconds, 0.001), _LONGEST_REST_SECONDS)
