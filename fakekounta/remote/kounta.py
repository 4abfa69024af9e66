"""`RemoteKounta`: a fake on a remote server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.control import NAMESPACES
from fakekounta.core.applications import Application
from fakekounta.core.journal import Entry, QuirkObserver
from fakekounta.core.records import Record
from fakekounta.remote.calls import Calls, OnlyInProcess
from fakekounta.remote.clock import RemoteClock
from fakekounta.remote.collections import RemoteCollection
from fakekounta.remote.companies import RemoteCompanies, RemoteCompany
from fakekounta.remote.customers import RemoteCustomers
from fakekounta.remote.faults import RemoteFaults
from fakekounta.remote.journal import RemoteJournal
from fakekounta.remote.namespaces import RemoteNamespaces
from fakekounta.remote.settings import started_with
from fakekounta.remote.time_travel import TimeTravel
from fakekounta.remote.webhooks import RemoteWebhooks
from fakekounta.schemas.parsing import is_unicode
from fakekounta.worlds.handles import Requests
from fakekounta.worlds.handles.typed_collections import Collections
from fakekounta.worlds.namespaces import refuse_no_name

if TYPE_CHECKING:
    from httpx import AsyncClient, Client
    from requests import Session
    from typing_extensions import Self, Unpack

    from fakekounta.settings.keywords import WorldSettings
    from fakekounta.wire.interception.decorating import Decorating


class RemoteKounta(Collections, TimeTravel):
    """A fake on a remote server, or one namespace of it; see `FakeKounta.connect`.

    It has the methods and attributes of `FakeKounta`; those that need the fake in this process raise OnlyInProcess. As
    a context manager it closes its connections at the end.
    """

    def __init__(
        self,
        url: str,
        *,
        namespace: str | None = None,
        token: str | None = None,
        ca_file: str | Path | None = None,
    ) -> None:
        if namespace is not None:
            refuse_no_name(namespace)
        calls = Calls(url, token=token, namespace=namespace or "", ca_file=ca_file)
        calls.check()
        self._hold(calls)

    def _hold(self, calls: Calls) -> None:
        self._calls = calls
        self._start: Record | None = None
        self._clients = ExitStack()
        self.companies: RemoteCompanies = RemoteCompanies(calls)
        self.webhooks: RemoteWebhooks = RemoteWebhooks(calls)
        journal = RemoteJournal(calls)
        self.requests: Requests = Requests(lambda: journal)
        """The exchanges since the last reset; secrets in bodies are hidden, too."""
        self.faults: RemoteFaults = RemoteFaults(calls)
        """The fault rules."""
        self.clock: RemoteClock = RemoteClock(calls)
        """The clock of the world, to freeze, advance and resume."""
        self.namespaces: RemoteNamespaces = RemoteNamespaces(calls, self._in_namespace)
        """The namespaces that clients or `namespace` created, by name."""
        self.failed: list[Entry] = []
        """The exchanges of the last `fresh()` block that ended with an exception."""
        calls.get("clock")  # fails now for a wrong token and for one namespace too many

    def _in_namespace(self, namespace: str) -> Self:
        other = object.__new__(type(self))
        other._hold(self._calls.in_namespace(namespace))
        return other

    def close(self) -> None:
        """Close the connections, also those of clients made by this object; the next call opens new ones."""
        self.close_clients()
        self._calls.close()

    def close_clients(self) -> None:
        """Close the clients that `requests_session` and `httpx_client` returned."""
        self._clients.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<fakekounta at {self.url}>"

    # --- addresses and namespaces ------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """The base URL for clients: that of the server, or of the namespace below it."""
        return self._calls.base_url

    @property
    def port(self) -> int:
        """The server's port."""
        return self._calls.port

    @property
    def name(self) -> str:
        """The namespace, "" for the server's own world."""
        return self._calls.namespace

    def namespace(self, name: str) -> Self:
        """Return a separate world on the same server, with the same handles; it is created on first use.

        Clients reach it with the header `X-Fakekounta-Namespace`, or below `namespace_url`.

        Raises:
            ValueError: The name is not 1 to 64 letters, digits, dots, dashes and underscores, or there are too many.
        """
        refuse_no_name(name)
        return self._in_namespace(name)

    def namespace_url(self, name: str) -> str:
        """Return the base URL of a namespace for clients that cannot set a header."""
        return f"{self._calls.url}{NAMESPACES}{name}"

    # --- the world ---------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Reset the world to its seed: customers, tokens, webhooks, deliveries, clock, faults, journal and counts."""
        self._calls.post("reset")
        if self._start is not None:
            self.restore(self._start)

    @contextmanager
    def fresh(self, **settings: Unpack[WorldSettings]) -> Iterator[Self]:
        """Yield a new world at the seed, in a new namespace on the same server, which is deleted after the block.

        Use the object that the block gets, and its `url`: this object keeps its world. These settings override the
        server's; lists and mappings are replaced as a whole. Raises as the constructor of `FakeKounta` does.
        """
        other = self._in_namespace(f"fresh-{token_hex(8)}")
        try:
            other.begin(settings, self._start)
            yield other
        except BaseException:
            self.failed = list(other.requests)
            raise
        finally:
            other.close_clients()
            with suppress(KeyError):  # the block may have deleted it
                self.namespaces.drop(other.name)

    def begin(self, settings: Mapping[str, Any], start: Record | None = None) -> None:
        """Begin a new world whose settings override those of the server, or of `start`. Each reset returns to it.

        Raises as the constructor of `FakeKounta` does.
        """
        self._calls.post("reset")
        self._start = started_with(settings, start or self.state()) if settings else start
        if self._start is not None:
            self.restore(self._start)

    def state(self) -> Record:
        """Return the whole state as a JSON document: customers, applications, tokens, webhooks, clock and settings."""
        document: Record = self._calls.get("state")
        return document

    def restore(self, state: Record) -> None:
        """Replace the state by the one in the document, until the next reset.

        Raises:
            ValueError: The document is invalid; the message names the field.
        """
        if not is_unicode(state):
            raise ValueError("state: has half of a surrogate pair in a text")
        self._calls.put("state", state)

    @property
    def assumptions(self) -> Assumptions:
        """The current choice of each assumption, by id."""
        return Assumptions(self._calls.get("settings")["assumptions"])

    def assume(self, **choices: str) -> None:
        """Change the choices of these assumptions until the next reset: `assume(A01="customer")`; others keep theirs.

        Raises ValueError that names the unknown id or choice.
        """
        self._calls.put("assumptions", choices)

    # --- handles -----------------------------------------------------------------------------------------------

    @property
    def company(self) -> RemoteCompany:
        """The default company."""
        return next(iter(self.companies.values()))

    def collection(self, plural: str) -> RemoteCollection:
        """Return the handle of a collection of the default company."""
        return self.company.collection(plural)

    @property
    def customers(self) -> RemoteCustomers:
        """The customers of the default company."""
        return self.company.customers

    @property
    def application(self) -> Application:
        """The default application, with client_id, client_secret, access_token, refresh_token, signature_token."""
        settings = self._calls.get("settings")
        company_id, known = settings["companies"][0]["id"], settings["applications"]
        default = next((one for one in known if one["company_id"] == company_id), known[0])
        return Application(**{**default, "redirect_uris": tuple(default["redirect_uris"])})

    @property
    def auth(self) -> tuple[str, str]:
        """Client id and client secret of the default application, for the parameter `auth` of requests and httpx."""
        application = self.application
        return application.client_id, application.client_secret

    # --- clients -----------------------------------------------------------------------------------------------

    def requests_session(self) -> Session:
        """Return a `requests.Session` for this fake, at its own origin and at the real one.

        Needs the extra `requests`.
        """
        from fakekounta.remote.clients import session  # noqa: PLC0415 - imported when first used

        return self._clients.enter_context(session(self._calls))

    def httpx_client(self, **options: Any) -> Client:
        """Return an `httpx.Client` for this fake, also as the real service. Needs the extra `httpx`.

        `options` are those of `httpx.Client`; those about the network, such as `transport` and `verify`, have no
        effect.
        """
        from fakekounta.remote.clients import client  # noqa: PLC0415 - imported when first used

        made = client(self._calls, options)
        self._clients.callback(made.close)
        return made

    def httpx_async_client(self, **options: Any) -> AsyncClient:
        """Return an `httpx.AsyncClient` for this fake, as `httpx_client` does; close it in your event loop."""
        from fakekounta.remote.clients import async_client  # noqa: PLC0415 - imported when first used

        return async_client(self._calls, options)

    def intercept(self) -> Decorating[None]:
        """Return a context manager, in whose block connections of this process to the real service reach this fake.

        The other server needs no TLS, because a relay in this process speaks it. See `FakeKounta.intercept`.

        Raises, when the block is entered:
            RuntimeError: Another fake intercepts.
            ImportError: trustme is missing; the message says what to install.

        """
        from fakekounta.remote.relay import relay  # noqa: PLC0415 - imported when first used
        from fakekounta.wire.interception.intercepting import intercepting  # noqa: PLC0415 - see above

        return intercepting(self, lambda: relay(self._calls))

    def openapi(self, *, control: bool = False) -> Record:
        """Return the OpenAPI document of the API under the current assumptions, or that of the control surface."""
        document: Record = self._calls.get("control.openapi.json" if control else "openapi.json")
        return document

    def observe(self, observer: Callable[[Entry], None]) -> None:
        """Raise OnlyInProcess: a server cannot call observers."""
        raise OnlyInProcess("observe", f"read `requests` instead of passing {observer!r}")

    def on_delivery(self, observer: QuirkObserver) -> None:
        """Raise OnlyInProcess: a server cannot call observers."""
        raise OnlyInProcess("on_delivery", f"read `webhooks` instead of passing {observer!r}")

    def tell_observers(self) -> None:
        """Do nothing: a remote fake has no observers."""

    def on_direct_change(self, observer: QuirkObserver) -> None:
        """Raise OnlyInProcess: a server cannot call observers."""
        raise OnlyInProcess("on_direct_change", f"the server cannot call {observer!r}")

    def set_default_assumptions(self, choices: Mapping[str, str]) -> None:
        """Raise OnlyInProcess: a server does not report which of its assumptions were set explicitly."""
        raise OnlyInProcess("set_default_assumptions", f"give assumptions={dict(choices)!r} to fresh()")
