"""A command as a child process: it gets the signals, and its exit code is ours."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import click

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_SIGNALLED = 128


class Child:
    """A command to come, or under way. A signal that comes first keeps it from starting."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pending: int | None = None

    def run(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        """Run a command to its end, and return its exit code as a shell would: 128 and the signal that ended it."""
        if self._pending is not None:
            return _SIGNALLED + self._pending
        try:
            self._process = subprocess.Popen(command, env=environ)  # noqa: S603 - that is what the user asks for
        except OSError as error:
            click.echo(f"fakekounta: {command[0]}: {error.strerror or error}", err=True)
            is_there = shutil.which(command[0], os.F_OK, environ.get("PATH")) is not None
            return NOT_EXECUTABLE if is_there else NOT_FOUND
        if self._pending is not None:  # came while it started
            self._process.send_signal(self._pending)
        code = self._process.wait()
        return code if code >= 0 else _SIGNALLED - code

    def signal(self, number: int, _: object) -> None:
        """Pass a signal on; it is a handler of signals."""
        if self._process is None:
            self._pending = number
        elif not (number == signal.SIGINT and _has_terminal()):
            self._process.send_signal(number)


@contextmanager
def signalled() -> Iterator[Child]:
    """Yield a child that gets the signals which would end this process."""
    child = Child()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` ignores it
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, child.signal) for number in numbers}
    try:
        yield child
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _has_terminal() -> bool:
    """Whether a terminal sends Ctrl-C to this process, and so to the command as well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
