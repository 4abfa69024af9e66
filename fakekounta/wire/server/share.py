"""The share of new connections that a server takes, if other processes accept from the same port."""

from __future__ import annotations

from typing import Protocol


class Share(Protocol):
    """How many connections this process has, compared with the others."""

    def note(self, connections: int) -> None:
        """Note how many connections this process has."""

    def leave(self) -> None:
        """Note that this process takes no more connections."""

    def is_least(self) -> bool:
        """Return whether no other process has fewer connections."""


class _All:
    """The share of a server that is alone."""

    def note(self, connections: int) -> None:
        """Do nothing."""

    def leave(self) -> None:
        """Do nothing."""

    def is_least(self) -> bool:
        """Return True."""
        return True


ALL: Share = _All()
