"""`dataclass` of the standard library, except that each method is compiled when it is first used.

Compiling is nine tenths of what a dataclass costs at import: 0.2 to 0.9 ms for each of the sixty classes that every
start loads and of which few are used. Type checkers see the standard library's.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass, make_dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass  # noqa: TID251 - it is this one
else:

    def dataclass(*, frozen: bool = False, slots: bool = False, kw_only: bool = False, eq: bool = True) -> Callable:
        """Return the decorator for a dataclass; a parameter that is missing here has the standard library's default."""
        return partial(_made, frozen=frozen, slots=slots, kw_only=kw_only, eq=eq)


def _made(cls: type[Any], *, frozen: bool, slots: bool, kw_only: bool, eq: bool) -> Any:
    wanted = {"__init__": True, "__repr__": True, "__eq__": eq, "__hash__": eq and frozen}
    later = [name for name, is_wanted in wanted.items() if is_wanted and name not in vars(cls)]
    cls.__doc__ = cls.__doc__ or cls.__name__  # without one the standard library would read the signature: 2 ms
    inherits = any(map(is_dataclass, cls.__bases__))  # then the standard library asks whether both are frozen
    make = dataclasses.dataclass(**_NOTHING, frozen=frozen and inherits, slots=slots, kw_only=kw_only)  # noqa: TID251 - see above
    made: Any = make(cls)
    for name in later:
        setattr(made, name, _Later(made, name, frozen=frozen, kw_only=kw_only))
    if frozen:
        _freeze(made, slots=slots)
    elif eq:
        made.__hash__ = None
    return made


_PARTS: Mapping[str, Mapping[str, Any]] = {
    "__init__": {"init": True},
    "__repr__": {"repr": True},
    "__eq__": {"eq": True},
    "__hash__": {"unsafe_hash": True},
}
"""The methods that are compiled, each with the argument of the standard library's decorator that asks for it."""
_NOTHING: Mapping[str, Any] = {"init": False, "repr": False, "eq": False}


class _Later:
    """A method of a dataclass that is compiled, and put in the place of this object, when it is first looked up."""

    def __init__(self, cls: type[Any], name: str, **options: Any) -> None:
        self._cls = cls
        self._name = name
        self._options = options

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        method = self._compiled()
        method.__qualname__ = f"{self._cls.__qualname__}.{self._name}"
        setattr(self._cls, self._name, method)
        return method.__get__(instance, owner)

    def _compiled(self) -> Any:
        """Return the method of a class with the same fields, which is made for this method only."""
        home = self._cls.__module__  # where annotations are looked up; tools such as pyfakefs take modules away
        taken = ("__doc__", "__post_init__", *(("__module__",) if home in sys.modules else ()))
        of_module: Any = {"module": home} if home in sys.modules and sys.version_info >= (3, 12) else {}
        twin = make_dataclass(
            self._cls.__name__,
            [(one.name, one.type, one) for one in fields(self._cls)],
            namespace={name: getattr(self._cls, name) for name in taken if hasattr(self._cls, name)},
            **of_module,
            **{**_NOTHING, **_PARTS[self._name], **self._options},
        )
        return vars(twin)[self._name]


def _freeze(cls: Any, *, slots: bool) -> None:
    """Refuse changes of the instances of a class, as the standard library does, by functions that all classes share."""
    cls.__dataclass_params__.frozen = True  # classes that are made from this one ask for it
    cls.__setattr__, cls.__delattr__ = _refuse_change, _refuse_removal
    if slots:
        cls.__getstate__, cls.__setstate__ = _state, _restore


def _refuse_change(_: Any, name: str, __: Any) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_removal(_: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(value: Any) -> list[Any]:
    """Return what a copy needs, for `copy` and `pickle`."""
    return [getattr(value, one.name) for one in fields(value)]


def _restore(value: Any, state: Iterable[Any]) -> None:
    for one, item in zip(fields(value), state, strict=True):
        object.__setattr__(value, one.name, item)
