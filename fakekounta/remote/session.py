"""A remote server in place of the fake that a test session starts."""

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

_START_ONLY = ("host", "port", "body_bytes", "control_token")
_DEFAULTS: Mapping[str, Any] = {
    "webhook_mode": "immediate"
}  # the default of FakeKounta; a standalone server has "background"


def world_for(url: str, environ: Mapping[str, str], *, is_worker: bool) -> str | None:
    """Return the namespace that a test session uses on a server: None for the server's own world.

    By default this is a new namespace, because others may use the server, too. It is the server's own world if the
    server is also the proxy of this process, as under `fakekounta run`, because requests to the real names arrive
    there. Workers of pytest-xdist cannot share it.
    """
    leads_there = environ.get("HTTPS_PROXY", "").rstrip("/") == url.rstrip("/")
    return None if leads_there and not is_worker else f"pytest-{token_hex(8)}"


class SessionKounta(RemoteKounta):
    """A world of a server for a test session.

    `fresh` replaces this world, so that its URL stays the same. At the end a namespace is deleted, and the server's own
    world is reset.

    Raises as `RemoteKounta` and the constructor of `FakeKounta` do; TypeError for settings that only a start of the
    server takes.
    """

    failed: list[Entry]

    def __init__(
        self,
        url: str,
        *,
        namespace: str | None,
        token: str | None = None,
        ca_file: str | None = None,
        settings: Mapping[str, Any],
    ) -> None:
        _refuse_start_settings(settings)
        super().__init__(url, namespace=namespace, token=token, ca_file=ca_file)
        self._observers: list[Callable[[Entry], None]] = []
        self._delivery_observers: list[QuirkObserver] = []
        self._reported = 0
        self._reported_quirks: Counter[Quirk] = Counter()
        self._is_closed = False
        self._settings = {**_DEFAULTS, **settings}
        self._default_assumptions: Mapping[str, str] = {}
        try:
            self.begin(self._settings)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Report the last exchanges, leave the world, close the connections."""
        self.tell_observers()
        self._is_closed = True
        with suppress(KeyError, ConnectionError):
            self._leave()
        super().close()

    def _leave(self) -> None:
        if self.name:
            self.namespaces.drop(self.name)
        else:
            self._calls.post("reset")

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Register an observer to call with each new exchange, in `tell_observers` and at the end of each `fresh`."""
        self._observers.append(observer)

    def on_delivery(self, observer: QuirkObserver) -> None:
        """Register an observer to call with the quirks of new deliveries, at the same times."""
        self._delivery_observers.append(observer)

    def on_direct_change(self, observer: QuirkObserver) -> None:
        """Ignore the observer: the server does not report which assumptions a direct change depends on."""

    def set_default_assumptions(self, choices: Mapping[str, str]) -> None:
        """Reset the world to its seed with these choices for assumptions that no setting chooses.

        Raises ValueError for an unknown id or choice.
        """
        self._default_assumptions = choices
        self.begin(self._with_default_assumptions({"assumptions": {}, **self._settings}))

    def _with_default_assumptions(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        if "assumptions" not in settings:
            return settings
        return {**settings, "assumptions": {**self._default_assumptions, **settings["assumptions"]}}

    def tell_observers(self) -> None:
        """Report new exchanges and deliveries to the observers, each once."""
        if self._is_closed:  # a request would create the namespace again
            return
        for entry in self.requests:
            if entry.number > self._reported:
                self._reported = entry.number
                self._reported_quirks.update(set(entry.quirks))
                for observer in self._observers:
                    observer(entry)
        if self._delivery_observers:
            self._report_deliveries()

    def _report_deliveries(self) -> None:
        """Report the quirks that deliveries covered: the counts of all, without those of the exchanges."""
        rest = Counter(self.requests.covered) - self._reported_quirks
        self._reported_quirks += rest
        while rest:
            quirks = tuple(rest)
            for observer in self._delivery_observers:
                observer(quirks)
            rest -= Counter(quirks)

    def _begin_to_count(self) -> None:
        self._reported = 0
        self._reported_quirks.clear()

    def reset(self) -> None:
        """Reset the world to its seed: customers, tokens, webhooks, deliveries, clock, faults, journal and counts."""
        self.tell_observers()
        super().reset()
        self._begin_to_count()

    @contextmanager
    def fresh(self, **settings: Unpack[WorldSettings]) -> Iterator[Self]:
        """Put a new world at the seed into the same namespace for the length of the block; see `FakeKounta.fresh`.

        After the block, the world before it is restored from `state`, without its journal and finished deliveries.
        """
        _refuse_start_settings(settings)
        self.tell_observers()
        start, state = self._start, self.state()
        try:
            self.begin(self._with_default_assumptions(settings), start)
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


def _refuse_start_settings(settings: Mapping[str, Any]) -> None:
    for name in _START_ONLY:
        if name in settings:
            raise TypeError(f"{name}: is set when a server starts, and this one runs already (--fakekounta-url)")
