"""The command `fakekounta openapi`."""

from __future__ import annotations

import json

import click

from fakekounta.openapi import DEFAULT_URL
from fakekounta.settings.flags import refuse


@click.command()
@click.option("--control", is_flag=True, help="Print the document of the control surface.")
@click.option("--url", default=DEFAULT_URL, show_default=True, help="The base URL of the fake, before its paths.")
@click.option("--assume", "assumptions", multiple=True, metavar="ID=CHOICE", help="A choice of an assumption.")
def openapi(control: bool, url: str, assumptions: tuple[str, ...]) -> None:  # noqa: FBT001 - click passes flags by name
    """Print the OpenAPI document of the faked API."""
    from fakekounta.kounta import FakeKounta  # noqa: PLC0415 - `--help` needs no Flask

    try:
        kounta = FakeKounta(assumptions=dict(text.partition("=")[::2] for text in assumptions))
    except ValueError as error:
        refuse(str(error))
    document = kounta.describe(control, kounta.assumptions, url.rstrip("/"))
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
