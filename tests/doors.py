"""Clients as real code makes them: with the real service's address, before or after interception begins."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import ssl
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import httplib2
import httpx
import httpx2
import requests
import tornado.httpclient
import trio
import urllib3

from fakekounta import FakeKounta
from fakekounta.wire.interception.guard import Guard

HOST = "api.kounta.com"
PATH = "/v1/companies/5678/customers.json?email=jamie%40example.com"
URL = f"https://{HOST}{PATH}"
AUTH = ("fake-client-id", "fake-client-secret")
HEADERS = {"Authorization": "Basic " + base64.b64encode(":".join(AUTH).encode()).decode()}
SECONDS = 60


@dataclass(frozen=True)
class Seen:
    """What a client got: the status, the customer's first name, and the last URL if the client has it."""

    status: int
    first_name: str
    url: str | None = None


@dataclass(frozen=True)
class Door:
    """A client: how it is made, and how it looks up a customer by email, which is a redirect."""

    make: Callable[[], AbstractContextManager[Any]]
    ask: Callable[[Any, str], Seen]

    def through(self, block: Callable[[], AbstractContextManager[Any]], url: str, *, made_before: bool) -> Seen:
        """Ask in the block, with a client that was made before it or in it."""
        if made_before:
            with self.make() as client, block():
                return self.ask(client, url)
        with block(), self.make() as client:
            return self.ask(client, url)


@dataclass(frozen=True)
class AsyncDoor:
    """A client that awaits, with a function that runs a coroutine."""

    make: Callable[[], AbstractAsyncContextManager[Any]]
    ask: Callable[[Any, str], Awaitable[Seen]]
    run: Callable[[Callable[[], Awaitable[Seen]]], Seen]

    def through(self, block: Callable[[], AbstractContextManager[Any]], url: str, *, made_before: bool) -> Seen:
        """Ask in the block, with a client that was made before it or in it."""

        async def before() -> Seen:
            async with self.make() as client:
                with block():
                    return await self.ask(client, url)

        async def within() -> Seen:
            with block():
                async with self.make() as client:
                    return await self.ask(client, url)

        return self.run(before if made_before else within)


@contextmanager
def with_jamie() -> Iterator[FakeKounta]:
    """Serve a fake with the customer that `URL` looks up."""
    with FakeKounta() as kounta:
        kounta.customers.add(first_name="Jamie", email="jamie@example.com")
        yield kounta


@contextmanager
def guarding(guard: Guard) -> Iterator[None]:
    """Guard the real names during the block."""
    guard.begin()
    try:
        yield
    finally:
        guard.end()


def in_asyncio(main: Callable[[], Any]) -> Any:
    return asyncio.run(main())


def seen(response: Any) -> Seen:
    return Seen(response.status_code, response.json()["first_name"], str(response.url))


# --- the standard library ----------------------------------------------------------------------------------------


@contextmanager
def opener() -> Iterator[urllib.request.OpenerDirector]:
    yield urllib.request.build_opener()


def by_urllib(client: urllib.request.OpenerDirector, url: str) -> Seen:
    with client.open(urllib.request.Request(url, headers=HEADERS), timeout=SECONDS) as response:
        return Seen(response.status, json.load(response)["first_name"], response.url)


@contextmanager
def connection() -> Iterator[Callable[[str], http.client.HTTPConnection]]:
    context = ssl.create_default_context()

    def connected(url: str) -> http.client.HTTPConnection:
        if url.startswith("http:"):
            return http.client.HTTPConnection(HOST, timeout=SECONDS)
        return http.client.HTTPSConnection(HOST, timeout=SECONDS, context=context)

    yield connected


def by_http_client(client: Callable[[str], http.client.HTTPConnection], url: str) -> Seen:
    connected = client(url)
    try:
        path = PATH
        while True:
            connected.request("GET", path, headers=HEADERS)
            response = connected.getresponse()
            body = response.read()
            if response.status != 302:
                return Seen(response.status, json.loads(body)["first_name"])
            path = response.headers["Location"].partition(HOST)[2]
    finally:
        connected.close()


# --- synchronous -------------------------------------------------------------------------------------------------


def by_requests(client: requests.Session, url: str) -> Seen:
    response = client.get(url, auth=AUTH, timeout=SECONDS)
    assert [hop.status_code for hop in response.history] == [302]
    assert response.elapsed.total_seconds() > 0
    assert isinstance(response.raw, urllib3.HTTPResponse)
    return seen(response)


def by_httpx(client: httpx.Client, url: str) -> Seen:
    response = client.get(url, auth=AUTH)
    assert response.elapsed.total_seconds() > 0
    return seen(response)


def by_urllib3(client: urllib3.PoolManager, url: str) -> Seen:
    response = client.request("GET", url, headers=HEADERS, timeout=SECONDS)
    return Seen(response.status, response.json()["first_name"])


@contextmanager
def http2() -> Iterator[httplib2.Http]:
    client = httplib2.Http(timeout=SECONDS)
    client.forward_authorization_headers = True
    yield client
    client.close()


def by_httplib2(client: httplib2.Http, url: str) -> Seen:
    response, body = client.request(url, headers=HEADERS)
    return Seen(response.status, json.loads(body)["first_name"], response["content-location"])


# --- asynchronous ------------------------------------------------------------------------------------------------


async def by_async_httpx(client: httpx.AsyncClient, url: str) -> Seen:
    return seen(await client.get(url, auth=AUTH))


def aiohttp_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(SECONDS))


async def by_aiohttp(client: aiohttp.ClientSession, url: str) -> Seen:
    async with client.get(url, headers=HEADERS) as response:
        return Seen(response.status, (await response.json())["first_name"], str(response.url))


@asynccontextmanager
async def tornado_client() -> AsyncIterator[Any]:
    client = tornado.httpclient.AsyncHTTPClient(force_instance=True)
    yield client
    client.close()


async def by_tornado(client: Any, url: str) -> Seen:
    response = await client.fetch(url, headers=HEADERS, connect_timeout=SECONDS, request_timeout=SECONDS)
    return Seen(response.code, json.loads(response.body)["first_name"], response.effective_url)


DOORS: dict[str, Door | AsyncDoor] = {
    "urllib": Door(opener, by_urllib),
    "http.client": Door(connection, by_http_client),
    "requests": Door(requests.Session, by_requests),
    "urllib3": Door(urllib3.PoolManager, by_urllib3),
    "httpx": Door(lambda: httpx.Client(timeout=SECONDS, follow_redirects=True), by_httpx),
    "httpx2": Door(lambda: httpx2.Client(timeout=SECONDS, follow_redirects=True), by_httpx),
    "httplib2": Door(http2, by_httplib2),
    "httpx, asyncio": AsyncDoor(
        lambda: httpx.AsyncClient(timeout=SECONDS, follow_redirects=True), by_async_httpx, in_asyncio
    ),
    "httpx, trio": AsyncDoor(
        lambda: httpx.AsyncClient(timeout=SECONDS, follow_redirects=True), by_async_httpx, trio.run
    ),
    "httpx2, asyncio": AsyncDoor(
        lambda: httpx2.AsyncClient(timeout=SECONDS, follow_redirects=True), by_async_httpx, in_asyncio
    ),
    "httpx2, trio": AsyncDoor(
        lambda: httpx2.AsyncClient(timeout=SECONDS, follow_redirects=True), by_async_httpx, trio.run
    ),
    "aiohttp": AsyncDoor(aiohttp_session, by_aiohttp, in_asyncio),
    "tornado": AsyncDoor(tornado_client, by_tornado, in_asyncio),
}
