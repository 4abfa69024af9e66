"""A complete world of its own, with the handles that a test holds, and the namespaces of one fake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.applications import Application
from fakekounta.core.clock import Clock
from fakekounta.core.journal import Entry
from fakekounta.core.outbox import Outbox
from fakekounta.core.records import Record
from fakekounta.core.world import World
from fakekounta.process.forks import free_in_children
from fakekounta.wire.delivery.courier import Courier
from fakekounta.wire.delivery.posting import Post
from fakekounta.worlds.handles import CompanyHandle, CompanyHandles, Customers, Faults, Requests, Webhooks
from fakekounta.worlds.observers import Observers
from fakekounta.worlds.state import state_of, world_from
from fakekounta.worlds.world_factory import Origin

if TYPE_CHECKING:
    from typing_extensions import Self

MOST_NAMESPACES = 256
NAME_OF_NAMESPACE = "[A-Za-z0-9._-]{1,64}"
"""Regular expression of the names that a namespace can have."""
_NAME = re.compile(NAME_OF_NAMESPACE)


class Namespace:
    """Customers, applications, webhooks, journal, faults and clock, shared with no other namespace.

    The settings are those of `fakekounta.settings.Settings`. `name` is "" for a fake's own.
    """

    name = ""

    def __init__(self, origin: Origin, post: Post, observers: Observers) -> None:
        self._origin = origin
        self._observers = observers
        self._swapping = free_in_children(
            RLock()
        )  # held while another world or view takes the place of the one that is there
        self._heir: Callable[[], Namespace] | None = None
        self._world = origin.world()
        self._courier = Courier(self._current_world, post)
        self.companies = CompanyHandles(self._current_world, self._courier.settle)
        self.webhooks = Webhooks(self._current_world, self._courier)
        self.requests = Requests(lambda: self._world.journal)
        """What was asked and answered since the last reset."""
        self.faults = Faults(self._current_world)
        """What goes wrong on request."""
        self.failed: list[Entry] = []
        """The exchanges of the last `fresh()` that was left by an exception."""
        self._open(self._world)

    # --- the world ---------------------------------------------------------------------------------------------

    @property
    def world(self) -> World:
        """The world that answers now."""
        return self._world

    def _current_world(self) -> World:
        return self._world

    @property
    def courier(self) -> Courier:
        """What delivers this namespace's webhooks."""
        return self._courier

    def current(self) -> Namespace:
        """Return the namespace with this name now: another one once this is dropped. Raise NamespaceRefused."""
        return self if self._heir is None else self._heir()

    def replace_world(self, world: World) -> None:
        """Answer from this world from now on, until the next reset."""
        with self._swapping:
            before, self._world = self._world, world
            if not world.is_one_with(before):
                silence(before.outbox, self._courier)
            self._open(world)

    def _open(self, world: World) -> None:
        """Let the world's deliveries go out."""
        world.outbox.wake = self._courier.wake
        world.clock.moved = self._time_moved
        world.journal.appended = self._observers.tell
        world.journal.beside = self._observers.tell_beside
        if self._origin.is_seeded:
            world.journal.by_hand((Quirk.A11_COMPARISON,))  # mobiles of the seed may clash
        self.resume_deliveries()

    def silence(self) -> None:
        """Let no delivery of this namespace's world arrive any more; one that is under way is cut."""
        with self._swapping:
            silence(self._world.outbox, self._courier)

    def resume_deliveries(self) -> None:
        """Let the world's deliveries go out, unless the namespace was dropped or set aside."""
        with self._swapping:
            if self._heir is None:
                self._world.outbox.open()
            else:
                self._world.outbox.close()
        self._courier.wake()

    def _time_moved(self) -> None:
        self._courier.wake()
        self._courier.settle()

    def reset(self) -> None:
        """Back to the seed: customers, tokens, webhooks, deliveries, clock, faults, journal, counts as at the start."""
        with self._swapping:
            self.replace_world(self._origin.world())

    def _begin(self, origin: Origin) -> tuple[Origin, World]:
        """Go on from another origin's seed; returns what was before."""
        with self._swapping:
            before = self._origin, self._world
            self._origin = origin
            self.reset()
        return before

    @contextmanager
    def fresh(self, **settings: Any) -> Iterator[Self]:
        """Put a new world at the seed on the same server for the length of the block.

        Settings given here count on top of those given before; lists and mappings are replaced as a whole. Raises as
        the constructor of `FakeKounta` does.
        """
        origin, world = self._begin(self._origin.with_settings(settings))
        try:
            yield self
        except BaseException:
            self.failed = list(self._world.journal)
            raise
        finally:
            with self._swapping:
                self._origin = origin
                self.replace_world(world)

    # --- handles -----------------------------------------------------------------------------------------------

    @property
    def company(self) -> CompanyHandle:
        """The default company."""
        return self.companies[self._world.company.id]

    @property
    def customers(self) -> Customers:
        """The customers of the default company."""
        return self.company.customers

    @property
    def application(self) -> Application:
        """The default application: client_id, client_secret, access_token, refresh_token, signature_token."""
        return self._origin.settings.default_application

    @property
    def auth(self) -> tuple[str, str]:
        """Client id and client secret of the default application, as requests and httpx take them."""
        return self.application.client_id, self.application.client_secret

    @property
    def clock(self) -> Clock:
        """The clock of the world: freeze, advance, resume."""
        return self._world.clock

    # --- the state ---------------------------------------------------------------------------------------------

    @property
    def assumptions(self) -> Assumptions:
        """The choice that is taken for each assumption, by id."""
        return self._world.assumptions

    def assume(self, **choices: str) -> None:
        """Take these choices from now on, until the next reset: `assume(A01="customer")`; the others stay.

        Raises ValueError that names what is unknown.
        """
        with self._swapping:
            chosen = Assumptions({**self._world.assumptions.changes(), **choices})
            self.replace_world(self._world.under(chosen))

    def state(self) -> Record:
        """Return the whole state as a JSON document: customers, applications, tokens, webhooks, clock and settings."""
        return state_of(self._world)

    def restore(self, state: Record) -> None:
        """Replace the state by the one in the document, until the next reset.

        Raises:
            ValueError: The document is invalid; the message names the field.
        """
        self.replace_world(world_from(state))


class NamespaceRefused(ValueError):
    """A namespace cannot be had; the message says why, `status` is that of the answer."""

    status = 400


class TooManyNamespaces(NamespaceRefused):
    """There are as many as there may be: the name is right, and can be had when others are dropped."""

    status = 409


def refuse_no_name(name: str) -> None:
    """Raise NamespaceRefused for what is no name of a namespace."""
    if not _NAME.fullmatch(name):
        raise NamespaceRefused("namespace: must be 1 to 64 letters, digits, dots, dashes or underscores")


class Namespaces(Mapping[str, Namespace]):
    """The namespaces of one fake by name, without its own; `of` makes one on first use."""

    def __init__(self, origin: Callable[[], Origin], post: Post, observers: Observers) -> None:
        self._origin = origin
        self._post = post
        self._observers = observers
        self._all: dict[str, Namespace] = {}
        self._lock = free_in_children(Lock())
        self._delivering = False

    def of(self, name: str) -> Namespace:
        """Return the namespace of this name. Raise NamespaceRefused for what is no name, and for one too many."""
        found = self._all.get(name)
        if found is not None:
            return found
        refuse_no_name(name)
        with self._lock:
            if name not in self._all and len(self._all) >= MOST_NAMESPACES:
                raise TooManyNamespaces(f"namespace: there are {MOST_NAMESPACES} already; drop some of them first")
            if name not in self._all:
                self._all[name] = self._made(name)
            return self._all[name]

    def all(self) -> list[Namespace]:
        """Those that there are at this moment, in the order of their names."""
        return [namespace for _, namespace in sorted(self._all.items())]

    def drop(self, name: str) -> None:
        """Forget a namespace. Raises KeyError if there is none."""
        with self._lock:
            dropped = self._all.pop(name)
            self._leave(dropped)
        _close(dropped)

    def clear(self) -> None:
        """Forget all namespaces."""
        for namespace in self._exchanged({}).values():
            _close(namespace)

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """In it there are none but those that are made in it."""
        before = self._exchanged({})
        for namespace in before.values():
            namespace.silence()
        try:
            yield
        finally:
            for namespace in self._exchanged(before).values():
                _close(namespace)
            for namespace in before.values():
                namespace.resume_deliveries()

    def _exchanged(self, others: dict[str, Namespace]) -> dict[str, Namespace]:
        """Take these in the place of those that there are; return the latter.

        A request to one of the latter goes on in the one that has its name then.
        """
        with self._lock:
            before, self._all = self._all, others
            for namespace in before.values():
                self._leave(namespace)
            for namespace in others.values():
                namespace._heir = None  # noqa: SLF001 - of this module
        return before

    def _leave(self, namespace: Namespace) -> None:
        namespace._heir = partial(self.of, namespace.name)  # noqa: SLF001 - of this module

    def start(self) -> None:
        """Deliver webhooks in the background, of namespaces to come too."""
        with self._lock:
            self._delivering = True
            for namespace in self._all.values():
                namespace.courier.start()

    def stop(self) -> None:
        """Deliver in the background no longer."""
        with self._lock:
            self._delivering = False
            for namespace in self._all.values():
                namespace.courier.stop()

    def _made(self, name: str) -> Namespace:
        namespace = Namespace(self._origin(), self._post, self._observers)
        namespace.name = name
        if self._delivering:
            namespace.courier.start()
        return namespace

    def __getitem__(self, name: str) -> Namespace:
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._all))

    def __len__(self) -> int:
        return len(self._all)


def silence(outbox: Outbox, courier: Courier) -> None:
    """Let no delivery of this outbox arrive any more; one that is under way is cut."""
    outbox.close()
    courier.cut(outbox)


def _close(namespace: Namespace) -> None:
    namespace.silence()
    namespace.courier.stop()
