"""Kinds of fields that hold the ids of records of other collections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fakekounta.core.kinds import Kind, View, Whole
from fakekounta.core.values import refuse, whole


class Shown:
    """What a record shows of the other record: its keys, each with the key that it has there; none is the bare id."""

    def __init__(self, plural: str, shows: Iterable[str] | Mapping[str, str]) -> None:
        self.plural: str = plural
        self.shows: Mapping[str, str] = shows if isinstance(shows, Mapping) else {key: key for key in shows}

    def of(self, number: int, view: View) -> dict[str, Any] | None:
        """Return the keys of the record with this id, or None if there is none."""
        other = view.referred(self.plural, number)
        if other is None:
            return None
        return view.with_id_str({key: other[theirs] for key, theirs in self.shows.items()})


class Reference(Whole):
    """The id of a record of another collection.

    A complete record shows these keys of the other record, or the id without any; a list item only the id (D08).
    """

    def __init__(self, plural: str, shows: Iterable[str] | Mapping[str, str] = ()) -> None:
        super().__init__(1)
        self.plural: str = plural
        self.other: Shown = Shown(plural, shows)

    def shown(self, kept: int | None, view: View) -> Any:
        return kept if kept is None or not self.other.shows else self.other.of(kept, view)

    def listed(self, kept: int | None, view: View) -> int | None:  # noqa: ARG002 - see Kind
        return kept


class References(Kind):
    """The ids of records of another collection, stored as a tuple, each once; a record shows these keys of each."""

    sent_as = list
    kept_as = tuple
    reason = "must be an array of whole numbers from 1"
    annotation = "Sequence[int]"
    absent: Any = ()

    def __init__(self, plural: str, shows: Iterable[str] | Mapping[str, str] = ("id",)) -> None:
        self.plural: str = plural
        self.other: Shown = Shown(plural, shows)

    def fits(self, sent: Any) -> bool:
        return all(type(one) is int and one > 0 for one in sent)

    def read(self, name: str, value: Any) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            refuse(name, "an array of whole numbers", value)
        read = whole(1)
        return tuple(dict.fromkeys(read(f"{name}[{index}]", one) for index, one in enumerate(value)))

    def document(self, kept: Any) -> list[int] | None:
        return None if kept is None else list(kept)

    def restored(self, document: Any) -> tuple[int, ...] | None:
        return None if document is None else tuple(document)

    def shown(self, kept: Any, view: View) -> list[Any]:
        found = (self.other.of(number, view) for number in kept)
        return [one for one in found if one is not None]


def at_all_sites(record: Any, ids: Callable[[str], Sequence[int]]) -> Any:
    """Return a record with the ids of all sites, if its `site_ids` are None; `ids` returns those of a collection."""
    return record if record.site_ids is not None else replace(record, site_ids=tuple(ids("sites")))
