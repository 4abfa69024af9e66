"""Tests of mistakes on the command line: one line, with the name as it was written and the nearest known one."""

from __future__ import annotations

from collections.abc import Sequence
from subprocess import CompletedProcess

import pytest

from tests.commands import run_here


@pytest.mark.parametrize(
    "arguments, line",
    [
        (["serv"], "serv: is unknown; known are diff, *, verify; did you mean serve?"),
        (["zzzz"], "zzzz: is unknown; known are diff, *, verify"),
        (["serve", "--prot", "80"], "--prot: is unknown; did you mean --port?"),
        (["serve", "--qiet"], "--qiet: is unknown; did you mean --quiet?"),
        (["serve", "--no-tsl"], "--no-tsl: is unknown; did you mean --no-tls?"),
        (["health", "--zzzz"], "--zzzz: is unknown; `fakekounta health --help` lists what there is"),
        (["--vers"], "--vers: is unknown; did you mean --version?"),
        (["quirks", "--format", "jsn"], "--format: must be one of text, json, markdown, not 'jsn'; did you mean json?"),
        (
            ["serve", "--webhook-mode", "colect"],
            "--webhook-mode: must be one of background, immediate, collect, not 'colect'; did you mean collect?",
        ),
        (
            ["trigger", "customers/update", "--to", "x"],
            "TOPIC: must be one of customers/created, *, not 'customers/update'; did you mean customers/updated?",
        ),
        (["trigger", "customers/updated"], "--to: is required; `fakekounta trigger --help` lists what there is"),
        (["diff", "old"], "NEW: is required; `fakekounta diff --help` lists what there is"),
        (["serve", "--port"], "option '--port' requires an argument"),
        (["serve", "here"], "got unexpected extra argument (here); `fakekounta serve --help` lists what there is"),
        (["health", "--wait", "soon"], "--wait: 'soon' is not a valid float"),
        (["health", "--wait", "-1"], "--wait: must be a number of seconds from 0 to 86400"),
    ],
)
def test_a_mistake_is_one_line(arguments: Sequence[str], line: str) -> None:
    """A wrong command, option or value ends with exit code 2 and one line; `*` stands for names in between."""
    assert_refused(run_here(*arguments, prog_name="fakekounta"), line)


def test_a_variable_is_named_as_it_was_written() -> None:
    """A wrong value of an environment variable is reported under the name of the variable."""
    assert_refused(run_here("health", env={"FAKEKOUNTA_WAIT": "soon"}), "FAKEKOUNTA_WAIT: 'soon' is not a valid float")


def test_letters_in_the_wrong_order_are_a_typo() -> None:
    """A variable with two letters exchanged is refused, also if its name is short."""
    done = run_here("serve", env={"FAKEKOUNTA_PROT": "1"})
    assert_refused(done, "FAKEKOUNTA_PROT: is unknown; did you mean FAKEKOUNTA_PORT?")


def test_without_a_command_the_help_is_shown() -> None:
    """Without arguments the help lists the commands, and no error is printed."""
    assert "Commands:" in run_here().stderr


def assert_refused(done: CompletedProcess[str], line: str) -> None:
    """Fail unless a command ended with exit code 2 and this line alone."""
    begin, _, end = line.partition("*")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"fakekounta: {begin}")
    assert done.stderr.endswith(f"{end}\n")
