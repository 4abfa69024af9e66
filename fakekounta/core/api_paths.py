"""The paths of the real API, as far as anybody knows them, and which of them a fault's path pattern can match.

A path is a sequence of parts: `{...}` stands for any part, `**` for any number of parts.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache

from fakekounta.catalogue.names import did_you_mean
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.paths import path_matches

_MANY, _COMPANY = "**", ("companies", "{company_id}")
_Parts = Sequence[str]


def _of_collections() -> Iterator[str]:
    """Yield the paths that the declarations of collections describe."""
    for one in COLLECTIONS.values():
        if one.has_own_routes:
            continue
        for scopes in ((), *((scope,) for scope in one.scopes), *one.both):
            yield "".join((*(f"/{COLLECTIONS[scope].place}/{{id}}" for scope in scopes), f"/{one.place}"))
        if one.one:
            yield f"/{one.place}/{{id}}"
            yield from (f"/{one.place}/{{id}}/{COLLECTIONS[other].place}" for other in one.holds)


BESIDE = ("/authorize", "/token", "/v1/token")
MODELLED = (
    "",
    *("/customers", "/customers/{id}", "/customers/{id}/addresses", "/customers/{id}/addresses/{address_id}"),
    *("/webhooks", "/webhooks/{id}", "/status"),
    *_of_collections(),
    *("/sites/{id}/status", "/staff/me", "/staff/admins", "/staff/me/sites", "/products/{id}/modifiers"),
    *("/sites/{id}/inventory", "/sites/{id}/products/{product_id}"),
    *("/orders", "/orders/{id}", "/orders/saleid/{sale_id}", "/orders/{id}/lines", "/orders/{id}/lines/{number}"),
    *("/orders/{id}/payments", "/orders/{id}/payments/{number}"),
    *("/sites/{id}/orders", "/registers/{id}/orders", "/staff/{id}/orders", "/customers/{id}/orders"),
)
"""What the fake has below a company."""
NARROWED = ("/orders/**", "/{scope}/{id}/**/orders", "/{scope}/{id}/**/orders/**")
"""The lists of orders, with filters before and after `orders` (D02)."""
NOT_MODELLED = (
    *("/sites/{id}/tables", "/sites/{id}/tables/{name}"),
    "/categories/{id}/products/{product_id}",
    *("/price_lists", "/price_lists/{id}", "/price_lists/base"),
    *("/shifts/{date}", "/shifts/since/{date}", "/{scope}/{id}/shifts/{date}", "/{scope}/{id}/shifts/since/{date}"),
    *("/sites/{id}/checkins", "/sites/{id}/checkins/{customer_id}"),
)
"""What else the real API has there."""
WRITES_NOT_MODELLED = (
    *(("POST", "/products"), ("PUT", "/products/{id}"), ("POST", "/taxes")),
    *(("POST", "/categories"), ("POST", "/sites/{id}/categories")),
    *(("PUT", "/categories/{id}"), ("PUT", "/categories/{id}/products")),
)
"""The requests of the real API to paths that the fake only reads (G06, G11, M06)."""


def warn_of(pattern: str | None, place: str = "") -> None:
    """Warn of a pattern that matches only paths which the fake does not model; the message begins with `place`."""
    if pattern is not None and not _is_modelled(pattern):
        unmodelled = f"the real API has {pattern!r}, but the fake does not: where no fault answers, it is 404 (K05)"
        warnings.warn(f"{place}path: {unmodelled}", stacklevel=4)


@lru_cache(maxsize=256)
def check_path(pattern: str) -> None:
    """Raise ValueError, one line that begins with "path", if a pattern matches no path of the real API."""
    if not _is_modelled(pattern) and not _matches_any(pattern, NOT_MODELLED):
        near = did_you_mean(_below_company(pattern), [one for one in (*MODELLED, *BESIDE, *NOT_MODELLED) if one])
        raise ValueError(f"path: no path of the API matches {pattern!r}{near}")


def is_write_not_modelled(method: str, path: str) -> bool:
    """Return whether a request changes something that the fake only reads, and the real API lets change."""
    return any(method == one and path_matches(pattern, path) for one, pattern in WRITES_NOT_MODELLED)


@lru_cache(maxsize=256)
def _is_modelled(pattern: str) -> bool:
    return _matches_any(pattern, (*MODELLED, *NARROWED)) or any(_meet(_parts(pattern), _parts(one)) for one in BESIDE)


def _matches_any(pattern: str, below_company: Iterable[str]) -> bool:
    """Return whether a pattern matches one of these paths, with or without the prefix of a company."""
    parts = _parts(pattern)
    for one in below_company:
        own = _parts(one) if one else ()
        if any(_meet(parts, (*prefix, *own)) for prefix in (_COMPANY, ("v1", *_COMPANY), *([()] if own else []))):
            return True
    return False


def _parts(text: str) -> _Parts:
    """Return the parts of a pattern. One that begins with `*`, or has `**` within a part, is taken to match more."""
    first, *parts = text.removesuffix(".json").split("/")
    return tuple(_MANY if _MANY in part else part for part in (*([_MANY] if first else []), *parts))


def _below_company(pattern: str) -> str:
    parts = [*_parts(pattern)]
    parts = parts[1:] if parts[:1] == ["v1"] else parts
    parts = parts[2:] if parts[:1] == ["companies"] else parts
    return "/" + "/".join(parts)


def _meet(one: _Parts, other: _Parts) -> bool:
    """Return whether some path matches both."""

    @cache
    def meet(i: int, j: int) -> bool:
        if i < len(one) and one[i] == _MANY:
            return meet(i + 1, j) or (j < len(other) and meet(i, j + 1))
        if j < len(other) and other[j] == _MANY:
            return meet(i, j + 1) or (i < len(one) and meet(i + 1, j))
        if i == len(one) or j == len(other):
            return i == len(one) and j == len(other)
        return _fits(one[i], other[j]) and meet(i + 1, j + 1)

    return meet(0, 0)


def _fits(part: str, known: str) -> bool:
    """Return whether a part of a pattern matches a part of a path."""
    if known.startswith("{"):
        return part != ""
    return part == known or path_matches(f"/{part}", f"/{known}")
