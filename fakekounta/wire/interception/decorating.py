"""A context manager that can be entered repeatedly, and decorates tests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from inspect import iscoroutinefunction
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

_Value = TypeVar("_Value")
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])


class Decorating(Generic[_Value]):
    """A context manager; also a decorator of functions, coroutine functions, and classes with methods `test...`."""

    def __init__(self, begin: Callable[[], AbstractContextManager[_Value]], *, passes_value: bool = False) -> None:
        self._begin = begin
        self._passes_value = passes_value
        self._open: list[AbstractContextManager[_Value]] = []

    def __enter__(self) -> _Value:
        manager = self._begin()
        value = manager.__enter__()
        self._open.append(manager)
        return value

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._open.pop().__exit__(kind, error, traceback)

    def __call__(self, decorated: _Decorated) -> _Decorated:
        """Return the function with each call inside the block, or the class with each test inside it."""
        if isinstance(decorated, type):
            self._decorate_tests(decorated)
            return decorated
        within = self._decorated_coroutine if iscoroutinefunction(decorated) else self._decorated
        return cast("_Decorated", within(decorated))

    def _decorate_tests(self, tests: type) -> None:
        for name in dir(tests):
            method = getattr(tests, name)
            if name.startswith("test") and callable(method):
                setattr(tests, name, self(method))

    def _decorated(self, function: Any) -> Any:
        @wraps(function)
        def within(*arguments: Any, **options: Any) -> Any:
            with self._begin() as value:
                return function(*arguments, *self._passed(value), **options)

        return within

    def _decorated_coroutine(self, function: Any) -> Any:
        @wraps(function)
        async def within(*arguments: Any, **options: Any) -> Any:
            with self._begin() as value:
                return await function(*arguments, *self._passed(value), **options)

        return within

    def _passed(self, value: _Value) -> tuple[_Value, ...]:
        return (value,) if self._passes_value else ()
