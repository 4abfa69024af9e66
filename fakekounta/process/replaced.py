"""Functions of other modules and classes, replaced for a while, beside other tools that replace the same ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

_MISSING: Any = object()


class Replaced:
    """Functions that are replaced together and restored together, in any order with other tools.

    A replacement that another tool has wrapped stays when it is put back, and from then on only calls what it replaced.
    """

    def __init__(self) -> None:
        self._places: list[tuple[Any, str, Any, Any]] = []
        self._is_active = True

    def replace(self, owner: Any, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> None:
        """Replace a function of a module, or a method of a class, by the result of `make`; ignore an absent one."""
        inherited: Any = getattr(owner, name, None)
        if inherited is None:
            return
        instead = make(inherited)

        @wraps(inherited)
        def replacement(*arguments: Any, **options: Any) -> Any:
            return (instead if self._is_active else inherited)(*arguments, **options)

        before = vars(owner).get(name, _MISSING)
        replacement.put_back = self, before  # type: ignore[attr-defined]
        self._places.append((owner, name, before, replacement))
        setattr(owner, name, replacement)

    def pause(self) -> None:
        """Leave the replacements where they are, but let them only call what they replaced, until `resume`."""
        self._is_active = False

    def resume(self) -> bool:
        """Make the replacements act again, if each is still in its place; return whether that is so."""
        still = [vars(owner).get(name) is ours for owner, name, _, ours in self._places]
        self._is_active = bool(still) and all(still)
        return self._is_active

    def put_back(self) -> None:
        """Put the functions back; doing it twice is fine."""
        self._is_active = False
        while self._places:
            owner, name, before, replacement = self._places.pop()
            if vars(owner).get(name) is replacement:
                _set(owner, name, _still_wanted(before))


def _still_wanted(function: Any) -> Any:
    """Return the function, or the first one below it that is not a replacement which was put back."""
    while True:
        by, before = getattr(function, "put_back", (None, None)) if function is not _MISSING else (None, None)
        if by is None or by._is_active:  # noqa: SLF001 - an instance of this class
            return function
        function = before


def _set(owner: Any, name: str, function: Any) -> None:
    if function is _MISSING:
        delattr(owner, name)
    else:
        setattr(owner, name, function)
