"""The pytest plugin: fixtures, the marker, options. Imports nothing heavy until a test asks for the fake."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack
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
    from fakekounta.core.journal import Entry
    from fakekounta.receiver import Receiver
    from fakekounta.worlds.protocol import Kounta

_MARKER = (
    "fakekounta(**settings): settings of the fake for this test, such as "
    'assumptions={"A01": "customer"}, page_size=5, rate_limit=True; and allow_unmodelled=True, intercept=True'
)
_ALLOW = "allow_unmodelled"
_OF_THE_TEST = (_ALLOW, guarding.NAME)
"""Keywords of the marker that are not settings of the fake."""
_SHOWN = 20


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options, each with an ini key of the same name. The option overrides the key, the marker both."""
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    """Raise UsageError for an unknown option with our prefix; pytest itself would not name the nearest one."""
    refuse_unknown_options(args)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and import the reports that options ask for."""
    config.addinivalue_line("markers", _MARKER)
    for module in reports_asked_for(config):
        config.pluginmanager.import_plugin(module)


def pytest_warning_recorded(warning_message: warnings.WarningMessage) -> None:
    """Raise UsageError for an unknown ini key with our prefix, about which pytest itself only warns."""
    refuse_unknown_key(str(warning_message.message).strip())


@pytest.fixture(scope="session")
def fakekounta_settings() -> dict[str, Any]:
    """Return the settings of the fake for the whole session. Override this fixture to change them."""
    return {}


@pytest.fixture(scope="session")
def fakekounta_server(request: pytest.FixtureRequest, fakekounta_settings: dict[str, Any]) -> Iterator[Kounta]:
    """Yield one FakeKounta for the whole session, or the remote fake that an option names.

    It serves on a free port of 127.0.0.1 once a test reads its address; tests without a socket open none.
    With Hypothesis, `with fakekounta_server.fresh() as kounta:` in the test gives each example a clean state.
    """
    config = request.config  # `pytestconfig` would be one more fixture of each test
    try:
        given = configured(config)
    except ValueError as error:
        raise _failed(f"fakekounta: {error}") from None
    try:
        kounta = _kounta(config, {**given.values, **fakekounta_settings})
        if hasattr(request, "param"):  # of the sweep
            kounta.set_default_assumptions(dict(request.param.choices))
    except (TypeError, ValueError, OSError) as error:
        raise _failed(f"fakekounta: {given.as_written(str(error), fakekounta_settings)}") from None
    watch = config.stash[_WATCH] = _Watch(kounta)
    kounta.observe(watch)
    yield kounta
    kounta.__exit__(None, None, None)


@pytest.fixture
def fakekounta(request: pytest.FixtureRequest, fakekounta_server: Kounta) -> Iterator[Kounta]:
    """Yield the session's fake, reset to its seed, with the settings of the test's `fakekounta` marker."""
    request.node.stash[_USED] = True
    given = marked(request.node)
    settings = _settings_of(given)
    with ExitStack() as stack:
        try:
            kounta = stack.enter_context(fakekounta_server.fresh(**settings))
        except (TypeError, ValueError) as error:
            raise _failed(f"marker fakekounta: {error}") from None
        _intercept_if_wanted(request.node, given, kounta, stack)
        yield kounta


@pytest.fixture
def fakekounta_receiver() -> Iterator[Receiver]:
    """Yield a live endpoint on 127.0.0.1 that records webhooks, verifies their signatures, and fails on request."""
    from fakekounta.receiver import Receiver  # noqa: PLC0415 - as above

    with Receiver() as receiver:
        yield receiver


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


class _Watch:
    """Collects the exchanges of a test for its report, and the requests that the fake does not model (K05)."""

    def __init__(self, kounta: Kounta) -> None:
        from fakekounta.catalogue.quirks import Quirk  # noqa: PLC0415 - as above

        self.kounta = kounta
        self.unmodelled: list[str] = []
        self._gap = Quirk.K05_NOT_MODELLED

    def __call__(self, entry: Entry) -> None:
        if self._gap in entry.quirks:
            self.unmodelled.append(f"{entry.method} {entry.target}")

    def begin(self) -> None:
        """Drop the exchanges of the test before."""
        self.unmodelled.clear()
        self.kounta.failed.clear()

    def look(self) -> None:
        """Fetch the new exchanges of a remote server, which cannot report them by itself."""
        self.kounta.tell_observers()

    def text(self) -> str:
        """Return the newest exchanges of the test as text."""
        from fakekounta.schemas.journal import journal_text  # noqa: PLC0415 - as above

        entries = self.kounta.failed or list(self.kounta.requests)
        left_out = [f"({len(entries) - _SHOWN} earlier ones are left out)"] if len(entries) > _SHOWN else []
        return "\n".join([*left_out, journal_text(entries[-_SHOWN:])])


_WATCH = pytest.StashKey[_Watch]()


_SERVER_ONLY = pytest.StashKey[ExitStack]()
_USED = pytest.StashKey[bool]()
"""Of a test that asked for the fixture, be it by `getfixturevalue`."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Begin to watch the exchanges, and to guard the real names or to lead them to the fake."""
    watch = item.config.stash.get(_WATCH, None)
    if watch is not None:
        watch.begin()
    if _uses_fake(item) and guarding.mode_of(item, marked(item)) != "off":
        guarding.begin(item.config)
    else:
        guarding.end(item.config)
    yield
    if _uses_fake(item) and "fakekounta" not in item.fixturenames:  # type: ignore[attr-defined] # see _uses_fake
        with ExitStack() as stack:
            _intercept_if_wanted(item, marked(item), item.config.stash[_WATCH].kounta, stack)
            item.stash[_SERVER_ONLY] = stack.pop_all()


def _intercept_if_wanted(item: pytest.Item, given: dict[str, Any], kounta: Kounta, stack: ExitStack) -> None:
    if guarding.mode_of(item, given) == "intercept":
        try:
            stack.enter_context(kounta.intercept())
        except (ImportError, RuntimeError) as error:
            raise _failed(f"fakekounta: intercept: {error}") from None


def _uses_fake(item: pytest.Item) -> bool:
    return not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))  # doctests and other items have no fixtures


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the exchanges to the report of a test that failed."""
    report = yield
    if report.failed and _uses_fake(item):
        watch = item.config.stash.get(_WATCH, None)
        if watch is not None and (text := watch.text()):
            report.sections.append(("Exchanges with fakekounta", text))
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail a test that requested something that the fake does not model (K05), or the real service (K09)."""
    refused: list[str] = []
    try:
        if _SERVER_ONLY in item.stash:
            item.stash[_SERVER_ONLY].close()
        yield
    finally:
        refused = guarding.pause(item.config)
    if refused:
        guarding.fail_for(refused)
    _fail_for_unmodelled(item)
    _warn_of_idle_marker(item)


def _warn_of_idle_marker(item: pytest.Item) -> None:
    """Warn of a test with a marker of its own that uses no fixture of ours: the marker does nothing."""
    is_marked = any(marker.name == "fakekounta" for marker in item.own_markers)
    if is_marked and not (_uses_fake(item) or _USED in item.stash):
        text = "the marker fakekounta does nothing: the test uses neither the fixture fakekounta nor fakekounta_server"
        item.warn(pytest.PytestWarning(text))


def _fail_for_unmodelled(item: pytest.Item) -> None:
    """Fail a test that requested something that the fake does not model, so that a gap makes no test pass (K05)."""
    watch = item.config.stash.get(_WATCH, None)
    if watch is not None and _uses_fake(item):
        watch.look()
    if watch is None or not watch.unmodelled:
        return
    asked = ", ".join(dict.fromkeys(watch.unmodelled))
    watch.unmodelled.clear()
    if not _allows_unmodelled(item):
        pytest.fail(
            f"fakekounta does not model what this test requested (K05): {asked}\n"
            "The real service may have it. If the test is about the 404, mark it with "
            "@pytest.mark.fakekounta(allow_unmodelled=True), or give --fakekounta-allow-unmodelled.",
            pytrace=False,
        )


_FIXTURES = frozenset(("fakekounta", "fakekounta_server"))


def _allows_unmodelled(item: pytest.Item) -> bool:
    return bool(marked(item).get(_ALLOW, option(item.config, "allow_unmodelled")))


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
