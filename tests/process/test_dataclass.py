"""`dataclass`: classes are as those of the standard library, and methods are compiled when they are first used."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import sys
from typing import Any, get_type_hints

import pytest

from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cup:
    """A frozen value with slots."""

    size: int
    labels: tuple[str, ...] = dataclasses.field(default_factory=tuple)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class StandardCup:
    """The same by the standard library."""

    size: int
    labels: tuple[str, ...] = dataclasses.field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mug(Cup):
    """A class made from a frozen one, with a check and a `repr` of its own."""

    handle: bool = True

    def __post_init__(self) -> None:
        if self.size < 1:
            raise ValueError("size")

    def __repr__(self) -> str:
        return "<mug>"


@dataclass(slots=True)
class Tray:
    """A class whose instances change."""

    cups: list[Cup] = dataclasses.field(default_factory=list)
    name: str = ""


def test_the_types_of_parameters_are_found() -> None:
    """Tools look annotations up in the module of the class, also before a first call."""
    assert get_type_hints(Tray.__init__) == {"cups": list[Cup], "name": str, "return": type(None)}


def test_a_module_that_was_taken_away_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Methods compile after pyfakefs removed the module from `sys.modules`."""

    @dataclass(frozen=True)
    class Fork:
        length: int

    monkeypatch.delitem(sys.modules, __name__)
    assert Fork(length=1) == Fork(1)


def test_a_method_is_compiled_when_it_is_first_used() -> None:
    @dataclass(frozen=True)
    class Spoon:
        length: int

    before = {name: vars(Spoon)[name] for name in ("__init__", "__eq__", "__hash__", "__repr__")}
    assert not any(map(inspect.isfunction, before.values()))
    assert Spoon(3).length == 3
    assert inspect.isfunction(vars(Spoon)["__init__"])
    assert vars(Spoon)["__eq__"] is before["__eq__"]


@pytest.mark.parametrize("cls", [Cup, StandardCup])
def test_values_are_compared_hashed_shown_and_copied(cls: Any) -> None:
    one, two = cls(size=1, labels=("a",)), cls(size=1, labels=("a",))
    assert one == two
    assert hash(one) == hash(two)
    assert one != cls(size=2)
    assert one != 1
    assert repr(one) == f"{cls.__name__}(size=1, labels=('a',))"
    assert copy.deepcopy(one) == pickle.loads(pickle.dumps(one)) == one
    assert dataclasses.replace(one, size=5) == cls(size=5, labels=("a",))
    assert dataclasses.asdict(one) == {"size": 1, "labels": ("a",)}
    assert str(inspect.signature(cls)) == "(*, size: 'int', labels: 'tuple[str, ...]' = <factory>) -> None"
    assert not hasattr(one, "__dict__")


@pytest.mark.parametrize("cls", [Cup, StandardCup, Mug])
def test_frozen_instances_refuse_changes(cls: Any) -> None:
    one = cls(size=1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'size'"):
        one.size = 2
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'size'"):
        del one.size
    assert one.size == 1


@pytest.mark.parametrize("cls", [Cup, StandardCup])
def test_a_wrong_argument_is_refused(cls: Any) -> None:
    with pytest.raises(TypeError, match="size"):
        cls()
    with pytest.raises(TypeError, match=r"__init__\(\) got an unexpected keyword argument 'weight'"):
        cls(size=1, weight=2)


def test_a_class_is_made_from_another() -> None:
    mug = Mug(size=2)
    assert (mug.size, mug.labels, mug.handle, repr(mug)) == (2, (), True, "<mug>")
    assert mug == Mug(size=2) != Cup(size=2)
    with pytest.raises(ValueError, match="size"):
        Mug(size=0)

    @dataclasses.dataclass(frozen=True)
    class Jug(Cup):
        """One of a user, by the standard library."""

    assert Jug(size=3) == Jug(size=3)


def test_instances_of_other_classes_change_and_have_no_hash() -> None:
    tray, other = Tray(), Tray()
    tray.cups.append(Cup(size=1))
    assert (other.cups, tray == other) == ([], False)
    tray.name = "lunch"
    assert tray == Tray([Cup(size=1)], "lunch")
    with pytest.raises(TypeError, match="unhashable"):
        hash(tray)


def test_no_signature_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a class without a docstring nor the compilation of a method reads a signature, which takes 2 ms."""
    monkeypatch.setattr(inspect, "signature", lambda *_, **__: pytest.fail("a signature was read"))

    @dataclass(frozen=True, slots=True)
    class Plain:
        size: int

    assert repr(Plain(1)).endswith("Plain(size=1)")
