"""Who may use the control surface: local tools, not a web page from elsewhere."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from hmac import compare_digest

from werkzeug.wrappers import Request

from fakekounta.documents.payloads import is_delivery
from fakekounta.transports.call import IN_PROCESS

_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+))(?::[0-9]*)?")
_OWN_SITES = frozenset(("same-origin", "none"))
_CHANGES = frozenset(("POST", "PUT", "PATCH", "DELETE"))


def reason_to_refuse(
    request: Request, allowed_hosts: Collection[str], *, knows_token: bool = False, from_anywhere: bool = False
) -> str | None:
    """Why a control call is refused, or None if it is not.

    The Host must be a loopback address or one of `allowed_hosts` (against DNS rebinding), a browser's Origin that of
    the surface itself, and a change must come as JSON, which no plain form of a foreign page can send. Whoever knows
    the token may use any Host: a page that was rebound to this address does not know it. `from_anywhere` lets a
    foreign page in.
    """
    if is_delivery(request.environ):
        return "A webhook delivery never reaches the control surface (W20)"
    host = request.headers.get("Host", "")
    if not (knows_token or IN_PROCESS in request.environ or _is_ours(host, allowed_hosts)):
        return "The Host is neither a loopback address nor one that this server was told to listen on"
    if is_foreign(request) and not from_anywhere:
        return "The request comes from a foreign web page"
    if request.method in _CHANGES and request.mimetype != "application/json":
        return "A change needs the header Content-Type: application/json"
    return None


def is_foreign(request: Request) -> bool:
    """Whether a browser says that a page from elsewhere has sent this."""
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.headers.get('Host', '')}"
    return origin not in (None, own) or request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES


def has_token(request: Request, token: str) -> bool:
    """Whether the request carries the token, as `Authorization: Bearer` or as `X-Fakekounta-Token`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    given = [request.headers.get("X-Fakekounta-Token", "")]
    given += [credentials.strip()] if scheme.lower() == "bearer" else []
    return any(compare_digest(one.encode("utf-8"), token.encode("utf-8")) for one in given)


def is_a_visit(request: Request) -> bool:
    """Whether a browser goes to a page of its own accord or by a link: what it gets no other page can read."""
    asked = (request.method, request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest"))
    return asked == ("GET", "navigate", "document") and "Origin" not in request.headers


def _is_ours(host: str, allowed_hosts: Collection[str]) -> bool:
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = (found["v6"] or found["name"]).lower()
    if name == "localhost" or name in allowed_hosts:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
