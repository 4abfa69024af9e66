"""Tests of `fakekounta serve` and its webhooks: the options, and the message about due deliveries at the end."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from fakekounta import Receiver
from tests.caller import CUSTOMERS
from tests.commands import run_here, serving, url_in
from tests.lab import CREATED, PATIENCE_SECONDS

AUTH = ("fake-client-id", "fake-client-secret")


class Served:
    """A `fakekounta serve` in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def control(self, method: str, path: str, document: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/_fakekounta/{path}", json=document, timeout=PATIENCE_SECONDS)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def subscribe(self, address: str) -> None:
        self._post("/v1/companies/me/webhooks.json", {"topic": CREATED, "address": address})

    def create(self, first_name: str = "Jamie") -> None:
        self._post(f"{CUSTOMERS}.json", {"first_name": first_name, "phone": "1"})

    def _post(self, path: str, document: Any) -> None:
        answer = requests.post(f"{self.url}{path}", json=document, auth=AUTH, timeout=PATIENCE_SECONDS)
        assert answer.status_code == 201, answer.text

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal, and return exit code and the rest of stdout and stderr."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, out, err


@contextmanager
def served(*flags: str, **variables: str) -> Iterator[Served]:
    with serving("--port", "0", *flags, env=variables) as (process, line):
        yield Served(process, url_in(line))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_how_many_were_due(number: signal.Signals, fakekounta_receiver: Receiver) -> None:
    """If deliveries are due, one with a hanging receiver, it prints their number and exits with 0."""
    fakekounta_receiver.hang(times=9)
    with served() as server:
        server.subscribe(fakekounta_receiver.url)
        for _ in range(3):
            server.create()
        fakekounta_receiver.wait_for(1, timeout=PATIENCE_SECONDS)
        code, out, err = server.end(number)
    assert (code, out) == (0, "")
    assert err == "fakekounta: 3 webhook deliveries were still due\n"


def test_it_says_nothing_when_nothing_was_due() -> None:
    """Without due deliveries stderr is empty, also with a webhook and a failed delivery."""
    with served("--webhooks", "immediate", "--webhook-minutes", "0") as server:
        server.subscribe("http://127.0.0.1:1/")
        server.create()
        assert [one["outcome"] for one in server.control("GET", "deliveries")] == ["failed"]
        assert server.end() == (0, "", "")


def test_pending_deliveries_survive_a_restart_by_the_state(fakekounta_receiver: Receiver) -> None:
    """A process with the state of another makes its pending deliveries in the background."""
    with served("--webhooks", "collect") as first:
        first.subscribe(fakekounta_receiver.url)
        for name in ("Jamie", "Kim"):
            first.create(name)
        state = first.control("GET", "state")
        assert first.end()[2] == "fakekounta: 2 webhook deliveries were still due\n"
    with served() as second:
        second.control("PUT", "state", {**state, "webhook_mode": second.control("GET", "state")["webhook_mode"]})
        received = fakekounta_receiver.wait_for(2, timeout=PATIENCE_SECONDS)
    assert [(one.json()["first_name"], one.is_signed) for one in received] == [("Jamie", True), ("Kim", True)]


def test_options_of_the_lab(fakekounta_receiver: Receiver) -> None:
    """Mode, schedule, timeout, disturbances and allowed hosts are flags, and each has an environment variable."""
    flags = ("--webhooks", "immediate", "--webhook-minutes", "0,0.5", "--webhook-timeout", "0.25")
    chances = ("--webhook-disturbance", "duplicate=1", "--webhook-disturbance", "seed=3")
    with served(*flags, *chances, FAKEKOUNTA_ALLOW_WEBHOOK_HOST="shop.example") as server:
        state = server.control("GET", "state")
        assert state["webhook_mode"] == "immediate"
        assert state["webhook_schedule"] == {"minutes": [0, 0.5], "timeout_seconds": 0.25}
        assert state["allow_webhook_hosts"] == ["shop.example"]
        chance = server.control("GET", "disturbances")
        assert (chance["duplicate"], chance["drop"], chance["seed"]) == (1, 0, 3)
        server.subscribe(fakekounta_receiver.url)
        server.create()
        assert len(fakekounta_receiver.received) == 2
        assert server.end() == (0, "", "")


@pytest.mark.parametrize(
    "flag, value, reason",
    [
        ("--webhook-disturbance", "drop=2", "--webhook-disturbance drop: must be a number from 0 to 1, not 2"),
        ("--webhook-disturbance", "drop", "--webhook-disturbance drop: must be a number from 0 to 1, not ''"),
        ("--webhook-disturbance", "lose=1", "--webhook-disturbance: 'lose' is unknown; known are duplicate, "),
        ("--webhook-minutes", "0,x", "--webhook-minutes[1]: must be a number from 0 to 525600, not 'x'"),
        ("--webhook-minutes", "5,1", "--webhook-minutes: must ascend"),
        ("--webhook-timeout", "0", "--webhook-timeout: must be a number from 0.001 to 3600, not 0"),
    ],
)
def test_wrong_options_refuse_to_start(flag: str, value: str, reason: str) -> None:
    """Exit code 2 and one line on stderr that names the option and the reason."""
    ended = run_here("serve", "--port", "0", flag, value)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"fakekounta: {reason}")
    assert ended.stderr.count("\n") == 1
