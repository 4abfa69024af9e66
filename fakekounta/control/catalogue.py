"""Control calls for the quirks and how often each was covered, the assumptions, and the settings that clients need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response

from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.catalogue.quirks import Quirk
from fakekounta.control.calls import CallRefused, answer, body, current_namespace, in_namespace
from fakekounta.control.described import takes
from fakekounta.worlds.namespace import Namespace

blueprint: Blueprint = Blueprint("catalogue", __name__)


@blueprint.get("/quirks")
@takes(answers="Quirks")
def get_quirks() -> Response:
    """Return every quirk, and how many exchanges covered it since the last reset."""
    covered = current_namespace().requests.covered
    return answer([_quirk_document(quirk, covered.get(quirk, 0)) for quirk in Quirk])


def _quirk_document(quirk: Quirk, covered: int) -> dict[str, Any]:
    return {
        "id": quirk.id,
        "slug": quirk.slug,
        "basis": quirk.basis.name,
        "statement": quirk.statement,
        "source": quirk.source,
        "covered": covered,
    }


@blueprint.get("/assumptions")
@takes(answers="Assumptions")
def get_assumptions() -> Response:
    """Return every assumption with its alternatives, the default first, and the current choice."""
    taken = current_namespace().assumptions
    return answer(
        [
            {
                "id": quirk.id,
                "statement": quirk.statement,
                "chosen": taken[quirk.id],
                "choices": [{"name": name, "meaning": meaning} for name, meaning in choices.items()],
            }
            for quirk, choices in CHOICES.items()
        ]
    )


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
    limit = here.requests_per_minute
    return {
        "namespace": namespace.name,
        "companies": [
            {"id": one.id, "name": one.profile.name, "timezone": one.profile.timezone}
            for one in here.companies.values()
        ],
        "applications": [asdict(one) for one in here.applications.all()],
        "assumptions": here.assumptions.changes(),
        "page_size": here.page_size,
        "rate_limit": None if limit is None else asdict(limit),
        "open_auth": here.open_auth,
        "webhook_mode": here.webhook_mode,
        "webhook_schedule": {**asdict(here.outbox.schedule), "minutes": list(here.outbox.schedule.minutes)},
        "allow_webhook_hosts": sorted(here.allow_webhook_hosts),
    }
