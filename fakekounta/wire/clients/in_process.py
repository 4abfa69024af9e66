"""The base class of fakes that have clients without a socket."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fakekounta.wire.clients.call import needing_extra

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from httpx import AsyncClient, Client
    from requests import Session


class InProcess(ABC):
    """A WSGI app, and clients whose requests all go to it."""

    @abstractmethod
    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""

    @abstractmethod
    def _origins(self) -> tuple[str, ...]:
        """Return the origins of the fake; the first is the clients' base URL."""

    def requests_session(self) -> Session:
        """Return a `requests.Session` that reaches this fake in-process. Needs the extra `requests`."""
        with needing_extra("requests"):
            from fakekounta.wire.clients.requests import session  # noqa: PLC0415 - imported when first used
        return session(self.wsgi_app, self._origins)

    def httpx_client(self, **options: Any) -> Client:
        """Return an `httpx.Client` that reaches this fake in-process. Needs the extra `httpx`.

        Args:
            **options: As `httpx.Client` takes them. The base URL is `url` by default, or the real service's origin
                until the address is read. Those about the network, such as `transport`, `verify` and `proxy`, have
                no effect.

        Raises:
            ImportError: httpx is missing; the message says what to install.
            TypeError: httpx knows no such option.
        """
        with needing_extra("httpx"):
            from fakekounta.wire.clients.httpx import client  # noqa: PLC0415 - imported when first used
        return client(self.wsgi_app, self._origins, options)

    def httpx_async_client(self, **options: Any) -> AsyncClient:
        """Return an `httpx.AsyncClient` that reaches this fake in-process, under asyncio and trio.

        Options, extra and errors are those of `httpx_client`. Each request is answered in a thread, so that the event
        loop goes on meanwhile.
        """
        with needing_extra("httpx"):
            from fakekounta.wire.clients.httpx import async_client  # noqa: PLC0415 - imported when first used
        return async_client(self.wsgi_app, self._origins, options)
