"""The programs in examples/, and the table of docs/doors.md: which client each door leads to the fake.

Nothing is skipped: an interpreter that is missing fails its tests. `.ci/run` installs them.
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
SHOWN = "found: nobody\ntags: Gold\ncustomers: 31\nwebhook: signed\n"


def table() -> dict[str, tuple[str, str, str]]:
    """The table of the page: for each client, whether interception, `run` and a name lead it to the fake."""
    text = (ROOT / "docs" / "doors.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| (yes|no|-) \| (yes|no|-) \| (yes|no|-) \|", text, re.MULTILINE)
    return {client: (intercepted, run, name) for client, intercepted, run, name in rows}


def node_takes_proxies() -> bool:
    """Whether this Node.js takes the proxy of its environment, as newer ones do."""
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, version.removeprefix("v").split(".")[:2])
    return (major, minor) >= (22, 21) and major != 23


def expected(client: str, door: str) -> bool:
    """What the table says of a client and a door."""
    _, run, name = table()[client]
    if client == "Node.js, fetch" and door == "run":
        assert run == YES
        return node_takes_proxies()
    return {"run": run, "a name": name}[door] == YES


@pytest.mark.parametrize("client", PROGRAMS)
@pytest.mark.parametrize("door", DOORS)
def test_an_example_reaches_the_fake_by_the_doors_of_the_table(client: str, door: str, tmp_path: Path) -> None:
    """It finds nobody, creates, changes, reads two pages, and gets a signed webhook; or it reaches nothing at all."""
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
    """Each of them with a redirect."""
    done = led(door, sys.executable, str(Path(__file__).parent / "clients.py"), seed=seeded(tmp_path, "Jamie"))
    found = json.loads(done.stdout)
    assert {client: found[client] == "Jamie" for client in found} == {
        client: expected(client, door) for client in found
    }, found


def test_the_table_names_each_client_that_is_tested() -> None:
    """And what interception catches is what its own tests try."""
    named = table()
    assert set(named) == {*PROGRAMS, *INTERCEPTED, "aiohttp, trust_env"}
    for client, (intercepted, *_) in named.items():
        assert intercepted == (YES if client.partition(", trust_env")[0] in INTERCEPTED else "-"), client


def test_examples_are_small_and_know_nothing_of_the_fake() -> None:
    """But for the documented credentials of its default application, which stand for those of production."""
    for _, *arguments in PROGRAMS.values():
        text = (EXAMPLES / arguments[-1]).read_text(encoding="utf-8")
        assert "https://api.kounta.com/v1" in text
        assert not re.search("fake(?!-client-id|-client-secret|-signature-token)", text)
