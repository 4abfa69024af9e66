"""Control calls for the quirks and how often each was covered, the assumptions, and the settings that clients need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, body, current_namespace, in_namespace
from fakekounta.control.described import takes
from fakekounta.core.applications import APPLICATION
from fakekounta.core.company import COMPANY
from fakekounta.schemas.catalogue import assumption_documents, quirk_documents
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.world_settings import SHOWN, written_settings

blueprint: Blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/quirks")
@takes(answers="Quirks")
def get_quirks() -> Response:
    """Return every quirk, and how many exchanges covered it since the last reset."""
    return answer([*quirk_documents(current_namespace().requests.covered)])


@blueprint.get("/assumptions")
@takes(answers="Assumptions")
def get_assumptions() -> Response:
    """Return every assumption with its alternatives, the default first, and the current choice."""
    return answer([*assumption_documents(current_namespace().assumptions)])


@blueprint.put("/assumptions")
@takes(body="AssumptionChanges", answers="Assumptions")
def put_assumptions() -> Response:
    """Change the choices of these assumptions; all others keep theirs."""
    sent = body()
    if not isinstance(sent, Mapping):
        raise CallRefused("assumptions: must be an object of ids and choices")
    in_namespace(lambda here: here.assume_all(sent))
    return get_assumptions()


@blueprint.get("/settings")
@takes(answers="Settings")
def get_settings() -> Response:
    """Return the companies, the applications with their credentials, and the settings of the world."""
    return answer(_settings_document(current_namespace()))


def _settings_document(namespace: Namespace) -> dict[str, Any]:
    here = namespace.world
    return {
        "namespace": namespace.name,
        "companies": [COMPANY.document(one.profile) for one in here.companies.values()],
        "applications": [*map(APPLICATION.document, here.applications.all())],
        **written_settings(here, SHOWN),
    }
