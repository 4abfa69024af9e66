"""Control calls for the changes that `serve --keep` keeps: what one changed, the state after it, and a fork of that."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from flask import Blueprint, Response, request

from fakekounta.control.calls import CallRefused, answer, current_namespace, done, number_in_path, object_of
from fakekounta.control.described import takes
from fakekounta.worlds.namespaces import refuse_no_name

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

NOT_KEPT = "no change is kept: start the server with `fakekounta serve --keep PATH`"


class Past(Protocol):
    """The earlier states of the world of a namespace; each method raises CallRefused."""

    def change(self, position: int, namespace: str) -> Any:
        """Return the document of a change, with what it changed in a namespace."""

    def state(self, position: int, namespace: str) -> bytes:
        """Return the state after a change, as JSON."""

    def fork(self, position: int, namespace: str, target: str, environ: WSGIEnvironment) -> None:
        """Replace the state of the namespace `target` by that after a change; `environ` is that of the call."""


def blueprint_of(past: Callable[[], Past | None]) -> Blueprint:
    """Return the blueprint of these calls."""
    blueprint = Blueprint("changes", __name__, url_prefix="/changes")

    def known(position: str) -> tuple[Past, int]:
        kept, number = past(), number_in_path(position)
        if kept is None:
            raise CallRefused(NOT_KEPT, 404)
        if number is None:
            raise CallRefused("no change has this position", 404)
        return kept, number

    @blueprint.get("/<position>")
    @takes(answers="Change", refusals=(404,))
    def get_change(position: str) -> Response:
        """Return a change that is kept, and what it changed in the world of the namespace.

        A position counts the changes from 1 since the file was made; exchanges have it as `change`.
        """
        kept, number = known(position)
        return answer(kept.change(number, current_namespace().name))

    @blueprint.get("/<position>/state")
    @takes(answers="State", refusals=(404,))
    def get_state_after(position: str) -> Response:
        """Return the whole state of the world as it was after a change."""
        kept, number = known(position)
        return Response(kept.state(number, current_namespace().name), content_type="application/json")

    @blueprint.post("/<position>/fork")
    @takes(body="Fork", refusals=(404,))
    def fork(position: str) -> Response:
        """Replace the world of the namespace in the body by this one as it was after a change.

        Its clock runs on from the time that it showed then.
        """
        kept, number = known(position)
        target = object_of("fork", ("namespace",)).get("namespace")
        if not isinstance(target, str):
            raise CallRefused("namespace: must be a text")
        try:
            refuse_no_name(target)
        except ValueError as error:
            raise CallRefused(str(error)) from None
        kept.fork(number, current_namespace().name, target, request.environ)
        return done()

    return blueprint
