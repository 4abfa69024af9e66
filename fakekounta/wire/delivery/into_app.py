"""Posting into a WSGI or ASGI application, without a socket."""

from __future__ import annotations

import asyncio
import inspect
import logging
import traceback
from collections.abc import Iterable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote_to_bytes, urlsplit
from weakref import finalize

from fakekounta.core.chain import new_context
from fakekounta.wire.clients.call import call
from fakekounta.wire.delivery import django
from fakekounta.wire.delivery.addresses import parsed_url
from fakekounta.wire.delivery.app_kind import AppKind, kind_of
from fakekounta.wire.delivery.lifespan import AsgiApp, Lifespan, NoAnswer
from fakekounta.wire.delivery.posting import Declined, Parcel, Undelivered

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OURS = str(Path(__file__).parents[2])
log: logging.Logger = logging.getLogger("fakekounta.delivery")


class AppReceiver:
    """A receiver that is an application. An ASGI application is started, with its lifespan, and stopped by `close`."""

    def __init__(self, app: Any, *, asgi: bool | None = None) -> None:
        """Start the application.

        Raises:
            TypeError: It is none; the message says what to give instead.
            StartFailed: It could not start.
        """
        self._kind = kind_of(app, asgi=asgi)
        self._app = partial(_as_asgi_3, app) if self._kind is AppKind.ASGI_2 else app
        self._lifespan: Lifespan | None = None
        if self._is_asgi:
            self._started()

    @property
    def _is_asgi(self) -> bool:
        return self._kind in (AppKind.ASGI, AppKind.ASGI_2)

    def _started(self) -> Lifespan:
        if self._lifespan is None:
            self._lifespan = Lifespan(self._app)
            finalize(self, self._lifespan.stop).atexit = False
        return self._lifespan

    def close(self) -> None:
        """Stop the application; the next parcel starts it again."""
        lifespan, self._lifespan = self._lifespan, None
        if lifespan is not None:
            lifespan.stop()

    def __call__(self, parcel: Parcel) -> int:
        """Post a parcel and return the status. Raise Undelivered, Declined, Blocked and FlightCut."""
        parsed_url(parcel.url)
        parcel.flight.depart()
        try:
            with django.keeping_connections():
                status = self._into_asgi(parcel) if self._is_asgi else self._into_wsgi(parcel)
        except NoAnswer:
            raise Undelivered(f"the application gave no answer within {parcel.timeout_seconds} s") from None
        except WrongKind as error:
            raise Undelivered(str(error)) from error
        except Exception as error:
            log.warning("the application raised %s", type(error).__name__, exc_info=error)
            raise Undelivered(f"the application raised {_described(error)}{self._doubt()}") from error
        reason = django.why_refused(status, parcel.url)
        if reason is not None:
            raise Declined(status, reason)
        return status

    def _doubt(self) -> str:
        """Return the advice for an application that was called in the wrong way."""
        return "; if it is an ASGI application: deliver_to(app, asgi=True)" if self._kind is AppKind.UNKNOWN else ""

    def _into_wsgi(self, parcel: Parcel) -> int:
        return call(partial(_checked, self._app), "POST", parcel.url, parcel.headers, parcel.body).status

    def _into_asgi(self, parcel: Parcel) -> int:
        lifespan = self._started()
        if lifespan.is_supported and lifespan.is_free:
            return lifespan.run(_status(self._app, parcel, lifespan.state), parcel.timeout_seconds)
        if not lifespan.is_supported and django.has_database():

            async def work() -> int:
                return await _in_time(self._app, parcel, None)

            return django.run(work)
        with lifespan.blocked() if lifespan.is_supported else nullcontext():
            return _in_new_loop(self._app, parcel, lifespan.state if lifespan.is_supported else None)


class WrongKind(Exception):
    """The application returned something that no WSGI application returns; the message says what to give instead."""


def _checked(app: Any, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    answer = app(environ, start_response)
    if inspect.isawaitable(answer):
        getattr(answer, "close", lambda: None)()
        raise WrongKind("the application returned a coroutine, so it is an ASGI one: deliver_to(app, asgi=True)")
    if not isinstance(answer, Iterable) and not hasattr(answer, "__getitem__"):
        raise WrongKind(
            f"the application returned a {type(answer).__name__}, which is no response; if it is a function that makes "
            "the application, give deliver_to what it returns"
        )
    return cast("Iterable[bytes]", answer)


def _described(error: BaseException) -> str:
    """Return an exception with the line that raised it; the log has the traceback."""
    text = f"{type(error).__name__}: {error}"
    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith(_OURS)]
    return f"{text} (at {Path(frames[-1].filename).name}:{frames[-1].lineno}; the log has more)" if frames else text


def _in_new_loop(app: AsgiApp, parcel: Parcel, state: dict[str, Any] | None) -> int:
    """Run the application in a new event loop in a new thread, because the caller may be in a loop itself.

    The context is empty, as in `call`; some builds of Python pass the caller's on to a new thread.
    """
    outcome: list[int | BaseException] = []

    def run() -> None:
        try:
            outcome.append(asyncio.run(_in_time(app, parcel, state)))
        except BaseException as error:  # noqa: BLE001 - the waiting thread raises it
            outcome.append(error)

    thread = Thread(target=new_context().run, args=(run,), name="fakekounta-asgi", daemon=True)
    thread.start()
    thread.join()
    result = outcome[0]
    if isinstance(result, int):
        return result
    raise result


async def _in_time(app: AsgiApp, parcel: Parcel, state: dict[str, Any] | None) -> int:
    task = asyncio.ensure_future(_status(app, parcel, state))
    done, _ = await asyncio.wait({task}, timeout=parcel.timeout_seconds)
    if not done:
        task.cancel()
        raise NoAnswer
    return task.result()


async def _as_asgi_3(app: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:
    await app(scope)(receive, send)


async def _status(app: AsgiApp, parcel: Parcel, state: dict[str, Any] | None) -> int:
    status: list[int] = []
    messages = [{"type": "http.request", "body": parcel.body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not messages:
            await asyncio.Event().wait()  # the client stays connected until the application is done
        return messages.pop()

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status.append(message["status"])

    await app(_scope(parcel, state), receive, send)
    if not status:
        raise WrongKind("the application ended without an answer: it sent no http.response.start")
    return status[0]


def _scope(parcel: Parcel, state: dict[str, Any] | None) -> dict[str, Any]:
    url = urlsplit(parcel.url)
    headers = [("host", url.netloc), ("content-length", str(len(parcel.body))), *parcel.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": url.scheme,
        "path": unquote_to_bytes(url.path or "/").decode("utf-8", "replace"),
        "raw_path": (url.path or "/").encode("ascii"),
        "query_string": url.query.encode("ascii"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 0),
        "server": (url.hostname, url.port or (443 if url.scheme == "https" else 80)),
        **({} if state is None else {"state": dict(state)}),
    }
