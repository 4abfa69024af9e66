"""The pytest plugin that collects the contract suite's outcomes, exchanges and observations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Sequence
from typing import Any

import httpx
import pytest

from fakekounta.verify.exchanges import LeftBehind, RecordedExchange, shown
from fakekounta.verify.failures import place_of, text_of
from fakekounta.verify.redaction import Secrets
from fakekounta.verify.verdicts import Observation, Outcome

NAME = "fakekounta-verification"
_MOST_EXCHANGES = 3

Keep = Callable[[str, Sequence[RecordedExchange]], None]


def as_flags(text: str) -> str:
    """Return a text with the flags of `fakekounta verify` in place of pytest's options."""
    return text.replace("--kounta-", "--")


class Progress:
    """Receives the progress of the run; this class does nothing with it."""

    def start(self, total: int) -> None:
        """Set the number of tests."""

    def advance(self, test: str) -> None:
        """Count a test that begins."""


class Listener:
    """Collects outcomes, observations, and ids left behind; `keep` is called with the exchanges of each test."""

    def __init__(
        self, secrets: Secrets, progress: Progress, keep: Keep | None = None, *, only: Collection[str] = ()
    ) -> None:
        self.__name__ = NAME  # the contract suite finds the plugin by this name
        self.outcomes: dict[str, Outcome] = {}
        self.observations: dict[str, Observation] = {}
        self.left_behind: LeftBehind = LeftBehind()
        self.total: int = 0
        self._secrets = secrets
        self._progress = progress
        self._keep = keep
        self._only = only
        self._exchanges: dict[str, Sequence[RecordedExchange]] = {}

    # --- called by the suite ------------------------------------------------------------------------------------

    def exchanges_of(self, test: str, exchanges: Sequence[RecordedExchange]) -> None:
        """Register the list that collects the exchanges of a test."""
        self._exchanges[test] = exchanges

    def observed(self, quirk_id: str, seen: str | None, why: str, exchanges: Sequence[RecordedExchange]) -> None:
        """Record the observation of a probe."""
        self._learn(f"observe {quirk_id}", exchanges)
        self.observations[quirk_id] = Observation(follows=seen, why=self._secrets.hide(as_flags(why)))

    # --- hooks of pytest ----------------------------------------------------------------------------------------

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Deselect the tests of quirks that `--only` does not name."""
        if self._only:
            items[:] = [
                item for item in items if any(mark.args[0] in self._only for mark in item.iter_markers("quirk"))
            ]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Report the number of tests."""
        self.total = len(session.items)
        self._progress.start(self.total)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
        """Keep the first failure of a test, or that it passed."""
        yield
        error = call.excinfo.value if call.excinfo else None
        (quirk_id,) = [mark.args[0] for mark in item.iter_markers("quirk")]
        if error is not None and item.nodeid not in self.outcomes:
            self.outcomes[item.nodeid] = self._outcome(item.nodeid, quirk_id, error)
        if call.when == "teardown":
            self._learn(item.nodeid, self._exchanges.pop(item.nodeid, ()))
            passed = Outcome(test=item.nodeid, quirk_id=quirk_id, kind="passed")
            self.outcomes.setdefault(item.nodeid, passed)
            self._progress.advance(item.nodeid)

    def _outcome(self, test: str, quirk_id: str, error: BaseException) -> Outcome:
        exchanges = self._exchanges.get(test, ())
        self._learn_secrets(exchanges)
        if isinstance(error, pytest.skip.Exception):
            reason = str(error).partition(": ")[2] or str(error)
            return Outcome(
                test=test, quirk_id=quirk_id, kind="not provable", reason=self._secrets.hide(as_flags(reason))
            )
        if isinstance(error, (httpx.TransportError, OSError)):
            reason = self._secrets.hide(f"no response: {type(error).__name__}: {error}")
            return Outcome(test=test, quirk_id=quirk_id, kind="broken off", reason=reason)
        return Outcome(
            test=test,
            quirk_id=quirk_id,
            kind="failed",
            depends_on=getattr(error, "depends_on", None),
            difference=self._secrets.hide(text_of(error)),
            path=place_of(error),
            exchanges=[shown(one, self._secrets) for one in exchanges[-_MOST_EXCHANGES:]],
        )

    def _learn(self, name: str, exchanges: Sequence[RecordedExchange]) -> None:
        self._learn_secrets(exchanges)
        for exchange in exchanges:
            self.left_behind.note(exchange)
        if self._keep is not None:
            self._keep(name, exchanges)

    def _learn_secrets(self, exchanges: Sequence[RecordedExchange]) -> None:
        for exchange in exchanges:
            self._secrets.learn_from(exchange.body)
