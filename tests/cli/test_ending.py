"""Tests that `fakekounta serve` ends soon after a signal, even if something hangs."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from typing import Any

import pytest

from tests.commands import environment, fetch, serving, url_in
from tests.wire.test_http_server import eventually

PATIENCE_SECONDS = 30
HANGING = """
import sys, threading
from fakekounta import fake_server, kounta as server
from fakekounta.cli import main as cli
def hang(*_, **__):
    print("hangs", flush=True)
    {how}
{what} = hang
cli.main(["serve", "--port", "0"])
"""
FOR_EVER = "threading.Event().wait()"
DEAF = "while True:\n        try: threading.Event().wait()\n        except BaseException: pass"
DEADLOCKED = "lock = threading.Lock(); lock.acquire(); lock.acquire()"


@pytest.fixture(autouse=True)
def hangups_end_processes() -> Iterator[None]:
    """Restore SIGHUP, so that started processes do not inherit the `nohup` of the tests."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@contextmanager
def hanging(what: str, how: str) -> Iterator[subprocess.Popen[str]]:
    """Return a server with a hanging part, once it hangs or serves."""
    code = HANGING.format(what=what, how=how)
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment({}),
    )
    assert process.stdout is not None
    try:
        assert re.match("hangs|fakekounta listening", process.stdout.readline())
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_end_it_gracefully(number: signal.Signals) -> None:
    """Clients are closed, nothing is printed, and the exit code is 0."""
    with serving("--port", "0") as (process, line):
        address = "127.0.0.1", int(line.rpartition(":")[2])
        with socket.create_connection(address, timeout=PATIENCE_SECONDS) as idle:
            assert fetch(f"{url_in(line)}/_fakekounta/health")["status"] == "ok"
            process.send_signal(number)
            assert process.wait(PATIENCE_SECONDS) == 0
            assert idle.recv(1) == b""
        assert process.communicate() == ("", "")


@pytest.mark.parametrize(
    "what, how, number",
    [
        ("server.FakeKounta.start", FOR_EVER, signal.SIGTERM),
        ("server.FakeKounta.stop", DEAF, signal.SIGTERM),
        ("fake_server.HttpServer.stop", DEADLOCKED, signal.SIGHUP),
    ],
)
def test_whatever_hangs_is_ended(what: str, how: str, number: signal.Signals) -> None:
    """If the start or the stop hangs, ignores exceptions, or waits for a lock, the system's alarm ends the process."""
    with hanging(what, how) as process:
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGALRM


def test_a_second_signal_does_not_delay_the_end() -> None:
    """A second signal does not restart the alarm."""
    with hanging("server.FakeKounta.stop", DEAF) as process:
        with suppress(subprocess.TimeoutExpired):
            for _ in range(PATIENCE_SECONDS * 10):
                process.send_signal(signal.SIGTERM)
                process.wait(0.1)
        assert process.wait(PATIENCE_SECONDS) == -signal.SIGALRM


def test_a_signal_to_another_thread_ends_it() -> None:
    """The system may give a signal to any thread, and then wakes only that one."""
    code = (
        "import signal, sys, threading\n"
        "from fakekounta.cli import main as cli\n"
        "def end():\n"
        "    sys.stdin.readline()\n"
        "    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)\n"
        "threading.Thread(target=end).start()\n"
        "cli.main(['serve', '--port', '0'])"
    )
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", code], text=True, env=environment({}), **pipes) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert process.communicate("end", PATIENCE_SECONDS)[1] == ""
            assert process.returncode == 0
        finally:
            process.kill()


def test_under_nohup_it_goes_on() -> None:
    """SIGHUP stays ignored if it was."""
    code = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
    code += "from fakekounta.cli import main as cli; cli.main(['serve', '--port', '0'])"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment({})
    ) as process:
        assert process.stdout is not None
        url = url_in(process.stdout.readline())
        process.send_signal(signal.SIGHUP)
        assert fetch(f"{url}/_fakekounta/health")["status"] == "ok"
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def _address_space(pid: int) -> int:
    """Return the address space of a process, in bytes."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123 - a file of the system about a process
        pages = int(file.read().split()[0])
    return pages * 4_096


@pytest.mark.skipif(sys.platform != "linux", reason="the limits of another process can be set on Linux only")
@pytest.mark.parametrize("first", [b"GET /", b"GET /v1/companies/me HTTP/1.1\r\nHost: a\r\n\r\n", b""])
@pytest.mark.parametrize("more_bytes", [2**25, 2**27])
def test_it_recovers_from_a_lack_of_memory_for_threads(first: bytes, more_bytes: int) -> None:
    """Without memory for threads it goes on, answers once clients have left, and obeys SIGTERM."""
    resource: Any = pytest.importorskip("resource")
    with serving("--port", "0") as (process, line):
        url = url_in(line)
        assert fetch(f"{url}/_fakekounta/health")["status"] == "ok"
        resource.prlimit(process.pid, resource.RLIMIT_AS, (_address_space(process.pid) + more_bytes,) * 2)
        clients = []
        for _ in range(100):
            clients.append(socket.create_connection(("127.0.0.1", int(line.rpartition(":")[2]))))
            clients[-1].sendall(first)
        for client in clients:
            client.close()
        assert eventually(lambda: _is_well(url))
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) in (0, -signal.SIGALRM)


def _is_well(url: str) -> bool:
    try:
        return bool(fetch(f"{url}/_fakekounta/health")["status"] == "ok")
    except (OSError, ValueError, HTTPException):
        return False
