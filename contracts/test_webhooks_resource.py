"""The webhooks of an application: list, one, create, change, delete."""

from __future__ import annotations

from datetime import datetime

import httpx
import pytest

from contracts.arranging import precondition, record_id
from contracts.expecting import expect, expect_client_error, expect_form, expect_header, expect_parts, expect_status
from contracts.samples import WEBHOOK_KEYS, new_address_of_webhook, new_webhook
from contracts.target import KountaTarget
from contracts.webhooks import UPDATED, Webhooks

EXTENSIONS = pytest.mark.parametrize("extension", ["", ".json"])
ONE_METHODS = pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
DATE = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"


def ask(target: KountaTarget, method: str, path: str, headers: dict[str, str | None]) -> httpx.Response:
    """Return the response to a request, with a valid body if the method has one."""
    if method in ("POST", "PUT"):
        return target.ask(method, path, json=new_webhook(), headers=headers)
    return target.ask(method, path, headers=headers)


@pytest.mark.quirk("W01")
@EXTENSIONS
def test_a_webhook_is_in_the_list(webhooks: Webhooks, extension: str) -> None:
    """The list has each new webhook once, in order of creation."""
    made = [webhooks.add() for _ in range(3)]
    listed = webhooks.listed(webhooks.all + extension)
    assert [webhook_id for webhook_id in listed if webhook_id in made] == made


@pytest.mark.quirk("T05")
def test_the_list_of_webhooks_is_a_bare_array(target: KountaTarget, webhooks: Webhooks) -> None:
    """The list is 200 with an array of objects, in pages."""
    webhooks.add()
    answer = target.get(webhooks.all)
    expect_status(answer, 200)
    expect_header(answer, "Content-Type", "application/json")
    assert {type(item) for item in answer.json()} == {dict}
    assert int(answer.headers["X-Pages"]) >= 1


@pytest.mark.quirk("W01")
@EXTENSIONS
def test_one_webhook_is_got_by_id(target: KountaTarget, webhooks: Webhooks, extension: str) -> None:
    """A webhook fetched by id is 200 with the sent values."""
    fields = new_webhook(topic=UPDATED, format="xml", filter={"attributes": ["name"]}, headers={"X-Shop": "7"})
    webhook = record_id(webhooks.create(fields))
    answer = target.get(webhooks.one(webhook) + extension)
    expect_status(answer, 200)
    expect_parts(answer.json(), {"id": webhook})
    expect({key: answer.json()[key] for key in fields}, fields)


@pytest.mark.quirk("W01")
@EXTENSIONS
def test_deleting_is_204_and_final(target: KountaTarget, webhooks: Webhooks, extension: str) -> None:
    """DELETE has no body; then the webhook is 404, also for DELETE, and not in the list, while others stay."""
    gone, stays = webhooks.add(), webhooks.add()
    answer = target.ask("DELETE", webhooks.one(gone) + extension)
    expect_status(answer, 204)
    expect(answer.content, b"", "body")
    expect_status(target.get(webhooks.one(gone)), 404)
    expect_status(webhooks.delete(gone), 404)
    listed = webhooks.listed()
    assert gone not in listed
    assert stays in listed


@pytest.mark.quirk("W01")
def test_an_id_is_not_given_again(webhooks: Webhooks) -> None:
    """The id of a deleted webhook stays unused."""
    gone = webhooks.add()
    expect_status(webhooks.delete(gone), 204)
    assert webhooks.add() != gone


@pytest.mark.quirk("W01")
def test_me_stands_for_the_company_of_webhooks(target: KountaTarget, webhooks: Webhooks) -> None:
    """All five requests accept `me` for the company's id."""
    place = "/v1/companies/me/webhooks"
    created = webhooks.create(new_webhook(), path=place)
    expect_status(created, 201)
    webhook = record_id(created)
    assert webhook in webhooks.listed(place)
    expect_parts(target.get(f"{place}/{webhook}").json(), {"id": webhook})
    expect_parts(target.ask("PUT", f"{place}/{webhook}", json={"format": "xml"}).json(), {"format": "xml"})
    expect_status(target.ask("DELETE", f"{place}/{webhook}"), 204)


@pytest.mark.quirk("W01")
@ONE_METHODS
def test_another_application_does_not_see_a_webhook(target: KountaTarget, webhooks: Webhooks, method: str) -> None:
    """Another application of the company gets 404, and the webhook is unchanged."""
    second = target.as_second_application()
    webhook = webhooks.add()
    before = webhooks.record(webhook)
    answer = ask(target, method, webhooks.one(webhook), second)
    expect_status(answer, 404)
    expect(webhooks.record(webhook), before)


@pytest.mark.quirk("W01")
def test_each_application_lists_its_own_webhooks(target: KountaTarget, webhooks: Webhooks) -> None:
    """The list of one application has no webhook of the other."""
    second = target.as_second_application()
    mine, theirs = webhooks.add(), webhooks.add(second)
    assert mine != theirs
    own, others = webhooks.listed(), webhooks.listed(by=second)
    assert mine in own and theirs not in own  # noqa: PT018 - both halves are about one list
    assert theirs in others and mine not in others  # noqa: PT018


@pytest.mark.quirk("W01")
@pytest.mark.parametrize("method,one", [("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")])
def test_another_company_has_no_webhooks_for_us(target: KountaTarget, method: str, one: str) -> None:
    """Every request for webhooks of another company is refused, like any other request for it (A16)."""
    if target.kind == "live" and method != "GET":
        target.not_provable("if it were not refused, it would change another company")
    other = f"/v1/companies/{target.other_company_id}"
    answer = ask(target, method, f"{other}/webhooks{one}", {})
    expect_client_error(answer)
    expect_status(answer, target.get(f"{other}/customers").status_code)


@pytest.mark.quirk("T10")
@ONE_METHODS
@pytest.mark.parametrize("webhook", ["0", str(2**63), "x", "1x", "-1"])
@EXTENSIONS
def test_an_unknown_webhook_is_not_found(
    target: KountaTarget, webhooks: Webhooks, method: str, webhook: str, extension: str
) -> None:
    """An unknown webhook is 404 in the API's shape, with the words Not Found."""
    answer = ask(target, method, webhooks.one(webhook) + extension, {})
    expect_status(answer, 404)
    expect(set(answer.json()), {"error", "error_description"})
    assert "Not Found" in answer.json()["error_description"]


@pytest.mark.quirk("T16")
@pytest.mark.parametrize(
    "method,one,allowed",
    [
        ("PUT", False, {"GET", "POST"}),
        ("DELETE", False, {"GET", "POST"}),
        ("PATCH", False, {"GET", "POST"}),
        ("POST", True, {"GET", "PUT", "DELETE"}),
        ("PATCH", True, {"GET", "PUT", "DELETE"}),
    ],
)
@EXTENSIONS
def test_a_wrong_method_is_405(
    target: KountaTarget, webhooks: Webhooks, method: str, one: bool, allowed: set[str], extension: str
) -> None:
    """The response lists the methods of the path, and nothing has changed."""
    webhook = webhooks.add()
    before = webhooks.record(webhook)
    answer = target.ask(method, (webhooks.one(webhook) if one else webhooks.all) + extension, json={"format": "xml"})
    expect_status(answer, 405)
    expect(set(answer.headers["Allow"].split(", ")) - {"HEAD", "OPTIONS"}, allowed, "header Allow")
    expect(webhooks.record(webhook), before)


@pytest.mark.quirk("O09")
@pytest.mark.parametrize("method,one", [("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")])
def test_webhooks_need_credentials(target: KountaTarget, webhooks: Webhooks, method: str, one: str) -> None:
    """Without credentials every request is 401."""
    path = webhooks.one(webhooks.add()) if one else webhooks.all
    expect_status(ask(target, method, path, {"Authorization": None}), 401)


@pytest.mark.quirk("T03")
@pytest.mark.parametrize("method,one", [("GET", ""), ("POST", ""), ("GET", "/1"), ("PUT", "/1"), ("DELETE", "/1")])
def test_webhooks_need_a_format(target: KountaTarget, webhooks: Webhooks, method: str, one: str) -> None:
    """Without extension and with an Accept that excludes JSON every request is 406."""
    path = webhooks.one(webhooks.add()) if one else webhooks.all
    expect_status(ask(target, method, path, {"Accept": "text/html"}), 406)


@pytest.mark.quirk("T02")
@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded", "text/plain"], ids=str)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_webhook_is_sent_as_json(
    target: KountaTarget, webhooks: Webhooks, method: str, content_type: str | None
) -> None:
    """Without `Content-Type: application/json` a request is 400, and nothing is created or changed."""
    webhook = webhooks.add()
    before = webhooks.listed()
    path = webhooks.all if method == "POST" else webhooks.one(webhook)
    answer = target.ask(method, path, json=new_webhook(), headers={"Content-Type": content_type})
    expect_status(answer, 400)
    assert webhooks.listed() == before


@pytest.mark.quirk("T15")
@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"x"', b"null", b"{", b'{"topic": "\xff"}', b'{"filter": {"\\ud800": 1}}']
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_body_of_a_webhook_is_an_object(target: KountaTarget, webhooks: Webhooks, method: str, body: bytes) -> None:
    """A body that is not a JSON object is 400."""
    path = webhooks.all if method == "POST" else webhooks.one(webhooks.add())
    answer = target.ask(method, path, content=body)
    expect_status(answer, 400)


@pytest.mark.quirk("W02")
def test_a_webhook_has_all_its_keys(webhooks: Webhooks) -> None:
    """The record has exactly these keys, with values of these types."""
    record = webhooks.record(webhooks.add())
    expect(set(record), WEBHOOK_KEYS)
    kinds = {key: type(record[key]) for key in WEBHOOK_KEYS}
    assert kinds == {**dict.fromkeys(WEBHOOK_KEYS, str), "id": int, "filter": dict, "headers": dict}


@pytest.mark.quirk("W02")
def test_items_of_the_list_are_complete(webhooks: Webhooks) -> None:
    """An item of the list equals the webhook fetched by id."""
    plain = webhooks.add()
    full = webhooks.add(topic=UPDATED, filter={"attributes": ["email", "tags"]}, headers={"Authorization": "Bearer x"})
    listed = webhooks.listed()
    assert [listed[plain], listed[full]] == [webhooks.record(plain), webhooks.record(full)]


@pytest.mark.quirk("W02")
@pytest.mark.parametrize("empty", [{}, {"filter": {}, "headers": {}}, {"filter": None, "headers": None}], ids=str)
def test_no_filter_and_no_headers_are_empty_objects(webhooks: Webhooks, empty: dict[str, object]) -> None:
    """Both are {} in the record, in the list and in the response to a change, never [] or null."""
    webhook = webhooks.add(**empty)
    for record in (webhooks.record(webhook), webhooks.listed()[webhook], webhooks.changed(webhook, **empty)):
        expect_parts(record, {"filter": {}, "headers": {}})


@pytest.mark.quirk("T06")
def test_a_webhook_has_dates_with_an_offset(webhooks: Webhooks) -> None:
    """Both dates are ISO 8601 with an offset, and equal for a new webhook."""
    record = webhooks.record(webhooks.add())
    expect_form(record["created_at"], DATE, "$.created_at")
    expect_form(record["updated_at"], DATE, "$.updated_at")


@pytest.mark.quirk("W02")
def test_a_change_moves_only_the_date_of_the_update(target: KountaTarget, webhooks: Webhooks) -> None:
    """After a change a minute later, created_at is unchanged and updated_at a minute later."""
    webhook = webhooks.add()
    before = webhooks.record(webhook)
    target.let_time_pass(seconds=60)
    after = webhooks.changed(webhook, format="xml")
    expect_parts(after, {"created_at": before["created_at"]})
    passed = datetime.fromisoformat(after["updated_at"]) - datetime.fromisoformat(before["updated_at"])
    assert 60 <= passed.total_seconds() < 90


@pytest.mark.quirk("W13")
@EXTENSIONS
def test_making_a_webhook_is_201_with_its_location(target: KountaTarget, webhooks: Webhooks, extension: str) -> None:
    """The Location leads to the new webhook."""
    fields = new_webhook()
    created = webhooks.create(fields, path=webhooks.all + extension)
    expect_status(created, 201)
    location = httpx.URL(target.url).join(created.headers["Location"])
    assert location.path.removesuffix(".json") == webhooks.one(record_id(created))
    expect_parts(target.get(str(location)).json(), {"address": fields["address"]})


@pytest.mark.quirk("A01")
def test_a_new_webhook_is_answered_without_a_body(webhooks: Webhooks) -> None:
    """The 201 has an empty body, or the webhook, if that is expected."""
    created = webhooks.create(new_webhook())
    precondition(created.status_code == 201, "W13", created)
    if webhooks.target.chosen["A01"] == "customer":
        expect_parts(created.json(), {"id": record_id(created)})
    else:
        expect(created.content, b"", "body")


@pytest.mark.quirk("W13")
@EXTENSIONS
def test_changing_a_webhook_is_200_with_all_of_it(target: KountaTarget, webhooks: Webhooks, extension: str) -> None:
    """The response is the complete webhook, as fetched afterwards."""
    webhook = webhooks.add()
    address = new_address_of_webhook()
    answer = target.ask("PUT", webhooks.one(webhook) + extension, json={"address": address})
    expect_status(answer, 200)
    expect_parts(answer.json(), {"address": address})
    expect_parts(answer.json(), webhooks.record(webhook))
