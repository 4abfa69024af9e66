"""Tests of the steps of Dockerfile and compose.yaml in a clean venv and a network namespace, without Docker.

The steps are read from the two files; nothing here repeats them.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import environment
from tests.container.recipes import ROOT, SERVICES, build_commands, copied, only, started

_APART = ("unshare", "--mount", "--net", *(() if os.geteuid() == 0 else ("--user", "--map-root-user")))
_HEALTHY_WITHIN_SECONDS = 60


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder with the result of the build, as the image has it at /."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "src"
        for names, target in copied():
            for each in names:
                copy(ROOT / each, source / (each if target == "./" else target))
        for command in build_commands():
            subprocess.run(
                ["sh", "-ec", inside(command, folder)], cwd=source, env=environment({}), check=True, timeout=600
            )
        yield folder


def copy(source: Path, target: Path) -> None:
    """Do a COPY of a file or folder, without the files in .dockerignore."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def inside(command: str, folder: Path) -> str:
    """Return the command with the image's folder where it is here."""
    return command.replace("/opt/", f"{folder}/opt/")


def run(image: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script as the image's user, with its PATH, read-only files, and local names only."""
    hosts = image / "hosts"
    hosts.write_text("127.0.0.1 localhost fakekounta stranger\n", encoding="utf-8")
    user, _, group = only("USER").rest.partition(":")
    (path,) = re.findall(r'PATH="([^"]+)"', only("ENV").rest)
    prepared = f"""
ip link set lo up; mount --bind {hosts} /etc/hosts
mount --bind {image} {image}; mount -o remount,bind,ro {image}; cd /
exec unshare --user --map-user {user} --map-group {group} sh -ec {shlex.quote(script)}
"""
    return subprocess.run(
        [*_APART, "sh", "-ec", prepared],
        env=environment({"PATH": inside(path.replace("$PATH", os.environ["PATH"]), image)}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def served(arguments: list[str], then: str) -> str:
    """Return a script that starts the fake with these arguments, waits until it is healthy, goes on, and ends it."""
    healthy = shlex.join(only("HEALTHCHECK").words())
    return f"""
{shlex.join(started(arguments))} & server=$!
give_up_at=$(($(date +%s) + {_HEALTHY_WITHIN_SECONDS}))
until {healthy} >/dev/null 2>&1; do kill -0 $server; test $(date +%s) -lt $give_up_at; done
{then}
kill -TERM $server; wait $server; echo "ended with $?"
"""


def test_the_image_serves_until_it_is_stopped(image: Path) -> None:
    """With the image's own command the fake is healthy, and ends cleanly at Docker's stop signal."""
    result = run(image, served(only("CMD").words(), 'echo "user $(id -u)"'))
    assert (result.returncode, result.stderr.count("Traceback")) == (0, 0), result.stderr
    assert "http://127.0.0.1:8080 can be reached from other machines" in result.stderr
    assert f"user {only('USER').rest.partition(':')[0]}\n" in result.stdout
    assert result.stdout.endswith("ended with 0\n")


def test_compose_serves_to_another_service_by_its_name(image: Path) -> None:
    """The check of compose.yaml reaches it by the allowed name, and by no other."""
    check = shlex.join(started(SERVICES["check"]["command"]))
    stranger = check.replace("//fakekounta:", "//stranger:")
    assert stranger != check
    result = run(image, served(SERVICES["fakekounta"]["command"], f"{check}; ! {stranger}"))
    assert result.returncode == 0, result.stderr
    assert "\nok (fakekounta " in result.stdout
    assert "--allow-host" in result.stderr
