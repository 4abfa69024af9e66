"""Control calls to a server, and the exceptions for its refusals."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from fakekounta import __version__
from fakekounta.control import NAMESPACES, PREFIX
from fakekounta.remote.connections import ServerConnections

if TYPE_CHECKING:
    from ssl import SSLContext

HEADER = "X-Fakekounta-Namespace"
_PORTS = {"http": 80, "https": 443}


URL_HEADERS = ("Location", "X-Next-Page")
"""The headers of responses that hold a URL."""


def in_scheme(url: str, netloc: str, scheme: str) -> str:
    """Return a URL of a response in the scheme of the request, if it has the request's host and port (T13).

    The server may have got the request by another scheme, and clients drop credentials when the scheme changes.
    """
    return f"{scheme}:{url[url.index('//') :]}" if netloc and urlsplit(url).netloc == netloc else url


class OnlyInProcess(NotImplementedError):
    """Signals that a method or attribute needs a fake in this process; the message names it."""

    def __init__(self, name: str, instead: str) -> None:
        super().__init__(f"{name} needs the fake in this process, not on a remote server; {instead}")


class NotThere(KeyError):
    """Signals that the server responded with 404."""


class Calls:
    """The control surface of one server, for one of its namespaces; "" is the server's own world.

    Every call raises ConnectionError if no fake answers at the URL, PermissionError for 401 and 403, NotThere for 404,
    and ValueError, which names the field and the reason, for other refusals.
    """

    def __init__(
        self, url: str, *, token: str | None = None, namespace: str = "", ca_file: str | Path | None = None
    ) -> None:
        parts = _origin(url)
        self.url: str = f"{parts.scheme}://{parts.netloc}"
        self.port: int = parts.port or _PORTS[parts.scheme]
        self.namespace = namespace
        self._token = token
        self._netloc = parts.netloc.rpartition("@")[2]
        self.context: SSLContext | None = _context(ca_file) if parts.scheme == "https" else None
        """What clients of the server trust, if its URL is one of https."""
        self._wire = ServerConnections(parts.hostname, self.port, self.context)

    def in_namespace(self, namespace: str) -> Calls:
        """Return calls to another namespace of the same server, over the same connections."""
        calls: Calls = object.__new__(Calls)
        calls.__dict__.update(self.__dict__, namespace=namespace)
        return calls

    @property
    def base_url(self) -> str:
        """The base URL of the namespace for clients that set no header."""
        return self.url + (f"{NAMESPACES}{self.namespace}" if self.namespace else "")

    @property
    def namespace_headers(self) -> dict[str, str]:
        """The header that leads a request into the namespace; none for the server's own world."""
        return {HEADER: self.namespace} if self.namespace else {}

    def connected(self) -> socket.socket:
        """Return a new connection to the server. Raise OSError."""
        return self._wire.connected()

    def check(self) -> None:
        """Raise ConnectionError unless a fakekounta of this version answers."""
        health = self.get("health")
        version = health.get("version") if isinstance(health, Mapping) else None
        if not isinstance(version, str):
            raise ConnectionError(f"{self.url} answers, but is not fakekounta")
        if version.split(".")[:2] != __version__.split(".")[:2]:
            raise ConnectionError(
                f"{self.url} is fakekounta {version}, this is {__version__}: install the same version on both sides"
            )

    def get(self, path: str, **query: Any) -> Any:
        """Return the response document of a GET."""
        return self._ask("GET", path, query=query)

    def post(self, path: str, document: Any = None, **query: Any) -> Any:
        """Return the response document of a POST."""
        return self._ask("POST", path, document, query)

    def put(self, path: str, document: Any, **query: Any) -> Any:
        """Return the response document of a PUT."""
        return self._ask("PUT", path, document, query)

    def delete(self, path: str, **query: Any) -> Any:
        """Return the response document of a DELETE."""
        return self._ask("DELETE", path, query=query)

    def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._wire.close()

    def _ask(self, method: str, path: str, document: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        target = f"{PREFIX}/{quote(path)}"
        if query:
            target += "?" + urlencode(query)
        body = None if document is None else json.dumps(document, allow_nan=False).encode("utf-8")
        try:
            status, data = self._wire.ask(method, target, self._headers(), body)
        except OSError as error:
            raise ConnectionError(f"{self.url} cannot be reached: {self._reason(error)}") from error
        return self._result(status, data)

    def _reason(self, error: OSError) -> str:
        if self.context is None:
            return str(error)
        from fakekounta.wire.certificates.trust import explained  # noqa: PLC0415 - ssl: only for https

        return explained(error, "ca_file")

    def _headers(self) -> dict[str, str]:
        headers = {"Host": self._netloc, "Content-Type": "application/json", "Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        return {**headers, **self.namespace_headers}

    def _result(self, status: int, data: bytes) -> Any:
        try:
            document = json.loads(data)
            reason = "" if status < 400 else str(document["error_description"])
        except (ValueError, TypeError, LookupError):
            raise ConnectionError(f"{self.url} answers, but is not fakekounta") from None
        if status < 400:
            return document
        if status in (401, 403):
            raise PermissionError(f"{self.url} refuses: {reason}")
        if status >= 500:
            raise ConnectionError(f"{self.url} failed: {reason}")
        if status == 404:
            raise NotThere(reason)
        raise ValueError(reason)


def _context(ca_file: str | Path | None) -> SSLContext:
    from fakekounta.wire.certificates.trust import trusting  # noqa: PLC0415 - ssl: only for https

    return trusting(ca_file)


def _origin(url: str) -> Any:
    try:
        parts = urlsplit(url)
        is_origin = parts.scheme in _PORTS and bool(parts.hostname) and not parts.path.strip("/")
        is_origin = is_origin and not (parts.query or parts.fragment or parts.username) and parts.port != 0
    except (ValueError, TypeError, AttributeError):
        is_origin = False
    if not is_origin:
        raise ValueError(f"url: must be http or https, a host and a port, such as http://127.0.0.1:8080, not {url!r}")
    return urlsplit(url)
