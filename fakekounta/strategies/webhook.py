"""Strategies for the bodies of webhooks."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fakekounta.core.webhooks import ATTRIBUTES, CREATED, DELETED, FIELDS, FORMATS, TOPICS, UPDATED
from fakekounta.strategies.parts import ABSENT, Body, Strategy, given_parts, part, present, shown, sometimes

# Hosts that are reserved for documentation: nobody listens there.
_HOSTS = ("example.com", "a.example", "EXAMPLE.COM", "192.0.2.1", "[2001:db8::1]", "xn--bcher-kva.example", "x" * 63)
ADDRESSES = st.builds(
    "{}://{}{}{}".format,
    st.sampled_from(("https", "http", "HTTPS")),
    st.sampled_from(_HOSTS),
    st.sampled_from(("", ":1", ":80", ":443", ":8443", ":65535")),
    st.sampled_from(("/kounta", "", "/", "/a%20b", "/?shop=7&x=[1]", "?x=1", "/#here", "/" + "x" * 2_000)),
)
_HEADER_NAMES = ("Authorization", "X-Shop", "X-Token", "X-", "X-!#$%&'*+.^_`|~0", "X-Kount", "X-" + "y" * 60)
_HEADER_VALUES = st.one_of(
    st.sampled_from(("Bearer abc", "", "7", " ", "a\tb", "Basic YTpi", "x" * 1_000)),
    st.text("".join(map(chr, range(0x20, 0x7F))) + "\t", max_size=40),
)
_ANY_CASE = st.dictionaries(st.sampled_from(_HEADER_NAMES), _HEADER_VALUES, max_size=4)
_HEADERS = st.one_of(_ANY_CASE, _ANY_CASE.map(lambda headers: {name.lower(): text for name, text in headers.items()}))
_SITE_IDS = st.lists(st.sampled_from((1, 2, 985, 2**53, "985")), max_size=3)
_ATTRIBUTES = st.one_of(
    st.sampled_from((("name",), tuple(ATTRIBUTES), tuple(reversed(tuple(ATTRIBUTES))))),
    st.lists(st.sampled_from(tuple(ATTRIBUTES)), max_size=4),
)


def webhook_filters(*, topic: str = UPDATED, attributes: Any = ..., site_ids: Any = ...) -> st.SearchStrategy[Body]:
    """Return a strategy for filters that a webhook of this topic can have (W07 to W09): `{}`, null and empty ones, too.

    Attributes are drawn for `customers/updated` only (W16).
    """
    chosen = _ATTRIBUTES if topic == UPDATED else st.just(())
    whole = _filters(part(attributes, sometimes(chosen.map(list), None)), part(site_ids, sometimes(_SITE_IDS, None)))
    return shown("webhook_filters", {"topic": topic, "attributes": attributes, "site_ids": site_ids}, whole)


@st.composite
def _filters(draw: st.DrawFn, attributes: Strategy, site_ids: Strategy) -> Body:
    return present({"attributes": draw(attributes), "site_ids": draw(site_ids)})


_FILTERS = {topic: sometimes(webhook_filters(topic=topic), None) for topic in TOPICS}
_DEFAULTS: dict[str, Strategy] = {
    "topic": st.one_of(st.sampled_from((CREATED, UPDATED, DELETED)), st.sampled_from(TOPICS)),
    "address": ADDRESSES,
    "format": sometimes(st.sampled_from(FORMATS), None),
    "headers": sometimes(_HEADERS, None),
}


def webhooks(**parts: Any) -> st.SearchStrategy[Body]:
    """Return a strategy for bodies that a POST and `kounta.webhooks.add(**body)` accept: all topics, filters, headers.

    Nobody listens at the drawn addresses; give the address of your receiver as `address`. Keywords are `topic address
    format filter headers`; raises TypeError for others.
    """
    given = given_parts("webhooks", parts, FIELDS)
    whole = _webhooks({name: part(given.get(name, ...), _DEFAULTS.get(name, st.just(...))) for name in FIELDS})
    return shown("webhooks", parts, whole)


@st.composite
def _webhooks(draw: st.DrawFn, parts: dict[str, Strategy]) -> Body:
    body = {name: draw(strategy) for name, strategy in parts.items()}
    if body["filter"] is ...:
        body["filter"] = draw(_FILTERS.get(body["topic"], st.just(ABSENT)))
    return present(body)
