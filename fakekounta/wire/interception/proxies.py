"""Proxies in environment variables: during interception, clients connect to the real names without one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from fakekounta.settings.hosts import REAL_HOSTS

_PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_BYPASSES = ("NO_PROXY", "no_proxy")


def has_proxy(netloc: str) -> bool:
    """Return whether the environment names the proxy at this host and port."""
    return any(urlsplit(url if "://" in url else f"//{url}").netloc.endswith(netloc) for url in _proxies())


class Bypass:
    """Add the real names to NO_PROXY until `end`, if the environment names a proxy.

    Most clients read the variable for each request. Without a proxy it is not set, because it would switch off the
    proxies in the system's own settings.
    """

    def __init__(self) -> None:
        self._before: dict[str, tuple[str | None, str]] = {}
        if not any(_proxies()):
            return
        given = [os.environ.get(variable) for variable in _BYPASSES]
        if "*" in given:
            return
        for variable, own, other in zip(_BYPASSES, given, reversed(given), strict=True):
            names = ",".join([*filter(None, [own or other]), *sorted(REAL_HOSTS)])
            self._before[variable] = own, names
            os.environ[variable] = names

    def end(self) -> None:
        """Restore the variables, except those that were changed meanwhile."""
        for variable, (own, names) in self._before.items():
            if os.environ.get(variable) == names:
                _set(variable, own)


def _set(variable: str, value: str | None) -> None:
    if value is None:
        del os.environ[variable]
    else:
        os.environ[variable] = value


def _proxies() -> Iterator[str]:
    return filter(None, map(os.environ.get, _PROXIES))
