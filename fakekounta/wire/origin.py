"""The origin of a request as its client knows it: from the request, from a proxy's headers, or from a setting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fakekounta.settings.hosts import WEB_SCHEMES, origin_text
from fakekounta.wire.clients.call import IN_PROCESS

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORWARDED_HOST = "fakekounta.forwarded_host"
"""Key of the environ: the host in the headers of a trusted proxy; missing without a proxy."""
_ORIGIN = "fakekounta.origin"
"""Key of the environ: the origin for URLs in responses; missing if it is that of the request."""
_HOST = re.compile(r"([A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")


class KnownOrigin:
    """The origin that clients know, if it is not that of their requests: `public_url`, or a proxy's headers.

    Werkzeug's ProxyFix would replace the Host that was sent, which has to be checked as well (K07): otherwise a page
    whose name was rebound to this address could send `X-Forwarded-Host: localhost`. It also accepts any text as a
    scheme or host, and works only on calls of an application, not before the body of a request is read.
    """

    def __init__(self, public_url: str | None, *, trust_proxy: bool) -> None:
        self._public_url = public_url
        self._trust_proxy = trust_proxy

    def note(self, environ: WSGIEnvironment) -> None:
        """Store this origin in the environ if the request does not have it. Doing it twice is fine.

        A client without a socket uses no proxy, and its address leads to the fake in any case.
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
    """Return the origin for URLs in responses, such as "https://kounta.test" (T13)."""
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
