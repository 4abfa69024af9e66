"""Tests of a receiver in the event loop of the test: the call that causes a delivery does not wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import aiohttp.web
import pytest
import trio

from fakekounta import FakeKounta, Receiver
from fakekounta.core.deliveries import DELIVERED
from fakekounta.wire.delivery import courier
from tests.lab import CREATED, PATIENCE_SECONDS, calling, customer, outcomes

RESPONSE = b"HTTP/1.1 204 No Content\r\n\r\n"


def _all_arrived(kounta: FakeKounta) -> bool:
    return outcomes(kounta) == [DELIVERED] * 3


@pytest.mark.parametrize("mode", ["immediate", "collect"])
def test_asyncio(mode: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """An aiohttp server in the test's loop gets every delivery in order; the log says what to do instead."""
    monkeypatch.setattr(courier, "LOOP_SECONDS", 0.05)
    heard: list[str] = []

    async def hook(request: aiohttp.web.Request) -> aiohttp.web.Response:
        heard.append((await request.json())["first_name"])
        return aiohttp.web.Response(status=204)

    async def test(kounta: FakeKounta) -> None:
        app = aiohttp.web.Application()
        app.router.add_post("/hook", hook)
        runner = aiohttp.web.AppRunner(app)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", 0).start()
        kounta.webhooks.add(CREATED, f"http://127.0.0.1:{runner.addresses[0][1]}/hook")
        for name in ("A", "B", "C"):
            customer(kounta, name)
        kounta.webhooks.deliver()
        await asyncio.wait_for(_until(asyncio.sleep, partial(_all_arrived, kounta)), PATIENCE_SECONDS)
        await runner.cleanup()

    with FakeKounta(webhook_mode=mode, webhook_schedule={"minutes": [0]}) as kounta:
        asyncio.run(test(kounta))
    assert heard == ["A", "B", "C"]
    assert courier.BESIDE_LOOP in caplog.text


def test_trio(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds in a loop of trio."""
    monkeypatch.setattr(courier, "LOOP_SECONDS", 0.05)

    async def answer(stream: trio.SocketStream) -> None:
        with suppress(trio.BrokenResourceError):
            while await stream.receive_some():
                await stream.send_all(RESPONSE)

    async def test(kounta: FakeKounta) -> None:
        async with trio.open_nursery() as nursery:
            listeners = await nursery.start(trio.serve_tcp, answer, 0)
            kounta.webhooks.add(CREATED, f"http://127.0.0.1:{listeners[0].socket.getsockname()[1]}/")
            for name in ("A", "B", "C"):
                customer(kounta, name)
            with trio.fail_after(PATIENCE_SECONDS):
                await _until(trio.sleep, partial(_all_arrived, kounta))
            nursery.cancel_scope.cancel()

    kounta = FakeKounta(webhook_schedule={"minutes": [0]})
    trio.run(test, kounta)


async def _until(sleep: Any, is_true: Callable[[], bool]) -> None:
    while not is_true():
        await sleep(0.001)


def test_a_receiver_elsewhere_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A receiver in a thread, and an application, have the delivery before the call returns, also within a loop."""
    monkeypatch.setattr(courier, "LOOP_SECONDS", PATIENCE_SECONDS)
    heard: list[str] = []
    kounta = FakeKounta()

    async def test(address: str) -> None:
        kounta.webhooks.add(CREATED, address)
        customer(kounta)
        assert outcomes(kounta) == [DELIVERED]
        kounta.webhooks.deliver_to(calling(lambda path, _: heard.append(path)))
        customer(kounta)
        assert outcomes(kounta) == [DELIVERED, DELIVERED]

    with Receiver() as receiver:
        asyncio.run(test(receiver.url))
        assert len(receiver.received) == 1
    assert len(heard) == 1
