"""Which view answers a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule

REMEMBERED = 4_096

Find = Callable[[str, str], tuple[Rule, Mapping[str, Any]]]


class Route(MapAdapter):
    """The way of one request: its method and path, looked up in what was found before."""

    def __init__(self, find: Find, method: str, path: str) -> None:
        # Not Werkzeug's own, which works out a host and more that is asked for by nobody here
        self._find, self._asked = find, (method, path)

    def match(self, *_: Any, **__: Any) -> Any:
        """The rule, and the variable parts of the path. Raises NotFound, MethodNotAllowed."""
        rule, parts = self._find(*self._asked)
        return rule, dict(parts)


def remembering(routes: Map) -> Find:
    """Looks a method and a path up in the routes, which must be complete; the paths asked for last are remembered."""

    @lru_cache(maxsize=REMEMBERED)
    def find(method: str, path: str) -> tuple[Rule, Mapping[str, Any]]:
        return routes.bind("localhost", path_info=path, default_method=method).match(return_rule=True)

    return find
