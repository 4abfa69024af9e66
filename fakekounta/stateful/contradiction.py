"""The exceptions of a machine, and the text of its failures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fakekounta.catalogue.quirks import Quirk

_MOST_SHOWN = 5


class Refused(Exception):
    """Signals that the server refused a request, with `status` and description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(f"{status} {description}")
        self.status = status


class Contradiction(AssertionError):
    """Signals that a response contradicts the catalogue; `quirk` is the contradicted statement."""

    def __init__(self, quirk: Quirk, message: str) -> None:
        super().__init__(message)
        self.quirk = quirk


class Shown(Protocol):
    """A model, as the text of a failure shows it."""

    @property
    def nouns(self) -> str:
        """The name of its records."""

    @property
    def ids(self) -> Iterable[int]:
        """The ids of its records."""

    def shown(self, number: int) -> str:
        """Return a record as text."""
        ...


class Witness:
    """Knows the current operation, the last exchange and the model, for the text of a failure."""

    def __init__(self, model: Shown, tolerated: Iterable[str] = ()) -> None:
        self._model = model
        self._tolerated = {Quirk.by_id(one) for one in tolerated}
        self.operation = "the start"
        self.exchange = "no request by HTTP"

    def tolerates(self, quirk: Quirk) -> bool:
        """Return whether the machine's `tolerates` names the quirk."""
        return quirk in self._tolerated

    def contradiction(self, quirk: Quirk, what: str, about: Iterable[int] | None = None) -> Contradiction:
        """Return the exception to raise.

        The message shows the model of the records with these ids, by default of all.
        """
        lines = (
            f"{quirk.id}: {what}",
            f"  the catalogue: {quirk.statement} [{quirk.basis.name}]",
            f"  doing: {self.operation}",
            f"  last asked: {self.exchange}",
            f"  the model: {self._view(about)}",
        )
        return Contradiction(quirk, "\n".join(lines))

    def _view(self, about: Iterable[int] | None) -> str:
        ids = sorted(self._model.ids if about is None else set(about))
        shown = [f"{one}: {self._model.shown(one)}" for one in ids[:_MOST_SHOWN]]
        more = [f"and {len(ids) - _MOST_SHOWN} more"] if len(ids) > _MOST_SHOWN else []
        return "; ".join(shown + more) or f"no {self._model.nouns}"
