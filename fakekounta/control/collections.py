"""Control calls that find, add, change and delete the records of the collections, made from their declarations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flask import Blueprint, Response

from fakekounta.control import orders
from fakekounta.control.calls import answer, body, current_namespace, done, in_namespace, parameter_flag
from fakekounta.control.companies import COMPANY, company_of_query
from fakekounta.control.described import takes
from fakekounta.control.finding import Finding
from fakekounta.control.records import CHANGE, of_known, page_of_query
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.core.collection import Collection
from fakekounta.worlds.handles import CollectionHandle
from fakekounta.worlds.namespace import Namespace


def blueprints() -> Iterator[Blueprint]:
    """Yield a blueprint for each collection, new at each call, because its views are described anew."""
    for collection in COLLECTIONS.values():
        calls = _Calls(collection)
        made = Blueprint(collection.plural, __name__)
        own = ((f"/{collection.plural}{rule}", method, view) for rule, method, view in calls.routes())
        for rule, method, view in (*own, *(orders.routes() if collection.plural == "orders" else ())):
            made.add_url_rule(rule, view.__name__, view, methods=[method])
        yield made


class _Calls:
    """The views of one collection."""

    def __init__(self, collection: Collection[Any]) -> None:
        self._collection = collection
        self._plural = collection.plural
        self._document = collection.resource.document
        self._finding = Finding(collection)

    def routes(self) -> Iterator[tuple[str, str, Callable[..., Response]]]:
        """Yield rule, method and view of each call."""
        one, many, path = self._collection.name, self._plural, f"/<{self._collection.name}_id>"
        schema, schemas = self._collection.title, self._collection.titles
        yield self._route("", "GET", f"find_{many}", self._find, query=self._finding.query, answers=f"{schema}Page")
        yield self._route(path, "GET", f"get_{one}", self._get, answers=schema)
        added = {"query": CHANGE, "body": f"New{schemas}", "answers": f"Added{schemas}", "refusals": (404, 409)}
        yield self._route("", "POST", f"add_{many}", self._add, status=201, **added)
        changed = {"query": CHANGE, "body": f"{schema}Changes", "answers": schema}
        yield self._route(path, "PUT", f"change_{one}", self._change, **changed)
        yield self._route(path, "DELETE", f"remove_{one}", self._remove, query=CHANGE)

    def _route(
        self, rule: str, method: str, name: str, act: Callable[..., Response], **described: Any
    ) -> tuple[str, str, Callable[..., Response]]:
        @takes(**{"query": COMPANY, "refusals": (404,), **described})
        def view(**ids: str) -> Response:
            return act(*ids.values())

        view.__name__ = name
        view.__doc__ = str(act.__doc__).format(one=self._collection.noun, many=self._collection.nouns)
        return rule, method, view

    def _find(self) -> Response:
        """Return a page of the {many}, by id: all, or those with the text `search` or this id.

        Some collections have a `status` to choose by. With `sort` -id the ids descend.
        """
        handle = company_of_query(current_namespace()).collection(self._plural)
        page, total = self._finding.page(handle, *page_of_query())
        return answer({"total": total, self._plural: [self._document(one) for one in page]})

    def _get(self, number: str) -> Response:
        """Return one {one}."""
        return answer(self._document(self._known(number, lambda handle, known: handle.get(known))))

    def _add(self) -> Response:
        """Add one {one}, or a list of {many}. If one is refused, none is added."""
        sent, announce = body(), parameter_flag("announce")
        documents, place = (sent, "[{}]") if isinstance(sent, list) else ([sent], "")

        def add(here: Namespace) -> list[Any]:
            return company_of_query(here).collection(self._plural).add_documents(documents, place, announce=announce)

        kept = in_namespace(add)
        found = [self._document(one) for one in kept]
        return answer(found if isinstance(sent, list) else found[0], 201)

    def _change(self, number: str) -> Response:
        """Change some fields of a {one}."""
        sent, announce = body(), parameter_flag("announce")
        changed = self._known(number, lambda handle, known: handle.change_document(known, sent, announce=announce))
        return answer(self._document(changed))

    def _remove(self, number: str) -> Response:
        """Delete a {one}."""
        announce = parameter_flag("announce")
        self._known(number, lambda handle, known: handle.remove(known, announce=announce))
        return done()

    def _known(self, number: str, act: Callable[[CollectionHandle, int], Any]) -> Any:
        return of_known(
            self._collection.noun, number, lambda company, known: act(company.collection(self._plural), known)
        )
