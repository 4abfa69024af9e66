"""Strategies for the texts of a customer: names, emails, phone numbers, tags and reference ids."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from fakekounta.strategies.alphabets import LETTERS, LOCAL_PARTS
from fakekounta.strategies.parts import Strategy, part, shown

# A failing example shrinks to the first of each.
_LENGTHS = (1, 2, 20, 21, 50, 51, 64, 65, 100, 101, 128, 255, 256, 1_000, 5_000)
_NAMES = (
    *("Ada", "Zoë", "O'Neill", "D’Arcy", "Jean-Luc", "van der Berg", "McDonald", "MACDONALD", "de la Cruz", "St. John"),
    *("Nguyễn", "Nguye\u0302\u0303n", "Z\u0308oe\u0308", "Łukasz", "Þór", "Ñandú", "Strauß", "İpek", "ırmak", "Ǆ", "ﬁ"),
    *("李娜", "𠮷野家", "山田 太郎", "ไพลิน", "श्रीनिवास", "김민준", "Αθηνά", "Щукин", "Ժիրայր", "მარიამ"),
    *("محمد", "שָׁלוֹם", "عبد الله Smith", "\u200fמשה\u200e", "الطُّرْقِيّ"),
    *("😀", "👩‍👩‍👧‍👦", "🇦🇺", "👍🏽", "❤️", "Zoe 🎂", "𝒜𝒹𝒶", "\u200bAda", "A\u00a0B"),
    *("null", "None", "undefined", "true", "0", "NaN", "Null", "test", "Invalid", "expired"),
    *(
        " ",
        " Ada",
        "Ada ",
        "Ada  Lovelace",
        "-",
        ".",
        "&",
        "A&B",
        "A+B",
        "100%",
        "%20",
        "a/b",
        "a,b",
        'a"b',
        "a\\b",
        "<b>",
    ),
    *("'; DROP TABLE customers;--", "{{7*7}}", "=1+1", "#", "?", "$&"),
    *("x" * length for length in _LENGTHS),
    *("ß" * 255, "😀" * 256),
)
_LOCALS = ("a", "jamie", "Jamie.McDonald", "jamie+kounta", "o'neill", "x" * 64, "x_y-z", "0", "!#$%&'*/=?^`{|}~", "zoë")
_LONG_DOMAIN = ".".join(("d" * 63, "e" * 63, "f" * 57, "com"))
_DOMAINS = (
    *("b.co", "example.com", "example.com.au", "EXAMPLE.COM", "mail.example.org", "b.c", "1.example", "x-y.example"),
    *("xn--bcher-kva.example", "bücher.example", "例え.テスト", _LONG_DOMAIN),
)
_PHONE_FORMS = (
    *("#", "## #### ####", "(##) ####-####", "+61 # #### ####", "+61#########", "0011 61 # #### ####", "13 ## ##"),
    *("1300 ### ###", "+1 (###) ###-####", "###.###.####", "00#", "## #### #### ext. ##", "#" * 15, "#" * 40),
)
_MOBILE_FORMS = (
    *("04########", "04## ### ###", "+614########", "+61 4## ### ###", "+61 (0)4## ### ###", "#", "+447#########"),
    *("+64 2# ### ####", "004########", "#" * 15, "0" * 20 + "#" * 20),
)
_TAGS = (
    *("VIP", "Gold Member", "Newsletter", "vip", "", " ", "a,b", "a;b", '"', "'", "0", "null", "x" * 255, "x" * 256),
    *("café", "cafe\u0301", "ذهب", "金", "🥇", "#1", "a/b", "&", "+", "<b>"),
)
_LISTS_OF_TAGS = (("VIP",), ("a", "a"), *(tuple(f"tag {number}" for number in range(size)) for size in (30, 100)))
_REFERENCE_IDS = (
    *("1", "0", "007", "LOYALTY-7", "loyalty-7", "null", "a b", "a+b", "a%20b", "a&b=c", "a/b", "#", "?", "a,b", "%"),
    *("7d444840-9dc0-11d1-b245-5ffdce74fad2", "9007199254740993", "18446744073709551616", "1e3", "-1", " 7", "7 "),
    *("é", "e\u0301", "客", "🎫", "x" * 255, "x" * 256),
)


def names(*, min_size: int = 1, max_size: int = 5_000) -> st.SearchStrategy[str]:
    """Return a strategy for names: any script, combining marks, right-to-left, emoji.

    Sizes are in code points. There are no control characters; blanks may occur anywhere.
    """
    sizes = {"min_size": min_size, "max_size": max_size}
    fitting = tuple(name for name in _NAMES if min_size <= len(name) <= max_size)
    whole = _sampled_or_letters(fitting, max_size, min_size)
    return shown("names", sizes, whole)


def emails(*, local: Any = ..., domain: Any = ...) -> st.SearchStrategy[str]:
    """Return a strategy for emails that the API and RFC 6531 allow: up to 64 characters before the @, 254 in all."""
    locals_ = part(local, st.one_of(st.sampled_from(_LOCALS), st.text(LOCAL_PARTS, min_size=1, max_size=64)))
    whole = st.tuples(locals_, part(domain, st.sampled_from(_DOMAINS))).map("@".join)
    return shown("emails", {"local": local, "domain": domain}, whole)


def phones(*, form: Any = ...) -> st.SearchStrategy[str]:
    """Return a strategy for phone numbers as people type them (T07). In `form`, as "02 #### ####", "#" is a digit."""
    return shown("phones", {"form": form}, _numbers(part(form, st.sampled_from(_PHONE_FORMS))))


def mobiles(*, form: Any = ...) -> st.SearchStrategy[str]:
    """Return a strategy for mobile numbers. In `form`, such as "04## ### ###", each "#" is a digit.

    Two customers of a company cannot have the same (C14): see `mobile_key` for examples with several customers.
    """
    return shown("mobiles", {"form": form}, _numbers(part(form, st.sampled_from(_MOBILE_FORMS))))


def tags(*, tag: Any = ..., min_size: int = 0, max_size: int = 100) -> st.SearchStrategy[list[str]]:
    """Return a strategy for lists of tags: mostly few, sometimes a hundred; a tag may repeat and may be empty."""
    each = part(tag, _sampled_or_letters(_TAGS, 60))
    lists = st.lists(each, min_size=min_size, max_size=min(max(min_size, 6), max_size))
    ready = [some for some in _LISTS_OF_TAGS if tag is ... and min_size <= len(some) <= max_size]
    whole = st.one_of(st.sampled_from(ready).map(list), lists) if ready else lists
    return shown("tags", {"tag": tag, "min_size": min_size, "max_size": max_size}, whole)


def reference_ids() -> st.SearchStrategy[str]:
    """Return a strategy for reference ids. None is empty, because an empty one means that there is none (C07)."""
    return shown("reference_ids", {}, _sampled_or_letters(_REFERENCE_IDS, 60))


def images() -> st.SearchStrategy[str]:
    """Return a strategy for URLs of pictures."""
    return st.sampled_from(("https://example.com/a.png", "a.png", "https://example.com/a%20b.jpg?w=1&h=2#x", "x" * 256))


def _sampled_or_letters(samples: tuple[str, ...], max_size: int, min_size: int = 1) -> st.SearchStrategy[str]:
    letters = st.text(LETTERS, min_size=min_size, max_size=max_size)
    return st.one_of(st.sampled_from(samples), letters) if samples else letters


_MANY_DIGITS = st.integers(0, 10**20 - 1)


def _numbers(forms: Strategy) -> st.SearchStrategy[str]:
    return st.tuples(forms, _MANY_DIGITS).map(_filled)


def _filled(drawn: tuple[str, int]) -> str:
    form, number = drawn
    pieces = form.split("#")
    digits = str(number).zfill(len(pieces))[1 - len(pieces) :] if len(pieces) > 1 else ""
    return pieces[0] + "".join(map("".join, zip(digits, pieces[1:], strict=True)))
