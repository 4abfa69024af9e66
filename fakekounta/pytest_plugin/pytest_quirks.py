"""`pytest --fakekounta-quirks`: report the quirks that the tests covered. Imported only with this option."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.catalogue.quirks import Quirk
from fakekounta.process.files import write_whole
from fakekounta.process.forks import free_in_children
from fakekounta.pytest_plugin.options import option
from fakekounta.pytest_plugin.plugin import parameter_of
from fakekounta.pytest_plugin.quirk_coverage import USED, Coverage, Tally, scope_of
from fakekounta.pytest_plugin.quirks_html import quirks_html

if TYPE_CHECKING:
    from fakekounta.core.journal import Entry

_KEY = "fakekounta_quirks"


def pytest_configure(config: pytest.Config) -> None:
    """Register the counter. Raises UsageError for invalid options."""
    try:
        scope = scope_of(str(option(config, "quirks_of") or USED))
    except ValueError as error:
        raise pytest.UsageError(f"--fakekounta-quirks-of: {error}") from None
    config.pluginmanager.register(_Count(scope, _percent(config)), "fakekounta-quirks-count")


def _percent(config: pytest.Config) -> float | None:
    text = str(option(config, "quirks_fail_under") or "")
    try:
        percent = float(text) if text else None
    except ValueError:
        percent = -1.0
    if percent is not None and not 0 <= percent <= 100:
        raise pytest.UsageError(f"--fakekounta-quirks-fail-under: must be a number from 0 to 100, not {text!r}")
    return percent


def _too_few(percent: float, limit: float, page: Path | None) -> str:
    """Return the line for a session that covered too few quirks, and where it says which."""
    where = page.resolve().as_uri() if page else "--fakekounta-quirks-html PATH writes a page that shows which"
    return f"{percent:.2f}% of the quirks were covered, fewer than {limit:g}%: {where}"


class _Count:
    """Counts the quirks that the tests of this process cover. pytest-xdist's controller adds its workers' counts."""

    def __init__(self, scope: str | frozenset[str], fail_under: float | None) -> None:
        self._coverage = Coverage(Tally(), scope)
        self._fail_under = fail_under
        self._of_test: Counter[Quirk] | None = None
        self._lock = free_in_children(Lock())
        self._complaints: list[str] = []

    # --- counting ----------------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Observe the server as soon as its fixture is set up."""
        outcome: Any = yield
        if fixturedef.argname == "fakekounta_server" and outcome.excinfo is None:
            kounta = outcome.get_result()
            kounta.observe(self._exchange)
            kounta.on_delivery(self._count)

    def _exchange(self, entry: Entry) -> None:
        self._count(entry.quirks)

    def _count(self, quirks: Sequence[Quirk]) -> None:
        with self._lock:
            if self._of_test is not None:
                self._of_test.update(set(quirks))

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Count the quirks covered by a test and its fixtures; of a sweep, only those of the default run."""
        row = parameter_of(item)
        covered: Counter[Quirk] = Counter()
        self._of_test = None if getattr(row, "choices", None) else covered
        yield
        with self._lock:
            self._of_test = None
        self._coverage.tally.add_test(covered, item.nodeid)

    # --- reporting ---------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Add the counts of a finished xdist worker; a worker that crashed has none."""
        self._coverage.tally.add_plain(getattr(node, "workeroutput", {}).get(_KEY, {}))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Send the counts to the controller, or check them against the limit."""
        config, coverage = session.config, self._coverage
        output = getattr(config, "workeroutput", None)
        if output is not None:
            output[_KEY] = coverage.tally.plain()
        elif not config.getoption("collectonly"):
            if option(config, "quirks_json"):
                self._write(config, "quirks_json", json.dumps(coverage.document(), indent=2) + "\n")
            page = option(config, "quirks_html") and self._write(config, "quirks_html", quirks_html(coverage))
            if self._fail_under is not None and coverage.percent < self._fail_under:
                self._complaints.append(_too_few(coverage.percent, self._fail_under, page))
            if self._complaints and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _write(self, config: pytest.Config, name: str, text: str) -> Path | None:
        """Write a report to the path of this option. Return the path, or None if that failed."""
        path = config.invocation_params.dir / Path(option(config, name)).expanduser()
        try:
            write_whole(path, text)
        except OSError as error:
            flag = f"--fakekounta-{name.replace('_', '-')}"
            self._complaints.append(f"{flag}: {path} cannot be written: {error.strerror}")
            return None
        return path

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Print the closing table."""
        if config.getoption("collectonly"):
            return
        terminalreporter.write_sep("=", "quirks of the Kounta API")
        for line in self._coverage.lines():
            terminalreporter.write_line(line)
        for complaint in self._complaints:
            terminalreporter.write_line(f"FAIL fakekounta: {complaint}", red=True, bold=True)
