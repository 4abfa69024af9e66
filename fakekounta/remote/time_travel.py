"""Earlier states of a remote server that keeps its changes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from fakekounta.core.records import Record
from fakekounta.remote.calls import Calls

if TYPE_CHECKING:
    from typing_extensions import Self


class TimeTravel:
    """The world of a server with `--keep`, as it was after each change; exchanges have the position as `change`."""

    _calls: Calls

    @abstractmethod
    def _in_namespace(self, namespace: str) -> Self: ...

    def changed_by(self, position: int) -> Record:
        """Return what a change changed in this world, on a server with `--keep`: `differences` with before and after.

        `position` is that of an exchange (`Entry.change`). Raises KeyError if the server has no such change, or keeps
        none.
        """
        document: Record = self._calls.get(f"changes/{position}")
        return document

    def state_after(self, position: int) -> Record:
        """Return the whole state after a change, on a server with `--keep`. Raises KeyError if there is none."""
        document: Record = self._calls.get(f"changes/{position}/state")
        return document

    def fork(self, position: int, name: str) -> Self:
        """Return a namespace that has the state of this world after a change, on a server with `--keep`.

        What it had before is replaced; its clock runs on from the time that it showed then.

        Raises:
            KeyError: The server has no such change, or keeps none.
            ValueError: `name` is not a valid name of a namespace, or there are too many.
        """
        self._calls.post(f"changes/{position}/fork", {"namespace": name})
        return self._in_namespace(name)
