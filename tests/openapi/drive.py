"""Requests to every operation of the API in all of its cases, and the quirks that their exchanges cover.

The result is recorded here, written to `fakekounta/openapi/recorded.py` by `make docs`, and compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from fakekounta import Entry, FakeKounta, Quirk
from fakekounta.catalogue.assumptions import CHOICES
from fakekounta.core.all_collections import COLLECTIONS
from fakekounta.openapi.collections import bodies
from fakekounta.openapi.operations import EVERYWHERE, OPERATIONS, WITH_CREDENTIALS
from fakekounta.web.app import ApiApp
from tests.caller import FIRST_ID
from tests.described import Described
from tests.openapi.drive_orders import drive_orders, drive_topics

EVERY_FIELD: dict[str, Any] = {
    "first_name": "Jamie",
    "last_name": "McDonald",
    "email": "jamie@example.com",
    "phone": "02 1",
    "mobile": "0400",
    "tags": ["a"],
    "image": "https://example.com/i.png",
    "primary_address": {"address": "1 Example St", "city": "E", "state": "VIC", "postal_code": "3", "country": "AU"},
    "shipping_address": {"city": "E"},
    "reference_id": "r",
    "accepts_marketing": True,
}


COMPANY = "/v1/companies/5678"
CUSTOMERS, HOOKS = f"{COMPANY}/customers", f"{COMPANY}/webhooks"
UPDATED = "customers/updated"
HOOK = {"topic": UPDATED, "address": "http://127.0.0.1:9/"}


def drive(client: httpx.Client) -> None:
    """Send requests to each operation, in all of its cases."""
    client.get(f"{CUSTOMERS}.json")
    client.post(f"{CUSTOMERS}.json", json=EVERY_FIELD)
    bodies: list[Any] = [{"first_name": "Kim", "phone": "1"}, {"first_name": "Lee", "mobile": "0400"}, {}, []]
    for fields in (*bodies, {"first_name": 7}, {"first_name": "x" * 200_000, "phone": "1"}):
        client.post(f"{CUSTOMERS}.json", json=fields)
    client.post(f"{CUSTOMERS}.json", content=b"{}", headers={"Content-Type": "text/plain"})
    first = client.get(f"{CUSTOMERS}.json").json()[0]["id"]
    for path in ("", "/addresses", f"/addresses/{2 * first}", "/addresses/1", "/orders"):
        for extension in ("", ".json"):
            client.get(f"{CUSTOMERS}/{first}{path}{extension}")
            client.get(f"{CUSTOMERS}/7{path}{extension}")
    for query in ("page=2", "email=jamie@example.com", "email=x@x.org", "mobile=0400", "reference_id=r", "phone=1"):
        client.get(f"{CUSTOMERS}.json?{query}")
    for number, fields in ((first, {"tags": None}), (first, {"email": 7}), (first, {"mobile": ""}), (7, {"image": ""})):
        client.put(f"{CUSTOMERS}/{number}.json", json=fields)
    client.put(f"{CUSTOMERS}/{first + 1}.json", json={"mobile": "0400"})
    for country in ("au", "XX"):
        client.put(f"{CUSTOMERS}/{first}.json", json={"primary_address": {"country": country}})
        client.post(
            f"{CUSTOMERS}.json", json={"first_name": "Kim", "phone": "1", "primary_address": {"country": country}}
        )
    for fields in ({"primary_address": {"city": "F", "zone": "V"}}, {"email": "x"}, {"x": 1}):
        client.put(f"{CUSTOMERS}/{first}.json", json=fields)
        client.post(f"{CUSTOMERS}.json", json={"first_name": "Kim", "phone": "1", **fields})
    drive_access(client)
    drive_other_company(client)
    drive_collections(client)
    drive_orders(client, first)
    drive_lookups(client)
    drive_webhooks(client)
    drive_topics(client)
    drive_pages(client, first)
    drive_bodies(client)
    drive_removal(client)
    drive_oauth(client)
    client.delete(f"{CUSTOMERS}/{first}.json")
    client.delete(f"{CUSTOMERS}/7.json")


def drive_shop(client: httpx.Client) -> None:
    """Make the orders of the drive, for a customer, and nothing else: the whole drive takes three times as long."""
    client.post(f"{CUSTOMERS}.json", json={"first_name": "Al", "phone": "1"})
    drive_orders(client, FIRST_ID)
    drive_topics(client)


def drive_under(quirk_id: str = "") -> Callable[[httpx.Client], None]:
    """Return the drive that comes past what an assumption changes; `drive` without one."""
    return drive_shop if quirk_id[:1] in ("D", "M") else drive


def drive_access(client: httpx.Client) -> None:
    """Fetch the company, with right, wrong and missing credentials."""
    client.get(CUSTOMERS, headers={"Accept": "text/html"})
    for company_id in ("5678", "me", "1"):
        client.get(f"/v1/companies/{company_id}.json")
    client.get("/v1/companies/me.json", auth=("x", "y"))
    for headers in ({}, {"Authorization": "Bearer x"}):
        client.get("/v1/companies/me.json", headers=headers, auth=lambda request: request)


def drive_collections(client: httpx.Client) -> None:
    """Each path of the collections: of records that there are, that there are not, and of another company."""
    ids = {f"{one.name}_id": one.first_id for one in COLLECTIONS.values()}
    for path in PATHS:
        for query in QUERIES if path.endswith(("products", "/staff")) else ("", "?page=2"):
            client.get(f"{COMPANY}{path.format(**ids)}.json{query}", headers={"X-Page": "0"})
        client.get(f"{COMPANY}{path.format(**dict.fromkeys(ids, 7))}.json")
        client.get(f"/v1/companies/1{path.format(**ids)}.json")
    client.get(f"{COMPANY}/sites.json?page=99")
    drive_sites(client, f"{COMPANY}/sites/{ids['site_id']}")


def drive_sites(client: httpx.Client, site: str) -> None:
    """Change a site, and one that is not there; read its inventory from an id on."""
    for body in ({"image": "https://example.com/kiosk.png", "x": 1}, {}, {"image": 7}):
        client.put(f"{site}.json", json=body)
    for content_type, content in (("application/json", b"{"), ("text/plain", b"{}")):
        client.put(f"{site}.json", content=content, headers={"Content-Type": content_type})
    for path in (f"{COMPANY}/sites/7", "/v1/companies/1/sites/7"):
        client.put(f"{path}.json", json={"image": None})
    for query in ("page=1", "page=99", "start=3001", "start=x"):
        client.get(f"{site}/inventory.json?{query}", headers={"X-Page": "0"})


def paths_of_collections() -> list[str]:
    """Return the paths of the collections and of the menu below a company, as templates."""
    rules = ApiApp(lambda _: FakeKounta().world, body_bytes=1).url_map.iter_rules()
    groups = {"menu", *COLLECTIONS} - {"orders"}  # these have a drive of their own
    found = {str(one.rule) for one in rules if one.endpoint.partition(".")[0] in groups}
    return sorted(rule.partition("<company_id>")[2].replace("<", "{").replace(">", "}") for rule in found)


PATHS = paths_of_collections()
QUERIES = (
    *("", "?page=2", "?page=99", "?fields=unit_price,unit_tax,variants,option_sets,permissions&tag=&is_available=1"),
    "?name=flat&sku=FW-R&ids=3001,7&sold=x&fields=no",
)


def drive_other_company(client: httpx.Client) -> None:
    """Request each path below a company that is not the application's own."""
    other = "/v1/companies/1"
    for path in ("", "/customers", "/customers/1", "/customers/1/addresses", "/customers/1/addresses/2"):
        client.get(f"{other}{path}.json")
    for path in ("/customers/1/orders", "/webhooks", "/webhooks/1"):
        client.get(f"{other}{path}.json")
    for path, body in (("/customers", EVERY_FIELD), ("/webhooks", HOOK)):
        client.post(f"{other}{path}.json", json=body)
        client.put(f"{other}{path}/1.json", json=body)
        client.delete(f"{other}{path}/1.json")


def drive_lookups(client: httpx.Client) -> None:
    """Make look-ups of several kinds: incomplete, empty, and with several matches."""
    client.post(f"{CUSTOMERS}.json", json={"first_name": "Al", "phone": "1", "email": "jamie@example.com"})
    for query in (
        "email=jamie@example.com&mobile=0400",
        "email=jamie@example.com&email=x",
        "email=",
        "mobile=04-00",
        "first_name=Jamie&last_name=McDonald&phone=02+1",
        "first_name=Jamie&last_name=&phone=02+1",
    ):
        client.get(f"{CUSTOMERS}.json?{query}")


def drive_pages(client: httpx.Client, customer: int) -> None:
    """Fetch the pages of each list: by parameter, by both ways at once, and after the last."""
    lists = (CUSTOMERS, f"{CUSTOMERS}/{customer}/addresses", f"{CUSTOMERS}/{customer}/orders", HOOKS)
    for path in lists:
        for page in ("1", "2", "99"):
            client.get(f"{path}.json?page={page}", headers={"X-Page": "0"})


def drive_webhooks(client: httpx.Client) -> None:
    """Create, read and change webhooks."""
    client.get(f"{HOOKS}.json")
    for fields in ({}, {"filter": {"attributes": ["name"]}, "headers": {"X-A": "b"}}, {"topic": "x"}):
        client.post(f"{HOOKS}.json", json={**HOOK, **fields})
    filtered_topics = [("sites/updated", ["x"]), ("registers/updated", ["x"]), ("customers/created", ["name"])]
    for topic in ("tables/updated", "taxes/created"):
        for method, path in (("POST", ""), ("PUT", "/1")):
            client.request(method, f"{HOOKS}{path}.json", json={**HOOK, "topic": topic})
    for topic, attributes in (*filtered_topics, (UPDATED, ["x"])):
        for filtered in ({"attributes": attributes}, {"x": 1}):
            client.post(f"{HOOKS}.json", json={**HOOK, "topic": topic, "filter": filtered})
            client.put(f"{HOOKS}/1.json", json={"topic": topic, "filter": filtered})
    wrong: list[dict[str, Any]] = [{"address": "x"}, {"headers": {"X": "y"}}, {"topic": "y"}, {"format": ""}]
    for one in (*wrong, {"address": ""}):
        client.put(f"{HOOKS}/1.json", json=one)
        client.post(f"{HOOKS}.json", json={**HOOK, **one})
    client.get(f"{HOOKS}.json")
    for number in (1, 99):
        client.get(f"{HOOKS}/{number}.json")
        client.put(f"{HOOKS}/{number}.json", json={"format": "xml"})


def drive_bodies(client: httpx.Client) -> None:
    """Send bodies that are not JSON, or have another type."""
    for path in (CUSTOMERS, HOOKS):
        for content_type, body in (("application/json", b"{"), ("text/plain", b"{}")):
            headers = {"Content-Type": content_type}
            client.post(f"{path}.json", content=body, headers=headers)
            client.put(f"{path}/1.json", content=body, headers=headers)


def drive_removal(client: httpx.Client) -> None:
    """Delete existing and unknown webhooks."""
    for number in (1, 99):
        client.delete(f"{HOOKS}/{number}.json")


def drive_oauth(client: httpx.Client) -> None:
    """Use the authorize page and the token endpoint."""
    ours = {"client_id": "fake-client-id", "redirect_uri": "http://localhost/callback", "state": "s"}
    answer = client.get("/authorize", params={**ours, "response_type": "code"})
    client.get("/authorize", params=ours)
    client.get("/authorize", params={**ours, "redirect_uri": "http://localhost/"})
    client.get("/authorize")
    code = httpx.URL(answer.headers["Location"]).params["code"]
    for grant in (
        {"grant_type": "authorization_code", "code": code},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "fake-refresh-token"},
        {"grant_type": "client_credentials"},
        {"grant_type": "magic"},
    ):
        client.post("/v1/token", data=grant)
        client.post("/v1/token", data=grant, auth=("fake%2Dclient%2Did", "fake-client-secret"))
        client.post("/v1/token.json", json=grant)


# --- the quirks of operations -----------------------------------------------------------------------------------


def recorded() -> Mapping[str, set[Quirk]]:
    """Return the quirks that exchanges of each endpoint cover, under each alternative, without the general ones.

    Alternatives are tried by four, which takes a third of the time of one by one and gave the same quirks.
    """
    covered: dict[str, set[Quirk]] = defaultdict(set)
    seed = [{"id": 2**53, "first_name": "Kim", "phone": "1"}]
    settings: list[dict[str, Any]] = [{}, {"page_size": 25}, {"seed": seed}, {"rate_limit": {"basic": 10}}]
    runs = [(some, drive_under()) for some in settings]
    runs += [({"assumptions": some}, drive_under(next(iter(some)))) for some in alternatives_by(4)]
    for some, drive_of_run in runs:
        kounta = FakeKounta(**{"page_size": 1, "body_bytes": 100_000, **some})
        for endpoint, quirks in covered_by(kounta, drive_of_run):
            covered[endpoint] |= quirks
    return {endpoint: quirks - _general(endpoint) for endpoint, quirks in sorted(covered.items())}


def alternatives_by(count: int) -> Iterator[dict[str, str]]:
    """Yield choices of so many assumptions each, which one drive comes past, until each alternative was there."""
    alternatives = [(quirk.id, name) for quirk, names in CHOICES.items() for name in list(names)[1:]]
    for drive_of_these in (drive_shop, drive):
        these = [one for one in alternatives if drive_under(one[0]) is drive_of_these]
        rows = -(-len(these) // count)
        yield from (dict(these[row::rows]) for row in range(rows))


def _general(endpoint: str) -> set[Quirk]:
    return {*EVERYWHERE, *(() if OPERATIONS[endpoint].is_open else WITH_CREDENTIALS)}


def covered_by(kounta: FakeKounta, drive: Callable[[httpx.Client], None]) -> Iterator[tuple[str, set[Quirk]]]:
    """Return the endpoint of each exchange of a drive, and the quirks that it covered."""
    endpoint_of = endpoints(kounta)
    entries: list[Entry] = []
    kounta.observe(entries.append)
    with kounta.httpx_client() as client:
        client.auth = httpx.BasicAuth(*kounta.auth)
        fill_collections(kounta)
        drive(client)
        drive_methods(client, kounta)
        drive_empty_collections(client, kounta)
    for entry in entries:
        endpoint = endpoint_of(entry)
        if endpoint is not None:
            yield endpoint, set(entry.quirks)


def fill_collections(kounta: FakeKounta) -> None:
    """Add two records to each collection; the first has the id that examples have, and others refer to it."""
    for plural, collection in COLLECTIONS.items():
        handle: Any = kounta.collection(plural)
        example = bodies()[f"New{collection.titles}"]
        first = {**example, **LINKS.get(plural, {}), "id": collection.first_id}
        handle.add_documents([first, {**first, "id": 2**53}])


LINKS: Mapping[str, Mapping[str, Any]] = {
    "staff": {"is_admin": True},
    "registers": {"site_id": COLLECTIONS["sites"].first_id, "current_staff_member_id": COLLECTIONS["staff"].first_id},
    "tax_groups": {"tax_ids": [COLLECTIONS["taxes"].first_id]},
    "products": {
        "category_ids": [COLLECTIONS["categories"].first_id],
        "tax_ids": [COLLECTIONS["taxes"].first_id],
        "modifier_ids": [COLLECTIONS["products"].first_id],
        "option_sets": [{"id": 8_001, "name": "Size", "option_ids": [COLLECTIONS["products"].first_id]}],
        "variant_parent_id": COLLECTIONS["products"].first_id,
    },
}


def drive_empty_collections(client: httpx.Client, kounta: FakeKounta) -> None:
    """The list of each collection without records."""
    for plural, collection in COLLECTIONS.items():
        handle: Any = kounta.collection(plural)
        for one in handle:
            handle.remove(one.id)
        client.get(f"{COMPANY}/{collection.place}.json?page=1")


def drive_methods(client: httpx.Client, kounta: FakeKounta) -> None:
    """Send OPTIONS, HEAD and an unsupported method to each path that can be read."""
    for path, item in kounta.openapi()["paths"].items():
        if "get" in item and path.startswith("/v1/"):
            for method in ("OPTIONS", "HEAD", "PATCH", "DELETE"):
                client.request(method, path.replace("{company_id}", "5678").replace("{", "").replace("}", ""))


def endpoints(kounta: FakeKounta) -> Callable[[Entry], str | None]:
    """Return a function that names the endpoint of an exchange; OPTIONS, HEAD and unsupported methods count as GET."""
    document = Described(kounta.openapi())

    def endpoint_of(entry: Entry) -> str | None:
        item = document.document["paths"].get(document.template(entry.path), {})
        operation = item.get(entry.method.lower(), item.get("get"))
        if operation is None:
            return None
        return f"{operation['tags'][0]}.{operation['operationId'].removesuffix('_json')}"

    return endpoint_of


def recorded_module(covered: Mapping[str, set[Quirk]]) -> str:
    """Return the text of `fakekounta/openapi/recorded.py`."""
    lines = [
        '"""The quirks that the exchanges of each endpoint covered in a recorded run; `make docs` writes this."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "",
        "RECORDED: Mapping[str, tuple[str, ...]] = {",
    ]
    for endpoint, quirks in covered.items():
        lines += [f'    "{endpoint}": (', *(f'        "{quirk.slug}",' for quirk in Quirk if quirk in quirks), "    ),"]
    return "\n".join([*lines, "}", ""])
