"""The origin of a request as its client knows it: as the request names it, as a proxy does, or as a setting does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fakekounta.settings.hosts import WEB_SCHEMES, origin_text
from fakekounta.wire.clients.call import IN_PROCESS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORWARDED_HOST = "fakekounta.forwarded_host"
"""Key of the environ: the host that a trusted proxy was asked for; missing if there is none."""
_ORIGIN = "fakekounta.origin"
"""Key of the environ: the origin for URLs that are sent out; missing if it is what the request names."""
_HOST = re.compile(r"([A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class KnownOrigin:
    """What clients know a server by where it is not what their requests say: `public_url`, and a proxy's headers.

    Werkzeug's ProxyFix would replace the Host that was sent, which has to be checked as well (K07): else a page whose
    name was rebound to this address could say in `X-Forwarded-Host` that it asks for localhost. It also takes any text
    for a scheme or a host, and works on calls of an application only, not before the body of a request is read.
    """

    def __init__(self, public_url: str | None, *, trust_proxy: bool) -> None:
        self._public_url = public_url
        self._trust_proxy = trust_proxy

    def note(self, environ: WSGIEnvironment) -> None:
        """Note in the environ what the request does not name itself. Doing it twice is fine.

        A client without a socket is behind no proxy, and asks for an address that is the fake's to it alone.
        """
        if IN_PROCESS in environ:
            return
        if self._trust_proxy:
            self._note_forwarded(environ)
        if self._public_url is not None:
            environ[_ORIGIN] = self._public_url

    @staticmethod
    def _note_forwarded(environ: WSGIEnvironment) -> None:
        scheme = _of_last_hop(environ, "HTTP_X_FORWARDED_PROTO").lower()
        host = _of_last_hop(environ, "HTTP_X_FORWARDED_HOST")
        if host:
            environ[FORWARDED_HOST] = host
        if scheme in WEB_SCHEMES or host:
            environ[_ORIGIN] = origin_text(
                scheme if scheme in WEB_SCHEMES else environ["wsgi.url_scheme"],
                host if _HOST.fullmatch(host) else _named_host(environ),
            )


def origin_of(environ: WSGIEnvironment) -> str:
    """Return the origin for URLs that are sent out, such as "https://kounta.test" (T13)."""
    known: str | None = environ.get(_ORIGIN)
    return f"{environ['wsgi.url_scheme']}://{_named_host(environ)}" if known is None else known


def base_url(environ: WSGIEnvironment) -> str:
    """Return what stands before the paths of the API: the origin, and the namespace if the path has named one."""
    return f"{origin_of(environ)}{environ.get('SCRIPT_NAME', '')}"


def _of_last_hop(environ: WSGIEnvironment, key: str) -> str:
    """Return what the nearest proxy has added to a header; those before it can be anybody's."""
    text: str = environ.get(key, "")
    return text.rpartition(",")[2].strip()


def _named_host(environ: WSGIEnvironment) -> str:
    host: str = environ.get("HTTP_HOST", "")
    return host if _HOST.fullmatch(host) else f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
