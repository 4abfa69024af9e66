"""A namespace: a world with the handles that a test uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, TypeVar

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.core.applications import Application
from fakekounta.core.clock import Clock
from fakekounta.core.deliveries import Attempt, Delivery
from fakekounta.core.journal import Entry
from fakekounta.core.outbox import Outbox
from fakekounta.core.records import Record
from fakekounta.core.world import World
from fakekounta.process.forks import free_in_children
from fakekounta.wire.delivery.courier import Courier
from fakekounta.wire.delivery.posting import Post
from fakekounta.worlds.handles import (
    CollectionHandle,
    CompanyHandle,
    CompanyHandles,
    Customers,
    Faults,
    Requests,
    Webhooks,
)
from fakekounta.worlds.handles.lasting import lasting
from fakekounta.worlds.handles.typed_collections import Collections
from fakekounta.worlds.observers import Observers
from fakekounta.worlds.world_factory import WorldFactory

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from fakekounta.settings.keywords import WorldSettings

_Done = TypeVar("_Done")


class Namespace(Collections):
    """Customers, applications, webhooks, journal, faults and clock, shared with no other namespace.

    Its settings are those of `fakekounta.settings.Settings`. Its `name` is "" for the fake's own world.
    """

    name = ""

    def __init__(self, factory: WorldFactory, post: Post, observers: Observers) -> None:
        self._factory = factory
        self._observers = observers
        self._swapping = free_in_children(RLock())  # held while the world, or its view, is replaced
        self._heir: Callable[[], Namespace] | None = None
        self._world = factory.world()
        self._courier = Courier(self._current_world, post, self._record_attempt, self._deliver_elsewhere)
        self.companies: CompanyHandles = CompanyHandles(self._current_world, self._courier.deliver_if_immediate)
        self.webhooks: Webhooks = Webhooks(self._current_world, self._courier)
        self.requests: Requests = Requests(lambda: self._world.journal)
        """The exchanges since the last reset."""
        self.faults: Faults = Faults(self._current_world)
        """The fault rules."""
        self.failed: list[Entry] = []
        """The exchanges of the last `fresh()` block that ended with an exception."""
        self._open(self._world)

    def __repr__(self) -> str:
        return f"<namespace {self.name!r}: {len(self.customers)} customers, {self.requests.total} exchanges>"

    # --- the world ---------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The current world, which responds to requests."""
        return self._world

    def _current_world(self) -> World:
        return self._world

    def _record_attempt(self, world: World, delivery: Delivery, attempt: Attempt, outcome: str) -> None:
        self._observers.record_attempt(self, world, delivery, attempt, outcome)

    def _deliver_elsewhere(self) -> int | None:
        return self._observers.deliver_elsewhere(self)

    @property
    def replica(self) -> str | None:
        """The name of this process, if others serve the same worlds; otherwise None."""
        return self._observers.replica

    @property
    def courier(self) -> Courier:
        """The courier, which makes the deliveries of this namespace."""
        return self._courier

    def current(self) -> Namespace:
        """Return the namespace that has this name now: a new one after this was deleted. Raise NamespaceRefused."""
        return self if self._heir is None else self._heir()

    def leave_to(self, heir: Callable[[], Namespace] | None) -> None:
        """Hand requests to the namespace that has this one's name now; None ends that."""
        self._heir = heir

    def replace_world(self, world: World) -> None:
        """Use this world until the next reset."""
        with self._swapping:
            before, self._world = self._world, world
            if not world.is_one_with(before):
                silence(before.outbox, self._courier)
            self._open(world)

    def _open(self, world: World) -> None:
        """Connect the world with the courier and the observers, and begin its deliveries."""
        world.outbox.wake = self._courier.wake
        world.clock.moved = self._time_moved
        world.journal.on_exchange = self._observers.on_exchange
        world.journal.on_delivery = self._observers.on_delivery
        world.journal.on_direct_change = self._observers.on_direct_change
        world.journal.changed_directly(self._factory.asked)
        self.resume_deliveries()

    def silence(self) -> None:
        """End all deliveries of this namespace's world; an attempt under way is cut."""
        with self._swapping:
            silence(self._world.outbox, self._courier)

    def resume_deliveries(self) -> None:
        """Begin the world's deliveries again, unless the namespace was deleted or set aside."""
        with self._swapping:
            if self._heir is None:
                self._world.outbox.open()
            else:
                self._world.outbox.close()
            is_idle = self._world.outbox.is_idle
        if not is_idle:
            self._courier.wake()

    def _time_moved(self) -> None:
        self._courier.wake()
        self._courier.deliver_if_immediate()

    def reset(self) -> None:
        """Reset the world to its seed: customers, tokens, webhooks, deliveries, clock, faults, journal and counts."""
        with self._swapping:
            before = self._world
            self.replace_world(self._factory.world())
        before.close_receiver()

    def _begin(self, factory: WorldFactory) -> tuple[WorldFactory, World]:
        """Replace the world by a new one from another factory; return the previous factory and world."""
        with self._swapping:
            before = self._factory, self._world
            self._factory = factory
            self.replace_world(factory.world())
        return before

    @contextmanager
    def fresh(self, **settings: Unpack[WorldSettings]) -> Iterator[Self]:
        """Put a new world at the seed on the same server for the length of the block.

        These settings override the current ones; lists and mappings are replaced as a whole. Raises as the constructor
        of `FakeKounta` does.
        """
        factory, world = self._begin(self._seeded(settings) if settings else self._factory)
        try:
            yield self
        except BaseException:
            self.failed = list(self._world.journal)
            raise
        finally:
            with self._swapping:
                self._factory, ended = factory, self._world
                self.replace_world(world)
            ended.close_receiver()

    def _seeded(self, settings: WorldSettings) -> WorldFactory:
        """Return a factory with these settings in addition; what it asks is a direct change."""
        with self._world.journal.direct_change():
            return self._factory.with_settings(settings)

    # --- handles -----------------------------------------------------------------------------------------------

    @property
    def company(self) -> CompanyHandle:
        """The default company."""
        return self.companies[self._world.company.id]

    def collection(self, plural: str) -> CollectionHandle:
        """Return the handle of a collection of the default company."""
        return self.company.collection(plural)

    @property
    def customers(self) -> Customers:
        """The customers of the default company."""
        return self.company.customers

    @property
    def application(self) -> Application:
        """The default application, with client_id, client_secret, access_token, refresh_token, signature_token."""
        return self._factory.settings.default_application

    @property
    def auth(self) -> tuple[str, str]:
        """Client id and client secret of the default application, for the parameter `auth` of requests and httpx."""
        return self.application.client_id, self.application.client_secret

    @property
    def clock(self) -> Clock:
        """The clock of the world, to freeze, advance and resume."""
        return self._world.clock

    # --- the state ---------------------------------------------------------------------------------------------

    @property
    def assumptions(self) -> Assumptions:
        """The current choice of each assumption, by id."""
        return self._world.assumptions

    def assume(self, **choices: str) -> None:
        """Change the choices of these assumptions until the next reset: `assume(A01="customer")`; others keep theirs.

        Raises ValueError that names the unknown id or choice.
        """
        self.assume_all(choices)

    def assume_all(self, choices: Mapping[str, str]) -> None:
        """Change these choices, as `assume` does."""
        with self._swapping:
            chosen = Assumptions({**self._world.assumptions.changes(), **choices})
            self.replace_world(self._world.under(chosen))

    def change(self, change: Callable[[World], _Done]) -> _Done:
        """Return the result of a change of the current world. If it was replaced meanwhile, change the new one, too."""
        return lasting(self._current_world, change)

    def state(self) -> Record:
        """Return the whole state as a JSON document: customers, applications, tokens, webhooks, clock and settings."""
        from fakekounta.worlds.state import state_of  # noqa: PLC0415 - few starts need it; the rehearsal loads it

        return state_of(self._world)

    def restore(self, state: Record) -> None:
        """Replace the state by the one in the document, until the next reset.

        Raises:
            ValueError: The document is invalid; the message names the field.
        """
        from fakekounta.worlds.state import world_from  # noqa: PLC0415 - see `state`

        with self._world.journal.direct_change():
            world = world_from(state, self._factory.sources)
        with self._swapping:
            before = self._world
            self.replace_world(world)
        before.close_receiver()


def silence(outbox: Outbox, courier: Courier) -> None:
    """End all deliveries of this outbox; an attempt under way is cut."""
    outbox.close()
    courier.cut(outbox)
