"""A small in-process client of the fake, for tests of single exchanges."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import httpx

from fakekounta import FakeKounta

ORIGIN = "https://api.kounta.com"
COMPANY = "/v1/companies/5678"
CUSTOMERS = f"{COMPANY}/customers"
FIRST_ID = 389427


class Caller:
    """Sends requests to a fake as one application, by default its default one, and follows no redirect."""

    def __init__(self, kounta: FakeKounta, auth: tuple[str, str] | None = None) -> None:
        self.kounta = kounta
        self.http = kounta.httpx_client()
        self.http.auth = httpx.BasicAuth(*(auth or kounta.auth))
        self.http.headers["Accept"] = "application/json"

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        return self.http.get(path, headers=headers)

    def find(self, **query: str) -> httpx.Response:
        """Return the response of the list of customers with this query."""
        return self.http.get(CUSTOMERS, params=query)

    def create(self, **fields: Any) -> httpx.Response:
        """Return the response to a POST with the fields that a customer needs, and with these added or replaced."""
        return self.http.post(CUSTOMERS, json={"first_name": "Robin", "email": "robin@example.com", **fields})

    def change(self, customer_id: int, **fields: Any) -> httpx.Response:
        return self.http.put(f"{CUSTOMERS}/{customer_id}", json=fields)

    def record(self, customer_id: int) -> dict[str, Any]:
        """Return the complete record of an existing customer."""
        answer = self.http.get(f"{CUSTOMERS}/{customer_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ids(self, **query: str) -> list[int]:
        """Return the ids in a list, in its order."""
        answer = self.find(**query)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()]

    def found(self, **query: str) -> int:
        """Return the id of the customer that a look-up redirects to."""
        answer = self.find(**query)
        assert answer.status_code == 302, answer.text
        return int(answer.headers["Location"].rpartition("/")[2])

    def token(self, **form: str) -> httpx.Response:
        """Return the token endpoint's response to a form with the credentials of this caller."""
        return self.http.post("/v1/token", data=form)

    def with_token(self, token: str) -> httpx.Response:
        """Return the response to a GET of the company with a bearer token."""
        request = self.http.build_request("GET", "/v1/companies/me", headers={"Authorization": f"Bearer {token}"})
        return self.http.send(request, auth=None)


def error(answer: httpx.Response) -> tuple[int, str, str]:
    """Return status, code and description of a refusal."""
    shape = answer.json()
    return answer.status_code, shape["error"], shape["error_description"]


def refusal(answer: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return error(answer)[:2]


def exactly(text: str) -> str:
    """Return a pattern for pytest.raises that matches only this text."""
    return rf"\A{re.escape(text)}\Z"
