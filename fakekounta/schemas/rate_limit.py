"""The part of the state document about the rate limit: how many requests each application has made in its minute."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from fakekounta.core.rate_limit import RateLimit, RequestsPerMinute
from fakekounta.core.values import any_text, known_keys, number, objects, one_of, whole

_SCHEMES = tuple(one.name for one in fields(RequestsPerMinute))
_LATEST = 253_402_300_800  # the end of the calendar, in Unix seconds


def windows_of(rate_limit: RateLimit | None) -> list[dict[str, Any]]:
    """Return the windows of a rate limit; none without one."""
    windows = {} if rate_limit is None else rate_limit.windows()
    return [
        {"client_id": client_id, "scheme": scheme, "since": since, "used": used}
        for (client_id, scheme), (since, used) in windows.items()
    ]


def restore_windows(name: str, rate_limit: RateLimit, documents: Any) -> None:
    """Restore the windows of documents that `windows_of` returned. Raise ValueError."""
    for index, document in enumerate(objects(name, documents)):
        place = f"{name}[{index}]"
        known_keys(place, document, ("client_id", "scheme", "since", "used"))
        key = (
            any_text(f"{place}.client_id", document.get("client_id")),
            one_of(_SCHEMES)(f"{place}.scheme", document.get("scheme")),
        )
        since = number(0, _LATEST)(f"{place}.since", document.get("since"))
        rate_limit.restore({key: (since, whole()(f"{place}.used", document.get("used")))})
