"""The signals that end a process, read from a socket."""

from __future__ import annotations

import signal
import socket


class Signals:
    """The signals that this process got, in order; one that arrives before somebody reads them is kept.

    The thread that gets a signal writes its number to a socket at once. A handler in Python runs only in the main
    thread, and does not wake it: a main thread that waits for anything else would sleep on if another thread got the
    signal, or if it arrived just before the wait.
    """

    def __init__(self) -> None:
        self.reader: socket.socket
        self.writer: socket.socket
        self.reader, self.writer = socket.socketpair()
        self.writer.setblocking(False)
        self._before = signal.set_wakeup_fd(self.writer.fileno(), warn_on_full_buffer=False)

    def wait(self) -> None:
        """Return when there is a signal."""
        self.reader.recv(1)

    def close(self) -> None:
        """Stop watching signals."""
        signal.set_wakeup_fd(self._before)
        self.reader.close()
        self.writer.close()


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end a process."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` ignores it
        numbers.append(signal.SIGHUP)
    return numbers
