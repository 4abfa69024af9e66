"""What every command has: options with an environment variable, and one line for a refusal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

REFUSED = 2

Command = Callable[..., Any]


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """An option that has an environment variable: --port is FAKEKOUNTA_PORT."""
    variable = "FAKEKOUNTA_" + names[0].removeprefix("--").partition("/")[0].upper().replace("-", "_")
    return click.option(*names, envvar=variable, show_envvar=True, **attributes)


def refuse(message: str) -> NoReturn:
    """End the command with one line on stderr and exit code 2."""
    click.echo(f"fakekounta: {message}", err=True)
    sys.exit(REFUSED)
