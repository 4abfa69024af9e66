"""Fixtures for tests of the OpenAPI documents with other tools: `make test-documents`. Prism needs npm."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakekounta import FakeKounta
from tests.documents.generated import Generated
from tests.documents.proxy import Prism
from tests.documents.tools import generate, installed


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with FakeKounta(webhook_mode="collect") as serving:
        yield serving


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generated]:
    """The client that openapi-python-client makes of the document, without a warning."""
    folder = tmp_path_factory.mktemp("generated")
    generate(FakeKounta().openapi(), folder, "generated_kounta")
    sys.path.insert(0, str(folder))
    yield Generated("generated_kounta")
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Prism:
    """Prism, installed by npm."""
    return Prism(installed(tmp_path_factory.mktemp("prism"), "@stoplight/prism-cli@5"))


@pytest.fixture(scope="session")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Yield the folder in which npm has installed tools for TypeScript."""
    tools = ("openapi-typescript@7", "typescript@5", "@apidevtools/swagger-cli@4")
    return installed(tmp_path_factory.mktemp("readers"), *tools) / "node_modules/.bin"
