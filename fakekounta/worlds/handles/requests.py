"""The handle `requests`: the recorded exchanges, and assertions about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Protocol, overload

from fakekounta.catalogue.names import known_are
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.journal import Entry
from fakekounta.core.matching import Conditions, line_of, nearest

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from fakekounta.settings.keywords import ExchangeFields


class Exchanges(Protocol):
    """A journal, in this process or on a remote server."""

    @property
    def total(self) -> int:
        """The number of exchanges, with those that are no longer kept."""

    @property
    def covered(self) -> Mapping[Quirk, int]:
        """The number of exchanges that covered each quirk."""

    def clear(self) -> None:
        """Delete all exchanges."""

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the kept exchanges, the oldest first."""

    def __len__(self) -> int:
        """Return how many are kept."""


class Requests:
    """The exchanges since the last reset, the oldest first. The newest thousand are kept; `total` counts all.

    The keywords `wanted` are the fields of `fakekounta.core.matching.Conditions`: `json` (the request's whole body),
    `includes` (some of its keys with their values), `query` (some parameters), `status`, `client_id`, `quirk` ("C04").
    """

    def __init__(self, journal: Callable[[], Exchanges]) -> None:
        self._journal = journal

    def find(self, method: str | None = None, path: str | None = None, **wanted: Unpack[ExchangeFields]) -> list[Entry]:
        """Return the matching exchanges.

        Raises:
            ValueError: No exchange can match.
        """
        looked_for = _wanted(method, path, wanted)
        return [entry for entry in self._journal() if not looked_for.differences(entry)]

    def assert_made(
        self,
        method: str | None = None,
        path: str | None = None,
        *,
        times: int | None = None,
        **wanted: Unpack[ExchangeFields],
    ) -> list[Entry]:
        """Return the matching exchanges.

        Raises:
            AssertionError: There is none, or not exactly `times`; the message shows the nearest exchanges.
        """
        looked_for = _wanted(method, path, wanted)
        entries = list(self._journal())
        found = [entry for entry in entries if not looked_for.differences(entry)]
        if times is None and not found:
            raise AssertionError(f"no {looked_for} was made{nearest(looked_for, entries)}")
        if times is not None and len(found) != times:
            count = f"{len(found)} time{'' if len(found) == 1 else 's'}"
            raise AssertionError(f"{looked_for} was made {count}, not {times}{nearest(looked_for, entries)}")
        return found

    def assert_none(self, method: str | None = None, path: str | None = None, **wanted: Unpack[ExchangeFields]) -> None:
        """Check that no exchange matches.

        Raises:
            AssertionError: An exchange matches; the message lists those that do.
        """
        looked_for = _wanted(method, path, wanted)
        found = [entry for entry in self._journal() if not looked_for.differences(entry)]
        if found:
            lines = "\n".join(f"  {line_of(entry)}" for entry in found[:5])
            raise AssertionError(f"{looked_for} was made {len(found)} times:\n{lines}")

    @property
    def total(self) -> int:
        """The number of exchanges, with those that are no longer kept."""
        return self._journal().total

    @property
    def covered(self) -> Mapping[Quirk, int]:
        """The number of exchanges that covered each quirk, without quirks that none covered."""
        return self._journal().covered

    def clear(self) -> None:
        """Delete all exchanges."""
        self._journal().clear()

    @overload
    def __getitem__(self, index: int) -> Entry: ...

    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...

    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        return list(self._journal())[index]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._journal())

    def __len__(self) -> int:
        return len(self._journal())

    def __repr__(self) -> str:
        return f"<{self.total} requests>"


def _wanted(method: str | None, path: str | None, given: Mapping[str, Any]) -> Conditions:
    """Return the conditions. Raise TypeError for an unknown one, ValueError if no exchange can match."""
    known = [one.name for one in fields(Conditions)]
    for name in given:
        if name not in known:
            raise TypeError(f"unknown condition {name!r}; {known_are(name, known)}")
    return Conditions(method=method, path=path, **given)
