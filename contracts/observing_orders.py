"""Observe which alternative of each assumption about orders a target follows; see `contracts.observing`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from contracts.arranging import precondition, record_id
from contracts.orders import shop_of
from contracts.samples import MARK, new_address_of_webhook, new_last_name, new_webhook
from contracts.target import KountaTarget

Probe = Callable[[KountaTarget], "str | None"]


def one_of(answer: httpx.Response, *statuses: str) -> str | None:
    """Return the status of a response if it is one of these."""
    status = str(answer.status_code)
    return status if status in statuses else None


def _order_item(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.add_order()
    (item,) = shop.listed(f"sites/{shop.site}/orders")
    return "full" if "lines" in item else "abridged"


def _no_customer(target: KountaTarget) -> str | None:
    return "null" if "customer" in shop_of(target).made() else "absent"


def _listing_delay(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    path = shop.order()
    if shop.lists(path):
        return "none"
    target.let_time_pass(seconds=2)
    if shop.lists(path):
        return "2s"
    target.let_time_pass(seconds=8)
    return "10s" if shop.lists(path) else None


def _taken_sale_number(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.order(sale_number=MARK)
    return {"201": "accepted", "409": "409"}.get(one_of(shop.post(sale_number=MARK), "201", "409") or "")


def _sale_number(target: KountaTarget) -> str | None:
    number = f"{MARK}-{new_last_name()}"
    return "as_sent" if shop_of(target).made(sale_number=number)["sale_number"] == number else "suffix"


def _status_when_omitted(target: KountaTarget) -> str | None:
    status = shop_of(target).made()["status"]
    return status if status in ("SUBMITTED", "ON_HOLD", "PENDING") else None


def _required_fields(target: KountaTarget) -> str | None:
    return "site" if shop_of(target).post(lines=...).is_success else "lines_too"


def _unknown_in_body(target: KountaTarget) -> str | None:
    return one_of(shop_of(target).post(customer_id=7), "400", "404", "422")


def _change_refused(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    answer = shop.put(shop.rejected(), notes="x")
    return "ignored" if answer.is_success else one_of(answer, "400", "409")


def _complete_while_unpaid(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    return "allowed" if shop.put(shop.order(status="ON_HOLD"), status="COMPLETE").is_success else "refused"


def _complete_when_paid(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    paid = {"complete_when_paid": True, "payments": [{"method_id": shop.method, "amount": 4.4}]}
    status = shop.made(status="SUBMITTED", **paid)["status"]
    return {"SUBMITTED": "past_submitted", "COMPLETE": "at_once"}.get(status)


def _lock(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    return "stored" if shop.pay(shop.order(lock=["PAYMENTS"])).is_success else "refused"


def _price_limit(target: KountaTarget) -> str | None:
    return "no_effect" if shop_of(target).post(price_limit=1).is_success else "refused"


def _deleted_in_lists(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.add_order(status="DELETED", deleted=True)
    return "listed" if shop.listed(f"sites/{shop.site}/orders") else "only_deleted"


def _body_of_put(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    answer = shop.put(shop.order(), notes="x")
    precondition(answer.is_success, "D30", answer)
    return "order" if answer.content else "empty"


def _dates_of_filters(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.add_order(created_at="2026-06-01T00:00:00+10:00")
    return "company" if shop.listed(f"sites/{shop.site}/orders", created_gte="2026-06-01") else "utc"


def _next_page(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.add_orders(26)
    answer = shop.get_list(f"sites/{shop.site}/orders")
    query = httpx.URL(answer.headers.get("X-Next-Page", "")).params
    return next((name for name in ("page", "start") if name in query), None)


def _form_of_callback(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    path = shop.order(status="SUBMITTED", callback_uri=new_address_of_webhook())
    shop.at_pos(path, "reject")
    calls = target.http.get(f"{target.url}/_fakekounta/deliveries?topic=callback&full=true").json()
    number = shop.record(path)["id"]
    keys: set[str] = next((set(one["payload"]) for one in calls if one["record_id"] == number), set())
    return "order" if "lines" in keys else "status" if keys == {"id", "status"} else None


def _site_offline(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    site = shop.add("sites", name="Closed", online_ordering="offline")["id"]
    product = shop.add("products", name="Tea")["id"]
    return "accepted" if shop.post(site_id=site, lines=[{"product_id": product}]).is_success else "refused"


def _rounding(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    tax = shop.made(lines=[shop.line(unit_price=0.25), shop.line(unit_price=0.25)])["total_tax"]
    return {0.06: "lines", 0.05: "once", 0.04: "half_to_even"}.get(tax)


def _price_of_modifier(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    price = shop.made(lines=[shop.line(modifiers=[shop.modifier])])["lines"][0]["unit_price"]
    return {4.5: "added", 4: "not_added"}.get(price)


def _fixed_variation(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    line = shop.made(lines=[shop.line(quantity=3, price_fixed_variation=-1)])["lines"][0]
    return {11: "line", 9: "unit"}.get(line["line_total_ex_tax"])


def _other_topics(target: KountaTarget) -> str | None:
    created = target.ask("POST", f"{target.company}/webhooks", json=new_webhook(topic="orders/created"))
    if not created.is_success:
        return "absent" if created.status_code == 400 else None
    target.ask("DELETE", f"{target.company}/webhooks/{record_id(created)}")
    return "exist"


def _payment_on_terminal(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    return "accepted" if shop.pay(shop.rejected()).is_success else "refused"


def _paid_too_much(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    path = shop.order()
    if not shop.pay(path, amount=9).is_success:
        return "refused"
    return {9: "accepted", 4.4: "capped"}.get(shop.record(path)["paid"])


def _same_ref(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    path = shop.order()
    shop.pay(path, ref="T-88")
    return {"201": "accepted", "409": "409"}.get(one_of(shop.pay(path, ref="T-88"), "201", "409") or "")


def _fully_paid(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    shop.pay(path := shop.order(status="ON_HOLD"), amount=4.4)
    return {"ON_HOLD": "stays", "COMPLETE": "complete"}.get(shop.record(path)["status"])


def _get_of_payments(target: KountaTarget) -> str | None:
    shop = shop_of(target)
    return one_of(target.get(f"{shop.order()}/payments"), "405", "404")


PROBES_OF_ORDERS: Mapping[str, Probe] = {
    "D07": _order_item,
    "D15": _no_customer,
    "D50": _listing_delay,
    "D51": _taken_sale_number,
    "D52": _sale_number,
    "D53": _status_when_omitted,
    "D54": _required_fields,
    "D55": _unknown_in_body,
    "D56": _change_refused,
    "D57": _complete_while_unpaid,
    "D58": _complete_when_paid,
    "D59": _lock,
    "D60": _price_limit,
    "D61": _deleted_in_lists,
    "D62": _body_of_put,
    "D63": _dates_of_filters,
    "D64": _next_page,
    "D65": _form_of_callback,
    "D66": _site_offline,
    "D67": _rounding,
    "D68": _price_of_modifier,
    "D69": _fixed_variation,
    "D73": _other_topics,
    "M20": _payment_on_terminal,
    "M21": _paid_too_much,
    "M22": _same_ref,
    "M23": _fully_paid,
    "M24": _get_of_payments,
}
