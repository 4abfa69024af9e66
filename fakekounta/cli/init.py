"""`fakekounta init`: a file with every setting, as a start."""

from __future__ import annotations

from pathlib import Path

import click

from fakekounta.settings.flags import refuse


@click.command()
def init() -> None:
    """Write fakekounta.toml into this folder: every setting, commented out, at its default."""
    from fakekounta.settings.template import FILE_NAME, template  # noqa: PLC0415 - `--help` needs no readers

    try:
        with Path(FILE_NAME).open("x", encoding="utf-8") as file:
            file.write(template())
    except FileExistsError:
        refuse(f"{FILE_NAME}: exists already and is not changed")
    except OSError as error:
        refuse(f"{FILE_NAME}: cannot be written: {error.strerror}")
    click.echo(f"{FILE_NAME} written; `fakekounta serve --config {FILE_NAME}` uses it")
