"""Tests of the programs in examples/, and of the table in docs/doors.md.

Nothing is skipped: a missing interpreter fails its tests. `.ci/run` installs them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doors import DOORS as INTERCEPTED
from tests.examples.places import DOORS, EXAMPLES, ROOT, led, seeded

PROGRAMS = {
    "requests": (sys.executable, "python/sync_requests.py"),
    "httpx": (sys.executable, "python/sync_httpx.py"),
    "Go, net/http": ("go", "run", "go/main.go"),
    "Ruby, net/http": ("ruby", "ruby/sync.rb"),
    "curl": ("bash", "curl/sync.sh"),
    "Node.js, fetch": ("node", "node/sync.mjs"),
    "PHP, streams": ("php", "php/sync.php"),
}
YES, NO = "yes", "no"
SHOWN = "found: nobody\ntags: Gold\ncustomers: 31\nsigned webhook: Ada\n"


def table() -> dict[str, tuple[str, str, str]]:
    """Return the table of the page: for each client, whether interception, `run` and a name lead it to the fake."""
    text = (ROOT / "docs" / "doors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (yes|no|-) \| (yes|no|-) \| (yes|no|-) \|", text, re.MULTILINE)
    return {client: (intercepted, run, name) for client, intercepted, run, name in rows}


def node_takes_proxies() -> bool:
    """Return whether this Node.js reads the proxy from its environment, as newer ones do."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, version.removeprefix("v").split(".")[:2])
    return (major, minor) >= (22, 21) and major != 23


def expected(client: str, door: str) -> bool:
    """Return the table's entry for a client and a door."""
    _, run, name = table()[client]
    if client == "Node.js, fetch" and door == "run":
        assert run == YES
        return node_takes_proxies()
    return {"run": run, "a name": name}[door] == YES


@pytest.mark.parametrize("client", PROGRAMS)
@pytest.mark.parametrize("door", DOORS)
def test_an_example_reaches_the_fake_by_the_doors_of_the_table(client: str, door: str, tmp_path: Path) -> None:
    """The program runs its whole sync and gets a signed webhook, or it reaches nothing."""
    program, *arguments = PROGRAMS[client]
    assert shutil.which(program), f"{program} is missing: `.ci/run` installs it"
    command = [program, *(str(EXAMPLES / one) if "/" in one else one for one in arguments)]
    done = led(door, *command, seed=seeded(tmp_path, *(f"Customer{number}" for number in range(30))))
    if expected(client, door):
        assert (done.returncode, done.stdout) == (0, SHOWN), done.stderr
    else:
        assert done.returncode != 0
        assert "found" not in done.stdout


@pytest.mark.parametrize("door", DOORS)
def test_python_clients_reach_the_fake_by_the_doors_of_the_table(door: str, tmp_path: Path) -> None:
    """Each client follows a redirect there."""
    done = led(door, sys.executable, str(Path(__file__).parent / "clients.py"), seed=seeded(tmp_path, "Jamie"))
    found = json.loads(done.stdout)
    assert {client: found[client] == "Jamie" for client in found} == {
        client: expected(client, door) for client in found
    }, found


def test_the_table_names_each_client_that_is_tested() -> None:
    """The clients of the interception column are those of its own tests."""
    named = table()
    assert set(named) == {*PROGRAMS, *INTERCEPTED, "aiohttp, trust_env"}
    for client, (intercepted, *_) in named.items():
        assert intercepted == (YES if client.partition(", trust_env")[0] in INTERCEPTED else "-"), client


def test_examples_are_small_and_know_nothing_of_the_fake() -> None:
    """They have only the documented credentials of the fake, in place of real ones."""
    for _, *arguments in PROGRAMS.values():
        text = (EXAMPLES / arguments[-1]).read_text(encoding="utf-8")
        assert "https://api.kounta.com/v1" in text
        assert not re.search("fake(?!-client-id|-client-secret|-signature-token)", text)
