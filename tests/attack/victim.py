"""The attacked server, a process of our own on 127.0.0.1, and a client with a timeout."""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

PATIENCE_SECONDS = 60.0
AUTH = "Basic " + b64encode(b"fake-client-id:fake-client-secret").decode()
CUSTOMERS = "/v1/companies/5678/customers.json"
WEBHOOKS = "/v1/companies/5678/webhooks.json"
CONTROL = "/_fakekounta"
_DESCRIPTORS = 16_384
_MEGABYTE = 1_048_576
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawResponse:
    """Status, head and body; status 0 if the connection ended without an answer."""

    status: int
    head: bytes
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Victim:
    """One `fakekounta serve`."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self, timeout: float = PATIENCE_SECONDS) -> socket.socket:
        """Return a new connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def ask(self, method: str, path: str, document: Any = None, **options: Any) -> RawResponse:
        """Return the response to a request on a connection of its own, with the default application's credentials."""
        with self.connect(options.pop("timeout", PATIENCE_SECONDS)) as sock:
            return ask_on(sock, method, path, document, **options)

    def control(self, method: str, path: str, document: Any = None, **options: Any) -> RawResponse:
        """Return the response to a control call. Raises RuntimeError unless it is a success."""
        answer = self.ask(method, CONTROL + path, document, **options)
        if not 200 <= answer.status < 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        return answer

    @property
    def megabytes(self) -> float:
        """The resident memory of the process, in megabytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE

    @property
    def threads(self) -> int:
        """How many threads the process has."""
        return len(list(Path(f"/proc/{self.process.pid}/task").iterdir()))

    def await_rest(self, seconds: float = 20.0) -> None:
        """Wait until the process is almost idle for half a second, up to so many seconds."""
        until = time.monotonic() + seconds
        before = -_TICKS
        while (now := self._ticks()) > before + _TICKS / 50 and time.monotonic() < until:
            before = now
            time.sleep(0.5)

    def _ticks(self) -> int:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    @property
    def tracebacks(self) -> list[str]:
        """Return the log from each traceback on."""
        parts = self.log.read_text(encoding="utf-8", errors="replace").split("Traceback (most recent call last)")
        return [part[-600:] for part in parts[1:]]

    def seconds_until_answered(self, path: str) -> float:
        """Return how long a new client waits for its response; `PATIENCE_SECONDS` if it gave up."""
        started = time.monotonic()
        try:
            status = self.ask("GET", path).status
        except OSError:
            status = 0
        return time.monotonic() - started if status else PATIENCE_SECONDS


@contextmanager
def serving(*flags: str, ulimit: str = "") -> Iterator[Victim]:
    """Start a server, under a limit of the shell's `ulimit` if one is given, and kill it at the end."""
    _raise_limit()
    with TemporaryDirectory(prefix="fakekounta-attack-") as folder:
        port_file, log = Path(folder) / "port", Path(folder) / "log"
        command = [sys.executable, "-m", "fakekounta", "serve", "--port", "0", "--port-file", str(port_file), *flags]
        if ulimit:
            command = ["sh", "-c", f'ulimit {ulimit}; exec "$@"', "sh", *command]
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=_environment(), stdout=output, stderr=output)
        try:
            yield Victim(port=_port(port_file, process, log), process=process, log=log)
        finally:
            process.kill()
            process.wait()


def _environment() -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("FAKEKOUNTA_")}
    return {**ours, "PYTHONPATH": str(Path(__file__).parents[2])}


def _raise_limit() -> None:
    """Raise the limit of descriptors: client and server need two for each connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _DESCRIPTORS if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _port(port_file: Path, process: subprocess.Popen[bytes], log: Path) -> int:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        text = port_file.read_text(encoding="ascii") if port_file.exists() else ""
        if text.strip():
            return int(text)
        time.sleep(0.01)
    raise RuntimeError(f"the server did not start: {log.read_text(encoding='utf-8')}")


def request_bytes(
    port: int, method: str, path: str, document: Any = None, *, headers: Mapping[str, str] | None = None
) -> bytes:
    """Return a whole request, with JSON as its body where there is a document."""
    body = b"" if document is None else json.dumps(document).encode()
    lines = {"Host": f"127.0.0.1:{port}", "Authorization": AUTH, "Content-Type": "application/json"}
    if body or method not in ("GET", "HEAD"):
        lines["Content-Length"] = str(len(body))
    lines |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def ask_on(
    sock: socket.socket, method: str, path: str, document: Any = None, *, headers: Mapping[str, str] | None = None
) -> RawResponse:
    """Return the response to a request on this connection, which can be used again."""
    sock.sendall(request_bytes(sock.getpeername()[1], method, path, document, headers=headers))
    return read_answer(sock, with_body=method != "HEAD")


def read_answer(sock: socket.socket, *, with_body: bool = True) -> RawResponse:
    """Return exactly one response, after any interim one (100)."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65_536)
        if not piece:
            return RawResponse(status=0, head=data, body=b"")
        data += piece
        if data.startswith(b"HTTP/1.1 100"):
            data = data.partition(b"\r\n\r\n")[2]
    head, _, body = data.partition(b"\r\n\r\n")
    answer = RawResponse(status=int(head[9:12]), head=head, body=body)
    length = int(answer.header("Content-Length") or 0) if with_body else 0
    parts = [body]
    while (left := length - sum(map(len, parts))) > 0 and (piece := sock.recv(min(left, _MEGABYTE))):
        parts.append(piece)
    return RawResponse(status=answer.status, head=head, body=b"".join(parts))
