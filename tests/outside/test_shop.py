"""A user's project with the fixture: only the installed wheel, pytest and the standard library."""

import base64
import json
from urllib.request import Request, urlopen

from fakekounta import FakeKounta


def call(kounta: FakeKounta, method: str, path: str, body: object = None) -> tuple[int, str, object]:
    credentials = base64.b64encode(":".join(kounta.auth).encode()).decode()
    request = Request(
        path if path.startswith("http") else f"{kounta.url}/v1/companies/{kounta.company.id}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Accept": "application/json",
            "Authorization": f"Basic {credentials}",
            "Content-Type": "application/json",
        },
    )
    with urlopen(request, timeout=10) as response:
        content = response.read()
        return response.status, response.headers.get("Location", ""), json.loads(content) if content else None


def test_a_customer_is_created_and_found(fakekounta: FakeKounta) -> None:
    status, location, _ = call(
        fakekounta, "POST", "customers.json", {"first_name": "Jamie", "email": "jamie@example.com"}
    )
    assert status == 201
    assert location.startswith(fakekounta.url)

    status, _, found = call(fakekounta, "GET", "customers.json?email=jamie@example.com")
    assert status == 200
    assert isinstance(found, dict)
    assert found["first_name"] == "Jamie"
    assert found["reference_id"] == ""


def test_the_next_test_starts_empty(fakekounta: FakeKounta) -> None:
    assert call(fakekounta, "GET", "customers.json") == (200, "", [])


def test_what_is_seeded_is_served(fakekounta: FakeKounta) -> None:
    customer = fakekounta.customers.add(first_name="Alex", mobile="0412345678")
    _, _, found = call(fakekounta, "GET", "customers.json?mobile=0412345678")
    assert isinstance(found, dict)
    assert found["id"] == customer.id
