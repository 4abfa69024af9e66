"""Helpers of all control calls: the namespace of a call, its body and query, its response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, current_app, request

from fakekounta.catalogue.names import known_are
from fakekounta.control import NAMESPACE
from fakekounta.control.described import Schema, call_of
from fakekounta.core.errors import BadRequest, without_token_words
from fakekounta.schemas.parsing import parse_json
from fakekounta.worlds.handles import Clash

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from fakekounta.worlds.namespace import Namespace

_WHOLE = 2**64


class CallRefused(Exception):
    """Signals that a control call is refused; the description names the field and the reason."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


_Done = TypeVar("_Done")


def current_namespace() -> Namespace:
    """Return the namespace of the call. Raise CallRefused if it was deleted and no other can be created."""
    found: Namespace = request.environ[NAMESPACE]
    try:
        return found.current()
    except ValueError as error:
        raise CallRefused(str(error)) from None


def in_namespace(act: Callable[[Namespace], _Done]) -> _Done:
    """Return the result of `act` for the namespace of the call.

    If the namespace was deleted meanwhile, `act` is called again with the new namespace of that name.

    Raises CallRefused, with 409 for a Clash and 400 for another ValueError.
    """
    try:
        while True:
            here = current_namespace()
            done = act(here)
            if current_namespace() is here:
                return done
    except Clash as clash:
        raise CallRefused(str(clash), 409) from None
    except ValueError as error:
        raise CallRefused(str(error)) from None


def body() -> Any:
    """Return the JSON value of the request's body. Raise CallRefused if it is not JSON."""
    try:
        return _with_whole_numbers(parse_json(request.get_data()))
    except BadRequest as refusal:
        raise CallRefused(refusal.description) from None


def _with_whole_numbers(value: Any) -> Any:
    """Return the same JSON with 2.0 read as 2: JSON and JSON Schema treat them as equal."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE else value


def object_of(name: str, known: Sequence[str]) -> Mapping[str, Any]:
    """Return the JSON object of the request's body. Raise CallRefused for any other value and for an unknown key."""
    sent = body()
    if not isinstance(sent, Mapping):
        raise CallRefused(f"{name}: must be an object")
    for key in sent:
        if key not in known:
            raise CallRefused(f"{key}: is unknown; {known_are(key, known)}")
    return sent


def check_parameters(known: Sequence[str]) -> None:
    """Raise CallRefused if the query has an unknown parameter."""
    for name in request.args:
        if name not in known:
            others = known_are(name, known) if known else "this call has no parameters"
            raise CallRefused(f"{name}: is unknown; {others}")


def parameter_number(name: str, default: int) -> int:
    """Return a whole number from the query. Raise CallRefused if it is not one, or out of the range that is described.

    The parameter's schema is that of a whole number, or the first alternative is.
    """
    text = request.args.get(name, str(default))
    number = number_in_path(text)
    schema = _schema(name)
    schema = schema.get("anyOf", (schema,))[0]
    least, most = schema["minimum"], schema["maximum"]
    if number is None or not least <= number <= most:
        raise CallRefused(f"{name}: must be a whole number from {least} to {most}, not {text!r}")
    return number


def parameter_flag(name: str) -> bool:
    """Return a boolean from the query, false if it is absent. Raise CallRefused for anything but true and false."""
    asked = request.args.get(name, "false")
    if asked not in ("true", "false"):
        raise CallRefused(f"{name}: must be true or false")
    return asked == "true"


def _schema(parameter: str) -> Schema:
    """Return the schema of a parameter in the description of the call."""
    call = call_of(current_app.view_functions[request.endpoint or ""])
    return {} if call is None else call.query[parameter]


def number_in_path(text: str) -> int | None:
    """Return the whole number that a text consists of, or None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def answer(value: Any, status: int = 200) -> Response:
    """Return a JSON response."""
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


def done() -> Response:
    """Return the response of a call that returns no data."""
    return answer({"status": "ok"})


def error(status: int, description: str) -> Response:
    """Return the response to a refused call."""
    return answer({"error": "refused", "error_description": without_token_words(description)}, status)


def refuse_call(status: int, reason: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Respond to a call whose path or header names no namespace of the fake."""
    return error(status, reason)(environ, start_response)
