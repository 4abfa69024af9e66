"""Helpers of all commands: options with an environment variable, and errors of one line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from fakekounta.process.files import expanded

REFUSED = 2

Command = Callable[..., Any]

_SERVICE = re.compile(r"(?:tcp|udp|sctp)://(?:\[[0-9A-Fa-f:.]+\]|[^\s/:\[\]]+):[0-9]+")


class _Option(click.Option):
    """An option that ignores a variable which Kubernetes or Docker set for a service.

    Kubernetes, and Docker for a link, set FAKEKOUNTA_PORT to "tcp://10.0.0.1:8080" if a service has the name
    fakekounta. No option has any of the other variables that they set.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Return the text of the environment variable, or None."""
        text = super().resolve_envvar_value(ctx)
        is_port = isinstance(self.envvar, str) and self.envvar.endswith("_PORT")
        return None if text is not None and is_port and _SERVICE.fullmatch(text) else text


class UserPath(click.Path):
    """A path on the command line or in a variable, in which `~` is the folder of the user."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(path_type=Path, **attributes)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path, expanded."""
        return super().convert(expanded(value), param, ctx)


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return an option with an environment variable, such as FAKEKOUNTA_PORT for --port."""
    variable = "FAKEKOUNTA_" + names[0].removeprefix("--").partition("/")[0].upper().replace("-", "_")
    return click.option(*names, envvar=variable, show_envvar=True, cls=_Option, **attributes)


def refuse(message: str) -> NoReturn:
    """End the command with one line on stderr and exit code 2."""
    click.echo(f"fakekounta: {message}", err=True)
    sys.exit(REFUSED)
