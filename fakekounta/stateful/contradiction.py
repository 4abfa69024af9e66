"""The exceptions of a machine, and the text of its failures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fakekounta.catalogue.quirks import Quirk
from fakekounta.stateful.model import Model

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


class Witness:
    """Knows the current operation, the last exchange and the model, for the text of a failure."""

    def __init__(self, model: Model, tolerated: Iterable[str] = ()) -> None:
        self._model = model
        self._tolerated = {Quirk.by_id(one) for one in tolerated}
        self.operation = "the start"
        self.exchange = "no request by HTTP"

    def tolerates(self, quirk: Quirk) -> bool:
        """Return whether the machine's `tolerates` names the quirk."""
        return quirk in self._tolerated

    def contradiction(self, quirk: Quirk, what: str, customers: Iterable[int] | None = None) -> Contradiction:
        """Return the exception to raise.

        The message shows the model of these customers, by default of all.
        """
        lines = (
            f"{quirk.id}: {what}",
            f"  the catalogue: {quirk.statement} [{quirk.basis.name}]",
            f"  doing: {self.operation}",
            f"  last asked: {self.exchange}",
            f"  the model: {self._view(customers)}",
        )
        return Contradiction(quirk, "\n".join(lines))

    def _view(self, customers: Iterable[int] | None) -> str:
        ids = sorted(self._model.customers if customers is None else set(customers))
        shown = [f"{one}: {_brief(self._model.customers.get(one))}" for one in ids[:_MOST_SHOWN]]
        more = [f"and {len(ids) - _MOST_SHOWN} more"] if len(ids) > _MOST_SHOWN else []
        return "; ".join(shown + more) or "no customers"


def _brief(state: dict[str, Any] | None) -> str:
    """Return a customer as text, without its absent fields."""
    if state is None:
        return "not there"
    return repr({name: value for name, value in state.items() if value not in (None, "", [], False)})
