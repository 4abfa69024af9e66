"""Fixtures: a Redis server for all tests, empty at the beginning of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.replicas.server import MISSING, Server, Way, nginx_program, server_program, way_to


def pytest_sessionstart() -> None:
    if server_program() is None or nginx_program() is None:
        pytest.exit(MISSING, 2)


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server, which keeps its data in a folder."""
    server = Server(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(redis_server: Server) -> Server:
    """The server without any keys."""
    redis_server.flush()
    return redis_server


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    """A way to the server that can be cut."""
    with way_to(server) as way:
        yield way
