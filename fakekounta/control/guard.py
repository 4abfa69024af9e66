"""Decide who may use the fake: local tools may, foreign web pages may not."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request

from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.errors import CallerRefused
from fakekounta.schemas.payloads import is_delivery
from fakekounta.settings.hosts import REAL_HOSTS, KnownHosts, host_named, origin_host
from fakekounta.wire.clients.call import IN_PROCESS
from fakekounta.wire.origin import FORWARDED_HOST, origin_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_OWN_SITES = frozenset(("same-origin", "none"))
_LOCAL_SITES = frozenset((*_OWN_SITES, "same-site"))
_CHANGES = frozenset(("POST", "PUT", "PATCH"))
NO_JSON = "A change needs the header Content-Type: application/json"
_WRONG_HOST = "The Host is neither this machine nor one that the server may answer to (--allow-host)"
_REAL = " and ".join(sorted(REAL_HOSTS))
_WRONG_TARGET = f"As a proxy for http:// this server leads to {_REAL} only: except other hosts by NO_PROXY"
_FOREIGN_PAGE = "The request comes from a foreign web page"


def reason_to_refuse(
    request: Request, hosts: KnownHosts, *, knows_token: bool = False, from_anywhere: bool = False
) -> str | None:
    """Return why a control call is refused, or None if it is not.

    Three checks hold: the Host is one of `hosts`, against DNS rebinding; the Origin, if a browser sends one, is that of
    the control surface; a POST or PUT is sent as JSON, because a form on a foreign page cannot send JSON. (No form can
    send a DELETE.) A caller with the token may use any Host: a page rebound to this address does not know the token.
    `from_anywhere` lets foreign pages in.
    """
    if is_delivery(request.environ):
        return "A webhook delivery never reaches the control surface (W20)"
    if not (
        knows_token
        or IN_PROCESS in request.environ
        or all(host_named(host or "") in hosts for host in _hosts_named(request.environ))
    ):
        return _WRONG_HOST
    if is_foreign(request) and not from_anywhere:
        return _FOREIGN_PAGE
    if request.method in _CHANGES and request.mimetype != "application/json":
        return NO_JSON
    return None


def refusal_by_api(environ: WSGIEnvironment, hosts: KnownHosts, *, any_host: bool) -> CallerRefused | None:
    """Return why the API does not answer this caller (K07, K08), or None if it does.

    A request without Host, as HTTP/1.0 allows, comes from no browser. Pages of this machine may send requests from any
    port, because they come from a development server.
    """
    if not (any_host or IN_PROCESS in environ):
        for host in _hosts_named(environ):
            if host is not None and (named := host_named(host)) not in hosts and named not in REAL_HOSTS:
                is_proxied = environ.get("REQUEST_URI", "").startswith("http://")
                return CallerRefused(Quirk.K07_HOSTS, _WRONG_TARGET if is_proxied else _WRONG_HOST)
    if _is_from_foreign_page(environ, hosts):
        return CallerRefused(Quirk.K08_FOREIGN_PAGES, _FOREIGN_PAGE)
    return None


def opens_root(environ: WSGIEnvironment) -> bool:
    """Return whether a browser opens `/` of the fake as a page (K10). Under a name of the real service none does."""
    if environ["PATH_INFO"] != "/" or environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return False
    is_real = host_named(environ.get("HTTP_HOST", "")) in REAL_HOSTS
    is_loaded = environ.get("HTTP_SEC_FETCH_MODE", "navigate") != "navigate"  # sent by a script of a page
    return not (is_real or is_loaded) and _prefers_html(environ.get("HTTP_ACCEPT", ""))


def _prefers_html(accept: str) -> bool:
    return parse_accept_header(accept, MIMEAccept).best_match(("application/json", "text/html")) == "text/html"


def _hosts_named(environ: WSGIEnvironment) -> tuple[str | None, ...]:
    """Return the Host, None if there is none, and then the Host that a trusted proxy forwards, if it does.

    Both must be known, because a client that bypasses the proxy can send any forwarded Host.
    """
    host = environ.get("HTTP_HOST")
    return (host, environ[FORWARDED_HOST]) if FORWARDED_HOST in environ else (host,)


def _is_from_foreign_page(environ: WSGIEnvironment, hosts: KnownHosts) -> bool:
    """Return whether a page of another host than these sent the request; `Origin: null` counts as another host.

    A browser sends no Origin when it loads an image, a script or a frame, and when it opens a page. From other sites,
    only opening /authorize is accepted.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return origin_host(origin) not in hosts
    site = environ.get("HTTP_SEC_FETCH_SITE")
    return not (site is None or site in _LOCAL_SITES or logs_in(environ))


def logs_in(environ: WSGIEnvironment) -> bool:
    """Return whether a browser opens /authorize; the web pages of applications send it there."""
    return environ["PATH_INFO"] == "/authorize" and _is_a_visit(environ)


def is_foreign(request: Request) -> bool:
    """Return whether a browser says that a foreign page has sent this."""
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.headers.get('Host', '')}"
    return (
        origin not in (None, own, origin_of(request.environ))
        or request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES
    )


def has_token(request: Request, token: str) -> bool:
    """Return whether the request carries the token, as `Authorization: Bearer` or as `X-Fakekounta-Token`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    given = [request.headers.get("X-Fakekounta-Token", "")]
    given += [credentials.strip()] if scheme.lower() == "bearer" else []
    return any(compare_digest(one.encode("utf-8"), token.encode("utf-8")) for one in given)


def is_a_visit(request: Request) -> bool:
    """Return whether a browser opens this address as a page; no other page can read the response then."""
    return _is_a_visit(request.environ)


def _is_a_visit(environ: WSGIEnvironment) -> bool:
    asked = (environ["REQUEST_METHOD"], environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST"))
    return asked == ("GET", "navigate", "document") and "HTTP_ORIGIN" not in environ
