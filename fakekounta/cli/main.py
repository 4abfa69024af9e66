"""The command line: `fakekounta serve`, `run`, `verify`, `diff`, `quirks`, `explain`, `health`, `state`."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from fakekounta import __version__
from fakekounta.cli.mistakes import Commands, OneOf
from fakekounta.cli.setting_flags import settings_options, variables_of
from fakekounta.cli.starting import Alone, Observer, Server, chosen_settings, own_settings, started, supervised
from fakekounta.process.files import PortFile
from fakekounta.process.signals import Signals, ending_signals
from fakekounta.settings.flags import UserPath
from fakekounta.settings.flags import option as _option
from fakekounta.settings.flags import refuse as _refuse
from fakekounta.settings.sources import mistyped_variable
from fakekounta.settings.table import SHELL

if TYPE_CHECKING:
    from fakekounta.kounta import FakeKounta
    from fakekounta.settings.sources import Chosen

# The longest time until the process ends; even without memory it ends within two seconds of a SIGTERM.
_GRACE_SECONDS = 1.5


_LATER = {
    **{name: f"fakekounta.cli.{name}" for name in ("explain", "health", "init", "openapi", "run", "state", "trigger")},
    **dict.fromkeys(("diff", "verify"), "fakekounta.verify.commands"),
}


@click.group(cls=Commands, later=_LATER, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fakekounta")
@click.pass_context
def main(context: click.Context) -> None:
    """Run an in-memory fake of the Kounta point-of-sale REST API."""
    own = main.get_command(context, context.invoked_subcommand or "")
    variables = [] if own is None else [*variables_of(own)]
    if mistyped_variable(os.environ, variables, variables) is None:
        return
    # It may be one of another command, which is imported only to know that
    known = {variable for command in main.all_commands() for variable in variables_of(command)}
    mistake = mistyped_variable(os.environ, variables, known)
    if mistake is not None:
        _refuse(mistake)


@main.command()
@_option(
    "--config",
    type=UserPath(),
    help="TOML file of settings; flags and environment override it.",
)
@settings_options(SHELL)
@click.pass_context
def serve(context: click.Context, /, config: Path | None, **_: Any) -> None:
    """Serve the fake until SIGINT, SIGTERM or SIGHUP."""
    settings = chosen_settings(context, config, SHELL)
    own = own_settings(settings)
    path = own.get("port_file")
    port_file = None if path is None else PortFile(path)
    # Before anything slow, so that a signal during the start ends the process, too
    signals = _watched_signals()
    context.call_on_close(signals.close)
    server = _server(settings, own)
    kounta = server.kounta
    try:
        from fakekounta.cli.banner import banner  # noqa: PLC0415 - `--help` and `quirks` need no settings of worlds

        if port_file is not None:
            _write_port(port_file, kounta.port, path)
        if not kounta.is_loopback:
            click.echo(_exposure(kounta), err=True)
        lines = [f"fakekounta listening on {url}" for url in _urls(kounta)]
        # In one write, so that a program which closes the pipe after the first line does not end the server
        click.echo("\n".join(lines if own.get("quiet") else [*lines, banner(kounta, settings)]))
        sys.stdout.flush()
        server.wait(signals)
    finally:
        _end_in_time()
        if port_file is not None:
            port_file.remove()
        server.stop()


def _server(settings: Chosen, own: dict[str, Any]) -> Server:
    """Return a server that serves. End the command if it cannot be started."""
    observer: Observer | None = None
    if own.get("log_requests"):
        from fakekounta.cli.exchange_log import log_exchange  # noqa: PLC0415 - few servers log

        observer = log_exchange
    workers: int = own.get("workers", 1)
    if workers > 1:
        return supervised(settings, workers, own.get("keep"), observer, _end_in_time)
    kounta = started(settings, SHELL, keep=own.get("keep"))
    if observer is not None:
        kounta.observe(observer)
    return Alone(kounta)


def _urls(kounta: FakeKounta) -> Iterator[str]:
    """Yield the base URLs: by HTTP, then with TLS if it is on."""
    yield kounta.url
    with suppress(RuntimeError):
        yield kounta.tls_url


def _watched_signals() -> Signals:
    """Return the signals that end the process, which has little time from the first one on."""
    signals = Signals()
    for number in ending_signals():
        signal.signal(number, lambda *_: _end_in_time())
    return signals


def _end_in_time() -> None:
    """Set an alarm by which the system ends the process, even if Python code cannot run any more."""
    if hasattr(signal, "setitimer") and not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, _GRACE_SECONDS)


def _exposure(kounta: Any) -> str:
    """Return the warning that lists what other machines can reach, for a fake that listens beyond the loopback."""
    if kounta.has_control_token:
        control = "for those who send the control token"
    else:
        control = "no token is set (--control-token), so that all state and secrets can be read and changed"
    return (
        f"fakekounta: {kounta.url} can be reached from other machines:\n"
        "fakekounta: - the API under /v1 and /authorize, with its documented credentials, for any Host\n"
        f"fakekounta: - the control surface under /_fakekounta/: {control}"
    )


def _write_port(port_file: PortFile, port: int, path: object) -> None:
    try:
        port_file.write(port)
    except OSError as error:
        _refuse(f"{path}: cannot be written: {error.strerror}")


@main.command()
@click.option("--format", "form", type=OneOf(["text", "json", "markdown"]), default="text", show_default=True)
@click.option(
    "--assumptions", is_flag=True, help="Print the assumptions with their alternatives instead of the quirks."
)
def quirks(form: str, assumptions: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Print the catalogue: the fake's statements about the real API."""
    from fakekounta.catalogue import tables  # noqa: PLC0415 - `serve` needs no tables
    from fakekounta.catalogue.assumptions import CHOICES  # noqa: PLC0415 - see above

    if form == "markdown":
        click.echo(tables.assumption_table() if assumptions else tables.quirk_table(), nl=False)
    elif form == "json":
        rows: Any = {quirk.id: dict(names) for quirk, names in CHOICES.items()} if assumptions else tables.quirk_rows()
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif assumptions:
        for quirk, names in CHOICES.items():
            click.echo(f"{quirk.id}  {'  |  '.join(names)}")
    else:
        for row in tables.quirk_rows():
            click.echo(f"{row['id']}  {row['basis']:<10}  {row['statement']}")
