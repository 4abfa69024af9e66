"""The fake of the working tree against that of an older commit: `python benchmarks/since.py COMMIT [--quick]`.

Both run in this environment, so with the same libraries, and are measured in turn. The processor time of the server
says more than the rate while the machine has other work; it is read from Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import load
import samples
import servers
from lines import Row, in_turn, row, table
from serving import CLIENT_CORE

ROOT = Path(__file__).parents[1]
CONNECTIONS = (8, 1)


def main() -> int:
    """Print the table; return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit", help="the commit to compare with, such as 1a43a14")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; the figures say less")
    options = parser.parse_args()
    os.sched_setaffinity(0, CLIENT_CORE & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    with TemporaryDirectory() as folder:
        unpack(options.commit, Path(folder))
        with serving(ROOT) as ours, serving(Path(folder)) as theirs:
            rows = [one for count in CONNECTIONS for one in compared(ours, theirs, count, options)]
    print(table(rows))
    return 1 if any(one.holds is False for one in rows) else 0


def unpack(commit: str, folder: Path) -> None:
    """Write the package of a commit to a folder."""
    packed = subprocess.run(["git", "archive", commit, "fakekounta"], cwd=ROOT, capture_output=True, check=True)
    subprocess.run(["tar", "-x", "-C", folder], input=packed.stdout, check=True)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int, bytes]]:
    """Serve the package in a folder, with one customer; yield process id, port, and the request for the customer."""
    port = servers.free_port()
    process = subprocess.Popen(
        servers.serve_command(port),
        cwd=folder,  # which `python -m` imports from first
        env=servers.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        os.sched_setaffinity(process.pid, servers.SERVER_CORE)
        servers.wait_for(port)
        body = json.dumps(samples.customer(samples.RECORD_NUMBER)).encode()
        load.request(port, "POST", "/_fakekounta/customers", {"Content-Type": "application/json"}, body)
        yield process.pid, port, servers.get(port, servers.CUSTOMER_PATH, {"Authorization": servers.AUTH})
    finally:
        process.kill()
        process.wait()


def compared(
    ours: tuple[int, int, bytes], theirs: tuple[int, int, bytes], connections: int, options: argparse.Namespace
) -> list[Row]:
    """Return the lines for so many connections: requests a second, and requests a second of processor time."""
    rounds, seconds = (5, 0.5) if options.quick else (15, 1.5)
    pairs = in_turn(rounds, lambda: rates(*ours, connections, seconds), lambda: rates(*theirs, connections, seconds))
    name = f"GET by id, {connections} connection{'s' * (connections > 1)} / {options.commit}"
    return [
        row(name, [(one[0], two[0]) for one, two in pairs], "requests/s", ">= 0.95"),
        row(f"{name}, processor time", [(one[1], two[1]) for one, two in pairs], "requests/s", ">= 0.95"),
    ]


def rates(pid: int, port: int, data: bytes, connections: int, seconds: float) -> tuple[float, float]:
    """Return requests a second of real time, and a second of the server's processor time."""
    clock = (~pid << 3) | 2  # what clock_getcpuclockid(3) answers on Linux
    begin, worked = time.perf_counter(), time.clock_gettime(clock)
    rate = load.rate(port, data, connections=connections, seconds=seconds)
    took, worked = time.perf_counter() - begin, time.clock_gettime(clock) - worked
    return rate, rate * took / worked


if __name__ == "__main__":
    sys.exit(main())
