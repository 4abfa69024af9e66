"""The completion of commands, options and choices in bash, zsh and fish, as docs/cli.md sets it up."""

from __future__ import annotations

import pytest

from tests.commands import run_here

SHELLS = ("bash", "zsh", "fish")


def completed(shell: str, line: str) -> set[str]:
    """What a shell offers for the last word of a line."""
    words = line.split(" ")
    env = {"_FAKEKOUNTA_COMPLETE": f"{shell}_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    if shell == "fish":  # it sends the word alone
        env |= {"COMP_WORDS": " ".join(words[:-1]), "COMP_CWORD": words[-1]}
    done = run_here(env=env, prog_name="fakekounta")
    separator = {"bash": ",", "fish": ","}.get(shell)
    lines = done.stdout.splitlines()
    if separator is None:  # zsh: a type, a value and a help, each on a line
        return set(lines[1::3])
    return {one.partition(separator)[2].partition("\t")[0].partition("\n")[0] for one in lines}


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    "line, offered",
    [
        ("fakekounta he", {"health"}),
        ("fakekounta serve --page", {"--page-size"}),
        ("fakekounta serve --webhook-mode im", {"immediate"}),
        ("fakekounta trigger customers/u", {"customers/updated"}),
        ("fakekounta health --w", {"--wait"}),
        ("fakekounta explain k09", {"K09"}),
    ],
)
def test_a_word_is_completed(shell: str, line: str, offered: set[str]) -> None:
    """Commands, options, choices of a setting, topics and ids of quirks are completed."""
    assert completed(shell, line) == offered


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_of_a_shell_asks_the_command(shell: str) -> None:
    """The script for the shell names the command and the variable."""
    done = run_here(env={"_FAKEKOUNTA_COMPLETE": f"{shell}_source"}, prog_name="fakekounta")
    assert done.returncode == 0
    assert f"_FAKEKOUNTA_COMPLETE={shell}_complete" in done.stdout
