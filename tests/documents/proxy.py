"""Prism between a client and a server: its own responses are findings."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PATIENCE_SECONDS = 60
ITS_OWN = "application/problem+json"
"""The Content-Type of what Prism answers itself."""


class Prism:
    """Prism as npm has installed it into this folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def before(self, url: str, document: dict[str, Any]) -> Iterator[str]:
        """Start Prism in front of this server with this document, and yield its address."""
        file, port = self._folder / "openapi.json", _free_port()
        file.write_text(json.dumps(document), "utf-8")
        command = [str(self._folder / "node_modules/.bin/prism"), "proxy", "--errors", "--port", str(port)]
        with (self._folder / "log").open("w") as log:
            process = subprocess.Popen([*command, str(file), url], stdout=log, stderr=log)
            try:
                _wait(process, f"http://127.0.0.1:{port}/")
                yield f"http://127.0.0.1:{port}"
            finally:
                process.kill()
                process.wait(PATIENCE_SECONDS)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    """Wait until Prism responds."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            httpx.get(url, trust_env=False)
        except httpx.HTTPError:
            continue
        return
    raise AssertionError(f"Prism does not listen (exit code {process.poll()})")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port
