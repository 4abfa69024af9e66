"""Read the names of hosts in the headers `Host` and `Origin`, for all checks of who may send requests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

REAL_HOSTS = frozenset(("api.kounta.com", "my.kounta.com"))
"""The names of the real service, which a client may send to any address of the fake."""

_LONGEST = 261  # a name of 253 characters, a final dot, a colon, a port; a longer text is neither read nor cached
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z_-]+(?:\.[0-9A-Za-z_-]+)*)\.?)(?::[0-9]{0,5})?")
WEB_SCHEMES = {"http": ":80", "https": ":443"}
"""The schemes of web pages, each with its default port."""


def host_named(text: str) -> str | None:
    """Return the host in a `Host` header: lower case, without port and final dot; None if the text is not a host.

    An address is written as `ipaddress` writes it; an IPv4 address inside IPv6 is written as IPv4.
    """
    return _host_named(text) if len(text) <= _LONGEST else None


def origin_host(origin: str) -> str | None:
    """Return the host in an `Origin` header; None for "null" and for other texts that are no origin of a web page."""
    scheme, _, host = origin.partition("://")
    return host_named(host) if scheme in WEB_SCHEMES else None


def origin_text(scheme: str, host: str) -> str:
    """Return the origin of a web page as browsers write it: lower case, without the default port of its scheme."""
    return f"{scheme}://{host.lower().removesuffix(WEB_SCHEMES[scheme])}"


def is_loopback(host: str | None) -> bool:
    """Return whether a host, as `host_named` returns it, is always this machine."""
    return host is not None and len(host) <= _LONGEST and _is_loopback(host)


@lru_cache(maxsize=256)
def _host_named(text: str) -> str | None:
    found = _HOST.fullmatch(text)
    if found is None:
        return None
    try:
        return _plain(IPv6Address(found["v6"]) if found["v6"] else ip_address(found["name"]))
    except ValueError:
        return None if found["v6"] else str(found["name"]).lower()


@lru_cache(maxsize=256)
def _is_loopback(host: str) -> bool:
    if host == "localhost" or (host.endswith(".localhost") and host[0] != "."):  # RFC 6761
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _plain(address: IPv4Address | IPv6Address) -> str:
    return str(getattr(address, "ipv4_mapped", None) or address)


def bare_host(text: str) -> str | None:
    """Return the host that a setting names, as `host_named` does; an IPv6 address needs no brackets."""
    return host_named(f"[{text}]") or host_named(text)


class KnownHosts:
    """The names of this machine, and those of the setting `allow_hosts`, as `host_named` writes them."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = frozenset(names)

    def __contains__(self, host: str | None) -> bool:
        return host in self._names or is_loopback(host)
