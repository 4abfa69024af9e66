"""Tests of docs/replicas.md: three replicas behind nginx, as the page and its examples have them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml

from fakekounta.settings.table import SHELL, flag_of, names_of
from tests.commands import fetch, serving, url_in
from tests.histories import Histories
from tests.linearizable import violations
from tests.pages import ROOT
from tests.replicas.server import Server, free_port, nginx_program
from tests.wire.test_http_server import eventually

FOLDER = ROOT / "examples" / "replicas"
FLAGS = {flag_of(name) for name in names_of(SHELL)}
REQUESTS, SECONDS = 100, 60.0


@contextmanager
def nginx(folder: Path, ports: dict[str, str]) -> Iterator[str]:
    """Run nginx with the configuration of the example, on other ports, and yield its URL."""
    text = re.sub(r"\b808[0-3]\b", lambda port: ports[port[0]], (FOLDER / "nginx.conf").read_text(encoding="utf-8"))
    temporary = "".join(
        f"{name}_temp_path {folder / name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(text.replace("access_log off;", f"access_log off; {temporary}"))
    given = f"daemon off; pid {folder / 'pid'};" + ("user root;" if os.getuid() == 0 else "")
    command = [str(nginx_program()), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf"), "-g", given]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # it notes that a replica was killed
    try:
        yield f"http://127.0.0.1:{ports['8080']}"
    finally:
        process.terminate()
        process.wait()


def is_ready(url: str) -> bool:
    try:
        return bool(fetch(f"{url}/_fakekounta/health")["status"] == "ok")
    except OSError:
        return False


def test_three_replicas_answer_as_one(server: Server, tmp_path: Path) -> None:
    """Some order explains all responses to concurrent clients, also while a replica is killed."""
    with ExitStack() as ends:
        replicas = [ends.enter_context(serving("--keep", server.url, "--port", "0", "--quiet")) for _ in range(3)]
        own = {f"808{number}": url_in(line).rpartition(":")[2] for number, (_, line) in enumerate(replicas, 1)}
        url = ends.enter_context(nginx(tmp_path, {"8080": str(free_port()), **own}))
        eventually(lambda: is_ready(url))
        history = Histories([int(url.rpartition(":")[2])], seed=1)
        history.run(4, SECONDS, REQUESTS, lambda _: replicas[0][0].send_signal(signal.SIGKILL))
        assert [*violations(history.operations)] == []
        assert len(history.operations) > REQUESTS


def arguments(command: list[str]) -> set[str]:
    assert command[0] == "serve"
    return {one for one in command if one.startswith("--")}


def test_the_manifests_have_flags_that_exist() -> None:
    """Each replica of compose and of Kubernetes is served with flags of `serve`, and with one database."""
    compose: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    manifests = [*yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text(encoding="utf-8"))]
    (container,) = manifests[0]["spec"]["template"]["spec"]["containers"]
    commands = [one["command"] for name, one in compose["services"].items() if name.startswith("fakekounta")]
    assert len(commands) == 3
    for command in (*commands, container["args"]):
        assert arguments(command) <= FLAGS
        assert command[command.index("--keep") + 1].startswith("redis://")
    assert [one["kind"] for one in manifests] == ["Deployment", "Service", "StatefulSet", "Service"]
