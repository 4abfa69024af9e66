"""Tests of functions that are replaced for a while, beside tools that replace the same ones."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from fakekounta.process.replaced import Replaced


class Base:
    def name(self) -> str:
        return "base"


class Own(Base):
    pass


def saying(word: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return lambda inherited: lambda *arguments: f"{word} {inherited(*arguments)}"


def replaced(owner: Any, word: str) -> Replaced:
    made = Replaced()
    made.replace(owner, "name", saying(word))
    return made


def test_an_inherited_method_is_inherited_again_afterwards() -> None:
    """The class has no method of its own afterwards, also after two replacements."""
    one = replaced(Own, "one")
    two = replaced(Own, "two")
    assert Own().name() == "two one base"
    two.put_back()
    assert Own().name() == "one base"
    one.put_back()
    one.put_back()
    assert "name" not in vars(Own)


def test_in_another_order_nothing_stays() -> None:
    """The lower replacement is inactive at once, and gone when the upper one is put back."""
    one = replaced(Own, "one")
    two = replaced(Own, "two")
    one.put_back()
    assert Own().name() == "two base"
    two.put_back()
    assert "name" not in vars(Own)


def test_what_another_tool_set_meanwhile_stays() -> None:
    """A tool that restores our replacement later restores a function that only calls the original."""
    owner = SimpleNamespace(name=lambda: "original")
    original = owner.name
    one = replaced(owner, "one")
    found = owner.name
    owner.name = lambda: "theirs"
    one.put_back()
    assert owner.name() == "theirs"
    owner.name = found
    assert owner.name() == "original"
    assert owner.name is not original


def test_a_function_that_is_not_there_is_not_made() -> None:
    """A function that the platform lacks is not added."""
    made = Replaced()
    made.replace(Own, "nothing", saying("one"))
    assert not hasattr(Own, "nothing")
    made.put_back()


def test_a_failure_of_the_original_is_its_own() -> None:
    """An error of the original is raised unchanged."""

    def fail() -> str:
        raise KeyError("theirs")

    owner = SimpleNamespace(name=fail)
    one = replaced(owner, "one")
    with pytest.raises(KeyError, match="theirs"):
        owner.name()
    one.put_back()
    assert owner.name is fail


def test_a_pause_leaves_it_in_its_place() -> None:
    """While paused, the replacement only calls the original; afterwards it acts again."""
    one = replaced(Own, "one")
    found = vars(Own)["name"]
    one.pause()
    assert Own().name() == "base"
    assert vars(Own)["name"] is found
    assert one.resume()
    assert Own().name() == "one base"
    one.put_back()
    assert "name" not in vars(Own)


def test_what_another_tool_has_replaced_is_not_resumed() -> None:
    """A replacement that is no longer in its place stays inactive, and what is there stays."""
    owner = SimpleNamespace(name=lambda: "original")
    one = replaced(owner, "one")
    ours = owner.name
    one.pause()
    owner.name = lambda: "theirs"
    assert not one.resume()
    assert ours() == "original"
    one.put_back()
    assert owner.name() == "theirs"
