"""Which view answers a request."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, MapAdapter, Rule

REMEMBERED = 4_096
LONGEST = 256

Found = tuple[Rule, Mapping[str, Any]]


class Routes:
    """Looks methods and paths up in a map, which must be complete; those that were asked for last are remembered."""

    def __init__(self, routes: Map) -> None:
        self._routes = routes
        self._known = lru_cache(maxsize=REMEMBERED)(self._look_up)

    def find(self, method: str, path: str) -> Found:
        """Return the rule, and the variable parts of the path. Raise NotFound, MethodNotAllowed."""
        return self._known(method, path) if len(path) <= LONGEST else self._look_up(method, path)

    def methods(self, path: str) -> set[str]:
        """Return the methods that a path has."""
        return set(self._routes.bind("localhost").allowed_methods(path)) if _is_plain(path) else set()

    def _look_up(self, method: str, path: str) -> Found:
        if not _is_plain(path):
            raise NotFound
        return self._routes.bind("localhost", path_info=path, default_method=method).match(return_rule=True)

    def __len__(self) -> int:
        """How many are remembered."""
        return self._known.cache_info().currsize


def _is_plain(path: str) -> bool:
    """Whether a path begins with one slash: Werkzeug would take any number of them for one, and none, too."""
    return path[:1] == "/" and path[1:2] != "/"


class Route(MapAdapter):
    """The way of one request."""

    def __init__(self, routes: Routes, method: str, path: str) -> None:
        # Not Werkzeug's own, which works out a host and more that is asked for by nobody here
        self._known, self._asked = routes, (method, path)

    def match(self, *_: Any, **__: Any) -> Any:
        """As `Routes.find`; the parts are the view's own."""
        rule, parts = self._known.find(*self._asked)
        return rule, dict(parts)
