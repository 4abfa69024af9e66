"""Control calls for the OpenAPI documents of the API and of the control surface."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.control.calls import answer, current_namespace
from fakekounta.control.described import takes
from fakekounta.wire.origin import base_url

Describe = Callable[[bool, Assumptions, str], dict[str, Any]]
"""Makes the OpenAPI document of the control surface, or of the API under some assumptions, for a base URL."""


def blueprint_of(describe: Describe) -> Blueprint:
    """Return the blueprint of the calls that serve the two OpenAPI documents."""
    blueprint = Blueprint("openapi", __name__)

    @blueprint.get("/openapi.json")
    @takes(answers="OpenApi")
    def get_openapi() -> Response:
        """Return the OpenAPI document of the faked API under the current assumptions."""
        return answer(describe(False, current_namespace().assumptions, base_url(request.environ)))

    @blueprint.get("/control.openapi.json")
    @takes(answers="OpenApi")
    def get_control_openapi() -> Response:
        """Return the OpenAPI document of the control surface."""
        return answer(describe(True, current_namespace().assumptions, base_url(request.environ)))

    return blueprint
