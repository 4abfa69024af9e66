"""The target of contract tests, and the requests that tests make to it."""

from __future__ import annotations

import json as jsonlib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NoReturn
from urllib.parse import urlencode

import httpx
import pytest

from contracts.arranging import Application, basic, precondition, record_id
from contracts.exchanges import (
    Pace,
    RecordedExchange,
    SentRequest,
    answer_to_bytes,
    is_reading,
    seconds_to_wait,
)
from contracts.expecting import expect_status
from contracts.forms import plain
from contracts.samples import new_customer
from fakekounta.catalogue.assumptions import Assumptions

OTHER_COMPANY_ID = 6789  # in the fake
_NOT_SENT: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class KountaTarget:
    """A server that claims to be Kounta, one company in it, and an application that may use that company.

    Requests are sent to this server as JSON, with the application's Basic credentials. `headers` adds and replaces
    headers, and removes those whose value is None.
    """

    kind: Literal["in-process", "socket", "tls", "live"]
    http: httpx.Client
    url: str
    company_id: int
    other_company_id: int
    application: Application
    second_application: Application | None
    redirect_uri: str | None
    chosen: Mapping[str, str] = field(default_factory=Assumptions)
    trusting: ssl.SSLContext | None = None
    read_only: bool = False
    makes_orders: bool = False
    is_fakekounta: bool = True
    pace: Pace = field(default_factory=Pace)
    exchanges: list[RecordedExchange] = field(default_factory=list)
    moved_by: list[int] = field(default_factory=list)

    # Places

    @property
    def company(self) -> str:
        return f"/v1/companies/{self.company_id}"

    @property
    def customers(self) -> str:
        return f"{self.company}/customers"

    def customer(self, customer_id: object) -> str:
        return f"{self.customers}/{customer_id}"

    # Asking

    def ask(
        self,
        method: str,
        path: str,
        *,
        json: Any = _NOT_SENT,
        content: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
    ) -> httpx.Response:
        """Return the response to one request; no redirect is followed."""
        sent: dict[str, str | None] = {"Accept": "application/json", "Authorization": self.application.basic}
        if json is not _NOT_SENT:
            content = jsonlib.dumps(json).encode()
        if content is not None:
            sent["Content-Type"] = "application/json"
        sent |= headers or {}
        url = path if path.startswith(("http://", "https://")) else self.url + path
        request = self.http.build_request(method, url, content=content)
        for name, value in sent.items():
            if value is not None:
                request.headers[name] = value
            elif name in request.headers:
                del request.headers[name]
        self._refuse_to_write(method, httpx.URL(url).path)
        asked = SentRequest(method=method, url=url, headers=request.headers.multi_items(), body=content or b"")
        return self._patiently(asked, lambda: self.http.send(request))

    def get(self, path: str, *, headers: Mapping[str, str | None] | None = None) -> httpx.Response:
        return self.ask("GET", path, headers=headers)

    def get_with_headers(self, path: str, headers: list[tuple[str, str]]) -> httpx.Response:
        """Return the response to a GET with Accept and exactly these headers, repeated as given."""
        request = self.http.build_request("GET", self.url + path)
        for name in ("Authorization", "Accept"):
            request.headers.pop(name, None)
        sent = [*request.headers.multi_items(), ("Accept", "application/json"), *headers]
        request.headers = httpx.Headers(sent)
        asked = SentRequest(method="GET", url=self.url + path, headers=sent, body=b"")
        return self._patiently(asked, lambda: self.http.send(request))

    def find(self, **query: object) -> httpx.Response:
        """Return the response of the list of customers to this query."""
        return self.find_with({}, **query)

    def find_with(self, headers: Mapping[str, str | None], **query: object) -> httpx.Response:
        return self.get(f"{self.customers}?{urlencode(query)}", headers=headers)

    def create(self, fields: Any, *, path: str | None = None) -> httpx.Response:
        return self.ask("POST", path or self.customers, json=fields)

    def change(self, customer_id: int, fields: Any) -> httpx.Response:
        return self.ask("PUT", self.customer(customer_id), json=fields)

    def follow(self, answer: httpx.Response) -> dict[str, Any]:
        """Return the customer at a response's Location."""
        precondition("Location" in answer.headers, "C15" if answer.status_code == 201 else "C04", answer)
        record = self.get(str(httpx.URL(self.url).join(answer.headers["Location"])))
        precondition(record.status_code == 200, "C03", record)
        return plain(self.chosen, record.json())

    def found(self, answer: httpx.Response) -> int | None:
        """Return the id of the customer that a look-up's response redirects to, in any form of URL; None for a 404."""
        if answer.status_code == 404:
            return None
        if answer.is_redirect:
            return record_id(answer)
        precondition(answer.status_code == 200 and isinstance(answer.json(), dict), "C04", answer)
        return int(answer.json()["id"])

    def finds(self, **query: object) -> int | None:
        """Return the id of the customer that this look-up finds, or None."""
        return self.found(self.find(**query))

    def items(self, answer: httpx.Response) -> list[dict[str, Any]]:
        """Return the customers of a list; none for a 404."""
        if answer.status_code == 404:
            return []
        precondition(answer.status_code == 200, "C01", answer)
        precondition(isinstance(answer.json(), list), "T05", answer)
        return list(answer.json())

    # Arranging

    def add_customer(self, **fields: Any) -> int:
        """Create a customer and return its id."""
        return self.add_exactly(new_customer(**fields))

    def add_exactly(self, fields: dict[str, Any]) -> int:
        """Create a customer with exactly these fields and return its id."""
        created = self.create(fields)
        precondition(created.status_code == 201 and "Location" in created.headers, "C15", created)
        return record_id(created)

    def some_customer(self) -> int:
        """Return the id of a customer that a test only reads: a new one, unless the run is read-only."""
        if not self.read_only:
            return self.add_customer()
        items = self.items(self.find())
        if not items:
            self.not_provable("there is no customer, and none may be created (--kounta-read-only)")
        return int(items[0]["id"])

    def record(self, customer_id: int) -> dict[str, Any]:
        """Return the complete record of a customer, in the default form if the target's form is an expected one."""
        return plain(self.chosen, self.raw_record(customer_id))

    def raw_record(self, customer_id: int) -> dict[str, Any]:
        """Return the complete record of a customer as received."""
        answer = self.get(self.customer(customer_id))
        precondition(answer.status_code == 200, "C03", answer)
        return dict(answer.json())

    def changed(self, customer_id: int, fields: Any) -> dict[str, Any]:
        """Return the record after a change that must succeed."""
        answer = self.change(customer_id, fields)
        precondition(answer.is_success, "C16", answer)
        return self.record(customer_id)

    def refuses(self, answer: httpx.Response) -> None:
        """Assert that a field was refused with the status of A17."""
        expect_status(answer, int(self.chosen["A17"]))

    def as_second_application(self) -> dict[str, str | None]:
        """Return headers with the credentials of another application of the same company."""
        if self.second_application is None:
            self.not_provable("no second application was given (--kounta-other-client-id)")
        return {"Authorization": self.second_application.basic}

    def signature_token(self, application: Application | None = None) -> str:
        """Return the secret with which deliveries to an application are signed."""
        token = (application or self.application).signature_token
        if token is None:
            self.not_provable("no signature token was given (--kounta-signature-token)")
        return token

    # Applications

    def ask_for_token(self, **fields: str) -> httpx.Response:
        """Return the token endpoint's response to a form with the application's credentials and these fields."""
        own = {"client_id": self.application.client_id, "client_secret": self.application.client_secret}
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": None}
        return self.ask("POST", "/v1/token", content=urlencode(own | fields).encode(), headers=form)

    @property
    def own_credentials(self) -> tuple[str, str]:
        """Return the application's client id and secret."""
        return self.application.client_id, self.application.client_secret

    def ask_for_token_by_basic(self, client_id: str, client_secret: str) -> httpx.Response:
        """Return the token endpoint's response to these credentials in a Basic header."""
        form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": basic(client_id, client_secret)}
        return self.ask("POST", "/v1/token", content=b"grant_type=client_credentials", headers=form)

    def access_token(self) -> str:
        answer = self.ask_for_token(grant_type="client_credentials")
        precondition(answer.status_code == 200, "O04", answer)
        return str(answer.json()["access_token"])

    def authorize(self, **changes: str | None) -> httpx.Response:
        """Return the response of /authorize to a valid request with these parameters replaced, or removed by None."""
        if self.redirect_uri is None:
            self.not_provable("no redirect URI was given (--kounta-redirect-uri)")
        query: dict[str, str | None] = {
            "client_id": self.application.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "state": "state-of-a-contract-test",
        }
        kept = {name: value for name, value in (query | changes).items() if value is not None}
        return self.get(f"/authorize?{urlencode(kept)}", headers={"Authorization": None, "Accept": "text/html"})

    def authorisation_code(self) -> str:
        return str(httpx.URL(self.authorize().headers["Location"]).params["code"])

    def tokens_of_a_code(self) -> dict[str, Any]:
        """Return the token endpoint's response to a new authorisation code."""
        answer = self.ask_for_token(grant_type="authorization_code", code=self.authorisation_code())
        precondition(answer.status_code == 200, "O04", answer)
        return dict(answer.json())

    # Beyond requests

    def send_bytes(self, data: bytes, *, method: str = "GET") -> httpx.Response:
        """Return the response to exactly these bytes on a new connection; `headers.raw` has the names as written."""
        if self.kind == "in-process":
            self.not_provable("in-process requests are not bytes")
        head = data.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        path = head[1] if len(head) > 1 and head[1].startswith("/") else ""
        self._refuse_to_write(head[0], path)
        asked = SentRequest(method=head[0], url=self.url + path[:1_000], headers=[], body=data)
        return self._patiently(asked, lambda: answer_to_bytes(self.url, data, method, self.trusting))

    @property
    def has_control(self) -> bool:
        """Whether the target is a fake whose control surface may be used."""
        return self.is_fakekounta and not self.read_only

    @property
    def is_here(self) -> bool:
        """Whether the target runs on this machine, so that it reaches a receiver on the loopback."""
        return httpx.URL(self.url).host in ("127.0.0.1", "::1", "localhost")

    def set_time_right(self) -> None:
        """Set the clock of a live fake back to real time after `let_time_pass`."""
        if self.kind == "live" and self.moved_by:
            clock = f"{self.url}/_fakekounta/clock"
            now = datetime.fromisoformat(self.http.get(clock).json()["now"]) - timedelta(seconds=sum(self.moved_by))
            self.http.put(clock, json={"now": now.isoformat()})

    def wait(self, *, seconds: int) -> None:
        """Wait, or advance the clock of a fake."""
        if self.kind == "live":
            self.pace.sleep(seconds)
        else:
            self.let_time_pass(seconds=seconds)

    def let_time_pass(self, *, seconds: int) -> None:
        if not self.has_control:
            self.not_provable("the clock of a live server cannot be moved")
        moved = self.http.put(f"{self.url}/_fakekounta/clock", json={"advance_seconds": seconds})
        expect_status(moved, 200)
        self.moved_by.append(seconds)

    def delete_customer(self, customer_id: int) -> None:
        """Delete a customer by the control surface, with webhook deliveries; the public API cannot."""
        if not self.has_control:
            self.not_provable("the public API deletes no customer")
        place = f"{self.url}/_fakekounta/customers/{customer_id}?announce=true"
        gone = self.http.delete(place, headers={"Content-Type": "application/json"})
        expect_status(gone, 200)

    def not_provable(self, reason: str) -> NoReturn:
        """End the test as not provable on this target."""
        pytest.skip(f"not provable on the target {self.kind}: {reason}")

    def _patiently(self, asked: SentRequest, ask: Callable[[], httpx.Response]) -> httpx.Response:
        """Return the response; at the rate limit of a live server, wait and send again."""
        self.pace.wait()
        answer = ask()
        while self.kind == "live" and answer.status_code == 429:
            self.pace.sleep(seconds_to_wait(answer))
            self.pace.wait()
            answer = ask()
        self.exchanges.append(asked.answered(answer))
        return answer

    def _refuse_to_write(self, method: str, path: str) -> None:
        if self.read_only and not is_reading(method, path):
            self.not_provable("it writes (--kounta-read-only)")
