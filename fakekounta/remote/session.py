"""A server elsewhere in the place of the fake that a test session would start itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry, QuirkObserver
from fakekounta.remote.kounta import RemoteKounta

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from fakekounta.settings.keywords import WorldSettings

_OF_THE_START = ("host", "port", "body_bytes", "control_token")
_OWN: Mapping[str, Any] = {"webhook_mode": "immediate"}  # what FakeKounta has; a standalone server delivers by threads


class SessionKounta(RemoteKounta):
    """A namespace of its own, dropped at the end. `fresh` is made in it, so that its URL stays the same.

    Raises as `RemoteKounta` and the constructor of `FakeKounta` do; TypeError for settings that belong to a server's
    start.
    """

    failed: list[Entry]

    def __init__(self, url: str, *, token: str | None = None, settings: Mapping[str, Any]) -> None:
        _refuse_settings_of_the_start(settings)
        super().__init__(url, namespace=f"pytest-{token_hex(8)}", token=token)
        self._observers: list[Callable[[Entry], None]] = []
        self._delivery_observers: list[QuirkObserver] = []
        self._told = 0
        self._told_of: Counter[Quirk] = Counter()
        self._is_closed = False
        self._settings = {**_OWN, **settings}
        self._default_assumptions: Mapping[str, str] = {}
        try:
            self.begin(self._settings)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Tell of the last exchanges, drop the namespace, close the connections."""
        self.tell_observers()
        self._is_closed = True
        with suppress(KeyError, ConnectionError):
            self.namespaces.drop(self.name)
        super().close()

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Call this with every exchange, whenever `tell_observers` is called and at the end of each `fresh`."""
        self._observers.append(observer)

    def on_delivery(self, observer: QuirkObserver) -> None:
        """Call this with the quirks that deliveries touched, whenever the observers of exchanges are called."""
        self._delivery_observers.append(observer)

    def on_direct_change(self, observer: QuirkObserver) -> None:
        """Ignore the observer: the server does not tell which assumptions a direct change depends on."""

    def set_default_assumptions(self, choices: Mapping[str, str]) -> None:
        """Go back to the seed, and from now on take these choices for assumptions that no setting chooses.

        Raises ValueError for an unknown id or choice.
        """
        self._default_assumptions = choices
        self.begin(self._also_assumed({"assumptions": {}, **self._settings}))

    def _also_assumed(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        if "assumptions" not in settings:
            return settings
        return {**settings, "assumptions": {**self._default_assumptions, **settings["assumptions"]}}

    def tell_observers(self) -> None:
        """Tell of the exchanges and deliveries that they were not told of yet."""
        if self._is_closed:  # a request would make the namespace again
            return
        for entry in self.requests:
            if entry.number > self._told:
                self._told = entry.number
                self._told_of.update(set(entry.quirks))
                for observer in self._observers:
                    observer(entry)
        if self._delivery_observers:
            self._tell_of_deliveries()

    def _tell_of_deliveries(self) -> None:
        """Of all that was met, what no exchange told of."""
        rest = Counter(self.requests.met) - self._told_of
        self._told_of += rest
        while rest:
            quirks = tuple(rest)
            for observer in self._delivery_observers:
                observer(quirks)
            rest -= Counter(quirks)

    def _begin_to_count(self) -> None:
        self._told = 0
        self._told_of.clear()

    def reset(self) -> None:
        """Back to the seed: customers, tokens, webhooks, deliveries, clock, journal and counts as at the start."""
        self.tell_observers()
        super().reset()
        self._begin_to_count()

    @contextmanager
    def fresh(self, **settings: Unpack[WorldSettings]) -> Iterator[Self]:
        """Put a new world at the seed into the same namespace for the length of the block; see `FakeKounta.fresh`.

        The world before comes back from `state`: without its journal and its finished deliveries.
        """
        _refuse_settings_of_the_start(settings)
        self.tell_observers()
        start, state = self._start, self.state()
        try:
            self.begin(self._also_assumed(settings), start)
            self._begin_to_count()
            yield self
        except BaseException:
            self.failed = list(self.requests)
            raise
        finally:
            self.tell_observers()
            self.close_clients()
            self._start = start
            self.restore(state)
            self._begin_to_count()


def _refuse_settings_of_the_start(settings: Mapping[str, Any]) -> None:
    for name in _OF_THE_START:
        if name in settings:
            raise TypeError(f"{name}: belongs to the start of a server, and this one runs already (--fakekounta-url)")
