"""A fake with data of each kind, for tests of the page's look and for the screenshots of the docs."""

from __future__ import annotations

from fakekounta import FakeKounta
from fakekounta.worlds.cafe_orders import cafe_with_orders

NAMES = (
    "Ada Lovelace",
    "Grace Hopper",
    "Zoë Müller",
    "李 娜",
    "Jean-Luc Moreau",
    "Aroha Ngata",
    "Siobhán O'Brien",
    "Noor Haddad",
)
LIST = "/v1/companies/me/customers"


def fill(kounta: FakeKounta) -> None:
    """Add customers, exchanges of many kinds, delivered and failed deliveries, and a namespace."""
    add_customers(kounta)
    open_cafe(kounta)
    subscribe(kounta)
    exchange(kounta)
    kounta.faults.lose_answer("POST", "/customers")
    kounta.faults.flaky(0.1, seed=7)
    kounta.faults.rate_limited("GET", "/customers/*", times=2)
    kounta.webhooks.deliver()
    kounta.namespace("worker-3").customers.add(first_name="Ada", phone="1")


def subscribe(kounta: FakeKounta) -> None:
    """Add a receiver on a closed port, and one on another machine."""
    kounta.webhooks.add("customers/created", "http://127.0.0.1:1/webhooks")
    kounta.webhooks.add("customers/updated", "http://hooks.example.com/kounta", headers={"X-Api-Key": "secret"})


def add_customers(kounta: FakeKounta) -> None:
    for index, name in enumerate(NAMES):
        first_name, _, last_name = name.partition(" ")
        kounta.customers.add(
            first_name=first_name,
            last_name=last_name,
            email=f"{index + 1}@example.com",
            mobile=f"0412 345 67{index}",
            tags=["loyal", "vip"][: index % 3],
            reference_id=f"LOYALTY-{index + 1}",
        )


def open_cafe(kounta: FakeKounta) -> None:
    """Add the sites, the menu and the orders of the café, for the customers that are there."""
    for plural, documents in cafe_with_orders().items():
        if plural != "customers":
            kounta.collection(plural).add_documents(documents)


def exchange(kounta: FakeKounta) -> None:
    session = kounta.requests_session()
    session.auth = kounta.auth
    jamie = {"first_name": "Jamie", "email": "jamie@example.com", "mobile": "0498 765 432", "points": 7}
    session.post(f"{kounta.url}{LIST}.json", json=jamie)
    session.get(f"{kounta.url}{LIST}.json", params={"email": "Jamie@Example.com"})
    session.post(f"{kounta.url}{LIST}.json", json={"first_name": "Kim", "mobile": "0498 765 432"})
    session.get(f"{kounta.url}{LIST}", headers={"Accept": "text/html"})
    session.get(f"{kounta.url}{LIST}.json", params={"limit": "2"})
    session.put(f"{kounta.url}{LIST}/389427.json", json={"last_name": "King"})
    session.get(f"{kounta.url}{LIST}/1.json")
