"""Tests of `fakekounta health`: whether a server runs, and waiting for one."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fakekounta import FakeKounta, __version__
from tests.commands import run_here, serving, url_in


def test_health_of_a_running_server(fakekounta_server: FakeKounta) -> None:
    """Exit code 0 and a line with the version; the URL is given by flag or variable, and no proxy is used."""
    expected = f"ok (fakekounta {__version__})\n"
    proxy = {"http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    for done in (
        run_here("health", "--url", f"{fakekounta_server.url}/", env=proxy),
        run_here("health", env={"FAKEKOUNTA_URL": fakekounta_server.url}),
    ):
        assert (done.returncode, done.stdout, done.stderr) == (0, expected, "")


def test_health_prints_why_it_is_refused() -> None:
    """The message about an unknown host names the remedy, and with the remedy the check passes."""
    for flags, code in (((), 1), (("--allow-host", "0.0.0.0"), 0)):
        with serving("--host", "0.0.0.0", "--port", "0", *flags) as (_, line):
            url = url_in(line).replace("127.0.0.1", "0.0.0.0")
            done = run_here("health", "--url", url)
        assert done.returncode == code
        if code:
            reason = "403: The Host is neither this machine nor one that the server may answer to (--allow-host)"
            assert done.stderr == f"fakekounta: {url} does not answer: {reason}\n"


@contextmanager
def answering(data: bytes) -> Iterator[str]:
    """Yield the URL of a listener that answers one client with these bytes."""

    def serve() -> None:
        client, _ = listener.accept()
        with client:
            client.recv(65_536)
            client.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    ],
)
def test_health_of_something_else(data: bytes) -> None:
    """Exit code 1 and one line on stderr for any other server."""
    with answering(data) as url:
        unwell(run_here("health", "--url", url), url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nonsense", "http://[", "ftp://127.0.0.1", ""])
def test_health_of_nothing(url: str) -> None:
    """Exit code 1 and one line as well if nothing listens, or the URL is invalid."""
    unwell(run_here("health", "--url", url), url)


def unwell(done: subprocess.CompletedProcess[str], url: str) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"fakekounta: {url} does not answer: ")
    assert done.stderr.count("\n") == 1


@contextmanager
def starting_late() -> Iterator[str]:
    """Yield the URL of a fake that starts once another response was given there."""
    listener = socket.create_server(("127.0.0.1", 0))
    port: int = listener.getsockname()[1]
    started: list[FakeKounta] = []

    def start() -> None:
        listener.accept()[0].close()
        listener.close()
        started.append(FakeKounta(port=port).start())

    thread = threading.Thread(target=start)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        thread.join()
        started[0].stop()


def test_wait_asks_until_the_server_answers() -> None:
    """--wait waits for a server that is not there yet; without it the first response counts."""
    with starting_late() as url:
        assert run_here("health", "--url", url).returncode == 1
        done = run_here("health", "--url", url, "--wait", "120")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"ok (fakekounta {__version__})\n", "")


def test_wait_ends_with_the_last_reason() -> None:
    """Exit code 1 and one line with the time, the cause and the remedy."""
    done = run_here("health", "--url", "http://127.0.0.1:9", env={"FAKEKOUNTA_WAIT": "0.01"})
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(
        r"fakekounta: http://127.0.0.1:9 does not answer within 0.01 s: Connection refused; "
        r"`fakekounta serve` starts a server, --url names another, --wait 10 waits for one\n",
        done.stderr,
    )


@pytest.mark.parametrize("seconds", ["-1", "soon", "nan", "inf", "1e9"])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    """An invalid time is exit code 2 before any request."""
    done = run_here("health", "--wait", seconds)
    assert (done.returncode, done.stdout) == (2, "")
