"""A server that keeps its changes, killed under load: what was answered, and what is there afterwards."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread

from fakekounta.core.sources import GivenSources
from fakekounta.keep.replica import replayed
from fakekounta.keep.sqlite_log import LogReader
from tests.commands import serving, url_in

HEADERS = {
    "Authorization": "Basic ZmFrZS1jbGllbnQtaWQ6ZmFrZS1jbGllbnQtc2VjcmV0",
    "Content-Type": "application/json",
}
WRITERS = 3


def lost_in_kills(file: Path, kills: int, *arguments: str) -> list[str]:
    """Kill a server with -9 so many times; return the customers whose creation was answered and that are lost."""
    acknowledged: list[str] = []
    for number in range(kills):
        _killed_under_load(file, f"w{number}", acknowledged, arguments)
    assert len(acknowledged) >= kills
    reader = LogReader(file)
    kept = {one.first_name for one in replayed(reader, GivenSources()).customers.all()}
    reader.close()
    return [name for name in acknowledged if name not in kept]


def _write(port: int, name: str, acknowledged: list[str], stop: Event) -> None:
    """Create customers until the server dies; write down those that were answered."""
    number = 0
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        while not stop.is_set():
            number += 1
            body = json.dumps({"first_name": f"{name}-{number}", "phone": "1"})
            try:
                connection.request("POST", "/v1/companies/5678/customers.json", body, HEADERS)
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                return
            if response.status == 201:
                acknowledged.append(f"{name}-{number}")


def _killed_under_load(file: Path, mark: str, acknowledged: list[str], arguments: Sequence[str]) -> None:
    """Serve, write from several threads, and kill the server once there is something to lose."""
    with serving("--port", "0", "--keep", str(file), "--quiet", *arguments) as (process, line):
        port, stop = int(url_in(line).rpartition(":")[2]), Event()
        before = len(acknowledged)
        threads = [
            Thread(target=_write, args=(port, f"{mark}{number}", acknowledged, stop)) for number in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        while len(acknowledged) < before + 20 and any(thread.is_alive() for thread in threads):
            stop.wait(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        stop.set()
        for thread in threads:
            thread.join()
