"""Tests that a client which openapi-python-client generates of the document works."""

from __future__ import annotations

from fakekounta import FakeKounta
from tests.documents.generated import Generated


def test_a_generated_client_can_be_used(client: Generated, kounta: FakeKounta) -> None:
    """The client makes all kinds of requests; the generator leaves no operation out."""
    client.use(kounta, kounta.url)
    assert {entry.status for entry in kounta.requests} == {200, 201, 204}
