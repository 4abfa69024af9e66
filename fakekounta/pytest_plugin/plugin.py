"""The pytest plugin: fixtures, the marker, options. Imports nothing heavy until a test asks for the fake."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from fakekounta.pytest_plugin import guarding
from fakekounta.pytest_plugin.options import (
    add_options,
    configured,
    option,
    refuse_unknown_key,
    refuse_unknown_options,
    reports_asked_for,
    server_of,
)

if TYPE_CHECKING:
    from fakekounta.pytest_plugin.watch import Watch
    from fakekounta.receiver import Receiver
    from fakekounta.worlds.protocol import Kounta

_MARKER = (
    "fakekounta(**settings): settings of the fake for this test, such as "
    'assumptions={"A01": "customer"}, page_size=5, rate_limit=True; and allow_unmodelled=True, intercept=True'
)
_ALLOW = "allow_unmodelled"
_OF_THE_TEST = (_ALLOW, guarding.NAME)
"""Keywords of the marker that are not settings of the fake."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each with an ini key of the same name. The option overrides the key, the marker both."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    """Raise UsageError for an unknown option with our prefix; pytest itself would not name the nearest one."""
    refuse_unknown_options(args)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the session, and import the reports that options ask for."""
    config.addinivalue_line("markers", _MARKER)
    session = _Session(config)
    config.pluginmanager.register(session, "fakekounta-session")
    _sessions.append(session)
    config.add_cleanup(partial(_sessions.remove, session))
    for module in reports_asked_for(config):
        config.pluginmanager.import_plugin(module)


def pytest_warning_recorded(warning_message: warnings.WarningMessage) -> None:
    """Raise UsageError for an unknown ini key with our prefix, about which pytest itself only warns."""
    refuse_unknown_key(str(warning_message.message).strip())


class _Session:
    """A session of pytest: its fake, the test under way, and what happens around each test.

    The fixtures ask it for the test. They could name `request`, but pytest makes that anew for each fixture that names
    it, which costs each test 20 µs, four times.
    """

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.watch: Watch | None = None
        self.item: Any = None
        """The test under way, or the last one."""
        self.has_asked = False
        """Whether the test has got the fixture, be it by `getfixturevalue`."""
        self._of_server = ExitStack()
        """The interception of a test that uses the server only."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        """Begin to watch the exchanges, and to guard the real names or to lead them to the fake."""
        self.item = item
        if self.watch is not None:
            self.watch.begin()
        if _uses_fake(item) and guarding.mode_of(item, marked(item)) != "off":
            guarding.begin(self.config)
        else:
            guarding.end(self.config)
        yield
        if self.watch is not None and _uses_fake(item) and "fakekounta" not in item.fixturenames:  # type: ignore[attr-defined] # see _uses_fake
            self.intercept_if_wanted(marked(item), self.watch.kounta, self._of_server)

    def intercept_if_wanted(self, given: dict[str, Any], kounta: Kounta, stack: ExitStack) -> None:
        """Lead connections to the real names to the fake until the stack is closed, if the test wants that."""
        if guarding.mode_of(self.item, given) == "intercept":
            try:
                stack.enter_context(kounta.intercept())
            except (ImportError, RuntimeError) as error:
                raise _failed(f"fakekounta: intercept: {error}") from None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the exchanges to the report of a test that failed."""
        report = yield
        if report.failed and _uses_fake(item) and self.watch is not None and (text := self.watch.text()):
            report.sections.append(("Exchanges with fakekounta", text))
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        """Fail a test that requested something that the fake does not model (K05), or the real service (K09)."""
        refused: list[str] = []
        try:
            self._of_server.close()
            yield
        finally:
            refused = guarding.pause(self.config)
            has_asked, self.has_asked = self.has_asked, False
        if refused:
            guarding.fail_for(refused)
        if self.watch is not None:
            self._fail_for_unmodelled(item, self.watch)
        if not has_asked:
            _warn_of_idle_marker(item)

    @staticmethod
    def _fail_for_unmodelled(item: pytest.Item, watch: Watch) -> None:
        if _uses_fake(item):
            watch.look()
        asked = watch.complaint()
        if asked and not marked(item).get(_ALLOW, option(item.config, "allow_unmodelled")):
            pytest.fail(asked, pytrace=False)


_sessions: list[_Session] = []
"""The sessions of this process, the innermost last: a test of a plugin runs one within a test."""


@pytest.fixture(scope="session")
def fakekounta_settings() -> dict[str, Any]:
    """Return the settings of the fake for the whole session. Override this fixture to change them."""
    return {}


@pytest.fixture(scope="session")
def fakekounta_server(fakekounta_settings: dict[str, Any]) -> Iterator[Kounta]:
    """Yield one FakeKounta for the whole session, or the remote fake that an option names.

    It serves on a free port of 127.0.0.1 once a test reads its address; tests without a socket open none.
    With Hypothesis, `with fakekounta_server.fresh() as kounta:` in the test gives each example a clean state.
    """
    session = _sessions[-1]
    try:
        given = configured(session.config)
    except ValueError as error:
        raise _failed(f"fakekounta: {error}") from None
    try:
        kounta = _kounta(session.config, {**given.values, **fakekounta_settings})
        row = parameter_of(session.item)
        if row is not None:
            kounta.set_default_assumptions(dict(row.choices))
    except (TypeError, ValueError, OSError) as error:
        raise _failed(f"fakekounta: {given.as_written(str(error), fakekounta_settings)}") from None
    from fakekounta.pytest_plugin.watch import Watch  # noqa: PLC0415 - as in `_kounta`

    session.watch = Watch(kounta)
    yield kounta
    kounta.__exit__(None, None, None)


@pytest.fixture
def fakekounta(fakekounta_server: Kounta) -> Iterator[Kounta]:
    """Yield the session's fake, reset to its seed, with the settings of the test's `fakekounta` marker."""
    session = _sessions[-1]
    session.has_asked = True
    given = marked(session.item)
    with ExitStack() as stack:
        try:
            kounta = stack.enter_context(fakekounta_server.fresh(**_settings_of(given)))
        except (TypeError, ValueError) as error:
            raise _failed(f"marker fakekounta: {error}") from None
        session.intercept_if_wanted(given, kounta, stack)
        yield kounta


@pytest.fixture
def fakekounta_receiver() -> Iterator[Receiver]:
    """Yield a live endpoint on 127.0.0.1 that records webhooks, verifies their signatures, and fails on request."""
    from fakekounta.receiver import Receiver  # noqa: PLC0415 - as in `_kounta`

    with Receiver() as receiver:
        yield receiver


def _warn_of_idle_marker(item: pytest.Item) -> None:
    """Warn of a test with a marker of its own that uses no fixture of ours: the marker does nothing."""
    if any(marker.name == "fakekounta" for marker in item.own_markers) and not _uses_fake(item):
        text = "the marker fakekounta does nothing: the test uses neither the fixture fakekounta nor fakekounta_server"
        item.warn(pytest.PytestWarning(text))


def _uses_fake(item: pytest.Item) -> bool:
    """Return whether the test names a fixture of ours that has the fake, or one that depends on it."""
    return not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))  # doctests and other items have no fixtures


def parameter_of(item: Any) -> Any:
    """Return the parameter of the fixture `fakekounta_server`, which the sweep gives; None without one."""
    callspec = getattr(item, "callspec", None)
    return None if callspec is None else callspec.params.get("fakekounta_server")


_FIXTURES = frozenset(("fakekounta", "fakekounta_server"))


def _kounta(config: pytest.Config, settings: dict[str, Any]) -> Kounta:
    url, token, ca_file = server_of(config)
    if url:
        from fakekounta.remote.session import SessionKounta, world_for  # noqa: PLC0415 - as below

        world = world_for(url, os.environ, is_worker=hasattr(config, "workerinput"))
        return SessionKounta(url, namespace=world, token=token, ca_file=ca_file, settings=settings)
    from fakekounta.kounta import FakeKounta  # noqa: PLC0415 - Flask is imported only when a test uses the fake

    return FakeKounta(**settings).start_when_asked()


def _failed(message: str) -> BaseException:
    """Return the exception that makes a test fail with this line, for `raise ... from None`."""
    return pytest.fail.Exception(message, pytrace=False)


def marked(item: pytest.Item) -> dict[str, Any]:
    """Return the settings of the item's markers; the nearest marker counts."""
    settings: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("fakekounta"))):
        if marker.args:
            pytest.fail("the marker fakekounta accepts keyword arguments only", pytrace=False)
        settings.update(marker.kwargs)
    return settings


def _settings_of(given: dict[str, Any]) -> dict[str, Any]:
    """Return what markers give that is a setting of a world. Fail the test for a name that is none."""
    settings = {name: value for name, value in given.items() if name not in _OF_THE_TEST}
    if not settings:
        return settings
    from fakekounta.settings.table import BY_NAME, WORLD, settings_of, unknown  # noqa: PLC0415 - as above

    for name in settings:
        if name not in BY_NAME:
            known = (setting.name for setting in settings_of(WORLD))
            pytest.fail(f"marker fakekounta: {unknown(name, (*known, *_OF_THE_TEST))}", pytrace=False)
    return settings
