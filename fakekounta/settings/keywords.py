"""Types of keyword arguments, for editors and type checkers. `make docs` writes this file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict

from fakekounta.catalogue.assumptions import Assumptions
from fakekounta.catalogue.quirks import Quirk
from fakekounta.core.applications import Application
from fakekounta.core.company import CompanyProfile
from fakekounta.core.deliveries import Disturbances, Schedule
from fakekounta.core.faults import Fault
from fakekounta.core.rate_limit import RequestsPerMinute
from fakekounta.settings.kinds import Mode


class AddressFields(TypedDict, total=False):
    """Parts of an address."""

    address: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class CustomerChanges(TypedDict, total=False):
    """The keywords of `customers.change`: fields of a customer."""

    first_name: str | None
    last_name: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    image: str | None
    tags: Sequence[str] | None
    primary_address: AddressFields | Mapping[str, Any] | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    reference_id: str | None
    accepts_marketing: bool | None


class _RequiredOfCustomers(TypedDict):
    """Required fields of a new customer."""

    first_name: str


class NewCustomer(_RequiredOfCustomers, total=False):
    """The keywords of `customers.add`: fields of a new customer; one of email, phone, mobile is required."""

    last_name: str | None
    email: str | None
    phone: str | None
    mobile: str | None
    image: str | None
    tags: Sequence[str] | None
    primary_address: AddressFields | Mapping[str, Any] | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    reference_id: str | None
    accepts_marketing: bool | None
    id: int
    reference_ids: Mapping[str, str]


class SiteChanges(TypedDict, total=False):
    """The keywords of `sites.change`."""

    name: str | None
    code: str | None
    contact_person: Mapping[str, Any] | None
    business_number: str | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    postal_address: AddressFields | Mapping[str, Any] | None
    email: str | None
    mobile: str | None
    phone: str | None
    fax: str | None
    location: Mapping[str, Any] | None
    image: str | None
    website: str | None
    register_level_reconciliation: bool | None
    price_list: Mapping[str, Any] | None
    status: str | None
    online_ordering: str | None
    pass_thru_printing_register: str | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class _RequiredOfNewSite(TypedDict):
    """The keys that are required."""

    name: str


class NewSite(_RequiredOfNewSite, total=False):
    """The keywords of `sites.add`."""

    id: int
    code: str | None
    contact_person: Mapping[str, Any] | None
    business_number: str | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    postal_address: AddressFields | Mapping[str, Any] | None
    email: str | None
    mobile: str | None
    phone: str | None
    fax: str | None
    location: Mapping[str, Any] | None
    image: str | None
    website: str | None
    register_level_reconciliation: bool | None
    price_list: Mapping[str, Any] | None
    status: str | None
    online_ordering: str | None
    pass_thru_printing_register: str | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class StaffMemberChanges(TypedDict, total=False):
    """The keywords of `staff.change`."""

    first_name: str | None
    last_name: str | None
    is_admin: bool | None
    primary_email_address: str | None
    email_addresses: Sequence[str] | None
    phone: str | None
    mobile: str | None
    fax: str | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    postal_address: AddressFields | Mapping[str, Any] | None
    permissions: Sequence[Mapping[str, Any]] | None
    image: str | None
    site_ids: Sequence[int] | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class _RequiredOfNewStaffMember(TypedDict):
    """The keys that are required."""

    first_name: str


class NewStaffMember(_RequiredOfNewStaffMember, total=False):
    """The keywords of `staff.add`."""

    id: int
    last_name: str | None
    is_admin: bool | None
    primary_email_address: str | None
    email_addresses: Sequence[str] | None
    phone: str | None
    mobile: str | None
    fax: str | None
    shipping_address: AddressFields | Mapping[str, Any] | None
    postal_address: AddressFields | Mapping[str, Any] | None
    permissions: Sequence[Mapping[str, Any]] | None
    image: str | None
    site_ids: Sequence[int] | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class RegisterChanges(TypedDict, total=False):
    """The keywords of `registers.change`."""

    name: str | None
    code: str | None
    site_id: int | None
    current_staff_member_id: int | None
    sale_prefix: str | None
    return_prefix: str | None
    assigned_to_device: bool | None


class _RequiredOfNewRegister(TypedDict):
    """The keys that are required."""

    name: str


class NewRegister(_RequiredOfNewRegister, total=False):
    """The keywords of `registers.add`."""

    id: int
    code: str | None
    site_id: int | None
    current_staff_member_id: int | None
    sale_prefix: str | None
    return_prefix: str | None
    assigned_to_device: bool | None


class TaxChanges(TypedDict, total=False):
    """The keywords of `taxes.change`."""

    code: str | None
    name: str | None
    rate: Decimal | float | None


class _RequiredOfNewTax(TypedDict):
    """The keys that are required."""

    name: str
    rate: Decimal | float


class NewTax(_RequiredOfNewTax, total=False):
    """The keywords of `taxes.add`."""

    id: int
    code: str | None


class TaxGroupChanges(TypedDict, total=False):
    """The keywords of `tax_groups.change`."""

    code: str | None
    name: str | None
    tax_ids: Sequence[int] | None


class _RequiredOfNewTaxGroup(TypedDict):
    """The keys that are required."""

    name: str


class NewTaxGroup(_RequiredOfNewTaxGroup, total=False):
    """The keywords of `tax_groups.add`."""

    id: int
    code: str | None
    tax_ids: Sequence[int] | None


class PaymentMethodChanges(TypedDict, total=False):
    """The keywords of `payment_methods.change`."""

    name: str | None
    ledger_code: str | None
    client_id: str | None


class _RequiredOfNewPaymentMethod(TypedDict):
    """The keys that are required."""

    name: str


class NewPaymentMethod(_RequiredOfNewPaymentMethod, total=False):
    """The keywords of `payment_methods.add`."""

    id: int
    ledger_code: str | None
    client_id: str | None


class CategoryChanges(TypedDict, total=False):
    """The keywords of `categories.change`."""

    name: str | None
    description: str | None
    image: str | None
    show_online: bool | None
    friendly_name: str | None
    site_ids: Sequence[int] | None


class _RequiredOfNewCategory(TypedDict):
    """The keys that are required."""

    name: str


class NewCategory(_RequiredOfNewCategory, total=False):
    """The keywords of `categories.add`."""

    id: int
    description: str | None
    image: str | None
    show_online: bool | None
    friendly_name: str | None
    site_ids: Sequence[int] | None


class ProductChanges(TypedDict, total=False):
    """The keywords of `products.change`."""

    name: str | None
    unit_price: Decimal | float | None
    code: str | None
    number: str | None
    sku: str | None
    barcode: str | None
    description: str | None
    online_description: str | None
    friendly_name: str | None
    docket_name: str | None
    image: str | None
    tags: Sequence[str] | None
    category_ids: Sequence[int] | None
    is_modifier: bool | None
    modifier_ids: Sequence[int] | None
    option_sets: Sequence[Mapping[str, Any]] | None
    variant_parent_id: int | None
    is_sold: bool | None
    is_purchased: bool | None
    is_inventoried: bool | None
    top_seller: bool | None
    unit_of_measure: str | None
    show_online: bool | None
    deleted: bool | None
    cost_price: Decimal | float | None
    tax_ids: Sequence[int] | None
    sites: Sequence[Mapping[str, Any]] | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class _RequiredOfNewProduct(TypedDict):
    """The keys that are required."""

    name: str


class NewProduct(_RequiredOfNewProduct, total=False):
    """The keywords of `products.add`."""

    id: int
    unit_price: Decimal | float | None
    code: str | None
    number: str | None
    sku: str | None
    barcode: str | None
    description: str | None
    online_description: str | None
    friendly_name: str | None
    docket_name: str | None
    image: str | None
    tags: Sequence[str] | None
    category_ids: Sequence[int] | None
    is_modifier: bool | None
    modifier_ids: Sequence[int] | None
    option_sets: Sequence[Mapping[str, Any]] | None
    variant_parent_id: int | None
    is_sold: bool | None
    is_purchased: bool | None
    is_inventoried: bool | None
    top_seller: bool | None
    unit_of_measure: str | None
    show_online: bool | None
    deleted: bool | None
    cost_price: Decimal | float | None
    tax_ids: Sequence[int] | None
    sites: Sequence[Mapping[str, Any]] | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class OrderChanges(TypedDict, total=False):
    """The keywords of `orders.change`."""

    sale_number: str | None
    status: str | None
    notes: str | None
    guests: int | None
    order_type: str | None
    total: Decimal | float | None
    total_tax: Decimal | float | None
    paid: Decimal | float | None
    tips: Decimal | float | None
    register_id: int | None
    site_id: int | None
    staff_member_id: int | None
    customer_id: int | None
    lines: Sequence[Mapping[str, Any]] | None
    price_variation: Decimal | float | None
    price_fixed_variation: Decimal | float | None
    payments: Sequence[Mapping[str, Any]] | None
    order_payment_type: str | None
    callback_uri: str | None
    client_id: str | None
    acts: Sequence[Mapping[str, Any]] | None
    lock: Sequence[str] | None
    placed_at: datetime | str | None
    fulfil_at: datetime | str | None
    group_id: int | None
    refunded_order_id: int | None
    deleted: bool | None
    complete_when_paid: bool | None
    listed_from: datetime | str | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class NewOrder(TypedDict, total=False):
    """The keywords of `orders.add`."""

    id: int
    sale_number: str | None
    status: str | None
    notes: str | None
    guests: int | None
    order_type: str | None
    total: Decimal | float | None
    total_tax: Decimal | float | None
    paid: Decimal | float | None
    tips: Decimal | float | None
    register_id: int | None
    site_id: int | None
    staff_member_id: int | None
    customer_id: int | None
    lines: Sequence[Mapping[str, Any]] | None
    price_variation: Decimal | float | None
    price_fixed_variation: Decimal | float | None
    payments: Sequence[Mapping[str, Any]] | None
    order_payment_type: str | None
    callback_uri: str | None
    client_id: str | None
    acts: Sequence[Mapping[str, Any]] | None
    lock: Sequence[str] | None
    placed_at: datetime | str | None
    fulfil_at: datetime | str | None
    group_id: int | None
    refunded_order_id: int | None
    deleted: bool | None
    complete_when_paid: bool | None
    listed_from: datetime | str | None
    created_at: datetime | str | None
    updated_at: datetime | str | None


class WebhookFields(TypedDict, total=False):
    """Further keywords of `webhooks.add`."""

    format: str
    filter: Mapping[str, Any]
    headers: Mapping[str, str]


class ExchangeFields(TypedDict, total=False):
    """Further keywords of `requests.find`."""

    json: Any
    includes: Any
    query: Mapping[str, Any] | None
    status: int | str | None
    client_id: str | None
    quirk: Quirk | str | None


class SlowFields(TypedDict, total=False):
    """Further keywords of `faults.slow`."""

    client_id: str | None
    company_id: int | None
    since: datetime | str | float | None
    until: datetime | str | float | None
    nth: int | None
    every: int | None
    probability: float | None
    seed: int | None
    times: int | None
    status: int | None
    headers: Mapping[str, str] | None
    body: Any | None
    rate_limited: bool | None
    token_expired: bool | None
    connection: str | None
    handshake: str | None
    drip_seconds: float | None
    after_change: bool | None
    clock: bool | None
    disabled: bool | None


class CutFields(TypedDict, total=False):
    """Further keywords of `faults.cut`."""

    client_id: str | None
    company_id: int | None
    since: datetime | str | float | None
    until: datetime | str | float | None
    nth: int | None
    every: int | None
    probability: float | None
    seed: int | None
    times: int | None
    status: int | None
    headers: Mapping[str, str] | None
    body: Any | None
    rate_limited: bool | None
    token_expired: bool | None
    handshake: str | None
    drip_seconds: float | None
    after_change: bool | None
    latency_seconds: float | Sequence[float] | None
    clock: bool | None
    disabled: bool | None


class HandshakeFields(TypedDict, total=False):
    """Further keywords of `faults.cut_handshake`."""

    since: datetime | str | float | None
    until: datetime | str | float | None
    nth: int | None
    every: int | None
    probability: float | None
    seed: int | None
    times: int | None
    disabled: bool | None


class FlakyFields(TypedDict, total=False):
    """Further keywords of `faults.flaky`."""

    client_id: str | None
    company_id: int | None
    since: datetime | str | float | None
    until: datetime | str | float | None
    nth: int | None
    every: int | None
    times: int | None
    status: int | None
    headers: Mapping[str, str] | None
    body: Any | None
    rate_limited: bool | None
    token_expired: bool | None
    connection: str | None
    handshake: str | None
    drip_seconds: float | None
    after_change: bool | None
    latency_seconds: float | Sequence[float] | None
    clock: bool | None
    disabled: bool | None


class OtherFaultFields(FlakyFields, total=False):
    """Further keywords of the other methods for common faults."""

    probability: float | None
    seed: int | None


class FaultFields(OtherFaultFields, total=False):
    """The keywords of `faults.add`: fields of a rule, which docs/faults.md describes."""

    method: str | Sequence[str] | None
    path: str | None


class _RequiredOfCompanyFields(TypedDict):
    """The keys that are required."""

    id: int


class CompanyFields(_RequiredOfCompanyFields, total=False):
    """A company."""

    name: str
    timezone: str


class _RequiredOfApplicationFields(TypedDict):
    """The keys that are required."""

    client_id: str
    client_secret: str


class ApplicationFields(_RequiredOfApplicationFields, total=False):
    """An application."""

    company_id: int
    signature_token: str
    access_token: str | None
    refresh_token: str | None
    redirect_uris: Sequence[str]
    any_redirect_uri: bool


class RateLimitFields(TypedDict, total=False):
    """The limits of requests a minute."""

    basic: int
    oauth: int


class ScheduleFields(TypedDict, total=False):
    """The schedule of attempts to deliver."""

    minutes: Sequence[float]
    timeout_seconds: float


class DisturbanceFields(TypedDict, total=False):
    """The disturbances of deliveries."""

    duplicate: float
    reorder: float
    drop: float
    delay: float
    delay_seconds: float
    seed: int


class WorldSettings(TypedDict, total=False):
    """Settings of a world: the keywords of `fresh()` and of the pytest marker."""

    companies: Sequence[CompanyFields | Mapping[str, Any] | CompanyProfile]
    """Further companies; one with the id of the default company replaces it."""
    applications: Sequence[ApplicationFields | Mapping[str, Any] | Application]
    """Further applications; one with the client id of the default application replaces it."""
    redirect_uris: Sequence[str]
    """Further redirect URIs of the default application (O03)."""
    assumptions: Mapping[str, str] | Assumptions
    """Choices of behaviour where the real API is unknown, such as A01=customer."""
    page_size: int
    """Items a page (P01)."""
    rate_limit: bool | RateLimitFields | Mapping[str, int] | RequestsPerMinute | None
    """Limit requests a minute as documented (R01); in Python and files also the limits for basic and oauth."""
    open_auth: bool
    """Accept any credentials; each client id becomes an application."""
    webhook_mode: Mode
    """How deliveries are made: by threads, before the call returns, or only on request."""
    webhook_schedule: ScheduleFields | Mapping[str, Any] | Schedule
    """When a delivery is tried, in minutes after the event, and how many seconds a receiver may take (W12)."""
    webhook_disturbances: DisturbanceFields | Mapping[str, Any] | Disturbances
    """Disturbances of deliveries: probabilities duplicate, reorder, drop, delay (0 to 1); delay_seconds; seed."""
    allow_webhook_hosts: Sequence[str]
    """Further hosts that get deliveries, besides this machine."""
    seed: Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Mapping[str, Any]]]
    """The customers of a new world, or lists by kind, such as of sites."""
    seed_file: str | Path | None
    """File with the seed: a JSON array of customers, JSON Lines, or an object of arrays, such as of sites."""
    cafe: bool
    """Begin with a café in the default company: sites, staff, registers, taxes, a menu, customers, orders."""
    faults: Sequence[FaultFields | Mapping[str, Any] | Fault]
    """Fault rules of a new world."""


class KountaSettings(WorldSettings, total=False):
    """Settings of a fake: the keywords of `FakeKounta`."""

    host: str
    """Address to bind; beyond the loopback everybody on the network can use the fake."""
    port: int
    """Port to bind; 0 takes a free one."""
    allow_hosts: Sequence[str]
    """Further host names that are accepted, with their web pages, such as the name of a container (K07, K08)."""
    public_url: str | None
    """Origin of all URLs in responses, such as https://kounta.test behind a proxy; its host is allowed."""
    trust_proxy: bool
    """Use X-Forwarded-Proto and X-Forwarded-Host, which one proxy in front sets, for URLs in responses."""
    control_token: str | None
    """Token that callers of the control surface must send."""
    body_bytes: int
    """Largest body of a request, in bytes (T17)."""
    tls: bool
    """Serve TLS as well on the same port; needs trustme (`fakekounta[intercept]`)."""
    tls_names: Sequence[str]
    """Further names in the certificate, which are accepted as Host, too (K07)."""
    proxy_pass_through: bool
    """As a proxy, let clients through to other hosts than Kounta's by CONNECT; on a loopback address only."""
    ca_file: str | Path | None
    """File to write the certificate to that clients have to trust."""
    tls_dir: str | Path | None
    """Folder that keeps the CA and its key for the next start; without it, no key is ever on disk."""
    tls_cert: str | Path | None
    """Your own certificate, with its chain, in PEM; needs tls_key."""
    tls_key: str | Path | None
    """The key of your own certificate, in PEM, without a passphrase."""


class MarkerSettings(WorldSettings, total=False):
    """Keys of the pytest marker."""

    allow_unmodelled: bool
