"""The kinds of applications that a receiver can be: WSGI, ASGI, or ASGI 2; and the errors for anything else."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from types import ModuleType
from typing import Any


class AppKind(Enum):
    """How an application is called."""

    WSGI = auto()
    ASGI = auto()
    """With scope, receive and send; it is awaited."""
    ASGI_2 = auto()
    """With the scope; the result is called with receive and send, and awaited."""
    UNKNOWN = auto()
    """It takes any arguments. Most of these are WSGI."""


def kind_of(app: Any, *, asgi: bool | None) -> AppKind:
    """Return the kind of an application; `asgi` decides if it is given.

    Raises:
        TypeError: It is not an application; the message says what to give instead.
    """
    if not callable(app):
        raise TypeError(f"deliver_to: {_not_callable(app)}")
    signature = _signature(app)
    takes_one = signature is not None and not _takes(signature, 2) and not _takes(signature, 3) and _takes(signature, 1)
    if asgi is not None:
        return (AppKind.ASGI_2 if takes_one else AppKind.ASGI) if asgi else AppKind.WSGI
    if signature is None:
        return AppKind.UNKNOWN
    if takes_one and "scope" in next(iter(signature.parameters)):
        return AppKind.ASGI_2
    if inspect.isclass(app) and _instances_are_called(app):
        raise TypeError(f"deliver_to: takes an application, not its class: give an instance of {app.__name__}")
    if _takes(signature, 3) and (not _takes(signature, 2) or _is_asynchronous(app)):
        return AppKind.ASGI
    if _takes(signature, 2) and not _is_asynchronous(app):
        return AppKind.UNKNOWN if _takes(signature, 3) else AppKind.WSGI
    raise TypeError(
        f"deliver_to: {_shown(app)} is no WSGI or ASGI application: it takes neither (environ, start_response) nor "
        "(scope, receive, send). Give the application itself, not a view or a function that makes it; serve any other "
        "kind, such as one of aiohttp, on a port, and add a webhook with its address"
    )


def _not_callable(app: Any) -> str:
    if isinstance(app, str) and "://" in app:
        return f"takes an application, not the address {app!r}: give that to webhooks.add"
    if isinstance(app, str):
        return f"takes an application, not the text {app!r}: import the application, and give that"
    if isinstance(app, ModuleType):
        names = [name for name in ("app", "application", "asgi", "wsgi") if callable(getattr(app, name, None))]
        return f"takes an application, not the module {app.__name__}: give {app.__name__}.{(*names, 'app')[0]}"
    return f"takes a WSGI or ASGI application, not {_shown(app)}"


def _shown(app: Any) -> str:
    name = getattr(app, "__qualname__", None)
    return f"a {type(app).__module__}.{type(app).__qualname__}" if name is None else str(name)


def _signature(app: Any) -> inspect.Signature | None:
    """Return the signature of a call, or None if Python does not know it."""
    # Some middleware has `__call__` as an attribute of the instance
    for called in (app, app.__call__):
        try:
            return inspect.signature(called)
        except (TypeError, ValueError):
            pass
    return None


def _takes(signature: inspect.Signature, arguments: int) -> bool:
    try:
        signature.bind(*[None] * arguments)
    except TypeError:
        return False
    return True


def _is_asynchronous(app: Any) -> bool:
    while isinstance(app, partial):
        app = app.func
    called: Callable[..., Any] = app.__call__
    return inspect.iscoroutinefunction(app) or (not inspect.isclass(app) and inspect.iscoroutinefunction(called))


def _instances_are_called(app: type) -> bool:
    return any("__call__" in base.__dict__ for base in app.__mro__)
