"""Who may use the fake: local tools, not a web page from elsewhere."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

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
_WRONG_HOST = "The Host is neither this machine nor one that the server was told to answer to (--allow-host)"
_FOREIGN_PAGE = "The request comes from a foreign web page"


def reason_to_refuse(
    request: Request, hosts: KnownHosts, *, knows_token: bool = False, from_anywhere: bool = False
) -> str | None:
    """Return why a control call is refused, or None if it is not.

    The Host must be one of `hosts` (against DNS rebinding), a browser's Origin that of the surface itself, and a POST
    or PUT must come as JSON, which no plain form of a foreign page can send; a DELETE no form can send at all. Whoever
    knows the token may use any Host: a page that was rebound to this address does not know it. `from_anywhere` lets a
    foreign page in.
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

    A Host that is missing, as in HTTP/1.0, is no browser's. Pages of this machine may ask, from any port: they are
    somebody's development server.
    """
    if not (any_host or IN_PROCESS in environ):
        for host in _hosts_named(environ):
            if host is not None and (named := host_named(host)) not in hosts and named not in REAL_HOSTS:
                return CallerRefused(Quirk.K07_HOSTS, _WRONG_HOST)
    if _is_from_elsewhere(environ, hosts):
        return CallerRefused(Quirk.K08_FOREIGN_PAGES, _FOREIGN_PAGE)
    return None


def _hosts_named(environ: WSGIEnvironment) -> tuple[str | None, ...]:
    """Return the Host, None if there is none; then the one that a trusted proxy was asked for, if it says so.

    Each has to be known: only a client that goes past the proxy can say something else in the second than in the first.
    """
    host = environ.get("HTTP_HOST")
    return (host, environ[FORWARDED_HOST]) if FORWARDED_HOST in environ else (host,)


def _is_from_elsewhere(environ: WSGIEnvironment, hosts: KnownHosts) -> bool:
    """Whether a page has sent this that is not of these hosts; `Origin: null` is nobody's.

    A browser leaves Origin out where it loads an image, a script or a frame, and where it goes to a page. Of these only
    going to /authorize is taken from other sites.
    """
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        return origin_host(origin) not in hosts
    site = environ.get("HTTP_SEC_FETCH_SITE")
    return not (site is None or site in _LOCAL_SITES or logs_in(environ))


def logs_in(environ: WSGIEnvironment) -> bool:
    """Whether a browser goes to /authorize, to which the pages of other applications send it."""
    return environ["PATH_INFO"] == "/authorize" and _is_a_visit(environ)


def is_foreign(request: Request) -> bool:
    """Whether a browser says that a page from elsewhere has sent this."""
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.headers.get('Host', '')}"
    return (
        origin not in (None, own, origin_of(request.environ))
        or request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES
    )


def has_token(request: Request, token: str) -> bool:
    """Whether the request carries the token, as `Authorization: Bearer` or as `X-Fakekounta-Token`."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    given = [request.headers.get("X-Fakekounta-Token", "")]
    given += [credentials.strip()] if scheme.lower() == "bearer" else []
    return any(compare_digest(one.encode("utf-8"), token.encode("utf-8")) for one in given)


def is_a_visit(request: Request) -> bool:
    """Whether a browser goes to a page of its own accord or by a link: what it gets no other page can read."""
    return _is_a_visit(request.environ)


def _is_a_visit(environ: WSGIEnvironment) -> bool:
    asked = (environ["REQUEST_METHOD"], environ.get("HTTP_SEC_FETCH_MODE"), environ.get("HTTP_SEC_FETCH_DEST"))
    return asked == ("GET", "navigate", "document") and "HTTP_ORIGIN" not in environ
