"""Tests of `fakekounta trigger`: one signed sample delivery, without a server."""

from __future__ import annotations

import re

import pytest

from fakekounta import signing
from fakekounta.receiver import Receiver
from tests.commands import run, run_here

TOPICS = ("customers/created", "customers/updated", "customers/deleted")


@pytest.mark.parametrize("topic", TOPICS)
def test_the_receiver_gets_one_signed_delivery(topic: str) -> None:
    """The delivery has a whole customer; exit code 0, and one line with the status."""
    with Receiver() as receiver:
        done = run_here("trigger", topic, "--to", receiver.url)
        (got,) = receiver.received
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(rf"{topic} delivered to {re.escape(receiver.url)}: 204 in \d+ ms\n", done.stdout)
    assert got.is_signed
    assert got.json()["first_name"] == ("Sam" if topic == "customers/created" else "Jamie")
    assert ("gold" in got.json()["tags"]) is (topic == "customers/updated")


def test_token_and_format_are_options() -> None:
    """The given token signs the delivery, and the body is XML."""
    with Receiver() as receiver:
        arguments = ("--to", receiver.url, "--signature-token", "another", "--format", "xml")
        assert run_here("trigger", "customers/updated", *arguments).returncode == 0
        (got,) = receiver.received
    assert got.body.startswith(b"<?xml") or got.body.startswith(b"<customer")
    assert signing.verify(got.body, got.headers[signing.HEADER.lower()], "another")


def test_a_refusal_of_the_receiver_is_reported() -> None:
    """Exit code 1 and one line with the status; there is no retry."""
    with Receiver() as receiver:
        receiver.answer(500)
        done = run_here("trigger", "customers/updated", "--to", receiver.url)
        assert len(receiver.received) == 1
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"fakekounta: customers/updated was not delivered to {receiver.url}: the receiver answered 500\n"
    )


@pytest.mark.parametrize(
    "url, reason",
    [
        ("http://127.0.0.1:9/", "ConnectionRefusedError: "),
        ("http://192.0.2.1/hook", "192.0.2.1 is not this machine; --allow-webhook-host 192.0.2.1 "),
        ("http://127.0.0.1:9/_fakekounta/reset", "the address is the control surface of a fakekounta"),
    ],
)
def test_the_rules_of_deliveries_hold(url: str, reason: str) -> None:
    """A closed port, another machine and a control surface are exit code 1 and one line."""
    done = run_here("trigger", "customers/updated", "--to", url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"fakekounta: customers/updated was not delivered to {url}: {reason}")
    assert done.stderr.count("\n") == 1


def test_a_blocked_delivery_is_one_line_of_the_process() -> None:
    """The log, which goes to stderr where nobody configures it, does not repeat it."""
    done = run("trigger", "customers/updated", "--to", "http://shop.example/hook")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("fakekounta: customers/updated was not delivered to http://shop.example/hook: ")


@pytest.mark.parametrize(
    "arguments, reason",
    [
        (("--to", "ftp://127.0.0.1/"), "--to: must begin with http:// or https://"),
        (("--to", "nonsense"), "--to: must begin with http:// or https://"),
        (("--to", "http://127.0.0.1:9/", "--signature-token", ""), "--signature-token: must be "),
        (("--to", "http://127.0.0.1:9/", "--allow-webhook-host", ""), "--allow-webhook-host: must be "),
    ],
)
def test_a_wrong_option_is_reported_in_one_line(arguments: tuple[str, ...], reason: str) -> None:
    """The line has the option as written; exit code 2, and nothing is sent."""
    done = run_here("trigger", "customers/updated", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"fakekounta: {reason}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [("customers/changed", "--to", "http://127.0.0.1:9/"), ("customers/updated",)])
def test_topic_and_receiver_are_needed(arguments: tuple[str, ...]) -> None:
    """An unknown topic, or a missing receiver, is exit code 2."""
    assert run_here("trigger", *arguments).returncode == 2


def test_an_allowed_host_gets_it() -> None:
    """The host is allowed by flag or variable, as with `serve`, and its name is then resolved."""
    with Receiver() as receiver:
        named = receiver.url.replace("127.0.0.1", "localhost")
        for env in ({}, {"FAKEKOUNTA_ALLOW_WEBHOOK_HOST": "localhost shop.test"}):
            assert run_here("trigger", "customers/updated", "--to", named, env=env).returncode == 0
        assert len(receiver.received) == 2
