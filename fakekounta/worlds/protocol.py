"""`Kounta`: the protocol of a fake, in this process or on a remote server.

`FakeKounta` and `RemoteKounta` implement it; the pytest fixture `fakekounta` is typed as it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from fakekounta.worlds.handles.typed_collections import Collections

if TYPE_CHECKING:
    from httpx import AsyncClient, Client
    from requests import Session
    from typing_extensions import Self, Unpack

    from fakekounta.catalogue.assumptions import Assumptions
    from fakekounta.core.applications import Application
    from fakekounta.core.journal import Entry, QuirkObserver
    from fakekounta.core.records import Record
    from fakekounta.settings.keywords import WorldSettings
    from fakekounta.wire.interception.decorating import Decorating
    from fakekounta.worlds.handles.deliveries import KountaWebhooks
    from fakekounta.worlds.handles.faults import KountaFaults
    from fakekounta.worlds.handles.protocols import KountaClock, KountaCustomers
    from fakekounta.worlds.handles.requests import Requests


class KountaCompany(Collections, Protocol):
    """One company of the fake."""

    @property
    def id(self) -> int:
        """The company's id."""

    @property
    def name(self) -> str:
        """The company's name."""

    @property
    def timezone(self) -> str:
        """The IANA name of the company's time zone."""

    @property
    def customers(self) -> KountaCustomers:
        """The company's customers."""


class KountaWorld(Collections, Protocol):
    """One complete world: a namespace, or the fake's own."""

    failed: list[Entry]
    """The exchanges of the last `fresh()` block that ended with an exception."""

    @property
    def name(self) -> str:
        """The name of the namespace; "" is the fake's own world."""

    @property
    def companies(self) -> Mapping[int, KountaCompany]:
        """All companies by id."""

    @property
    def company(self) -> KountaCompany:
        """The default company."""

    @property
    def customers(self) -> KountaCustomers:
        """The customers of the default company."""

    @property
    def webhooks(self) -> KountaWebhooks:
        """Webhooks and their deliveries."""

    @property
    def requests(self) -> Requests:
        """The exchanges since the last reset."""

    @property
    def faults(self) -> KountaFaults:
        """The fault rules."""

    @property
    def clock(self) -> KountaClock:
        """The clock, to freeze, advance and resume."""

    @property
    def application(self) -> Application:
        """The default application, with client_id, client_secret, access_token, refresh_token, signature_token."""

    @property
    def auth(self) -> tuple[str, str]:
        """Client id and client secret of the default application, for the parameter `auth` of requests and httpx."""

    @property
    def assumptions(self) -> Assumptions:
        """The current choice of each assumption, by id."""

    def assume(self, **choices: str) -> None:
        """Change the choices of these assumptions until the next reset: `assume(A01="customer")`; others keep theirs.

        Raises:
            ValueError: An id or a choice is unknown; the message names it.
        """
        ...

    def reset(self) -> None:
        """Reset the world to its seed: customers, tokens, webhooks, deliveries, clock, faults, journal and counts."""
        ...

    def state(self) -> Record:
        """Return the whole state as one JSON document."""
        ...

    def restore(self, state: Record) -> None:
        """Replace the state by the one in the document, until the next reset. Raise ValueError if it is invalid."""
        ...


class KountaNamespaces(Protocol):
    """The namespaces of a fake by name, without its own world."""

    def of(self, name: str) -> KountaWorld:
        """Return the namespace of this name; it is created on first use. Raise ValueError for an invalid name."""
        ...

    def drop(self, name: str) -> None:
        """Delete a namespace. Raise KeyError if there is none."""
        ...

    def clear(self) -> None:
        """Delete all namespaces, whoever created them."""
        ...

    def __getitem__(self, name: str) -> KountaWorld:
        """Return an existing namespace. Raise KeyError if there is none."""
        ...

    def __contains__(self, name: object) -> bool:
        """Return whether there is a namespace of this name."""
        ...

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        ...

    def __len__(self) -> int:
        """Return the number of namespaces."""
        ...


class Kounta(KountaWorld, Protocol):
    """A fake of the Kounta API, in this process or on a remote server.

    Methods that need the fake in this process, such as `webhooks.deliver_to`, raise NotImplementedError otherwise.
    """

    @property
    def url(self) -> str:
        """The base URL for clients, of scheme, host and port."""

    @property
    def port(self) -> int:
        """The server's port."""

    @property
    def namespaces(self) -> KountaNamespaces:
        """The namespaces that clients or `namespace` created, by name."""

    def namespace(self, name: str) -> KountaWorld:
        """Return a separate world on the same server, with handles of the same names.

        It is created on first use. Clients reach it with the header `X-Fakekounta-Namespace`, or below `namespace_url`.

        Raises:
            ValueError: The name is not 1 to 64 letters, digits, dots, dashes or underscores, or it is one too many.
        """
        ...

    def namespace_url(self, name: str) -> str:
        """Return the base URL of a namespace for clients that cannot set a header."""
        ...

    def fresh(self, **settings: Unpack[WorldSettings]) -> AbstractContextManager[Self]:
        """Return a context manager whose block has a new world at the seed, on the same server.

        These settings override the current ones; lists and mappings are replaced as a whole.

        Raises:
            ValueError: A setting, or a customer of the seed, is wrong.
            TypeError: A name is not a setting of a world.
        """
        ...

    def intercept(self) -> Decorating[None]:
        """Return a context manager, in whose block connections of this process to the real service reach this fake.

        Raises:
            RuntimeError: The fake does not serve, or another one intercepts; when the block is entered, as the next.
            ImportError: trustme is missing (extra `intercept`).
        """
        ...

    def openapi(self, *, control: bool = False) -> Record:
        """Return the OpenAPI document of the API under the current assumptions, or that of the control surface."""
        ...

    def requests_session(self) -> Session:
        """Return a `requests.Session` that reaches this fake, also as the real service (extra `requests`)."""
        ...

    def httpx_client(self, **options: Any) -> Client:
        """Return an `httpx.Client` that reaches this fake, also as the real service (extra `httpx`).

        `options` are those of `httpx.Client`; those about the network, such as `transport` and `verify`, have no
        effect.
        """
        ...

    def httpx_async_client(self, **options: Any) -> AsyncClient:
        """Return an `httpx.AsyncClient` that reaches this fake, as `httpx_client` does."""
        ...

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Register an observer to call with each later exchange."""
        ...

    def on_delivery(self, observer: QuirkObserver) -> None:
        """Register an observer to call with the quirks that each later delivery covers."""
        ...

    def on_direct_change(self, observer: QuirkObserver) -> None:
        """Register an observer to call with the assumptions that each later direct change depends on.

        Direct changes are those without a request to the API: `customers.add`, the seed, the control surface.
        """
        ...

    def tell_observers(self) -> None:
        """Call the observers with new exchanges and deliveries. A fake in this process has done so already."""
        ...

    def set_default_assumptions(self, choices: Mapping[str, str]) -> None:
        """Reset the world to its seed with these choices for assumptions that no setting chooses.

        Raises:
            ValueError: An id or a choice is unknown.
        """
        ...

    def __enter__(self) -> Self:
        """Return the fake, ready for use."""
        ...

    def __exit__(self, *exc_info: object) -> None:
        """Stop the fake, or close the connections to it."""
        ...
