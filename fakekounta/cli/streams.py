"""The command's stdout and stderr: what cannot be written there is one line and an exit code, never a traceback."""

from __future__ import annotations

import os
import sys
from codecs import lookup
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, TextIO, cast

import click

from fakekounta.settings.flags import REFUSED


class OutputError(click.ClickException):
    """The output cannot be written."""

    exit_code = REFUSED

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Say so in one line."""
        click.echo(f"fakekounta: the output cannot be written: {self.message}", err=True)


class _Stream:
    """A text stream. After its first failure, what is left in its buffer goes nowhere."""

    encoding = "utf-8"  # of a stream that was closed before the start; the others have their own

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        if isinstance(stream, TextIOWrapper):
            self._make_able(stream)
            self.encoding = stream.encoding

    @staticmethod
    def _make_able(stream: TextIOWrapper) -> None:
        """Let it write every letter: in UTF-8 where it is set to ASCII, as click does, else with escapes."""
        if lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write a text."""
        if text == "":  # click tries a stream out, with b"" too, and takes no notice of a failure
            return 0
        if self._stream is None:
            self._failed("it is closed")
            return 0
        try:
            return self._stream.write(text)
        except OSError as error:
            self._fail(error)
            return 0

    def flush(self) -> None:
        """Write what is in the buffer."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError as error:
            self._fail(error)

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _fail(self, error: OSError) -> None:
        """Let the buffer go nowhere, so that the end of the process does not fail by it once more."""
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self.fileno())
        self._failed(error.strerror or str(error))

    def _failed(self, reason: str) -> None:
        """Nobody is left who could be told."""


class _Output(_Stream):
    """The stream of which users want what is written to it."""

    def _failed(self, reason: str) -> None:
        raise OutputError(reason)


@contextmanager
def checked_streams() -> Iterator[None]:
    """In it a failure of stdout raises OutputError, also at the end, and one of stderr is nobody's concern."""
    before = sys.stdout, sys.stderr
    output = _Output(sys.stdout)
    sys.stdout, sys.stderr = cast("TextIO", output), cast("TextIO", _Stream(sys.stderr))
    try:
        try:
            yield
        finally:
            output.flush()
    except OutputError as error:
        error.show()
        sys.exit(error.exit_code)
    finally:
        sys.stderr.flush()
        sys.stdout, sys.stderr = before


class Command(click.Group):
    """A group of commands whose streams are checked."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the arguments name."""
        with checked_streams():
            return super().main(*args, **extra)
