"""The courier: it takes due deliveries, posts them without holding a lock, and records the attempts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from functools import partial
from threading import Condition, Lock, Thread, local

from fakekounta.catalogue.assumptions import recording
from fakekounta.core.chain import caused_by
from fakekounta.core.deliveries import BLOCKED, DELIVERED, Attempt, Delivery
from fakekounta.core.outbox import Outbox
from fakekounta.core.world import World
from fakekounta.process.forks import reset_in_children
from fakekounta.process.loops import in_event_loop
from fakekounta.process.unpatched import monotonic
from fakekounta.settings.kinds import MODES
from fakekounta.wire.delivery.attempt import Result, parcel_of, quirks_of
from fakekounta.wire.delivery.crew import Crew
from fakekounta.wire.delivery.flights import CUT, Flight, FlightCut, Flights
from fakekounta.wire.delivery.posting import Blocked, Declined, Post, Undelivered

_, IMMEDIATE, _ = MODES

LOOP_SECONDS = 0.5
BESIDE_LOOP = (
    "deliveries go on while the call that caused them returns, because it came from an event loop, in which their "
    "receiver may run; call from a thread to have them arrive first: await asyncio.to_thread(...)"
)

log: logging.Logger = logging.getLogger("fakekounta.delivery")


Record = Callable[[World, Delivery, Attempt, str], None]
"""Records the result of an attempt: the attempt, and the outcome of the delivery."""

HELD: ContextVar[bool] = ContextVar("fakekounta deliveries held", default=False)
"""Whether `deliver_if_immediate` leaves it to the caller of this context to deliver."""


def record_result(world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
    """Record the result of an attempt."""
    world.outbox.record_result(delivery, attempt, outcome)


class DeferredWakeups:
    """A block in which one thread's calls of `Courier.wake` wake no worker; its list has an item for each call."""

    __slots__ = ("_call", "_deferred")

    def __init__(self, call: local) -> None:
        self._call = call
        self._deferred: list[bool] = []

    def __enter__(self) -> list[bool]:
        self._call.deferred = self._deferred
        return self._deferred

    def __exit__(self, *exc_info: object) -> None:
        self._call.deferred = None


class Courier:
    """The maker of deliveries for the current world, in its mode.

    `background`: threads deliver what is due. `immediate`: `deliver_if_immediate` does, in the caller's thread.
    `collect`: only `deliver_due` does. `elsewhere` delivers what is due in another process, and returns the number of
    attempts; None if this process has to.
    """

    def __init__(
        self,
        world: Callable[[], World],
        post: Post,
        record: Record = record_result,
        elsewhere: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._world = world
        self._post = post
        self._record = record
        self._elsewhere = elsewhere
        self._begin()
        reset_in_children(self)

    def _begin(self) -> None:
        """Begin without threads."""
        self._call = local()
        self._flights = Flights()
        self._starting = Lock()
        self._crew: Crew | None = None
        self._settled = Condition()
        self._beside: Thread | None = None

    def __repr__(self) -> str:
        return f"<courier of {len(self._world().outbox.pending())} pending deliveries>"

    def reset_after_fork(self) -> None:
        """Begin again in a forked child, which has no threads to release the locks."""
        self._begin()

    # --- in the caller's thread --------------------------------------------------------------------------------

    def deliver_due(self) -> int:
        """Try everything that is due, here or elsewhere, until nothing is; return the number of attempts."""
        attempts = self._elsewhere()
        return self.deliver_here() if attempts is None else attempts

    def deliver_here(self) -> int:
        """Try everything that is due, in this process."""
        world = self._world()
        if world.receiver is None and in_event_loop():
            return self._deliver_beside_loop(world)
        return self._deliver_here(world)

    def _deliver_here(self, world: World) -> int:
        attempts = 0
        while self._carry(world):
            attempts += 1
        return attempts

    def _deliver_beside_loop(self, world: World) -> int:
        """Deliver in another thread, because the receiver may run in the caller's event loop, which is blocked.

        So the caller waits for the thread only briefly, and not at all while an earlier one is at work.
        """
        if not world.outbox.is_due(world.clock.now()):
            return 0
        attempts: list[int] = []
        deliver = partial(copy_context().run, lambda: attempts.append(self._deliver_here(world)))
        before, thread = self._beside, Thread(target=deliver, name="fakekounta-beside-loop", daemon=True)
        self._beside = thread
        thread.start()
        thread.join(0 if before is not None and before.is_alive() else LOOP_SECONDS)
        if thread.is_alive():
            log.warning(BESIDE_LOOP)
        return sum(attempts)

    def deliver_if_immediate(self) -> None:
        """Try what is due before returning, if the mode is `immediate`."""
        world = self._world()
        if world.webhook_mode == IMMEDIATE and not world.outbox.is_idle and not HELD.get():
            self.deliver_due()

    def wait_until(self, is_true: Callable[[], bool], timeout_seconds: float) -> bool:
        """Wait until deliveries make `is_true` true; return False if they do not in time."""
        deadline = monotonic() + timeout_seconds
        while not is_true():
            left = deadline - monotonic()
            if left <= 0:
                return False
            with self._settled:
                # A delivery that ends between the check and this wait is noticed after the timeout
                self._settled.wait(min(left, 0.01))
        return True

    # --- in the background -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the threads that deliver in the mode `background`."""
        with self._starting:
            if self._crew is None:
                self._crew = Crew(self._world, self._carry)
                self._crew.start()

    def stop(self) -> None:
        """Stop the threads, and cut attempts under way in every mode."""
        with self._starting:
            crew, self._crew = self._crew, None
        if crew is not None:
            crew.stop()
        self._flights.cut()
        if crew is not None:
            crew.join()

    def cut(self, outbox: Outbox) -> None:
        """Cut the attempts of this outbox; it is closed already, so no new ones begin."""
        self._flights.cut(outbox)

    def defer_wakeups(self) -> DeferredWakeups:
        """Return a block in which `wake`, called by this thread, adds to the block's list and wakes no worker."""
        return DeferredWakeups(self._call)

    def wake(self) -> None:
        """Wake a worker, because a delivery may have become due."""
        deferred = getattr(self._call, "deferred", None)
        if deferred is not None:
            deferred.append(True)
            return
        crew = self._crew
        if crew is not None:
            crew.nudge()

    # --- one attempt -------------------------------------------------------------------------------------------

    def _carry(self, world: World, crew: Crew | None = None) -> bool:
        """Make one attempt that is due; return False if there is none, or if it was cut.

        The flight begins before the delivery is taken. So a caller that closes the outbox or stops the crew, and then
        cuts the flights, misses none.
        """
        with self._flights.begin(world.outbox) as flight:
            if crew is not None and crew.is_stopped:
                return False
            delivery = world.outbox.take(world.clock.now())
            if delivery is None:
                return False
            with nullcontext() if crew is None else crew.busy(world):
                self._attempt(world, delivery, flight)
        return not flight.is_cut

    def _attempt(self, world: World, delivery: Delivery, flight: Flight) -> None:
        """Make one attempt and record it. An exception that must end the program is raised again afterwards."""
        result = Result()
        try:
            result.at = world.clock.now()
            self._try(world, delivery, flight, result)
        except Blocked as reason:
            result.outcome, result.error = BLOCKED, str(reason)
            log.warning("delivery %d to %s is blocked: %s", delivery.id, delivery.webhook.address, reason)
        except Declined as reason:
            result.status, result.error = reason.status, str(reason)
        except (Undelivered, FlightCut) as reason:
            result.error = CUT if flight.is_cut else str(reason)
        except Exception as reason:  # no exception of a receiver's library may stop the courier
            log.exception("delivery %d failed", delivery.id)
            result.error = f"{type(reason).__name__}: {reason}"
        finally:
            self._note(world, delivery, flight, result)

    def _try(self, world: World, delivery: Delivery, flight: Flight, result: Result) -> None:
        with recording(result.asked):  # not while it is posted: the receiver may use the fake, too
            result.parcel = parcel_of(world, delivery, flight)
        post: Post = self._post if world.receiver is None else world.receiver
        with caused_by(delivery.caused_by + 1):
            result.status = post(result.parcel)
        if 200 <= result.status < 300:
            result.outcome, result.error = DELIVERED, None
        else:
            result.error = f"the receiver answered {result.status}"

    def _note(self, world: World, delivery: Delivery, flight: Flight, result: Result) -> None:
        """Record the result; the webhook's lane is freed even if that fails."""
        try:
            if flight.is_cut and flight.departed_at is None:
                world.outbox.put_back(delivery)
            else:
                with _surviving("the journal"):
                    world.journal.delivered([*quirks_of(delivery, result.outcome), *result.asked])
                self._record(world, delivery, result.attempt(delivery), result.outcome)
        except Exception:
            log.exception("the result of delivery %d could not be recorded; it counts as failed", delivery.id)
            world.outbox.give_up(delivery)
        with self._settled:
            self._settled.notify_all()


@contextmanager
def _surviving(what: str) -> Iterator[None]:
    try:
        yield
    except Exception:
        log.exception("%s failed", what)
