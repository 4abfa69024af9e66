"""Control calls that list, reset and delete namespaces."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from fakekounta.control.calls import CallRefused, answer, done
from fakekounta.control.described import takes
from fakekounta.core.fields import declared
from fakekounta.core.kinds import Text, Whole
from fakekounta.core.resources import Resource
from fakekounta.process.dataclass import dataclass
from fakekounta.worlds.namespace import Namespace
from fakekounta.worlds.namespaces import Namespaces


def blueprint_of(namespaces: Namespaces) -> Blueprint:
    """Return the blueprint of these calls."""
    blueprint = Blueprint("namespaces", __name__, url_prefix="/namespaces")

    def named(name: str) -> Namespace:
        try:
            return namespaces[name]
        except KeyError:
            raise _no_namespace() from None

    @blueprint.get("")
    @takes(answers="Namespaces")
    def get_namespaces() -> Response:
        """Return the namespaces that clients created, sorted by name."""
        return answer([_document(one) for one in namespaces.all()])

    @blueprint.post("/<name>/reset")
    @takes(refusals=(404,))
    def reset_namespace(name: str) -> Response:
        """Reset a namespace to the seed."""
        named(name).reset()
        return done()

    @blueprint.delete("/<name>")
    @takes(refusals=(404,))
    def drop_namespace(name: str) -> Response:
        """Delete a namespace; the next request that names it creates a new one."""
        try:
            namespaces.drop(name)
        except KeyError:
            raise _no_namespace() from None
        return done()

    return blueprint


def _no_namespace() -> CallRefused:
    return CallRefused("no namespace has this name", 404)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Summary:
    name: str = declared(Text(), required=True)
    customers: int = declared(Whole(), required=True)
    requests: int = declared(Whole(), required=True)


SUMMARY = Resource("namespace", _Summary)
"""The fields of a namespace in the list of all."""


def _document(namespace: Namespace) -> dict[str, Any]:
    world = namespace.world
    customers = sum(len(company.store) for company in world.companies.values())
    return SUMMARY.document(_Summary(name=namespace.name, customers=customers, requests=world.journal.total))
