"""Orders: creating and changing them, their lines, and their statuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from contracts.arranging import record_id
from contracts.expecting import expect, expect_form, expect_parts, expect_status, expect_success, expect_that
from contracts.orders import Shop, shop_of
from contracts.samples import new_reference_id
from contracts.target import KountaTarget


@pytest.fixture
def shop(target: KountaTarget) -> Shop:
    return shop_of(target)


@pytest.mark.quirk("D12")
def test_a_line_has_a_number_and_an_id(shop: Shop) -> None:
    """A line has number, id and a price without tax; course and former order are null unless the POS sets them."""
    record = shop.made(lines=[shop.line(quantity=2), shop.line()])
    first, second = record["lines"]
    expect([one["number"] for one in record["lines"]], [1, 2], "$.lines[*].number")
    expect_that(first["line_id"] != second["line_id"], "$.lines[1].line_id", "is that of another line")
    sums = {"unit_price": 4, "unit_tax": 0.4, "line_total_ex_tax": 8, "line_total_tax": 0.8}
    expect_parts(first, {**sums, "course": None, "from_order_id": None}, "$.lines[0]")


@pytest.mark.quirk("D12")
def test_a_modifier_that_is_taken_away_is_negative(shop: Shop) -> None:
    """A modifier that is taken away has a negative id and changes no price."""
    (line,) = shop.made(lines=[shop.line(modifiers=[-shop.modifier])])["lines"]
    expect_parts(line, {"modifiers": [-shop.modifier], "unit_price": 4}, "$.lines[0]")


@pytest.mark.quirk("D12")
def test_a_line_has_the_course_that_the_pos_gave_it(shop: Shop) -> None:
    """A line shows the course that the POS gave it, with three keys, and the order from which it was moved."""
    course = {"name": "Mains", "ordinal": 2, "status": "SENT"}
    moved = {"product": {"id": shop.product}, "course": course, "from_order_id": 7}
    (line,) = shop.record(shop.add_order(lines=[moved]))["lines"]
    expect((line["course"], line["from_order_id"]), (course, 7), "$.lines[0].course")


@pytest.mark.quirk("D13")
@pytest.mark.parametrize("variation, total", [({"price_variation": 0.5}, 4.4), ({"price_fixed_variation": -2}, 6.6)])
def test_price_variations_of_a_line(shop: Shop, variation: dict[str, float], total: float) -> None:
    """The price of a line varies by a factor, or by an amount without tax."""
    expect(shop.made(lines=[shop.line(unit_price=8, **variation)])["total"], total)


@pytest.mark.quirk("D13")
def test_not_both_price_variations(shop: Shop) -> None:
    """Both price variations together, and modifiers beside option sets, are refused."""
    shop.target.refuses(shop.post(lines=[shop.line(price_variation=0.5, price_fixed_variation=1)]))
    sets = [{"option_set_id": 7, "options": [shop.modifier]}]
    shop.target.refuses(shop.post(lines=[shop.line(price_variation=0.5, option_sets=sets)]))


@pytest.mark.quirk("D14")
def test_options_of_a_line(shop: Shop) -> None:
    """The order has them apart from its lines."""
    record = shop.made(lines=[shop.line(option_sets=[{"option_set_id": 7, "options": [shop.modifier]}])])
    (option,) = record["options"]
    expect(record["lines"][0]["part_of_option_set"], True)
    expect((option["product_id"], option["name"], option["line_number"]), (shop.product, "Tea", 1))
    expect(option["option_sets"], [{"name": "", "option_set_id": 7, "options": [shop.modifier]}])


@pytest.mark.quirk("D14")
def test_options_of_a_product_that_has_them(shop: Shop) -> None:
    """They have the name of their set, and their prices; another set or option is refused."""
    sites, chosen = [{"id": shop.site}], [{"option_set_id": 8001, "options": [shop.modifier]}]
    sets = [{"id": 8001, "name": "Size", "option_ids": [shop.modifier]}]
    pizza = shop.add("products", name="Pizza", unit_price=10, option_sets=sets, sites=sites)["id"]
    record = shop.made(lines=[{"product_id": pizza, "option_sets": chosen}])
    expect(record["options"][0]["option_sets"], [{"name": "Size", **chosen[0]}])
    for one in ({"option_set_id": 7}, {"option_set_id": 8001, "options": [shop.product]}):
        refused = shop.post(lines=[{"product_id": pizza, "option_sets": [one]}])
        expect_status(refused, int(shop.target.chosen["D55"]))


@pytest.mark.quirk("D20")
def test_a_new_order_has_what_was_sent(shop: Shop) -> None:
    """Other fields are ignored."""
    customer = shop.target.add_customer()
    sent = {"notes": "Window seat", "guests": 2, "order_type": "Dine in", "lock": ["PAYMENTS"], "x": 1}
    times = {"placed_at": "2026-03-01T12:00:00+00:00", "fulfil_at": "2026-03-01T13:00:00+00:00"}
    record = shop.made(customer_id=customer, callback_uri="https://shop.example/hook", **sent, **times)
    for name, text in times.items():
        expect(datetime.fromisoformat(record[name]), datetime.fromisoformat(text), f"$.{name}")
    expect({key: record.get(key) for key in sent}, {**sent, "x": None})
    expect((record["customer"]["id"], record["site_id"]), (customer, shop.site))
    expect(record["callback_uri"], "https://shop.example/hook")


WRONG: dict[str, tuple[Any, ...]] = {
    "site_id": ("x", 0, 2**63, []),
    "lines": ("x", {}, [7], [{"product_id": "x"}], [None]),
    **dict.fromkeys(("notes", "order_type", "sale_number", "callback_uri"), (7, ["x"])),
    "guests": ("2", -1, 2.5, True),
    "customer_id": ("x", -1),
    **dict.fromkeys(("price_variation", "price_fixed_variation", "price_limit"), ("x", True, 1e30, [1])),
    "payments": (7, [7], [{"amount": "x"}], [{"amount": 1}]),
    **dict.fromkeys(("complete_when_paid", "pass_thru_printing"), ("yes", 1)),
    "lock": ("PAYMENTS", [7]),
    **dict.fromkeys(("placed_at", "fulfil_at"), (7, "today", "2026-01-01T00:00:00")),
}


@pytest.mark.quirk("D20")
def test_a_wrong_field_makes_no_order(shop: Shop) -> None:
    """It is refused as a whole."""
    for field, values in WRONG.items():
        for value in values:
            shop.target.refuses(shop.post(**{field: value}))
    shop.let_lists_catch_up()
    expect(shop.listed(f"sites/{shop.site}/orders"), [])


@pytest.mark.quirk("D21")
def test_few_fields_make_an_order(shop: Shop) -> None:
    """A site, and for each line a product and a quantity, make an order."""
    record = shop.made(lines=[{"product_id": shop.product, "quantity": 3}])
    (line,) = record["lines"]
    expect((record["site_id"], line["quantity"]), (shop.site, 3))
    expect(record["total"], round(line["line_total_ex_tax"] + line["line_total_tax"], 2), "$.total")
    if not shop.is_of_account:
        expect(record["total"], 13.2, "$.total")


@pytest.mark.quirk("D22")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_a_created_order_has_a_location(shop: Shop, extension: str) -> None:
    """The 201 has a Location, and a body if that is expected."""
    created = shop.target.ask("POST", shop.orders + extension, json={"site_id": shop.site, "lines": [shop.line()]})
    record = shop.target.get(created.headers["Location"].replace(shop.target.url, ""))
    expect((created.status_code, record.status_code), (201, 200))
    expect(created.content, b"" if shop.target.chosen["A01"] == "empty" else record.content)


@pytest.mark.quirk("D23")
def test_a_new_order_is_listed_later(shop: Shop) -> None:
    """It is there by id before."""
    path = shop.order()
    is_listed = shop.lists(path)
    expect_that(not is_listed or shop.target.chosen["D50"] == "none", "$", "the list has the new order already")
    expect(shop.record(path)["site_id"], shop.site)
    shop.let_lists_catch_up()
    expect([one["id"] for one in shop.listed(f"sites/{shop.site}/orders")], [int(path.rpartition("/")[2])])


@pytest.mark.quirk("D50")
def test_when_a_new_order_is_listed(shop: Shop) -> None:
    """After 2 seconds, after 10, or at once."""
    path = shop.order()
    listed = [shop.lists(path)]
    for seconds in (2, 8):
        shop.target.let_time_pass(seconds=seconds)
        listed.append(shop.lists(path))
    expected = {"none": [True] * 3, "2s": [False, True, True], "10s": [False, False, True]}
    expect(listed, expected[shop.target.chosen["D50"]])


@pytest.mark.quirk("D24")
def test_the_same_order_twice_is_two_orders(shop: Shop) -> None:
    """The same POST twice makes two orders."""
    one, two = (shop.order() for _ in range(2))
    expect_that(one != two, "header Location", "is that of the first order")


@pytest.mark.quirk("D51")
def test_a_sale_number_that_was_sent_before(shop: Shop) -> None:
    """It is accepted, or a conflict."""
    number = new_reference_id()
    shop.order(sale_number=number)
    expected = 201 if shop.target.chosen["D51"] == "accepted" else 409
    expect_status(shop.post(sale_number=number), expected)


@pytest.mark.quirk("D25")
def test_the_sale_number_begins_as_it_was_sent(shop: Shop) -> None:
    """So that it is found by this prefix."""
    number = new_reference_id()
    expect_form(shop.made(sale_number=number)["sale_number"], f"{number}.*", "$.sale_number")


@pytest.mark.quirk("D52")
def test_the_sale_number_has_a_suffix(shop: Shop) -> None:
    """Or is as it was sent."""
    number = new_reference_id()
    is_as_sent = shop.made(sale_number=number)["sale_number"] == number
    expect(is_as_sent, shop.target.chosen["D52"] == "as_sent", "$.sale_number")


@pytest.mark.quirk("D39")
def test_the_suffix_is_three_digits(shop: Shop) -> None:
    """Each order has a suffix of three digits of its own; without a sale number there is none."""
    if shop.target.chosen["D51"] == "409" or shop.target.chosen["D52"] == "as_sent":
        shop.target.not_provable("there is no suffix, or no second order with the sale number")
    number = new_reference_id()
    found = [shop.made(sale_number=number)["sale_number"] for _ in range(3)]
    expect(len(set(found)), 3, "$.sale_number")
    for one in found:
        expect_form(one, f"{number}-[0-9]{{3}}", "$.sale_number")
    expect(shop.made()["sale_number"], "")


@pytest.mark.quirk("D26")
def test_an_order_is_found_by_about_its_total(shop: Shop) -> None:
    """Within five cents of what the client computed, which need not be to the cent the same."""
    path = shop.order(lines=[shop.line(unit_price=0.333, quantity=7)])
    shop.let_lists_catch_up()
    place, about = f"sites/{shop.site}/orders", 0.333 * 7 * 1.1
    found = shop.listed(place, value_gte=f"{about - 0.05:.4f}", value_lte=f"{about + 0.05:.4f}")
    expect([one["id"] for one in found], [int(path.rpartition("/")[2])])
    expect(shop.listed(place, value_gte=f"{about + 0.05:.4f}"), [])


@pytest.mark.quirk("D27")
def test_who_decides_about_a_new_order(shop: Shop) -> None:
    """The staff accept or reject one that is SUBMITTED; one that is ON_HOLD was accepted already."""
    for decision in ("ACCEPTED", "REJECTED"):
        waiting, is_open = (shop.order(status=status) for status in ("SUBMITTED", "ON_HOLD"))
        expect_success(shop.put(waiting, status=decision))
        shop.put(is_open, status=decision)
        expect([shop.record(one)["status"] for one in (waiting, is_open)], [decision, "ON_HOLD"])


@pytest.mark.quirk("D28")
@pytest.mark.parametrize("status, accepted", [("ON_HOLD", True), ("PENDING", True), ("DELETED", False), ("x", False)])
def test_statuses_of_new_orders(shop: Shop, status: str, accepted: bool) -> None:
    """Others are refused."""
    created = shop.post(status=status)
    if accepted:
        expect_status(created, 201)
    else:
        shop.target.refuses(created)


@pytest.mark.quirk("D53")
def test_the_status_of_a_new_order_without_one(shop: Shop) -> None:
    """It waits for the staff, or is open."""
    expect(shop.made()["status"], shop.target.chosen["D53"])


@pytest.mark.quirk("D54")
def test_what_a_new_order_needs(shop: Shop) -> None:
    """A new order needs the site, and a product for each line."""
    shop.target.refuses(shop.post(site_id=...))
    shop.target.refuses(shop.post(lines=[{"quantity": 1}]))
    bare = shop.post(lines=...)
    if shop.target.chosen["D54"] == "lines_too":
        shop.target.refuses(bare)
    else:
        expect_status(bare, 201)


@pytest.mark.quirk("D55")
@pytest.mark.parametrize("field", ["site_id", "customer_id", "lines", "payments"])
def test_unknown_ids_in_a_body(shop: Shop, field: str) -> None:
    """They have one status."""
    unknown = {"lines": [{"product_id": 7}], "payments": [{"method_id": 7, "amount": 1}]}
    expect_status(shop.post(**{field: unknown.get(field, 7)}), int(shop.target.chosen["D55"]))


@pytest.mark.quirk("D29")
@pytest.mark.parametrize(
    "path",
    [
        ("SUBMITTED", "ACCEPTED", "ON_HOLD", "COMPLETE"),
        ("SUBMITTED", "ACCEPTED", "PENDING"),
        ("SUBMITTED", "REJECTED"),
        ("PENDING", "COMPLETE"),
    ],
)
def test_statuses_follow(shop: Shop, path: tuple[str, ...]) -> None:
    """Each allowed status can follow, from the first to a terminal one; any other is refused."""
    order = shop.order(status=path[0], lines=[shop.line(unit_price=0)])
    for status in path[1:]:
        for other in {"SUBMITTED", "COMPLETE", "DELETED"} - {status}:
            before = shop.record(order)["status"]
            shop.put(order, status=other)
            expect(shop.record(order)["status"], before, "$.status")
        expect_status(shop.put(order, status=status), 200)
        expect(shop.record(order)["status"], status)


@pytest.mark.quirk("D30")
def test_an_order_is_changed(shop: Shop) -> None:
    """A whole order that was fetched can be sent back; fields that are not sent stay."""
    path = shop.order(status="SUBMITTED", notes="a")
    record = shop.record(path)
    expect_success(shop.put(path, **{key: one for key, one in record.items() if key not in ("lock", "company_id")}))
    customer = shop.target.add_customer()
    expect_success(shop.put(path, customer_id=customer))
    expect_success(shop.put(path, notes="b"))
    changed = shop.record(path)
    expect((changed["notes"], changed["customer"]["id"], changed["total"]), ("b", customer, record["total"]))
    shop.target.refuses(shop.put(path, notes=7, customer_id=customer))
    expect_status(shop.put(path, customer_id=7), int(shop.target.chosen["D55"]))
    expect_success(shop.put(path, customer_id=None))
    expect(shop.record(path).get("customer"), None, "$.customer")
    expect_status(shop.put(f"{shop.orders}/7", notes="c"), 404)


@pytest.mark.quirk("D62")
def test_the_body_of_a_changed_order(shop: Shop) -> None:
    """It is the order, or empty."""
    path = shop.order()
    answer = shop.put(path, notes="b")
    expect_status(answer, 200)
    if shop.target.chosen["D62"] == "empty":
        expect(answer.content, b"")
    else:
        expect(answer.json(), shop.record(path))


@pytest.mark.quirk("D56")
@pytest.mark.parametrize("status, changes", [("SUBMITTED", {"status": "COMPLETE"}), ("REJECTED", {"notes": "b"})])
def test_changes_that_do_not_follow(shop: Shop, status: str, changes: dict[str, str]) -> None:
    """They are refused, or ignored; nothing changes."""
    path = shop.rejected() if status == "REJECTED" else shop.order(status=status)
    before = shop.record(path)
    choice = shop.target.chosen["D56"]
    expect_status(shop.put(path, **changes), 200 if choice == "ignored" else int(choice))
    expect(shop.record(path), before)


@pytest.mark.quirk("D57")
def test_an_order_that_is_not_paid_is_made_complete(shop: Shop) -> None:
    """It is refused, or becomes complete."""
    path = shop.order(status="ON_HOLD")
    answer = shop.put(path, status="COMPLETE")
    if shop.target.chosen["D57"] == "allowed":
        expect((answer.status_code, shop.record(path)["status"]), (200, "COMPLETE"))
    else:
        shop.target.refuses(answer)


@pytest.mark.quirk("D32")
def test_lines_are_added(shop: Shop) -> None:
    """One line or several are added, also at a position."""
    path = shop.order(status="SUBMITTED")
    one = shop.target.ask("POST", f"{path}/lines", json=shop.line(notes="last"))
    expect((one.status_code, record_id(one)), (201, 2))
    several = [shop.line(notes="first", number=1), shop.line(notes="end", unit_price=1, unit_price_inc_tax=99)]
    expect_status(shop.target.ask("POST", f"{path}/lines", json=several), 201)
    record = shop.record(path)
    expect([line["notes"] for line in record["lines"]], ["first", "", "last", "end"])
    expect(record["lines"][3]["unit_price"], 1)
    both = shop.line(modifiers=[shop.modifier], option_sets=[{"option_set_id": 7}])
    for wrong in (both, {}, {"product_id": "x"}, shop.line(number=99)):
        shop.target.refuses(shop.target.ask("POST", f"{path}/lines", json=[shop.line(), wrong]))
    expect(shop.record(path), record)


@pytest.mark.quirk("D32")
def test_a_price_with_tax(shop: Shop) -> None:
    """It counts if there is none without tax."""
    (line,) = shop.made(lines=[shop.line(unit_price_inc_tax=11)])["lines"]
    expect((line["unit_price"], line["unit_tax"]), (10, 1))


@pytest.mark.quirk("D33")
def test_lines_are_changed_and_deleted(shop: Shop) -> None:
    """By their number, which changes if one before is deleted."""
    path = shop.order(status="SUBMITTED", lines=[shop.line(notes=text) for text in "abc"])
    expect_status(shop.put(f"{path}/lines/2", quantity=2), 200)
    expect([(one["notes"], one["quantity"]) for one in shop.record(path)["lines"]], [("a", 1), ("b", 2), ("c", 1)])
    expect_status(shop.target.ask("DELETE", f"{path}/lines/1"), 204)
    listed = shop.target.get(f"{path}/lines").json()
    expect([(one["number"], one["notes"]) for one in listed], [(1, "b"), (2, "c")])
    for method in ("PUT", "DELETE"):
        expect_status(shop.target.ask(method, f"{path}/lines/3", json={}), 404)


@pytest.mark.quirk("D33")
def test_the_modifiers_of_a_line_are_replaced(shop: Shop) -> None:
    """All of them, if some are sent."""
    path = shop.order(status="SUBMITTED", lines=[shop.line(modifiers=[-shop.modifier, shop.modifier])])
    expect_status(shop.put(f"{path}/lines/1", notes="b"), 200)
    expect(shop.record(path)["lines"][0]["modifiers"], [-shop.modifier, shop.modifier], "$.lines[0].modifiers")
    expect_status(shop.put(f"{path}/lines/1", modifiers=[shop.modifier]), 200)
    expect(shop.record(path)["lines"][0]["modifiers"], [shop.modifier], "$.lines[0].modifiers")


@pytest.mark.quirk("D34")
def test_lines_are_fixed_once_the_order_is_accepted(shop: Shop) -> None:
    """Adding, changing and deleting is refused."""
    path = shop.order(status="ON_HOLD")
    before = shop.record(path)
    for method, place in (("POST", "lines"), ("PUT", "lines/1"), ("DELETE", "lines/1")):
        expect_status(shop.target.ask(method, f"{path}/{place}", json=shop.line()), 400)
    expect(shop.record(path), before)


@pytest.mark.quirk("D35")
def test_a_product_that_is_out_of_stock(shop: Shop) -> None:
    """It matters if the order is open; the description names the product."""
    sites = [{"id": shop.site, "stock": 1}]
    cake = shop.add("products", name="Cake", is_inventoried=True, sites=sites)["id"]
    lines = [{"product_id": cake}, {"product_id": cake}]
    paid = {"payments": [{"method_id": shop.method, "amount": 0}]}
    for status in ("ON_HOLD", "PENDING", "COMPLETE"):
        refused = shop.post(status=status, lines=lines, **paid)
        expect_status(refused, 400)
        expect(refused.json()["error_description"], f"Product ({cake}) is out of stock.")
    expect_status(shop.post(status="SUBMITTED", lines=lines), 201)
    expect_status(shop.post(status="ON_HOLD", lines=[{"product_id": cake}]), 201)


@pytest.mark.quirk("D36")
def test_a_product_that_is_not_at_the_site(shop: Shop) -> None:
    """The description names it."""
    cake = shop.add("products", name="Cake", sites=[])["id"]
    refused = shop.post(lines=[{"product_id": cake}])
    shop.target.refuses(refused)
    reason = f"Product #{cake} is not available at that site."
    expect_that(reason in refused.json()["error_description"], "$.error_description", "says another reason")


@pytest.mark.quirk("D36")
def test_a_product_that_is_not_available_at_the_site(shop: Shop) -> None:
    """It is refused like one that is not there."""
    cake = shop.add("products", name="Cake", sites=[{"id": shop.site, "is_available": False}])["id"]
    refused = shop.post(lines=[{"product_id": cake}])
    shop.target.refuses(refused)
    expect_that("is not available" in refused.json()["error_description"], "$.error_description", "says another reason")


@pytest.mark.quirk("D37")
def test_refusals_of_orders_have_the_usual_keys(shop: Shop) -> None:
    """The refusals of an unknown order and of a wrong field have the usual keys."""
    unknown, wrong = shop.target.get(f"{shop.orders}/7"), shop.post(site_id="x")
    for refused in (unknown, wrong):
        expect(set(refused.json()), {"error", "error_description"})


@pytest.mark.quirk("D40")
def test_a_pass_thru_register_that_is_offline(shop: Shop) -> None:
    """It refuses new orders that are to be printed there; others are accepted, as is one of a site without it."""
    expect_status(shop.post(pass_thru_printing=True), 201)
    site = shop.add("sites", name="Bar", pass_thru_printing_register="Kitchen")["id"]
    register = shop.add("registers", name="Kitchen", site_id=site)["id"]
    refused = shop.post(site_id=site, lines=[shop.line_at(site)], pass_thru_printing=True)
    expect_status(refused, 400)
    expect(refused.json()["error_description"], f"Pass-thru register Kitchen ({register}) is offline.")
    expect_status(shop.post(site_id=site, lines=[shop.line_at(site)]), 201)
    shop.change("registers", register, assigned_to_device=True)
    expect_status(shop.post(site_id=site, lines=[shop.line_at(site)], pass_thru_printing=True), 201)


@pytest.mark.quirk("D38")
@pytest.mark.parametrize(
    "variation, sums", [({"price_variation": 0.5}, (2.2, 0.2)), ({"price_fixed_variation": -1.1}, (3.3, 0.3))]
)
def test_price_variations_of_an_order(shop: Shop, variation: dict[str, float], sums: tuple[float, float]) -> None:
    """They change the total, and the tax in proportion."""
    record = shop.made(**variation)
    expect((record["total"], record["total_tax"]), sums)


@pytest.mark.quirk("D59")
def test_locked_payments(shop: Shop) -> None:
    """The lock binds the POS, or the API, too."""
    path = shop.order(lock=["PAYMENTS"])
    expect(shop.record(path)["lock"], ["PAYMENTS"])
    expect_status(shop.pay(path), 201 if shop.target.chosen["D59"] == "stored" else 400)


@pytest.mark.quirk("D60")
def test_a_limit_of_the_price(shop: Shop) -> None:
    """It has no effect, or refuses an order that comes to more."""
    expect_status(shop.post(price_limit=4.4), 201)
    above = shop.post(price_limit=4.39)
    if shop.target.chosen["D60"] == "refused":
        shop.target.refuses(above)
    else:
        expect_status(above, 201)


@pytest.mark.quirk("D66")
def test_an_order_for_a_site_that_is_offline(shop: Shop) -> None:
    """It is accepted, or refused."""
    site = shop.add("sites", name="Closed", online_ordering="offline")["id"]
    answer = shop.post(site_id=site, lines=[{"product_id": shop.add("products", name="Tea")["id"]}])
    if shop.target.chosen["D66"] == "refused":
        shop.target.refuses(answer)
    else:
        expect_status(answer, 201)


@pytest.mark.quirk("D67")
def test_rounding(shop: Shop) -> None:
    """Each line is rounded, or the order once; half up, or half to even."""
    record = shop.made(lines=[shop.line(unit_price=0.25), shop.line(unit_price=0.25)])
    expected = {"lines": 0.06, "once": 0.05, "half_to_even": 0.04}
    expect(record["total_tax"], expected[shop.target.chosen["D67"]])


@pytest.mark.quirk("D68")
def test_the_price_of_a_modifier(shop: Shop) -> None:
    """It is added to the price of the line, or not."""
    (line,) = shop.made(lines=[shop.line(modifiers=[shop.modifier])])["lines"]
    expect(line["unit_price"], 4.5 if shop.target.chosen["D68"] == "added" else 4)


@pytest.mark.quirk("D69")
def test_a_fixed_variation_of_several_units(shop: Shop) -> None:
    """It counts once for the line, or for each unit."""
    (line,) = shop.made(lines=[shop.line(quantity=3, price_fixed_variation=-1)])["lines"]
    expect(line["line_total_ex_tax"], 11 if shop.target.chosen["D69"] == "line" else 9)
