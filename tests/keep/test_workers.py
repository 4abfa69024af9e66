"""Tests of `fakekounta serve --workers`: several processes on one port that answer as one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests

from fakekounta.keep.supervisor import Supervisor
from fakekounta.process.unpatched import monotonic
from tests.commands import environment, fetch, run_here, serving, url_in
from tests.histories import CUSTOMERS, HEADERS, Histories, workers_of
from tests.kills import lost_in_kills
from tests.lab import calling
from tests.lab import serving as serving_app
from tests.linearizable import CHANGE, CREATE, DELETE, NEVER, READ, Operation, violations

MANY_SECONDS = 60.0


def wait_for(is_true: object) -> None:
    """Wait until a function returns a true value."""
    assert callable(is_true)
    deadline = monotonic() + MANY_SECONDS
    while not is_true():
        assert monotonic() < deadline
        Event().wait(0.01)


def test_all_processes_answer_as_one(tmp_path: Path) -> None:
    """Some order explains all responses to concurrent clients, also while a process is killed and replaced.

    At the end nothing is left: no process, no port file, no temporary file.
    """
    port_file = tmp_path / "port"
    arguments = ("--port", "0", "--port-file", str(port_file), "--quiet", "--workers", "2")
    with serving(*arguments, env={"TMPDIR": str(tmp_path)}) as (process, line):
        history = Histories([port := int(url_in(line).rpartition(":")[2])], seed=1)
        assert port_file.read_text() == f"{port}\n"
        killed, other = workers_of(process.pid)
        history.run(3, MANY_SECONDS, 60, lambda _: os.kill(killed, signal.SIGKILL))
        assert [*violations(history.operations)] == []
        wait_for(lambda: len([*workers_of(process.pid)]) == 2)
        assert other in workers_of(process.pid)
        assert fetch(f"{url_in(line)}/_fakekounta/health")
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=MANY_SECONDS)[1]
    assert (process.returncode, errors) == (
        0,
        "fakekounta: worker 1 was ended by SIGKILL; another takes its place in 0.1 s\n",
    ) or errors == "fakekounta: worker 1 was ended by SIGKILL; another takes its place\n"
    assert [*tmp_path.iterdir()] == []


def post(url: str, **fields: Any) -> None:
    """Create a record."""
    assert requests.post(url, json=fields, headers=HEADERS, timeout=MANY_SECONDS).status_code == 201


def delivering(pid: int, port: int) -> int:
    """Return the process id of the worker that has a connection to a port on this machine."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    inodes = {line.split()[9] for line in lines if line.split()[2].endswith(f":{port:04X}")}
    for worker in workers_of(pid):
        for one in Path(f"/proc/{worker}/fd").iterdir():
            with suppress(OSError):  # it was closed meanwhile
                if one.readlink().name.removeprefix("socket:[").removesuffix("]") in inodes:
                    return worker
    raise AssertionError("no worker delivers")


BROKEN = """
import fakekounta.keep.supervisor as supervisor
from fakekounta.cli.main import main
def broken(*_):
    raise OSError("no file")
supervisor.SharedSqliteLog = broken
main(["serve", "--port", "0", "--workers", "2"], prog_name="fakekounta")
"""


def test_if_no_process_can_start_the_command_ends(tmp_path: Path) -> None:
    """It says why each has ended, and leaves nothing."""
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN],
        capture_output=True,
        text=True,
        env=environment({"TMPDIR": str(tmp_path)}),
        timeout=MANY_SECONDS,
        check=False,
    )
    lines = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert {"fakekounta: worker 1: no file", "fakekounta: worker 2: no file"} <= {*lines}
    assert [*tmp_path.iterdir()] == []


def test_each_process_tells_of_earlier_states(tmp_path: Path) -> None:
    """The program that makes them again is a child of the process that answers, which goes on when that has ended."""
    with serving("--port", "0", "--quiet", "--workers", "2", "--keep", str(tmp_path / "kept.db")) as (process, line):
        before = {*workers_of(process.pid)}
        post(f"{url_in(line)}{CUSTOMERS}.json", first_name="Ada", phone="1")
        for _ in range(3):
            (change, *_) = fetch(f"{url_in(line)}/_fakekounta/changes/2")["differences"]
            assert change["path"].startswith("companies[5678]")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=MANY_SECONDS)[1] == ""
        assert len(before) == 2


def test_another_process_delivers_when_that_one_is_killed() -> None:
    """An attempt that was under way is made once more, and later deliveries are made, too."""
    received: list[str] = []
    is_killed = Event()

    def receive(_: str, body: bytes) -> None:
        received.append(json.loads(body)["first_name"])
        if len(received) == 1:
            is_killed.wait(MANY_SECONDS)

    with serving_app(calling(receive)) as url, serving("--port", "0", "--quiet", "--workers", "2") as (process, line):
        own = f"{url_in(line)}{CUSTOMERS.removesuffix('/customers')}"
        post(f"{own}/webhooks.json", topic="customers/created", address=url)
        post(f"{own}/customers.json", first_name="Ada", phone="1")
        wait_for(lambda: received)
        os.kill(delivering(process.pid, int(url.rpartition(":")[2].rstrip("/"))), signal.SIGKILL)
        is_killed.set()
        wait_for(lambda: received == ["Ada"] * 2)
        wait_for(lambda: len([*workers_of(process.pid)]) == 2)
        post(f"{own}/customers.json", first_name="Bob", phone="1")
        wait_for(lambda: received == ["Ada", "Ada", "Bob"])


def test_what_a_dead_process_knew_is_not_forgotten() -> None:
    """Its last change may be one that it has answered, and that the others have not made yet."""
    supervisor = Supervisor(2, None, {}, lambda: None)
    try:
        supervisor._shared.ends[0] = 7
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            place = supervisor._places[0]
            place.pid = process.pid
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            supervisor._reap()
            process.returncode = 0  # the supervisor has waited for it
        assert max(supervisor._shared.ends) == 7
    finally:
        supervisor.stop()


def test_all_processes_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no process, no listener and no temporary file."""
    with serving("--port", "0", "--quiet", "--workers", "2", env={"TMPDIR": str(tmp_path)}) as (process, line):
        port = int(url_in(line).rpartition(":")[2])
        process.kill()
        process.wait()
        wait_for(lambda: not [*tmp_path.iterdir()])

        def is_free() -> bool:
            with socket.socket() as sock:
                return sock.connect_ex(("127.0.0.1", port)) != 0

        wait_for(is_free)


def test_a_kill_of_all_processes_loses_nothing(tmp_path: Path) -> None:
    """With --keep, what any process has answered is in the file."""
    assert lost_in_kills(tmp_path / "kept.db", 1, "--workers", "2") == []


def test_a_port_that_somebody_else_has_is_refused() -> None:
    """Several processes share a port with each other only."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        port = sock.getsockname()[1]
        done = run_here("serve", "--port", str(port), "--workers", "2")
    assert done.stderr == f"fakekounta: cannot listen on 127.0.0.1 port {port}: Address already in use\n"
    assert done.returncode == 2


@pytest.mark.parametrize("workers", ["0", "-1", "65", "two"])
def test_a_wrong_number_is_refused(workers: str) -> None:
    """There are 1 to 64 workers."""
    done = run_here("serve", "--port", "0", "--workers", workers)
    assert done.returncode == 2
    assert done.stderr.startswith("fakekounta: --workers: must be a whole number from 1 to 64, not ")


def test_without_fork_there_are_no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A system that cannot fork gets one line."""
    monkeypatch.delattr(os, "fork")
    done = run_here("serve", "--port", "0", "--workers", "2")
    assert done.stderr == "fakekounta: --workers: more than one need a system that can fork, such as Linux or macOS\n"


# --- the checker -----------------------------------------------------------------------------------------------------


def op(kind: str, value: str | None, begun: float, ended: float = NEVER) -> Operation:
    return Operation("k", kind, value, begun, ended)


FINE = {
    "reads": [op(CREATE, "a", 0, 1), op(READ, "a", 2, 3), op(CHANGE, "b", 4, 5), op(READ, "b", 6, 7)],
    "overlapping": [op(CREATE, "a", 0, 1), op(CHANGE, "b", 2, 5), op(READ, "b", 3, 4), op(READ, "b", 4.5, 6)],
    "unknown, made later": [op(CREATE, "a", 0, 1), op(CHANGE, "b", 2), op(READ, "a", 3, 4), op(READ, "b", 5, 6)],
    "unknown, never made": [op(CREATE, "a", 0, 1), op(DELETE, None, 2), op(READ, "a", 3, 4)],
    "gone": [op(CREATE, "a", 0, 1), op(DELETE, None, 2, 3), op(CHANGE, "b", 4), op(READ, None, 5, 6)],
}
WRONG = {
    "stale": [op(CREATE, "a", 0, 1), op(CHANGE, "b", 2, 3), op(READ, "a", 4, 5)],
    "lost": [op(CREATE, "a", 0, 1), op(READ, None, 2, 3)],
    "back": [op(CREATE, "a", 0, 1), op(CHANGE, "b", 2, 9), op(READ, "b", 3, 4), op(READ, "a", 5, 6)],
    "before": [op(READ, "a", 0, 1), op(CREATE, "a", 2, 3)],
    "changed after its end": [op(CREATE, "a", 0, 1), op(DELETE, None, 2, 3), op(CHANGE, "b", 4, 5)],
}


@pytest.mark.parametrize("history", FINE.values(), ids=FINE)
def test_an_order_is_found(history: list[Operation]) -> None:
    """A history that some order explains is fine."""
    assert [*violations(history)] == []


@pytest.mark.parametrize("history", WRONG.values(), ids=WRONG)
def test_that_there_is_no_order_is_found(history: list[Operation]) -> None:
    """A history that no order explains is not."""
    assert len([*violations(history)]) == 1
