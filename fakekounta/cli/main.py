"""The command line: `fakekounta serve`, `verify`, `diff`, `quirks`, `health`."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import click
from click.core import ParameterSource

from fakekounta import __version__
from fakekounta.cli.application_flag import METAVAR, NAMES, ApplicationText, application_of, whole
from fakekounta.cli.openapi import openapi
from fakekounta.cli.streams import Command
from fakekounta.process.files import PortFile
from fakekounta.settings.flags import option as _option
from fakekounta.settings.flags import refuse as _refuse
from fakekounta.verify.commands import diff, verify

# How long the end may take: also a process that is out of memory ends within two seconds of a SIGTERM.
_GRACE_SECONDS = 1.5
_GIVEN = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)


@click.group(cls=Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fakekounta")
def main() -> None:
    """Run an in-memory fake of the Kounta point-of-sale REST API."""


main.add_command(verify)
main.add_command(diff)
main.add_command(openapi)


@main.command()
@_option(
    "--config",
    type=click.Path(path_type=Path),
    help="TOML file of settings; flags and environment outrank it.",
)
@_option(
    "--host",
    help="Address to bind; beyond loopback everybody on the network can use it.  [default: 127.0.0.1]",
)
@_option("--port", type=click.IntRange(0, 65535), help="Port to bind; 0 takes a free one.  [default: 8080]")
@_option("--port-file", type=click.Path(path_type=Path), help="File to write the port's number to.")
@_option("--seed-file", help="Customers that are there at the start: a JSON array, or JSON Lines.")
@_option("--company", "companies", multiple=True, metavar="ID[:NAME]", help="A further company.")
@_option(
    "--application",
    "applications",
    multiple=True,
    type=ApplicationText(),
    metavar=METAVAR,
    help="A further application; NAME is one of " + ", ".join(NAMES) + ".",
)
@_option("--redirect-uri", "redirect_uris", multiple=True, help="Registered for the default application (O03).")
@_option("--assume", "assumptions", multiple=True, metavar="ID=CHOICE", help="A choice, such as A01=customer.")
@_option("--page-size", type=int, help="Items a page (P01).  [default: 25]")
@_option("--rate-limit/--no-rate-limit", help="Limit requests a minute as documented (R01).")
@_option("--open-auth/--no-open-auth", help="Accept any credentials; each client id becomes an application.")
@_option(
    "--webhooks",
    "webhook_mode",
    type=click.Choice(["background", "immediate", "collect"]),
    help="How deliveries are made: by threads, before the call returns, or only when told.  [default: background]",
)
@_option("--allow-webhook-host", "allow_webhook_hosts", multiple=True, help="Deliver to this host, too.")
@_option("--webhook-timeout", type=float, metavar="SECONDS", help="How long a receiver may take (W12).  [default: 5]")
@_option("--webhook-minutes", metavar="0,1,5,...", help="When a delivery is tried (W12).  [default: 0,1,5,30,120]")
@_option(
    "--webhook-disturbance",
    multiple=True,
    metavar="NAME=VALUE",
    help="duplicate, reorder, drop or delay with a probability from 0 to 1; delay_seconds; seed.",
)
@_option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST",
    help="Answer to this name, too, and to its pages, such as that of a container (K07, K08).",
)
@_option("--control-token", metavar="TOKEN", help="What callers of the control surface must send.")
@_option("--body-bytes", type=click.IntRange(1), help="Largest body that is taken (T17).  [default: 1048576]")
@click.pass_context
def serve(context: click.Context, /, config: Path | None, **_: Any) -> None:
    """Serve the fake until SIGINT, SIGTERM or SIGHUP."""
    settings = {**_from_file(config), **_from_flags(context)}
    path = settings.pop("port_file", None)
    port_file = None if path is None else PortFile(Path(path))
    # Before anything slow, so that a signal during the start ends it just as well
    signals = _ending_signals()
    kounta = _started({"port": 8080, "webhook_mode": "background", **settings})
    try:
        if port_file is not None:
            _write_port(port_file, kounta.port, path)
        if not kounta.is_loopback:
            click.echo(_exposure(kounta), err=True)
        click.echo(f"fakekounta listening on {kounta.url}")
        sys.stdout.flush()
        signals.get()
    finally:
        _end_in_time()
        if port_file is not None:
            port_file.remove()
        kounta.stop()
        left = len(kounta.webhooks.pending)
        if left:
            click.echo(f"fakekounta: {left} webhook deliveries were still due", err=True)


def _ending_signals() -> SimpleQueue[int]:
    """Return a queue of the signals that end the process. A handler may fill it, even while it is being read."""
    signals: SimpleQueue[int] = SimpleQueue()

    def end(number: int, _: object) -> None:
        if signals.empty():
            _end_in_time()
        signals.put(number)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` ignores it
        signal.signal(signal.SIGHUP, end)
    return signals


def _end_in_time() -> None:
    """Have the system end the process after a while, even if no Python can run any more."""
    if hasattr(signal, "setitimer") and not signal.getitimer(signal.ITIMER_REAL)[0]:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, _GRACE_SECONDS)


def _exposure(kounta: Any) -> str:
    """Return the warning for a fake that also listens beyond the loopback: what other machines can reach."""
    if kounta.has_control_token:
        control = "for those who send the control token"
    else:
        control = "no token is set (--control-token), so that all state and secrets can be read and changed"
    return (
        f"fakekounta: {kounta.url} can be reached from other machines:\n"
        "fakekounta: - the API under /v1 and /authorize, with its documented credentials, whatever Host is asked for\n"
        f"fakekounta: - the control surface under /_fakekounta/: {control}"
    )


def _started(settings: dict[str, Any]) -> Any:
    from fakekounta.kounta import FakeKounta  # noqa: PLC0415 - `--help` and `quirks` need no Flask

    try:
        return FakeKounta(**settings).start()
    except (TypeError, ValueError) as error:
        _refuse(str(error))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        _refuse(f"cannot listen on {settings.get('host', '127.0.0.1')} port {settings['port']}: {reason}")


def _write_port(port_file: PortFile, port: int, path: object) -> None:
    try:
        port_file.write(port)
    except OSError as error:
        _refuse(f"{path}: cannot be written: {error.strerror}")


def _from_flags(context: click.Context) -> dict[str, Any]:
    """Return the settings given on the command line and in the environment."""
    given = {
        name: value
        for name, value in context.params.items()
        if context.get_parameter_source(name) in _GIVEN and name != "config"
    }
    if "companies" in given:
        given["companies"] = [_company(text) for text in given["companies"]]
    if "applications" in given:
        given["applications"] = [application_of(text) for text in given["applications"]]
    if "assumptions" in given:
        given["assumptions"] = dict(text.partition("=")[::2] for text in given["assumptions"])
    schedule: dict[str, Any] = {}
    if "webhook_timeout" in given:
        schedule["timeout_seconds"] = given.pop("webhook_timeout")
    if "webhook_minutes" in given:
        text = given.pop("webhook_minutes")
        schedule["minutes"] = [_decimal(item, f"--webhook-minutes {text}") for item in text.split(",")]
    if schedule:
        given["webhook_schedule"] = schedule
    if "webhook_disturbance" in given:
        pairs = [text.partition("=")[::2] for text in given.pop("webhook_disturbance")]
        given["webhook_disturbances"] = {
            name: _decimal(value, f"--webhook-disturbance {name}") for name, value in pairs
        }
    return given


def _decimal(text: str, flag: str) -> float:
    try:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else float(text)
    except ValueError:
        _refuse(f"{flag}: {text!r} is no number")


def _company(text: str) -> dict[str, Any]:
    number, _, name = text.partition(":")
    company: dict[str, Any] = {"id": whole(number, f"--company {text}: the id must be a number")}
    return {**company, "name": name} if name else company


def _from_file(path: Path | None) -> dict[str, Any]:
    """Return the settings in a TOML file; relative paths in it count from the file's folder."""
    if path is None:
        return {}
    if sys.version_info >= (3, 11):
        import tomllib  # noqa: PLC0415 - Python 3.10 has none
    else:
        import tomli as tomllib  # noqa: PLC0415 - see above
    try:
        with path.open("rb") as file:
            settings: dict[str, Any] = tomllib.load(file)
    except OSError as error:
        _refuse(f"{path}: cannot be read: {error.strerror}")
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        _refuse(f"{path}: {error}")
    for name in {"seed_file", "port_file"} & settings.keys():
        if not isinstance(settings[name], str):
            _refuse(f"{path}: {name}: must be a path")
        settings[name] = str(path.parent / settings[name])
    return settings


@main.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--assumptions", is_flag=True, help="The choices where nobody knows, instead of the quirks.")
def quirks(form: str, assumptions: bool) -> None:  # noqa: FBT001 - click passes flags by name
    """Print the catalogue of what the fake says about the real API."""
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


def _refusal_in(error: Exception) -> str | None:
    """Return what a fake says where it refuses, such as a Host that it does not know; None for any other error."""
    try:
        return f"{error.code}: {json.loads(error.read(65_536))['error_description']}"  # type: ignore[attr-defined] # if it is an HTTPError
    except (AttributeError, OSError, ValueError, LookupError, TypeError):
        return None


@main.command()
@_option("--url", default="http://127.0.0.1:8080", show_default=True, help="The server to ask.")
def health(url: str) -> None:
    """Ask a server whether it is well; exit code 0 if it is, 1 if not."""
    from http.client import HTTPException  # noqa: PLC0415 - the other commands need no client
    from urllib.request import ProxyHandler, build_opener  # noqa: PLC0415 - see above

    try:
        # A proxy knows nothing of a server on this machine
        with build_opener(ProxyHandler({})).open(f"{url.rstrip('/')}/_fakekounta/health", timeout=5) as answer:
            document = json.load(answer)
        line = f"{document['status']} (fakekounta {document['version']})"
    except (OSError, ValueError, HTTPException, LookupError, TypeError) as error:
        reason = _refusal_in(error) or " ".join(str(error).split()) or type(error).__name__
        click.echo(f"fakekounta: {url} does not answer: {reason}", err=True)
        sys.exit(1)
    click.echo(line)
