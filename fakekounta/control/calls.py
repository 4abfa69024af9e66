"""What every control call has in common: whom it is about, what it was sent, what it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, request

from fakekounta.control import NAMESPACE
from fakekounta.core.errors import BadRequest, without_token_words
from fakekounta.core.world import World
from fakekounta.schemas.parsing import parse_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from fakekounta.control.fake import Room


_WHOLE = 2**64


class Refused(Exception):
    """A control call is refused; the description names the field and the reason."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


_WORLD = "fakekounta.world"
_Done = TypeVar("_Done")
_View = TypeVar("_View", bound=Callable[..., Response])


def room() -> Room:
    """The namespace that the call is about. Raises Refused if it was dropped, and there is no room for another."""
    found: Room = request.environ[NAMESPACE]
    try:
        return found.current()
    except ValueError as error:
        raise Refused(str(error)) from None


def world() -> World:
    """The world of that namespace, the same one for as long as a `lasting` view runs."""
    known: World | None = request.environ.get(_WORLD)
    return room().world if known is None else known


def in_room(act: Callable[[Room], _Done]) -> _Done:
    """Do something with the namespace; once more with its heir if it was dropped meanwhile. Returns what it returns."""
    while True:
        here = room()
        done = act(here)
        if room() is here:
            return done


def lasting(view: _View) -> _View:
    """Let a view that changes `world()` run again if another took its place meanwhile: what is answered is there."""

    @wraps(view)
    def run(**parts: str) -> Response:
        while True:
            here = request.environ[_WORLD] = room().world
            done = view(**parts)
            if room().world.is_one_with(here):
                return done

    return run  # type: ignore[return-value] # the same kind of view


def body() -> Any:
    """The JSON that was sent. Raises Refused."""
    try:
        return _with_whole_numbers(parse_json(request.get_data()))
    except BadRequest as refusal:
        raise Refused(refusal.description) from None


def _with_whole_numbers(value: Any) -> Any:
    """The same JSON, where 2.0 is read as 2: JSON knows no difference, nor do its schemas."""
    if isinstance(value, dict):
        return {key: _with_whole_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE else value


def object_of(name: str, known: Sequence[str]) -> Mapping[str, Any]:
    """The JSON object that was sent, with no other keys than these. Raises Refused."""
    sent = body()
    if not isinstance(sent, Mapping):
        raise Refused(f"{name}: must be an object")
    for key in sent:
        if key not in known:
            raise Refused(f"{key}: is unknown; known are {', '.join(known)}")
    return sent


def check_parameters(known: Sequence[str]) -> None:
    """The query has no other parameters than these. Raises Refused."""
    for name in request.args:
        if name not in known:
            others = f"known are {', '.join(known)}" if known else "this call has no parameters"
            raise Refused(f"{name}: is unknown; {others}")


def parameter_number(name: str, default: int, least: int, most: int) -> int:
    """A whole number of the query. Raises Refused."""
    text = request.args.get(name, str(default))
    number = number_in_path(text)
    if number is None or not least <= number <= most:
        raise Refused(f"{name}: must be a whole number from {least} to {most}, not {text!r}")
    return number


def parameter_flag(name: str) -> bool:
    """A true or false of the query, false if it is not there. Raises Refused."""
    asked = request.args.get(name, "false")
    if asked not in ("true", "false"):
        raise Refused(f"{name}: must be true or false")
    return asked == "true"


def number_in_path(text: str) -> int | None:
    """The number that a text is, None if it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


def done() -> Response:
    """The answer to what has nothing else to say."""
    return answer({"status": "ok"})


def error(status: int, description: str) -> Response:
    """The answer to what is refused."""
    return answer({"error": "refused", "error_description": without_token_words(description)}, status)


def refuse_call(status: int, reason: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer a call that names no namespace of the fake."""
    return error(status, reason)(environ, start_response)
