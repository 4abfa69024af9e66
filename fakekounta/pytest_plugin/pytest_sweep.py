"""`pytest --fakekounta-sweep`: run each test under each alternative of each assumption. Imported only with this option.

The sweep parametrizes the fixture `fakekounta_server`, so that pytest sets up again every fixture that depends on it.
It leaves out the runs under an assumption that the default run did not ask about, because they cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.catalogue.assumptions import CHOICES, chosen
from fakekounta.catalogue.quirks import Quirk
from fakekounta.pytest_plugin.findings import Findings
from fakekounta.pytest_plugin.options import configured, option
from fakekounta.pytest_plugin.plugin import marked, parameter_of
from fakekounta.pytest_plugin.sweeping import DEFAULT, AskedByTests, Row, named, rows_of

if TYPE_CHECKING:
    from fakekounta.core.journal import Entry
    from fakekounta.core.world import World
    from fakekounta.kounta import FakeKounta

_SERVER = "fakekounta_server"
_FOLDER = "fakekounta_sweep"
_ABOUT = "fakekounta_sweep"
_ASSUMPTIONS = frozenset(CHOICES)


def pytest_configure(config: pytest.Config) -> None:
    """Register the sweep. Raises UsageError for invalid options."""
    try:
        only = named(str(option(config, "sweep_only") or ""))
    except ValueError as error:
        raise pytest.UsageError(f"--fakekounta-sweep-only: {error}") from None
    try:
        given = configured(config).values.get("assumptions", {})
    except ValueError as error:
        raise pytest.UsageError(f"fakekounta: {error}") from None
    rows = rows_of([quirk for quirk in only if quirk.id not in given], pairs=bool(option(config, "sweep_pairwise")))
    config.pluginmanager.register(_Sweep(config, rows), "fakekounta-sweep-runs")


class _Sweep:
    """The runs of this process. The controller of pytest-xdist learns those of its workers from their reports."""

    def __init__(self, config: pytest.Config, rows: Sequence[Row]) -> None:
        self._rows = rows
        self._only_reports = bool(option(config, "sweep_report_only"))
        self._findings = Findings(rows)
        self._folder: str | None = None
        folder = getattr(config, "workerinput", {}).get(_FOLDER)
        self._asked = AskedByTests(Path(folder) / config.workerinput["workerid"] if folder else None)  # type: ignore[attr-defined]
        self._kounta: FakeKounta | None = None
        self._wide_fixtures = 0
        self._lasting: list[World] = []
        self._of_test: set[Quirk] = set()
        self._shared: set[Quirk] = set()
        self._chosen: set[Quirk] = set()

    # --- making the runs ---------------------------------------------------------------------------------------

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Parametrize the test with the rows, without those whose assumptions the test's marker chooses."""
        if _SERVER not in metafunc.fixturenames:
            return
        given = _chosen_by(metafunc.definition)
        rows = [row for row in self._rows if row is DEFAULT or not row.ids <= given]
        metafunc.parametrize(_SERVER, rows, ids=[row.label for row in rows], indirect=True, scope="session")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> object:
        """Leave out a run that cannot differ from the default one."""
        row = _row(item)
        if row is not None and row is not DEFAULT:
            asked = self._asked.of(_base(item, row))
            if asked is not None and not (row.ids - self._chosen - _chosen_by(item)) & asked:
                _leave_out(item, nextitem)
                return True
        self._of_test = set()
        self._lasting = [] if self._kounta is None else [self._kounta.world]
        return None

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Add the marker that tells Hypothesis that a test method runs with several instances of its class."""
        row = _row(item)
        if row is not None:
            item.add_marker(pytest.mark.parametrize(_SERVER, [row]))

    # --- recording what a run asks -----------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any], request: Any) -> Iterator[None]:
        """Attribute the assumptions that a class, module or session fixture asks about to all later tests."""
        is_wide = fixturedef.scope != "function"
        self._wide_fixtures += is_wide
        outcome: Any = yield
        self._wide_fixtures -= is_wide
        if fixturedef.argname == _SERVER and outcome.excinfo is None:
            self._kounta = outcome.get_result()
            self._shared.clear()  # fixtures that depend on the previous server were torn down with it
            self._kounta.observe(self._exchange)
            self._kounta.on_delivery(self._asked_now)
            self._kounta.on_direct_change(self._asked_now)
            given = request.getfixturevalue("fakekounta_settings").get("assumptions", {})
            self._chosen = {quirk for quirk in CHOICES if quirk.id in chosen(given)}
        if is_wide and self._kounta is not None:
            self._lasting.append(self._kounta.world)

    def _exchange(self, entry: Entry) -> None:
        self._asked_now(entry.quirks)

    def _asked_now(self, quirks: Sequence[Quirk]) -> None:
        asked = _ASSUMPTIONS.intersection(quirks)
        self._of_test |= asked
        if self._wide_fixtures or self._kounta is None or any(self._kounta.world is world for world in self._lasting):
            self._shared |= asked

    # --- reporting ---------------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Add to each report its run, and to the last report of a run the assumptions that it asked about."""
        outcome: Any = yield
        report: Any = outcome.get_result()
        row = _row(item)
        if row is None and _SERVER not in getattr(item, "fixturenames", ()) and not self._of_test:
            return
        report.fakekounta_sweep = {
            "test": item.nodeid if row is None else _base(item, row),
            "row": None if row is None else row.label,
            "failed": report.failed,
        }
        if report.when == "teardown":
            report.fakekounta_sweep["asked"] = self._run_ended(item, row)
        if report.failed and self._only_reports and row is not None and row is not DEFAULT:
            report.outcome, report.wasxfail = "skipped", f"under {row.label}"

    def _run_ended(self, item: pytest.Item, row: Row | None) -> list[str]:
        """Return the assumptions that the run may depend on, without those chosen explicitly."""
        if self._kounta is not None and not any(self._kounta.world is world for world in self._lasting):
            self._shared |= self._of_test  # a fixture replaced the world for the tests after this one
        asked = self._of_test | self._shared
        if row is DEFAULT:
            if not item.stash.get(_WAS_SET_UP, False):
                asked = set(CHOICES)  # its fixtures failed, perhaps because of a choice, before it could ask
            # A test of Hypothesis may draw other values in the next run, and ask about more.
            if not getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
                self._asked.note(_base(item, row), {quirk.id for quirk in asked})
        return sorted(quirk.id for quirk in asked - self._chosen - _chosen_by(item))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """Note that the fixtures of the test were set up."""
        item.stash[_WAS_SET_UP] = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        """Collect the reports of all processes."""
        about = getattr(report, _ABOUT, None)
        if about is not None:
            self._findings.add(when=report.when, outcome=report.outcome, **about)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Print the closing table."""
        if not config.getoption("collectonly"):
            terminalreporter.write_sep("=", "fakekounta sweep")
            for line in self._findings.lines():
                terminalreporter.write_line(line)

    # --- with xdist --------------------------------------------------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Give the workers a folder in which they share the assumptions that default runs asked about."""
        if self._folder is None:
            self._folder = mkdtemp(prefix="fakekounta-sweep-")
        node.workerinput[_FOLDER] = self._folder

    def pytest_unconfigure(self) -> None:
        """Remove the temporary folder."""
        if self._folder is not None:
            rmtree(self._folder, ignore_errors=True)


_WAS_SET_UP = pytest.StashKey[bool]()


def _row(item: pytest.Item) -> Row | None:
    """Return the row of the sweep that the item runs under, or None."""
    row = parameter_of(item)
    return row if isinstance(row, Row) else None


def _base(item: pytest.Item, row: Row) -> str:
    """Return the node id without the row, which all runs of one test share."""
    for end, instead in ((f"[{row.label}]", ""), (f"-{row.label}]", "]")):
        if item.nodeid.endswith(end):
            return item.nodeid.removesuffix(end) + instead
    return item.nodeid


def _chosen_by(item: Any) -> set[Quirk]:
    """Return the assumptions that the test's markers choose."""
    given = marked(item).get("assumptions", {})
    return {quirk for quirk in CHOICES if isinstance(given, Mapping) and quirk.id in chosen(given)}


def _leave_out(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Skip this run, and tear down the fixtures that no later test uses."""
    call = pytest.CallInfo.from_call(
        lambda: item.session._setupstate.teardown_exact(nextitem),  # noqa: SLF001 - pytest has no public function for it
        when="teardown",
    )
    if call.excinfo is not None:
        report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        item.ihook.pytest_runtest_logreport(report=report)
    if not hasattr(item.config, "workerinput"):
        item.session.testscollected -= 1
