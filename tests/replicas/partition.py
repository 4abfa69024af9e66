"""Replicas in network namespaces whose links go down: `python -m tests.replicas.partition`, as root of a namespace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import Any

from tests.replicas.server import Server

CUSTOMERS = "/v1/companies/5678/customers.json"
HEALTH = "/_fakekounta/health"
AUTH = "fake-client-id:fake-client-secret"
PATIENCE_SECONDS = 60.0
ANSWER_SECONDS = 5.0


def run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


class Host:
    """A network of its own with a replica, and a link to the network with the server."""

    def __init__(self, number: int, server: Server, ends: ExitStack) -> None:
        self._link = f"fk{number}"
        near, far = f"10.77.{number}.1", f"10.77.{number}.2"
        holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        ends.callback(holder.kill)
        self._enter = ("nsenter", "--target", str(holder.pid), "--net")
        until(lambda: Path(f"/proc/{holder.pid}/ns/net").readlink() != Path("/proc/self/ns/net").readlink())
        run("ip", "link", "add", self._link, "type", "veth", "peer", "name", "far", "netns", str(holder.pid))
        run("ip", "address", "add", f"{near}/24", "dev", self._link)
        run(*self._enter, "ip", "address", "add", f"{far}/24", "dev", "far")
        run(*self._enter, "ip", "link", "set", "lo", "up")
        run(*self._enter, "ip", "link", "set", "far", "up")
        self.connect()
        place = f"redis://{near}:{server.port}/0"
        command = [*self._enter, sys.executable, "-m", "fakekounta", "serve", "--port", "8080", "--keep", place]
        replica = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        ends.callback(replica.kill)

    def connect(self) -> None:
        """Let the link go up."""
        run("ip", "link", "set", self._link, "up")

    def disconnect(self) -> None:
        """Turn the link off: packets are lost, and no connection is reset."""
        run("ip", "link", "set", self._link, "down")

    def ask(self, path: str, body: Any = None) -> tuple[int, Any]:
        """Return status and document of a response of the replica, to a client in its network."""
        sent = () if body is None else ("--json", json.dumps(body))
        curl = ("curl", "--silent", "--max-time", str(ANSWER_SECONDS), "--user", AUTH, "--write-out", "\n%{http_code}")
        done = subprocess.run(
            [*self._enter, *curl, *sent, f"http://127.0.0.1:8080{path}"], capture_output=True, text=True, check=False
        )
        content, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(content or "null")

    def is_ready(self) -> bool:
        """Return whether the replica answers."""
        return self.ask(HEALTH)[0] == 200

    def names(self) -> list[str]:
        """Return the first names of all customers."""
        status, found = self.ask(CUSTOMERS)
        assert status == 200, found
        return [one["first_name"] for one in found]

    def create(self, name: str) -> int:
        """Create a customer, and return the status."""
        return self.ask(CUSTOMERS, {"first_name": name, "phone": "1"})[0]


def until(is_true: Any) -> None:
    """Wait until a function returns something true."""
    deadline = monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert monotonic() < deadline
        sleep(0.05)


@contextmanager
def hosts(count: int) -> Iterator[list[Host]]:
    """Yield hosts with replicas that serve."""
    with TemporaryDirectory() as folder, ExitStack() as ends:
        run("ip", "link", "set", "lo", "up")
        server = Server(Path(folder), "--protected-mode", "no", address="0.0.0.0")
        server.start()
        ends.callback(server.stop)
        made = [Host(number, server, ends) for number in range(1, count + 1)]
        for one in made:
            until(one.is_ready)
        yield made


def main() -> None:
    """Cut one replica off, then all of them; none of them may answer what is not true any more."""
    with hosts(2) as (one, other):
        assert one.create("Ada") == 201
        assert other.names() == ["Ada"]
        one.disconnect()
        assert other.create("Bob") == 201
        assert one.ask(CUSTOMERS)[0] == 503
        assert one.create("Eve") == 503
        assert one.ask(HEALTH)[0] == 503
        assert other.names() == ["Ada", "Bob"]
        other.disconnect()
        assert other.ask(CUSTOMERS)[0] == 503
        one.connect()
        until(one.is_ready)
        assert one.create("Cai") == 201
        other.connect()
        until(other.is_ready)
        assert one.names() == other.names()
        assert [name for name in one.names() if name != "Eve"] == ["Ada", "Bob", "Cai"]
    sys.stdout.write("all agree\n")


if __name__ == "__main__":
    main()
