"""The kind of lists of ids, of which some may be negative."""

from __future__ import annotations

from typing import Any

from fakekounta.core.kinds import Several
from fakekounta.core.values import MOST_WHOLE

_ONLY_WHOLE = frozenset((int,))


class Wholes(Several):
    """A list of whole numbers."""

    reason = "must be an array of whole numbers"
    annotation = "Sequence[int]"

    def fits(self, sent: Any) -> bool:
        return _ONLY_WHOLE.issuperset(map(type, sent)) and all(-MOST_WHOLE <= one <= MOST_WHOLE for one in sent)
