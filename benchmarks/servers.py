"""The servers to compare, each in a process of its own on the first core."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import samples
from load import request

SERVER_CORE = {0}
AUTH = "Basic " + b64encode(b"fake-client-id:fake-client-secret").decode()
CUSTOMER_PATH = "/v1/companies/5678/customers/389427.json"
BARE = Path(__file__).with_name("bare.py")
_START_SECONDS = 60


def environment(**more: str) -> dict[str, str]:
    """Return the environment of the servers, in which Python keeps compiled modules, as after an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | more


def free_port() -> int:
    """Return a port that is free at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: Sequence[str], port: int) -> Iterator[int]:
    """Run a server's process, and wait until it accepts connections."""
    with TemporaryDirectory() as folder:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            os.sched_setaffinity(process.pid, SERVER_CORE)
            wait_for(port)
            yield port
        finally:
            process.kill()
            process.wait()


def wait_for(port: int) -> None:
    """Return once the port accepts connections."""
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.005)
        else:
            return


def bare_command(kind: str, port: int) -> list[str]:
    """Return the command for the bare Flask app, on our server ("ours") or on Werkzeug's ("werkzeug")."""
    return [sys.executable, str(BARE), kind, str(port)]


def serve_command(port: int) -> list[str]:
    """Return the command `fakekounta serve`."""
    return [sys.executable, "-m", "fakekounta", "serve", "--port", str(port)]


@contextmanager
def fakekounta() -> Iterator[tuple[int, bytes]]:
    """Run the fake with one customer, and give the request for it."""
    with running(serve_command(port := free_port()), port):
        body = json.dumps(samples.customer(samples.RECORD_NUMBER)).encode()
        request(port, "POST", "/_fakekounta/customers", {"Content-Type": "application/json"}, body)
        yield port, get(port, CUSTOMER_PATH, {"Authorization": AUTH})


@contextmanager
def _bare(kind: str) -> Iterator[tuple[int, bytes]]:
    """Run the constant route, and give the same request."""
    with running(bare_command(kind, port := free_port()), port):
        yield port, get(port, CUSTOMER_PATH, {"Authorization": AUTH})


bare_on_ours = partial(_bare, "ours")
bare_on_werkzeug = partial(_bare, "werkzeug")


@contextmanager
def localstripe() -> Iterator[tuple[int, bytes]]:
    """Run localstripe with one customer."""
    with running([sys.executable, "-m", "localstripe", "--from-scratch", "--port", str(port := free_port())], port):
        headers = {"Authorization": "Bearer sk_test_12345", "Content-Type": "application/x-www-form-urlencoded"}
        answer = request(port, "POST", "/v1/customers", headers, b"email=jmcdonald@kounta.kom&name=Jamie")
        identifier = answer.partition(b'"id": "')[2].partition(b'"')[0].decode()
        yield port, get(port, f"/v1/customers/{identifier}", {"Authorization": "Bearer sk_test_12345"})


@contextmanager
def moto() -> Iterator[tuple[int, bytes]]:
    """Run moto's server with one small S3 object."""
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port := free_port())]
    with running(command, port):
        scope = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
        headers = {"Authorization": scope}
        request(port, "PUT", "/bucket", headers, b"")
        request(port, "PUT", "/bucket/key", headers, samples.RECORD)
        yield port, get(port, "/bucket/key", headers)


def get(port: int, path: str, headers: dict[str, str]) -> bytes:
    """Return the bytes of a GET."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\n{lines}\r\n".encode()
