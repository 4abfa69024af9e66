"""Make responses: JSON, without headers that the real API does not send, such as those of CORS (T09)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response

from fakekounta.schemas.payloads import to_json

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

JSON_TYPE = "application/json"


class ApiResponse(Response):
    """A response of bytes that is sent unchanged.

    Werkzeug's Response would rewrite a Location, fail for a host that it considers invalid, and
    compute lengths that are known.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send the response, as a WSGI app."""
        start_response(self.status, self.headers.to_wsgi_list())
        # The server sends a list of one item in one piece together with the head
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else content_of(self)]


def content_of(answer: Response) -> bytes:
    """Return the body. If it is in one piece, skip Werkzeug's joining of pieces, to save time."""
    pieces = answer.response
    return pieces[0] if type(pieces) is list and len(pieces) == 1 else answer.get_data()


def json_answer(value: Any, status: int = 200, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return a response with a JSON body."""
    return ApiResponse(to_json(value), status, headers=[*headers], content_type=JSON_TYPE)


def empty_answer(status: int, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return a response without a body and without a Content-Type."""
    answer = ApiResponse(b"", status, headers=[*headers])
    del answer.headers["Content-Type"]
    if status == 204:
        del answer.headers["Content-Length"]
    return answer


def text_answer(text: str, status: int, content_type: str, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return a response with a body that is not JSON."""
    return ApiResponse(text, status, headers=[*headers], content_type=content_type)
