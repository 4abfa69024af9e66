"""The lifespan of an ASGI application: it is started once, and answers requests in its event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from threading import Thread, current_thread
from typing import Any

from fakekounta.core.chain import new_context

AsgiApp = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]

START_SECONDS = 10.0
STOP_SECONDS = 5.0

log: logging.Logger = logging.getLogger("fakekounta.delivery")


class StartFailed(RuntimeError):
    """The application could not start; the message says why."""


class NoAnswer(Exception):
    """The application did not answer in time."""


class Lifespan:
    """An application that was started, and the thread of its event loop.

    `is_supported` is False if the application has no lifespan: then there is no loop.
    """

    def __init__(self, app: AsgiApp) -> None:
        """Start the application. Raise StartFailed if it reports a failure, or reports nothing in time."""
        self.state: dict[str, Any] = {}
        self._app = app
        self._ready: concurrent.futures.Future[bool] = concurrent.futures.Future()
        self._stop = asyncio.Event()
        self._blocks: list[None] = []
        self._thread = Thread(
            target=Context().run, args=(asyncio.run, self._live()), name="fakekounta-asgi", daemon=True
        )
        self._thread.start()
        try:
            self.is_supported: bool = self._ready.result(START_SECONDS)
        except concurrent.futures.TimeoutError:
            self._end()
            raise StartFailed(f"the application did not start within {START_SECONDS:g} s") from None

    # --- in the thread of the loop ------------------------------------------------------------------------------

    async def _live(self) -> None:
        self._loop = asyncio.get_running_loop()
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        messages = [self._shutdown_message(), self._startup_message()]

        async def receive() -> dict[str, str]:
            if not messages:
                await asyncio.Event().wait()
            return await messages.pop()

        task = asyncio.ensure_future(self._app(scope, receive, self._send))
        await asyncio.wait({task, asyncio.ensure_future(self._stop.wait())}, return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.done():
            task.cancel()
        await asyncio.wait({task})
        for message in messages:
            message.close()
        self._note_end(task)
        if self._ready.exception() is None and self._ready.result():
            await self._stop.wait()  # the lifespan has ended, but requests still need the loop

    async def _startup_message(self) -> dict[str, str]:
        return {"type": "lifespan.startup"}

    async def _shutdown_message(self) -> dict[str, str]:
        await self._stop.wait()
        return {"type": "lifespan.shutdown"}

    async def _send(self, message: dict[str, Any]) -> None:
        kind, text = message["type"], str(message.get("message", ""))
        if kind == "lifespan.startup.complete":
            self._ready.set_result(True)
        elif kind == "lifespan.startup.failed":
            lines = text.strip().splitlines() or ["it does not say why"]
            self._ready.set_exception(StartFailed(f"the application failed to start: {lines[-1]}"))
        elif kind == "lifespan.shutdown.failed":
            log.warning("the application failed to shut down: %s", text)
        elif kind != "lifespan.shutdown.complete":
            raise ValueError(f"{kind} is no message of a lifespan")

    def _note_end(self, task: asyncio.Future[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if not self._ready.done():
            self._ready.set_result(False)
        elif error is not None and self._ready.exception() is None:
            log.warning("the application failed to shut down", exc_info=error)

    # --- in other threads ---------------------------------------------------------------------------------------

    @property
    def is_free(self) -> bool:
        """Whether the loop can answer: not while one of its requests waits for another one."""
        return not self._blocks and self._thread.is_alive() and current_thread() is not self._thread

    def run(self, work: Coroutine[Any, Any, int], timeout_seconds: float) -> int:
        """Return what `work` returns in the loop. Raise what it raises, and NoAnswer after the timeout."""
        future = new_context().run(asyncio.run_coroutine_threadsafe, work, self._loop)
        try:
            return future.result(timeout_seconds)
        except concurrent.futures.TimeoutError:
            if future.done():  # the application raised it
                raise
            future.cancel()
            raise NoAnswer from None

    def stop(self) -> None:
        """Shut the application down, and wait for it for a while."""
        if self._thread.is_alive():
            self._end()
            if current_thread() is not self._thread:
                self._thread.join(STOP_SECONDS)
            if self._thread.is_alive():
                log.warning("the application did not shut down within %s s", STOP_SECONDS)

    def _end(self) -> None:
        with suppress(RuntimeError):  # the loop is closed: its thread is about to end
            self._loop.call_soon_threadsafe(self._stop.set)

    @contextmanager
    def blocked(self) -> Iterator[None]:
        """Mark the loop as busy in the block, because one of its requests may wait for the block."""
        self._blocks.append(None)
        try:
            yield
        finally:
            self._blocks.pop()
