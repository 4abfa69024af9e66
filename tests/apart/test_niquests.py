"""Tests of niquests, whose urllib3 replaces that of requests, with interception and with the guard."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import niquests
import pytest

from fakekounta import FakeKounta
from fakekounta.wire.interception.guard import Guard
from tests.doors import AUTH, SECONDS, URL, guarding, with_jamie


class Block(Protocol):
    def __call__(self) -> AbstractContextManager[Any]: ...


def ask(block: Block, url: str, *, made_before: bool) -> Any:
    if made_before:
        with niquests.Session() as client, block():
            return client.get(url, auth=AUTH, timeout=SECONDS)
    with block(), niquests.Session() as client:
        return client.get(url, auth=AUTH, timeout=SECONDS)


def ask_in_asyncio(block: Block, url: str, *, made_before: bool) -> Any:
    async def before() -> Any:
        async with niquests.AsyncSession() as client:
            with block():
                return await client.get(url, auth=AUTH, timeout=SECONDS)

    async def within() -> Any:
        with block():
            async with niquests.AsyncSession() as client:
                return await client.get(url, auth=AUTH, timeout=SECONDS)

    return asyncio.run(before() if made_before else within())


EACH = pytest.mark.parametrize("way", [ask, ask_in_asyncio], ids=["sync", "asyncio"])
ORDERS = pytest.mark.parametrize("made_before", [True, False], ids=["made before", "made within"])
SCHEMES = pytest.mark.parametrize("scheme", ["https", "http"])


@pytest.fixture
def kounta() -> Iterator[FakeKounta]:
    with with_jamie() as kounta:
        yield kounta


@EACH
@ORDERS
@SCHEMES
def test_it_reaches_the_fake(way: Any, made_before: bool, scheme: str, kounta: FakeKounta) -> None:
    """It follows the redirect of a look-up (C04)."""
    response = way(kounta.intercept, URL.replace("https", scheme), made_before=made_before)
    assert response.json()["first_name"] == "Jamie"
    assert [hop.status_code for hop in response.history] == [302]
    assert response.url.startswith(f"{scheme}://api.kounta.com/")
    assert len(kounta.requests) == 2


@EACH
@ORDERS
@SCHEMES
def test_the_guard_refuses_it(way: Any, made_before: bool, scheme: str) -> None:
    """The guard raises a connection error."""
    guard = Guard("do this")
    with pytest.raises(niquests.exceptions.ConnectionError):
        way(lambda: guarding(guard), URL.replace("https", scheme), made_before=made_before)
    assert set(guard.refused) == {"api.kounta.com"}
