"""The exchange under way: a request, its world, its application, and its journal entry."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_plus

from flask import Response, request
from werkzeug.exceptions import HTTPException

from fakekounta.catalogue.assumptions import RECORD, Asked, Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core import chain
from fakekounta.core.clock import timestamp
from fakekounta.core.errors import NotFound, OtherCompany
from fakekounta.core.journal import Entry
from fakekounta.core.messages import Message
from fakekounta.core.redaction import without_secret_parameters
from fakekounta.core.shelf import Seen
from fakekounta.process.unpatched import perf_counter
from fakekounta.web.answers import content_of, empty_answer, json_answer
from fakekounta.wire.clients.call import HEADERS
from fakekounta.wire.origin import base_url

if TYPE_CHECKING:
    from fakekounta.core.applications import Application
    from fakekounta.core.company import Company
    from fakekounta.core.faults import Hit
    from fakekounta.core.rate_limit import Allowance
    from fakekounta.core.world import World

# T08: WSGI has decoded percent-encoded characters already
_ID = re.compile(r"[0-9]{1,20}")

log: logging.Logger = logging.getLogger("fakekounta")


class Exchange:
    """A request, the world that responds, the authenticated application, and the journal entry."""

    __slots__ = (
        "_began",
        "allowance",
        "application",
        "asked",
        "began_at",
        "entry",
        "environ",
        "extension",
        "hit",
        "path",
        "world",
    )

    def __init__(self, environ: dict[str, Any], world: World) -> None:
        self._began = perf_counter()
        self.environ: dict[str, Any] = environ
        path: Any = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        self.extension = ".json" if path.startswith("/v1/") and path.endswith(".json") else ""  # T04
        self.path: str = path.removesuffix(self.extension)
        """The path without extension, for checks and the router. Journal and fault rules use the path as sent."""
        self._begin(world)

    def _begin(self, world: World) -> None:
        self.world: World = world
        self.application: Application | None = None
        self.allowance: Allowance | None = None
        self.hit: Hit | None = None
        self.asked: Asked = {}
        """The assumptions asked so far; `ended` adds them to the entry."""
        self.began_at: datetime = world.clock.now()
        self.entry: Entry = Entry(
            method=self.environ["REQUEST_METHOD"],
            path=self.path + self.extension,
            query=_query(self.environ),
            at=self.began_at,
        )

    def begin_again(self, world: World) -> None:
        """Start the same request again in another world, with a new entry."""
        self._begin(world)
        RECORD.set(self.asked)

    def covers(self, *quirks: Quirk) -> None:
        """Record that the exchange covers these quirks. An assumption that is asked records itself."""
        self.entry.quirks.extend(quirks)

    def is_because_of(self, *quirks: Quirk) -> None:
        """Record that the exchange covers these quirks, and that its status is an error or a redirect due to them."""
        self.covers(*quirks)
        self.entry.explained_by = quirks

    def note(self, text: str) -> None:
        """Add a note to the journal entry."""
        self.entry.notes.append(text)

    def warn(self, text: str) -> None:
        """Add a note to the journal entry, and log it as a warning."""
        self.note(text)
        log.warning("%s: %s", self.line, text)

    def answered(self, answer: Response) -> None:
        """Add the exchange, with its response, to the journal."""
        body = b"" if self.entry.method == "HEAD" else content_of(answer)
        self.ended(answer.status_code, Message(answer.headers, body))

    def ended(self, status: int, response: Message, delay_seconds: float = 0.0) -> None:
        """Add the exchange to the journal, with the response that the client gets (status 0: none) and its delay."""
        entry, environ = self.entry, self.environ
        entry.request = Message(_headers(environ), _body(environ))
        entry.response = response
        if notes := chain.notes_here():
            self._note_chain(notes)
        entry.status = status
        entry.duration_seconds = perf_counter() - self._began + delay_seconds
        entry.quirks.extend(self.asked)
        RECORD.set(None)  # choices that observers ask for do not belong to the exchange
        self.world.journal.append(entry)

    def _note_chain(self, notes: Sequence[str]) -> None:
        """Add notes about deliveries that the request caused, and the quirk of chains (W20)."""
        self.entry.notes.extend(notes)
        if any(note.startswith(chain.ENDED) for note in notes):
            self.covers(Quirk.W20_CHAINS_AND_CONTROL)

    @property
    def line(self) -> str:
        """Method and path for the log, on one line whatever the client sent."""
        return f"{self.entry.method} {self.entry.path}".encode("unicode_escape").decode("ascii")

    def asked_by(self, application: Application) -> None:
        """Set the authenticated application."""
        self.application = application
        self.entry.client_id = application.client_id

    @property
    def caller(self) -> Application:
        """The authenticated application. Use it only after authentication."""
        assert self.application is not None, "asked before authentication"  # noqa: S101 - a bug of the fake
        return self.application

    @property
    def client_id(self) -> str:
        """The client id of the authenticated application."""
        return self.caller.client_id

    @property
    def origin(self) -> str:
        """Scheme and host as the client knows them (T13), with the namespace if the path had it."""
        return base_url(self.environ)

    def company(self, company_id: str) -> Company:
        """Return the company of the path; `me` is the application's company. Raise NotFound, OtherCompany."""
        own = self.caller.company_id
        if company_id != "me":
            if not _ID.fullmatch(company_id):
                raise NotFound(Quirk.K01_COMPANY, "Not Found: a company id is a number or `me`")
            if int(company_id) != own:
                raise OtherCompany(Quirk.A16_OTHER_COMPANY, "The credentials belong to another company")
        return self.world.companies[own]

    def now(self, company: Company) -> str:
        """Return the current time with the company's offset (T06)."""
        return timestamp(self.world.clock.now(), company.zone)

    def view(self, company: Company) -> Seen:
        """Return what the records of the company's collections show besides their own values."""
        return self.world.view(company, self.now(company))

    def record_url(self, company: Company, resource: str, number: int | str) -> str:
        """Return the URL of a record such as a customer's."""
        choice = self.world.assumptions.choice(Quirk.A02_FORM_OF_LOCATION)
        origin = self.environ.get("SCRIPT_NAME", "") if choice == "root_relative" else self.origin
        return f"{origin}/v1/companies/{company.id}/{resource}/{number}{self.url_extension}"

    def created(self, location: str, record: Callable[[], Any]) -> Response:
        """Return a 201 with Location (C15), and with the record as its body if the assumptions choose so."""
        headers = [("Location", location)]
        if creates_with_body(self.world.assumptions):
            return json_answer(record(), 201, headers)
        return empty_answer(201, headers)

    def page_url(self, page: int) -> str:
        """Return the request's own URL with another `page` and the rest of the query unchanged (P03)."""
        return self._with_query(("page",), f"page={page}")

    def url_after(self, number: int) -> str:
        """Return the request's own URL with the record of this id as its `start`, and without `page` (D64)."""
        return self._with_query(("page", "start"), f"start={number}")

    def _with_query(self, without: tuple[str, ...], last: str) -> str:
        query: str = self.environ.get("QUERY_STRING", "")
        kept = [part for part in query.split("&") if part and unquote_plus(part.partition("=")[0]) not in without]
        asked = "&".join([*kept, last])
        sent: bytes = self.environ["PATH_INFO"].encode("latin-1")
        path = quote(sent.removesuffix(self.extension.encode())) + self.url_extension
        return f"{self.origin}{path}?{quote(asked, safe=_QUERY_SAFE)}"

    @property
    def url_extension(self) -> str:
        """The extension of URLs in responses (A03)."""
        self.covers(Quirk.T13_URLS_KEEP_THE_ORIGIN)
        choice = self.world.assumptions.choice(Quirk.A03_EXTENSION_ON_URLS)
        return {"as_requested": self.extension, "always": ".json", "never": ""}[choice]


def _headers(environ: Mapping[str, Any]) -> Iterable[tuple[str | bytes, str | bytes]]:
    """Return the headers as sent, or under another server, as WSGI has them."""
    sent: Iterable[tuple[str | bytes, str | bytes]] | None = environ.get(HEADERS)
    if sent is not None:
        return sent
    return [(_header_name(key), value) for key, value in environ.items() if key.startswith(("HTTP_", "CONTENT_"))]


def _header_name(key: str) -> str:
    return key.removeprefix("HTTP_").replace("_", "-").title()


def _query(environ: Mapping[str, Any]) -> str:
    query = environ.get("QUERY_STRING")
    return without_secret_parameters(query) if query else ""


def _body(environ: Mapping[str, Any]) -> bytes:
    """Return the request's body; read it now if nothing has read it yet."""
    if not (environ.get("CONTENT_LENGTH") or "HTTP_TRANSFER_ENCODING" in environ):
        return b""
    try:
        return request.get_data(cache=True)
    except HTTPException:  # too long (T17), or the client has closed the connection
        return b""


def creates_with_body(assumptions: Assumptions) -> bool:
    """Return whether a 201 has the new record as its body."""
    return assumptions.choice(Quirk.A01_BODY_OF_CREATED) == "customer"


_QUERY_SAFE = "!#$%&'()*+,/:;=?@[]~"


def record_id(text: str, quirk: Quirk) -> int:
    """Return the id in a path. Raise NotFound for any other text."""
    if not _ID.fullmatch(text):
        raise NotFound(quirk, "Not Found: an id is a number")
    return int(text)


ANSWERING: ContextVar[Exchange] = ContextVar("fakekounta.exchange")
"""The exchange of the request under way in this context; a nested request in the same thread has its own."""


def current() -> Exchange:
    """Return the exchange under way in this context."""
    return ANSWERING.get()
