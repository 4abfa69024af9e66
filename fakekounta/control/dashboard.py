"""Serve the dashboard: one page with its scripts and style sheets, which are files of this package."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import PurePath

from flask import Blueprint, Response, request

from fakekounta.control import PREFIX
from fakekounta.control.calls import CallRefused
from fakekounta.control.forms import NAME, fields_script
from fakekounta.process.dataclass import dataclass
from fakekounta.process.unpatched import files_below

blueprint: Blueprint = Blueprint("dashboard", __name__)

VISITED = ("dashboard.show_page", "dashboard.go_to_page")
"""The endpoints that a link on a foreign page may lead to: their responses hold no data of the fake."""

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""The response headers of the page and its files."""

_FOLDER = __file__.removesuffix("dashboard.py") + "page"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    content: bytes
    content_type: str

    def response(self) -> Response:
        """Return the file, or an empty 304 if the browser has this version."""
        answer = Response(self.content, content_type=self.content_type)
        answer.headers["Cache-Control"] = "no-cache"
        answer.set_etag(sha256(self.content).hexdigest()[:32])
        answer.make_conditional(request)
        return answer


@blueprint.after_request
def _with_headers(answer: Response) -> Response:
    answer.headers.update(_HEADERS)
    return answer


@blueprint.get("/")
def show_page() -> Response:
    """Return the dashboard's page."""
    answer = _files()["index.html"].response()
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return answer


@blueprint.get("")
def go_to_page() -> Response:
    """Redirect to the address with a slash at the end: the page's relative links need it."""
    return Response(status=308, headers={"Location": f"{request.script_root}{PREFIX}/"})


@blueprint.get("/page/<path:name>")
def get_file(name: str) -> Response:
    """Return a script or style sheet of the dashboard."""
    found = _files().get(name)
    if found is None:
        raise CallRefused("the dashboard has no such file", 404)
    return found.response()


@cache
def _files() -> Mapping[str, _File]:
    """Return the dashboard's files by path; they are read once. Raise OSError if one cannot be read."""
    found = {PurePath(path): content for path, content in files_below(_FOLDER).items()}
    found[PurePath(_FOLDER, NAME)] = fields_script()
    named = {path.relative_to(_FOLDER).as_posix(): content for path, content in found.items() if path.suffix in _TYPES}
    return {name: _File(content=content, content_type=_TYPES[PurePath(name).suffix]) for name, content in named.items()}
