"""The start of a fake from a shell: its settings, and its refusals in one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from errno import EADDRINUSE
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import click

from fakekounta.cli.seed_progress import seed_progress
from fakekounta.cli.setting_flags import DEFAULTS, texts_given
from fakekounta.process.collector import loading
from fakekounta.settings.errors import SettingsError
from fakekounta.settings.flags import REFUSED, refuse
from fakekounta.settings.sources import Chosen, chosen, from_environment, from_file, from_flags
from fakekounta.settings.table import PYTHON, SHELL, settings_of

if TYPE_CHECKING:
    from fakekounta.core.journal import Entry
    from fakekounta.keep.supervisor import Supervisor
    from fakekounta.kounta import FakeKounta
    from fakekounta.process.signals import Signals


Observer = Callable[["Entry"], None]


class Server(Protocol):
    """What serves: one process, or the supervisor of several."""

    @property
    def kounta(self) -> FakeKounta:
        """The fake with the settings and the address."""

    def wait(self, signals: Signals) -> None:
        """Wait for a signal that ends the process."""

    def stop(self) -> None:
        """Stop serving."""


class Alone(NamedTuple):
    """A server in one process."""

    kounta: FakeKounta

    def wait(self, signals: Signals) -> None:
        """Wait for a signal that ends the process."""
        signals.wait()

    def stop(self) -> None:
        """Stop serving, and say how many deliveries were still due."""
        self.kounta.stop()
        left = len(self.kounta.webhooks.pending)
        if left:
            click.echo(f"fakekounta: {left} webhook deliveries were still due", err=True)


def chosen_settings(context: click.Context, config: Path | None, way: str) -> Chosen:
    """Return the settings of file, environment and command line. End the command if something is wrong.

    A setting that only `fakekounta serve` has does not affect `fakekounta run`, so that both can use one file.
    """
    try:
        file = () if config is None else from_file(config)
        own = [one for one in file if SHELL not in one.name.setting.ways or way in one.name.setting.ways]
        return chosen([own, from_environment(os.environ, way), from_flags(texts_given(context))], config)
    except SettingsError as error:
        from fakekounta.settings.toml_lines import with_line  # noqa: PLC0415 - only a mistake needs it

        refuse(str(error) if config is None else with_line(config, str(error)))


def own_settings(settings: Chosen) -> dict[str, Any]:
    """Remove the settings that concern the command itself, and return them. End the command if one is wrong."""
    with loading():
        from fakekounta.settings.readers import READERS  # noqa: PLC0415 - see `started`

    names = [one.name for one in settings_of(SHELL) if PYTHON not in one.ways and one.name in settings.values]
    try:
        return {name: READERS[name](name, settings.values.pop(name)) for name in names}
    except SettingsError as error:
        refuse(settings.as_written(str(error)))


def started(settings: Chosen, way: str, *, keep: Path | str | None = None, **fixed: Any) -> FakeKounta:
    """Return a running fake with these settings and the fixed ones; `keep` is the file of its changes.

    End the command if it cannot be started.
    """
    with loading():
        from fakekounta.kounta import FakeKounta  # noqa: PLC0415 - `--help` and `quirks` need no Flask

    values = {**DEFAULTS[way], **settings.values, **fixed}
    with _refusing(settings, way, values):
        with seed_progress():
            kounta = FakeKounta(**values) if keep is None else _kept(keep, values)
        return kounta.start()


def supervised(
    settings: Chosen, workers: int, keep: Path | str | None, observer: Observer | None, end: Callable[[], object]
) -> Supervisor:
    """Return the supervisor of so many workers, which serve. End the command if they cannot be started."""
    if isinstance(keep, str):
        refuse(settings.as_written("workers: several servers may share a database; start one for each process"))
    if not hasattr(os, "fork"):
        refuse(settings.as_written("workers: more than one need a system that can fork, such as Linux or macOS"))
    with loading():
        from fakekounta.keep.supervisor import NotStarted, Supervisor  # noqa: PLC0415 - few servers have workers

    values = {**DEFAULTS[SHELL], **settings.values}
    with _refusing(settings, SHELL, values):
        with seed_progress():
            supervisor = Supervisor(workers, keep, values, end)
        if observer is not None:
            supervisor.kounta.observe_own(observer)
        try:
            supervisor.start()
        except NotStarted:
            sys.exit(REFUSED)
    return supervisor


@contextmanager
def _refusing(settings: Chosen, way: str, values: Mapping[str, Any]) -> Iterator[None]:
    """End the command with one line if a fake cannot be started in the block."""
    try:
        yield
    except (TypeError, ValueError) as error:
        refuse(settings.as_written(str(error)))
    except ImportError as error:
        refuse(f"{'--tls' if way == SHELL else 'run'}: {error}")
    except (OSError, OverflowError) as error:
        is_taken = getattr(error, "errno", None) == EADDRINUSE  # whose remedy is written for Python
        reason = os.strerror(EADDRINUSE) if is_taken else getattr(error, "strerror", None) or error
        refuse(f"cannot listen on {values.get('host', '127.0.0.1')} port {values['port']}: {reason}")


def _kept(place: Path | str, values: dict[str, Any]) -> FakeKounta:
    from fakekounta.keep.places import kounta_at  # noqa: PLC0415 - few servers keep anything

    return kounta_at(place, **values)
