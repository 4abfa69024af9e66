"""Make stdout and stderr of the commands fail with one line and an exit code, never with a traceback."""

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
    """Signals that the output cannot be written."""

    exit_code = REFUSED

    def show(self, file: IO[Any] | None = None) -> None:  # noqa: ARG002 - click's signature
        """Print the message in one line."""
        click.echo(f"fakekounta: the output cannot be written: {self.message}", err=True)


class _Stream:
    """A text stream. After its first failure, the rest of its buffer is dropped."""

    encoding = "utf-8"  # of a stream that was closed before the start; an open stream has its own

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        if isinstance(stream, TextIOWrapper):
            self._make_able(stream)
            self.encoding = stream.encoding

    @staticmethod
    def _make_able(stream: TextIOWrapper) -> None:
        """Make the stream accept every character: switch ASCII to UTF-8, as click does, else write escapes."""
        if lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8")
        stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write a text."""
        if text == "":  # click calls this with b"" to test a stream, and ignores a failure
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
        """Write the content of the buffer."""
        try:
            if self._stream is not None:
                self._stream.flush()
        except OSError as error:
            self._fail(error)

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream is not None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _fail(self, error: OSError) -> None:
        """Redirect the buffer to the null device, so that the end of the process does not fail again."""
        with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), self.fileno())
        self._failed(error.strerror or str(error))

    def _failed(self, reason: str) -> None:
        """Do nothing, because a failure of stderr cannot be reported."""


class _Output(_Stream):
    """The stream whose output users need: its failures are errors."""

    def _failed(self, reason: str) -> None:
        raise OutputError(reason)


@contextmanager
def checked_streams() -> Iterator[None]:
    """Replace both streams in the block: stdout raises OutputError if it fails, also at the end; stderr never fails."""
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
