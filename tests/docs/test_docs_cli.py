"""Tests of docs/cli.md: its sessions print the output shown, and it names every command."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import pytest

from fakekounta.cli.main import main
from fakekounta.receiver import Receiver
from tests.commands import run_here, serving, url_in
from tests.pages import ROOT, assert_shown, blocks, sessions

PAGE = ROOT / "docs" / "cli.md"
SESSIONS = [pairs for pairs in sessions(PAGE, "fakekounta") if not pairs[0][0].startswith("fakekounta serve")]
_TIMES = re.compile(r"\d\d:\d\d:\d\d|[\d.]+ ms")
_RECEIVER = "http://127.0.0.1:8000/hooks/kounta"


def test_every_command_is_in_the_table() -> None:
    """Each command is in the table by its name."""
    table = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `fakekounta")]
    assert set(re.findall(r"`fakekounta (\w+)", "\n".join(table))) == {command.name for command in main.all_commands()}


def test_serve_prints_what_the_page_shows() -> None:
    """The output is that of the page, except for the port."""
    (shown,) = (pairs[0] for pairs in sessions(PAGE, "fakekounta") if pairs[0][0].startswith("fakekounta serve"))
    with serving("--port", "0", *shown[0].split()[2:]) as (process, line):
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        rest = process.stdout.read()
    got = f"{line}{rest}".replace(url_in(line), "http://127.0.0.1:8080").splitlines()
    assert_shown(shown[1], "\n".join(row for row in got if "port = 0" not in row) + "\n", shown[0])


def test_log_requests_prints_what_the_page_shows(capsys: pytest.CaptureFixture[str]) -> None:
    """The output is that of the page, except for the times."""
    from fakekounta import FakeKounta  # noqa: PLC0415 - only needed here
    from fakekounta.cli.exchange_log import log_exchange  # noqa: PLC0415 - see above

    kounta = FakeKounta()
    kounta.customers.add(first_name="J", mobile="0412345678")
    kounta.observe(log_exchange)
    client = kounta.httpx_client(auth=kounta.auth)
    client.post("/v1/companies/5678/customers.json", json={"first_name": "J"})
    client.get("/v1/companies/5678/customers.json", params={"mobile": "0412345678"})
    (shown,) = (text for text in blocks(PAGE, "text") if " in " in text)
    assert _TIMES.sub("", shown) == _TIMES.sub("", capsys.readouterr().err)


@pytest.mark.parametrize("pairs", SESSIONS, ids=lambda pairs: pairs[0][0])
def test_a_session_prints_what_the_page_shows(pairs: list[tuple[str, str]], tmp_path: Path) -> None:
    """The session runs in an empty folder, with a receiver that answers 200."""
    with Receiver() as receiver:
        receiver.answer(200, times=len(pairs))
        for command, shown in pairs:
            done = run_here(*command.replace(_RECEIVER, receiver.url).split()[1:], cwd=tmp_path)
            got = (done.stdout + done.stderr).replace(receiver.url, _RECEIVER)
            assert_shown(_TIMES.sub("", shown), _TIMES.sub("", got), command)
