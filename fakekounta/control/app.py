"""The control surface as a WSGI app of its own: health, reset, state, customers, clock."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Protocol

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from fakekounta import __version__
from fakekounta.control import PREFIX
from fakekounta.control.deliveries import delivery_document
from fakekounta.control.guard import reason_to_refuse
from fakekounta.core.clock import Clock
from fakekounta.core.company import Company
from fakekounta.core.errors import BadField, BadRequest, NotFound, without_token_words
from fakekounta.core.outbox import OUTCOMES, Delivery
from fakekounta.core.store import Held
from fakekounta.core.world import World
from fakekounta.documents.customers import customer_from, document_of
from fakekounta.documents.errors import StateError
from fakekounta.documents.parsing import parse_json
from fakekounta.documents.seed import clash
from fakekounta.documents.state import state_of, world_from

_DELIVERY_FILTERS = ("topic", "webhook_id", "outcome")

log = logging.getLogger("fakekounta.control")


class Fake(Protocol):
    """What the control surface does to a fake."""

    @property
    def world(self) -> World:
        """The world that answers now."""

    def reset(self) -> None:
        """Back to the seed."""

    def replace_world(self, world: World) -> None:
        """Answer from this world from now on."""

    @property
    def webhooks(self) -> Lab:
        """The webhook lab."""


class Lab(Protocol):
    """What the control surface does to the webhook lab."""

    def deliver(self) -> int:
        """Try all that is due."""

    def redeliver(self, delivery_id: int) -> Delivery:
        """Send a delivery once more."""

    def disturb(self, **chances: Any) -> None:
        """Let deliveries be disturbed."""


class Refused(Exception):
    """A control call is refused; the description names the field and the reason."""

    def __init__(self, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.description = description
        self.status = status


class Control(Flask):
    """The control surface of one fake. Every answer is JSON; a refusal has `error_description`."""

    def __init__(self, fake: Fake, *, allowed_hosts: Collection[str]) -> None:
        super().__init__("fakekounta", static_folder=None)
        self._fake = fake
        self._allowed_hosts = allowed_hosts
        self.url_map.merge_slashes = False
        self.before_request(self._guard)
        routes: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", "/health", self._health),
            ("POST", "/reset", self._reset),
            ("GET", "/state", self._state),
            ("PUT", "/state", self._put_state),
            ("POST", "/customers", self._add_customers),
            ("DELETE", "/customers/<customer_id>", self._remove_customer),
            ("GET", "/clock", self._clock),
            ("PUT", "/clock", self._put_clock),
            ("GET", "/deliveries", self._deliveries),
            ("POST", "/deliveries/<delivery_id>/redeliver", self._redeliver),
            ("POST", "/deliver", self._deliver),
            ("GET", "/disturbances", self._disturbances),
            ("PUT", "/disturbances", self._put_disturbances),
        ]
        for method, path, view in routes:
            self.add_url_rule(PREFIX + path, view.__name__, view, methods=[method])
        self.register_error_handler(Refused, lambda refused: _error(refused.status, refused.description))
        self.register_error_handler(HTTPException, _http_error)
        self.register_error_handler(Exception, _own_mistake)

    def _guard(self) -> None:
        reason = reason_to_refuse(request, self._allowed_hosts)
        if reason is not None:
            raise Refused(reason, 403)

    def _health(self) -> Response:
        return _json({"status": "ok", "version": __version__})

    def _reset(self) -> Response:
        self._fake.reset()
        return _json({"status": "ok"})

    def _state(self) -> Response:
        return _json(state_of(self._fake.world))

    def _put_state(self) -> Response:
        try:
            self._fake.replace_world(world_from(_body()))
        except StateError as error:
            raise Refused(str(error)) from None
        return _json({"status": "ok"})

    def _add_customers(self) -> Response:
        body, company = _body(), self._company()
        many = isinstance(body, list)
        world = self._fake.world
        client_id = world.default_client_id(company.id)
        customers = []
        for index, document in enumerate(body if many else [body]):
            try:
                customers.append(customer_from(document, client_id, world.assumptions))
            except BadField as refusal:
                raise Refused(f"[{index}].{refusal.description}" if many else refusal.description) from None
        try:
            kept = company.add_customers(customers, announce=_announce())
        except Held as held:
            raise Refused(f"[{held.position}].{clash(held)}" if many else clash(held), 409) from None
        documents = [document_of(customer) for customer in kept]
        return _json(documents if many else documents[0], 201)

    def _remove_customer(self, customer_id: str) -> Response:
        company = self._company()
        known = customer_id.isascii() and customer_id.isdigit() and len(customer_id) < 20
        try:
            company.remove_customer(int(customer_id) if known else 0, announce=_announce())
        except NotFound:
            raise Refused(f"company {company.id} has no customer with this id", 404) from None
        return _json({"status": "ok"})

    def _company(self) -> Company:
        companies = self._fake.world.companies
        asked = request.args.get("company_id")
        if asked is None:
            return self._fake.world.company
        for company_id, company in companies.items():
            if str(company_id) == asked:
                return company
        raise Refused(f"company_id: the companies are {', '.join(map(str, companies))}", 404)

    def _clock(self) -> Response:
        return _json(_clock_document(self._fake.world.clock))

    def _put_clock(self) -> Response:
        clock, body = self._fake.world.clock, _body()
        if not isinstance(body, Mapping):
            raise Refused("clock: must be an object")
        for key in body:
            if key not in ("frozen", "now", "advance_seconds"):
                raise Refused(f"{key}: is unknown; known are frozen, now, advance_seconds")
        _set_clock(clock, body)
        return _json(_clock_document(clock))

    def _deliveries(self) -> Response:
        wanted = request.args.to_dict()
        for name, value in wanted.items():
            if name not in _DELIVERY_FILTERS:
                raise Refused(f"{name}: is unknown; known are {', '.join(_DELIVERY_FILTERS)}")
            if name == "outcome" and value not in OUTCOMES:
                raise Refused(f"outcome: must be one of {', '.join(OUTCOMES)}")
        documents = map(delivery_document, self._fake.world.outbox.all())
        return _json([one for one in documents if all(str(one[name]) == wanted[name] for name in wanted)])

    def _redeliver(self, delivery_id: str) -> Response:
        known = delivery_id.isascii() and delivery_id.isdigit() and len(delivery_id) < 20
        try:
            again = self._fake.webhooks.redeliver(int(delivery_id) if known else 0)
        except KeyError:
            raise Refused("no delivery has this id", 404) from None
        except ValueError as error:
            raise Refused(str(error), 409) from None
        return _json(delivery_document(again), 201)

    def _deliver(self) -> Response:
        return _json({"attempts": self._fake.webhooks.deliver()})

    def _disturbances(self) -> Response:
        return _json(asdict(self._fake.world.outbox.disturbances))

    def _put_disturbances(self) -> Response:
        body = _body()
        if not isinstance(body, Mapping):
            raise Refused("disturbances: must be an object")
        try:
            self._fake.webhooks.disturb(**body)
        except (TypeError, ValueError) as error:
            raise Refused(str(error).removeprefix("webhook_disturbances.")) from None
        return self._disturbances()


def _announce() -> bool:
    asked = request.args.get("announce", "false")
    if asked not in ("true", "false"):
        raise Refused("announce: must be true or false")
    return asked == "true"


def _set_clock(clock: Clock, body: Mapping[str, Any]) -> None:
    """`frozen` and `now` first, then `advance_seconds`; all are checked before the first changes anything."""
    frozen, now, seconds = body.get("frozen", clock.frozen), body.get("now"), body.get("advance_seconds", 0)
    if not isinstance(frozen, bool):
        raise Refused("frozen: must be true or false")
    if now is not None and not isinstance(now, str):
        raise Refused("now: must be an ISO 8601 date and time with an offset")
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise Refused("advance_seconds: must be a number")
    trial = Clock(clock.now)
    for one in (trial, clock):
        with _refusing("now"):
            if frozen:
                one.freeze(now)
            else:
                one.resume()
                if now is not None:
                    one.set(now)
        with _refusing("advance_seconds"):
            one.advance(seconds=seconds)


@contextmanager
def _refusing(field: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise Refused(f"{field}: {str(error).removeprefix('seconds: ')}") from None


def _clock_document(clock: Clock) -> dict[str, Any]:
    return {"frozen": clock.frozen, "now": clock.now().isoformat()}


def _body() -> Any:
    try:
        return parse_json(request.get_data())
    except BadRequest as refusal:
        raise Refused(refusal.description) from None


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")


def _error(status: int, description: str) -> Response:
    return _json({"error": "refused", "error_description": without_token_words(description)}, status)


def _http_error(error: HTTPException) -> Response:
    answer = _error(error.code or 500, f"{error.name}: see the control surface in the README")
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _own_mistake(error: Exception) -> Response:
    log.error("a control call failed", exc_info=error)
    return _error(500, "The fake made a mistake; its log says more")
