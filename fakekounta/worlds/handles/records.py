"""What the handles of customers and of the collections share: to read records, and to settle a change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from fakekounta.core.company import Company
from fakekounta.core.world import World
from fakekounta.worlds.handles.errors import SHOWN, Missing
from fakekounta.worlds.handles.lasting import lasting

MOST_AT_ONCE = 10_000
"""The largest number of records that one control call returns."""

_T = TypeVar("_T")
_Done = TypeVar("_Done")


class Kept(Protocol[_T]):
    """The records of one kind in the memory of a company."""

    def all(self) -> list[_T]: ...
    def get(self, number: int, /) -> _T | None: ...
    def page(self, start: int, stop: int, /) -> tuple[list[_T], int]: ...
    def __len__(self) -> int: ...


class RecordsHandle(ABC, Generic[_T]):
    """The records of one kind of a company of the current world; `noun` is the name of one, as words."""

    def __init__(
        self, world: Callable[[], World], company_id: int, noun: str, deliver_if_immediate: Callable[[], None]
    ) -> None:
        self._world = world
        self._company_id = company_id
        self._noun = noun
        self._deliver_if_immediate = deliver_if_immediate

    @abstractmethod
    def _kept(self, company: Company) -> Kept[_T]:
        """Return the records of this handle."""

    def all(self) -> list[_T]:
        """Return all records, in the order of lists."""
        return self._here().all()

    def page(self, start: int, end: int) -> tuple[list[_T], int]:
        """Return the records from position `start` to before `end` of the list, and the number of all records."""
        return self._here().page(start, end)

    def get(self, number: int, /) -> _T:
        """Return the record with this id. Raise KeyError if there is none."""
        found = self._here().get(number)
        if found is None:
            raise self._missing(number)
        return found

    def __len__(self) -> int:
        return len(self._here())

    def __iter__(self) -> Iterator[_T]:
        return iter(self.all())

    def _settled(self, change: Callable[[World], _Done]) -> _Done:
        """Make a change that no reset loses, and in the mode `immediate` make the deliveries that it caused."""
        done = lasting(self._world, change)
        self._deliver_if_immediate()
        return done

    def _missing(self, number: object) -> Missing:
        first, total = self.page(0, SHOWN)
        there: list[Any] = first
        return Missing(self._noun, number, [one.id for one in there], total)

    def _here(self) -> Kept[_T]:
        return self._kept(self._world().companies[self._company_id])
