"""Use of the generated client."""

from __future__ import annotations

from http import HTTPStatus
from importlib import import_module
from typing import Any

from fakekounta import FakeKounta
from fakekounta.settings.settings import DEFAULT_APPLICATION

COMPANY = "5678"


class Generated:
    """The client that was generated under this name."""

    def __init__(self, package: str) -> None:
        self._package = package

    def _module(self, name: str) -> Any:
        return import_module(f"{self._package}.{name}")

    def model(self, name: str, **fields: Any) -> Any:
        """Return a body, by the name of its schema."""
        return getattr(self._module("models"), name)(**fields)

    def use(self, kounta: FakeKounta, url: str) -> None:
        """List, get, create, change, subscribe, fetch a token; each response is read into its model."""
        kounta.customers.add(first_name="Kim", phone="1", primary_address={"city": "Exampleton"})
        token = DEFAULT_APPLICATION.access_token
        with self._module("client").AuthenticatedClient(base_url=url, token=token) as client:
            for extension in ("", "_json"):
                use = _Use(self, client, extension)
                use.customers()
                use.webhooks()
                use.tokens()


class _Use:
    def __init__(self, generated: Generated, client: Any, extension: str) -> None:
        self._generated = generated
        self._extension = extension
        self._client = client

    def _ask(self, name: str, *path: Any, status: int = HTTPStatus.OK, **given: Any) -> Any:
        tag, _, operation = name.partition(".")
        module = self._generated._module(f"api.{tag}.{operation}{self._extension}")
        answer = module.sync_detailed(*path, client=self._client, **given)
        assert answer.status_code == status, f"{name}: {answer.status_code} {answer.content!r}"
        return answer.parsed

    def customers(self) -> None:
        """Create, find, change and list a customer."""
        email = f"jamie{self._extension}@example.com"
        address = self._generated.model("SentAddress", city="Melbourne", country="AU")
        new = self._generated.model("NewCustomer", first_name="Jamie", email=email, primary_address=address)
        self._ask("customers.create_customer", COMPANY, body=new, status=HTTPStatus.CREATED)
        found = next(one for one in self._page() if one.primary_email_address == email)
        assert self._ask("customers.get_customer", COMPANY, found.id).primary_address.city == "Melbourne"
        changes = self._generated.model("CustomerChanges", last_name="Macdonald", tags=["vip"])
        changed = self._ask("customers.change_customer", COMPANY, found.id, body=changes)
        assert (changed.first_name, changed.last_name, changed.tags) == ("Jamie", "Macdonald", ["vip"])
        address = self._ask("customers.list_addresses", COMPANY, found.id)[0]
        assert self._ask("customers.get_address", COMPANY, found.id, address.id) == address
        assert self._ask("orders.list_orders_of_customer", COMPANY, found.id) == []
        assert self._ask("companies.get_company", COMPANY).name == "Fake Kounta Cafe"

    def _page(self) -> Any:
        return self._ask("customers.list_customers", COMPANY)

    def webhooks(self) -> None:
        """Create, read, change and delete a webhook."""
        address = "http://127.0.0.1:9/"
        sent_filter = self._generated.model("SentFilter", attributes=["email"], site_ids=[1])
        topic = self._generated._module("models").NewWebhookTopic("customers/updated")
        new = self._generated.model("NewWebhook", topic=topic, address=address, filter_=sent_filter)
        self._ask("webhooks.create_webhook", COMPANY, body=new, status=HTTPStatus.CREATED)
        webhook = self._ask("webhooks.list_webhooks", COMPANY)[-1]
        assert (webhook.address, webhook.filter_["attributes"]) == (address, ["email"])
        changes = self._generated.model("WebhookChanges", address=f"{address}new")
        assert self._ask("webhooks.change_webhook", COMPANY, webhook.id, body=changes).address == f"{address}new"
        assert self._ask("webhooks.get_webhook", COMPANY, webhook.id).address == f"{address}new"
        self._ask("webhooks.delete_webhook", COMPANY, webhook.id, status=HTTPStatus.NO_CONTENT)

    def tokens(self) -> None:
        """Fetch tokens by a form and by JSON."""
        pair = {"client_id": DEFAULT_APPLICATION.client_id, "client_secret": DEFAULT_APPLICATION.client_secret}
        for name in ("TokenForm", "TokenJson"):
            grant = getattr(self._generated._module("models"), f"{name}GrantType")("client_credentials")
            tokens = self._ask("oauth.token", body=self._generated.model(name, grant_type=grant, **pair))
            assert len(tokens.access_token) == 40
