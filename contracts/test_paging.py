"""Pages of lists, on a list of 27: the customers that share a new reference id."""

from __future__ import annotations

import httpx
import pytest

from contracts.arranging import precondition
from contracts.expecting import expect, expect_header, expect_no_header, expect_status
from contracts.forms import expected_extension
from contracts.lists import pages
from contracts.samples import new_reference_id
from contracts.target import KountaTarget

NUMBER = 27


@pytest.fixture
def reference_id(target: KountaTarget, lists_of_live_targets: dict[str, str]) -> str:
    """Return the reference id that 27 customers share; on a live server they are created once."""
    known = lists_of_live_targets.get(target.url) if target.kind == "live" else None
    if known is None:
        known = new_reference_id()
        target.add_customer()  # one more in the list of all, so that a missing filter is noticed
        for _ in range(NUMBER):
            target.add_customer(reference_id=known)
        if target.kind == "live":
            lists_of_live_targets[target.url] = known
    return known


@pytest.fixture(scope="session")
def lists_of_live_targets() -> dict[str, str]:
    return {}


@pytest.fixture
def lengths(target: KountaTarget, reference_id: str) -> list[int]:
    """Return the number of items on each page of the 27, by the length of the first (P01)."""
    first = len(ids(target.find(reference_id=reference_id)))
    if first >= NUMBER:
        target.not_provable(f"{NUMBER} customers are on one page (P01)")
    return [min(first, NUMBER - start) for start in range(0, NUMBER, first)]


def ids(answer: httpx.Response) -> list[int]:
    precondition(answer.status_code == 200, "C02", answer)
    precondition(isinstance(answer.json(), list), "T05", answer)
    return [item["id"] for item in answer.json()]


def page(target: KountaTarget, reference_id: str, number: str) -> httpx.Response:
    """Return the page of the list that X-Page names."""
    return target.find_with({"X-Page": number}, reference_id=reference_id)


@pytest.mark.quirk("P01")
def test_a_page_has_25_items(target: KountaTarget, reference_id: str) -> None:
    """Of 27 items the first page has 25 and the second 2."""
    assert len(ids(target.find(reference_id=reference_id))) == 25
    assert len(ids(page(target, reference_id, "1"))) == 2


@pytest.mark.quirk("P01")
def test_a_page_of_the_whole_list_has_25_items(target: KountaTarget, reference_id: str) -> None:
    """The first page of the list of all customers has 25 items, too."""
    assert len(ids(target.find())) == 25


@pytest.mark.quirk("P02")
def test_x_pages_is_the_number_of_pages(target: KountaTarget, reference_id: str, lengths: list[int]) -> None:
    """Every page of the 27 items has the number of pages."""
    for number in range(len(lengths)):
        expect_header(page(target, reference_id, str(number)), "X-Pages", str(len(lengths)))


@pytest.mark.quirk("P02")
def test_x_page_counts_from_0(target: KountaTarget, reference_id: str, lengths: list[int]) -> None:
    """X-Page 0 equals none; all pages together have each item of the list once."""
    whole = ids(page(target, reference_id, "0"))
    assert whole == ids(target.find(reference_id=reference_id))
    for number in range(1, len(lengths)):
        whole += ids(page(target, reference_id, str(number)))
    assert len(whole) == len(set(whole)) == NUMBER


@pytest.mark.quirk("P03")
def test_x_next_page_leads_to_the_next_page(target: KountaTarget, reference_id: str, lengths: list[int]) -> None:
    """Following X-Next-Page gives each item once, and ends."""
    answers = list(pages(target, target.find(reference_id=reference_id)))
    assert [len(ids(answer)) for answer in answers] == lengths
    assert len({customer for answer in answers for customer in ids(answer)}) == NUMBER


@pytest.mark.quirk("P03")
@pytest.mark.usefixtures("lengths")
def test_x_next_page_keeps_the_query(target: KountaTarget, reference_id: str) -> None:
    """X-Next-Page is an absolute URL of the same list and query, with the number of the next page."""
    answer = target.get(f"{target.customers}?reference_id={reference_id}&colour=sky+blue&page=1")
    url = httpx.URL(answer.headers["X-Next-Page"])
    path = target.customers + expected_extension(target.chosen, "")
    assert str(url).startswith(f"{target.url}{path}?")
    expected = {"reference_id": reference_id, "colour": "sky blue", "page": "2"}
    assert sorted(url.params.multi_items()) == sorted(expected.items())


@pytest.mark.quirk("P03")
@pytest.mark.parametrize("past", [0, 1, 899])
def test_the_last_page_has_no_next(target: KountaTarget, reference_id: str, past: int, lengths: list[int]) -> None:
    """X-Next-Page is absent on the last page and on those after it."""
    expect_no_header(page(target, reference_id, str(len(lengths) - 1 + past)), "X-Next-Page")


@pytest.mark.quirk("P03")
def test_a_list_of_one_page_has_no_next(target: KountaTarget) -> None:
    """X-Next-Page is absent if there is only one page."""
    target.add_customer(reference_id=(reference_id := new_reference_id()))
    expect_no_header(target.find(reference_id=reference_id), "X-Next-Page")


@pytest.mark.quirk("P04")
def test_page_counts_from_1(target: KountaTarget, reference_id: str) -> None:
    """`page=1` equals `X-Page: 0`, `page=2` equals `X-Page: 1`."""
    for number in (1, 2):
        by_query = target.find(reference_id=reference_id, page=number)
        assert ids(by_query) == ids(page(target, reference_id, str(number - 1)))


@pytest.mark.quirk("P04")
def test_page_works_with_the_extension(target: KountaTarget, reference_id: str, lengths: list[int]) -> None:
    """`page` works on a path with .json, too."""
    path = f"{target.customers}.json?reference_id={reference_id}&page=2"
    assert len(ids(target.get(path, headers={"Accept": None}))) == lengths[1]


@pytest.mark.quirk("P05")
@pytest.mark.parametrize("number", ["3", "900", "1" + "0" * 30])
def test_past_the_end_is_an_empty_array(target: KountaTarget, reference_id: str, number: str) -> None:
    """A page after the last one is 200 with []."""
    for answer in (target.find(reference_id=reference_id, page=number), page(target, reference_id, number)):
        expect_status(answer, 200)
        assert ids(answer) == []


@pytest.mark.quirk("P05")
@pytest.mark.parametrize("number", ["abc", "", "1.5", "two", "1e1", "0x2"])
def test_a_page_without_a_number_is_the_first(target: KountaTarget, reference_id: str, number: str) -> None:
    """A page that is not a number, in query or header, is the first page."""
    first = ids(target.find(reference_id=reference_id))
    assert ids(target.find(reference_id=reference_id, page=number)) == first
    assert ids(page(target, reference_id, number)) == first


@pytest.mark.quirk("P06")
def test_an_empty_list_has_one_page(target: KountaTarget) -> None:
    """`X-Pages` of an empty list is 1, or 0, if that is expected."""
    answer = target.find(reference_id=new_reference_id())
    assert ids(answer) == []
    expect_header(answer, "X-Pages", target.chosen["P06"])


@pytest.mark.quirk("P07")
@pytest.mark.usefixtures("lengths")
def test_the_parameter_outranks_the_header(target: KountaTarget, reference_id: str) -> None:
    """`page=1` with `X-Page: 1` is the first page, `page=2` with `X-Page: 0` the second."""
    for number, header in ((1, "1"), (2, "0")):
        answer = target.find_with({"X-Page": header}, reference_id=reference_id, page=number)
        assert ids(answer) == ids(target.find(reference_id=reference_id, page=number))


@pytest.mark.quirk("A03")
@pytest.mark.usefixtures("lengths")
@pytest.mark.parametrize("extension", ["", ".json"])
def test_x_next_page_has_the_extension_of_the_request(target: KountaTarget, reference_id: str, extension: str) -> None:
    """The path in X-Next-Page ends with .json if and only if the request's did; or always, or never, if expected."""
    answer = target.get(f"{target.customers}{extension}?reference_id={reference_id}")
    precondition("X-Next-Page" in answer.headers, "P03", answer)
    path = target.customers + expected_extension(target.chosen, extension)
    expect(httpx.URL(answer.headers["X-Next-Page"]).path, path, "header X-Next-Page")


@pytest.mark.quirk("T20")
@pytest.mark.usefixtures("lengths")
def test_first_of_a_repeated_page_counts(target: KountaTarget, reference_id: str) -> None:
    """Of two `page` parameters in one query, the first counts."""
    answer = target.get(f"{target.customers}?reference_id={reference_id}&page=2&page=1")
    assert ids(answer) == ids(target.find(reference_id=reference_id, page=2))
