"""The kind of lists of ids, of which some may be negative."""

from __future__ import annotations

from typing import Any

from fakekounta.core.kinds import Kind, View
from fakekounta.core.values import MOST_WHOLE

_ONLY_WHOLE = frozenset((int,))


class Wholes(Kind):
    """A list of whole numbers, stored as a tuple."""

    sent_as: type = list
    kept_as: type = tuple
    reason = "must be an array of whole numbers"
    annotation = "Sequence[int]"
    absent: Any = ()

    def fits(self, sent: Any) -> bool:
        return _ONLY_WHOLE.issuperset(map(type, sent)) and all(-MOST_WHOLE <= one <= MOST_WHOLE for one in sent)

    def document(self, kept: Any) -> list[int]:
        return list(kept)

    def restored(self, document: Any) -> tuple[int, ...]:
        return tuple(document)

    def shown(self, kept: Any, view: View) -> list[int]:  # noqa: ARG002 - see Kind
        return list(kept)
