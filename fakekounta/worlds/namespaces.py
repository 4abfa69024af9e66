"""The namespaces of one fake, by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Lock

from fakekounta.process.forks import free_in_children
from fakekounta.wire.delivery.posting import Post
from fakekounta.worlds.handles.errors import Missing
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.observers import Observers
from fakekounta.worlds.world_factory import WorldFactory

MOST_NAMESPACES = 256
NAME_OF_NAMESPACE = "[A-Za-z0-9._-]{1,64}"
"""Regular expression of the names that a namespace can have."""
_NAME = re.compile(NAME_OF_NAMESPACE)


class NamespaceRefused(ValueError):
    """Signals that a namespace cannot be created; the message says why, `status` is that of the response."""

    status = 400


class TooManyNamespaces(NamespaceRefused):
    """Signals that the largest number of namespaces exists: this name is valid, and free after others are deleted."""

    status = 409


def refuse_no_name(name: str) -> None:
    """Raise NamespaceRefused for an invalid name."""
    if not _NAME.fullmatch(name):
        raise NamespaceRefused("namespace: must be 1 to 64 letters, digits, dots, dashes or underscores")


class Namespaces(Mapping[str, Namespace]):
    """The namespaces of one fake by name, without its own world; `of` creates one on first use."""

    def __init__(self, factory: Callable[[], WorldFactory], post: Post, observers: Observers) -> None:
        self._factory = factory
        self._post = post
        self._observers = observers
        self._all: dict[str, Namespace] = {}
        self._lock = free_in_children(Lock())
        self._delivering = False

    def of(self, name: str) -> Namespace:
        """Return the namespace of this name. Raise NamespaceRefused for an invalid name, and for one too many."""
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
        """Return the existing namespaces, sorted by name."""
        return [namespace for _, namespace in sorted(self._all.items())]

    def drop(self, name: str) -> None:
        """Delete a namespace. Raises KeyError if there is none."""
        with self._lock:
            dropped = self._of(name)
            del self._all[name]
            self._leave(dropped)
        _close(dropped)

    def clear(self) -> None:
        """Delete all namespaces."""
        for namespace in self._exchanged({}).values():
            _close(namespace)

    @contextmanager
    def set_aside(self) -> Iterator[None]:
        """Begin the block without namespaces; after it, restore the earlier ones, and delete those created in it."""
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
        """Replace the existing namespaces by others; return the replaced ones.

        A request to a replaced namespace is answered by the one that has its name then.
        """
        with self._lock:
            before, self._all = self._all, others
            for namespace in before.values():
                self._leave(namespace)
            for namespace in others.values():
                namespace.leave_to(None)
        return before

    def _leave(self, namespace: Namespace) -> None:
        namespace.leave_to(partial(self.of, namespace.name))

    def start(self) -> None:
        """Start deliveries in the background, also for namespaces created later."""
        with self._lock:
            self._delivering = True
            for namespace in self._all.values():
                namespace.courier.start()

    def stop(self) -> None:
        """Stop deliveries in the background."""
        with self._lock:
            self._delivering = False
            for namespace in self._all.values():
                namespace.courier.stop()
                namespace.world.close_receiver()

    def _made(self, name: str) -> Namespace:
        namespace = Namespace(self._factory(), self._post, self._observers)
        namespace.name = name
        if self._delivering:
            namespace.courier.start()
        return namespace

    def __repr__(self) -> str:
        return f"<namespaces {sorted(self._all)}>"

    def __getitem__(self, name: str) -> Namespace:
        return self._of(name)

    def _of(self, name: str) -> Namespace:
        if name not in self._all:
            raise Missing("namespace", name, sorted(self._all))
        return self._all[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._all))

    def __len__(self) -> int:
        return len(self._all)


def _close(namespace: Namespace) -> None:
    namespace.silence()
    namespace.courier.stop()
    namespace.world.close_receiver()
