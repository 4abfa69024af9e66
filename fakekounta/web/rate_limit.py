"""Apply the rate limit: count requests, and write the headers of the limit (R01 to R03)."""

from __future__ import annotations

from flask import Response

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import Refusal
from fakekounta.web.exchange import Exchange


class LimitExceeded(Refusal):
    """Signals too many requests in this minute."""


def count_request(exchange: Exchange, scheme: str) -> None:
    """Count the request, if there is a limit. Raises LimitExceeded."""
    rate_limit = exchange.world.rate_limit
    if rate_limit is None:
        return
    allowance = rate_limit.take(exchange.client_id, scheme, exchange.world.clock.now())
    exchange.allowance = allowance
    exchange.covers(Quirk.R02_RATE_LIMIT_HEADERS)
    if not allowance.allowed:
        exchange.covers(Quirk.R03_BODY_OF_429, Quirk.R04_RATE_LIMIT_WINDOW)
        raise LimitExceeded(Quirk.R01_REQUESTS_A_MINUTE, "Limit exceeded")


def tell_allowance(exchange: Exchange, answer: Response) -> None:
    """Write the headers of the rate limit (R02)."""
    allowance = exchange.allowance
    if allowance is not None:
        answer.headers["X-Ratelimit-Limit"] = str(allowance.limit)
        answer.headers["X-Ratelimit-Remaining"] = str(allowance.remaining)
        answer.headers["X-Ratelimit-Reset"] = str(allowance.reset_at)
