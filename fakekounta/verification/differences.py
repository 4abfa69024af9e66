"""Where an answer differs from what was expected: the first place, as a JSON path."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from types import TracebackType
from typing import Any

_MISSING: Any = object()
_MOST_CHARACTERS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A comparison that did not hold; `left` is what was got."""

    operator: str
    left: Any
    right: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first difference: `path` is a JSON path ("$.tags[0]"), "status", "header X", "body", or empty if none is known."""

    path: str
    expected: str
    got: str

    def __str__(self) -> str:
        said = f"expected {self.expected}, got {self.got}" if self.got else self.expected
        return f"{self.path}: {said}" if self.path else said


def difference(error: BaseException, compared: Comparison | None) -> Difference:
    """The difference that made a test fail."""
    if isinstance(error, KeyError) and error.args:
        where = "header " if "httpx" in _innermost(error.__traceback__).f_globals.get("__name__", "") else "$."
        return Difference(path=f"{where}{error.args[0]}", expected="it to be there", got="nothing")
    if not isinstance(error, AssertionError):
        text = f"the answer cannot be understood: {type(error).__name__}: {error}"
        return Difference(path="", expected=_cut(text), got="")
    statement, names = _assertion(error.__traceback__)
    if compared is None or not isinstance(statement, ast.Compare):
        first = str(error).partition("\n")[0]
        source = ast.unparse(statement) if statement is not None else ""
        return Difference(path="", expected=_cut(source and f"{source}: it is not so" or first), got="")
    return _of(compared, statement, names)


def _of(compared: Comparison, statement: ast.Compare, names: Mapping[str, Any]) -> Difference:
    if compared.operator not in ("==", ">=") or (
        compared.operator == ">=" and not isinstance(compared.left, (Set, Mapping))
    ):
        path = place(statement.comparators[0] if "in" in compared.operator else statement.left, names)
        left, right = (compared.left, compared.right) if "in" not in compared.operator else (compared.right, compared.left)
        wanted = {"not in": "no ", "in": ""}.get(compared.operator, f"{compared.operator} ")
        return Difference(path=path, expected=f"{wanted}{_text(right)}", got=_text(left))
    left, right, path = compared.left, compared.right, place(statement.left, names)
    if isinstance(statement.left, ast.Tuple) and isinstance(left, tuple) and isinstance(right, tuple):
        for node, one, other in zip(statement.left.elts, left, right, strict=False):
            if one != other:
                left, right, path = one, other, place(node, names)
                break
    found = first_difference(right, left, path, extra=compared.operator == "==")
    return found or Difference(path=path, expected=_text(right), got=_text(left))


def first_difference(expected: Any, got: Any, path: str = "$", *, extra: bool = True) -> Difference | None:
    """The first place where two JSON values (or sets of keys) differ; with `extra`, keys too many count."""
    if isinstance(expected, Set) and isinstance(got, (Set, Mapping)):
        return _of_keys(expected, set(got), path, extra=extra)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        keys = [*expected, *(key for key in got if extra and key not in expected)]
        pairs = [(f"{path}.{key}", expected.get(key, _MISSING), got.get(key, _MISSING)) for key in keys]
    elif _is_list(expected) and _is_list(got):
        count = max(len(expected), len(got))
        one, other = ([*items, *[_MISSING] * (count - len(items))] for items in (expected, got))
        pairs = [(f"{path}[{index}]", *pair) for index, pair in enumerate(zip(one, other, strict=True))]
    elif expected == got and type(expected) is type(got):
        return None
    else:
        return None if expected == got else Difference(path=path, expected=_text(expected), got=_text(got))
    found = (first_difference(one, other, where, extra=extra) for where, one, other in pairs)
    return next((one for one in found if one), None)


def _of_keys(expected: Set[Any], got: Set[Any], path: str, *, extra: bool) -> Difference | None:
    for key in sorted(expected - got, key=str):
        return Difference(path=f"{path}.{key}", expected="it to be there", got="nothing")
    for key in sorted(got - expected, key=str) if extra else ():
        return Difference(path=f"{path}.{key}", expected="nothing", got="it is there")
    return None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def place(node: ast.expr, names: Mapping[str, Any]) -> str:
    """Which part of an answer an expression of a test is: `answer.json()["id"]` is "$.id"."""
    if isinstance(node, ast.Subscript):
        key = _key(node.slice, names)
        base = place(node.value, names)
        if base == "headers":
            return f"header {key}"
        return f"{base}[{key}]" if isinstance(key, int) else f"{base}.{key}"
    if isinstance(node, ast.Attribute):
        return {"status_code": "status", "content": "body", "text": "body", "headers": "headers"}.get(node.attr, "$")
    if isinstance(node, ast.Call):
        return _place_of_call(node, names)
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        inner = place(node.elt, names)
        return inner.replace("$", "$[*]", 1)
    return "$"


def _place_of_call(node: ast.Call, names: Mapping[str, Any]) -> str:
    if isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        base, key = place(node.func.value, names), _key(node.args[0], names)
        return f"header {key}" if base == "headers" else f"{base}.{key}" if isinstance(key, str) and "/" not in key else "$"
    if isinstance(node.func, ast.Name) and node.args:
        return place(node.args[0], names)
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("keys", "items", "removesuffix", "replace"):
        return place(node.func.value, names)
    return "$"


def _key(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return names.get(node.id, "*")
    return "*"


def _assertion(trace: TracebackType | None) -> tuple[ast.expr | None, Mapping[str, Any]]:
    """What the innermost failing `assert` says, and the names that it could use."""
    found: tuple[ast.expr | None, Mapping[str, Any]] = (None, {})
    while trace is not None:
        frame = trace.tb_frame
        try:
            with open(frame.f_code.co_filename, encoding="utf-8") as file:  # noqa: PTH123 - a name out of a code object
                tree = ast.parse(file.read())
        except (OSError, SyntaxError, ValueError):
            return found
        for node in ast.walk(tree):
            if isinstance(node, ast.Assert) and node.lineno <= trace.tb_lineno <= (node.end_lineno or node.lineno):
                found = node.test, frame.f_locals
        trace = trace.tb_next
    return found


def _innermost(trace: TracebackType | None) -> Any:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame if trace else None


def _text(value: Any) -> str:
    if value is _MISSING:
        return "nothing"
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, Set):
        value = sorted(value, key=str)
    try:
        return _cut(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError):
        return _cut(repr(value) if not isinstance(value, Mapping) else repr(dict(value)))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
