"""A client that openapi-python-client generates of the document can be used."""

from __future__ import annotations

from fakekounta import FakeKounta
from tests.documents.generated import Generated


def test_a_generated_client_can_be_used(client: Generated, kounta: FakeKounta) -> None:
    """It lists, gets, creates, changes, subscribes and fetches a token; the generator leaves nothing out."""
    client.use(kounta, kounta.url)
    assert {entry.status for entry in kounta.requests} == {200, 201, 204}
