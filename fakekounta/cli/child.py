"""A command as a child process that gets the signals of this one; its exit code becomes ours."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from threading import Thread

import click

from fakekounta.process.signals import Signals, ending_signals

NOT_FOUND = 127
NOT_EXECUTABLE = 126
SIGNALLED = 128
_ENDED = b"\0"


class ChildSignals(Signals):
    """The signals that this process got before its command starts, and while it runs."""

    def early(self) -> int | None:
        """Return a signal that has already arrived, without waiting."""
        self.reader.setblocking(False)
        try:
            return next(iter(self.reader.recv(1)), None)
        except BlockingIOError:
            return None
        finally:
            self.reader.setblocking(True)

    def until_end_of(self, process: subprocess.Popen[bytes]) -> Iterator[int]:
        """Yield each signal until the process ends."""
        Thread(target=self._await, args=(process,), daemon=True).start()
        while numbers := self.reader.recv(64).partition(_ENDED):
            yield from numbers[0]
            if numbers[1]:
                return

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        with suppress(OSError):
            self.writer.send(_ENDED)


@contextmanager
def kept_signals() -> Iterator[ChildSignals]:
    """Yield the signals that would end this process, and ignore their default effect."""
    signals = ChildSignals()
    before = {number: signal.signal(number, _keep_on) for number in ending_signals()}
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signals.close()


def _keep_on(*_: object) -> None:
    """Do nothing in Python: see `Signals`."""


def exit_code(command: Sequence[str], environ: Mapping[str, str], signals: ChildSignals) -> int:
    """Run a command to its end, pass the signals on, and return its exit code as a shell would.

    The exit code is 128 plus the number of a signal that ended the command, or that arrived before it began.
    """
    early = signals.early()
    if early is not None:
        return SIGNALLED + early
    try:
        process = subprocess.Popen(command, env=environ)  # noqa: S603 - the user gave the command
    except OSError as error:
        click.echo(f"fakekounta: {command[0]}: {error.strerror or error}", err=True)
        is_there = shutil.which(command[0], os.F_OK, environ.get("PATH")) is not None
        return NOT_EXECUTABLE if is_there else NOT_FOUND
    for number in signals.until_end_of(process):
        if not (number == signal.SIGINT and _has_terminal()):
            process.send_signal(number)
    return process.returncode if process.returncode >= 0 else SIGNALLED - process.returncode


def _has_terminal() -> bool:
    """Return whether a terminal sends Ctrl-C to this process, and so to the command as well."""
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
