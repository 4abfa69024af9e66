"""Making answers: JSON, and nothing that the real API would not send, such as CORS headers (T09)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

JSON_TYPE = "application/json"


class Answer(Response):
    """A response that sends `Location` as it was given: A02 decides its form, not Werkzeug."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they were set; Werkzeug would rewrite a Location, and fail at a host beyond its rules."""
        location = self.headers.pop("Location", None)
        headers = super().get_wsgi_headers(environ)
        if location is None:
            return headers
        self.headers["Location"] = location
        return Headers([("Location", location), *headers])


def to_json(value: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return _encode(value).encode("utf-8")


def json_answer(value: Any, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """An answer with a JSON body."""
    return Answer(to_json(value), status, headers=[*headers], content_type=JSON_TYPE)


def empty_answer(status: int, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """An answer without a body and without a Content-Type."""
    answer = Answer(b"", status, headers=[*headers])
    del answer.headers["Content-Type"]
    return answer


def text_answer(text: str, status: int, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """An answer with a body that is no JSON."""
    return Answer(text, status, headers=[*headers], content_type=content_type)
