"""Write exchanges into files, normalised: two runs against an unchanged server give the same files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from fakekounta.process.files import write_whole
from fakekounta.verify.exchanges import RecordedExchange
from fakekounta.verify.redaction import Secrets

_MOST_CHARACTERS = 4_000
_FLEETING = frozenset({"date", "content-length", "connection", "user-agent", "server", "x-request-id", "host"})
_COUNTERS = re.compile(r"(?i)^x-ratelimit-(?:remaining|reset)$")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_RANDOM = re.compile(
    r"(?P<uuid>(?:(?<=%20)|(?<![0-9a-f]))[0-9a-f]{32}(?![0-9a-f]))"
    r"|(?P<number>(?:04\d{12}|02(?:%20|[ +])?\d{4}(?:%20|[ +])?\d{4}(?:%20|[ +])?\d{4})(?!\d))",
    re.IGNORECASE,
)
_LONG_NUMBER = re.compile(r"(?<!\d)\d{4,15}(?!\d)")
_IN_PATH = re.compile(r"/(customers|webhooks|addresses)/(\d+)")
_ENCODED = re.compile(r"(?:%3\d)+")
_RECEIVER = re.compile(r"http://127\.0\.0\.1:\d+")
_IDS = frozenset({"id", "id_str", "people_id"})


class Normaliser:
    """Replaces values that differ from run to run by names: `<id-1>` is the first id of a test, whatever its number."""

    def __init__(self, url: str, company: str, mark: str, secrets: Secrets) -> None:
        self._url = url
        self._mark = re.compile(re.escape(mark), re.IGNORECASE)
        self._company = re.compile(rf"(?<=companies/){re.escape(company)}\b")
        self._company_id = company
        self._secrets = secrets
        self._names: dict[tuple[str, str], str] = {}

    def exchange(self, exchange: RecordedExchange) -> dict[str, Any]:
        """Return the exchange as a JSON object without values that differ from run to run."""
        if exchange.beside:  # a concurrent request: its place differs from run to run
            path = re.sub(r"\d+", "<n>", self.text(exchange.url.partition("?")[0]))
            return {"beside others": [exchange.method, path, exchange.status]}
        self._note_made(exchange)
        whole_list = self._is_whole_list(exchange)
        return {
            "request": {
                "target": f"{exchange.method} {self._target(exchange.url)}",
                "headers": self._headers(exchange.request_headers, whole_list=whole_list),
                "body": self._body(exchange.request_body),
            },
            "answer": {
                "status": exchange.status,
                "headers": self._headers(exchange.headers, whole_list=whole_list),
                "body": self._items(exchange.body) if whole_list else self._body(exchange.body),
            },
        }

    def _note_made(self, exchange: RecordedExchange) -> None:
        """Give a name to the id of a new record."""
        location = next((value for name, value in exchange.headers if name.lower() == "location"), "")
        made = _IN_PATH.search(location)
        if exchange.status == 201 and made:
            self._name("id", made[2])

    def text(self, text: str) -> str:
        """Return the text without secrets and values that differ from run to run."""
        text = self._secrets.hide(text)
        text = self._mark.sub("<mark>", text.replace(self._url, "<origin>"))
        text = _RECEIVER.sub("<receiver>", text)
        text = self._company.sub("<company>", text)
        text = _RANDOM.sub(self._random, text)
        text = _LONG_NUMBER.sub(lambda match: self._names.get(("id", match[0]), match[0]), text)
        return _TIME.sub(_form_of_time, text)

    def _random(self, match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        value = re.sub(r"%20|[ +]", "", match[0].lower())
        return self._name(kind, value)

    def _name(self, kind: str, value: str) -> str:
        number = 1 + sum(known == kind for known, _ in self._names)
        return self._names.setdefault((kind, value), f"<{kind}-{number}>")

    def _target(self, url: str) -> str:
        path, question, query = url.partition("?")
        path = _ENCODED.sub(lambda match: unquote(match[0]), path)
        path = _IN_PATH.sub(self._id_in_path, path)
        return self.text(path + question + query)

    def _id_in_path(self, match: re.Match[str]) -> str:
        known = ("id", match[2]) in self._names or len(match[2]) in range(4, 16)
        return f"/{match[1]}/{self._name('id', match[2]) if known else match[2]}"

    def _is_whole_list(self, exchange: RecordedExchange) -> bool:
        """Return whether the response is a list of all customers or webhooks, which has records of other tests, too."""
        path, _, query = exchange.url.partition("?")
        lookups = ("reference_id=", "email=", "mobile=", "phone=")
        is_list = re.search(r"/(customers|webhooks)(\.json)?$", path) is not None
        filtered = any(name in query and f"{name}&" not in f"{query}&" for name in lookups)
        return is_list and exchange.method in ("GET", "HEAD") and exchange.status == 200 and not filtered

    def _headers(self, headers: Sequence[tuple[str, str]], *, whole_list: bool) -> dict[str, str]:
        shown = {}
        for name, value in self._secrets.hide_headers(headers).items():
            low = name.lower()
            if low in _FLEETING or (whole_list and low in ("x-next-page", "x-pages", "x-page")):
                continue
            shown[name] = "<n>" if _COUNTERS.match(name) else self._target(value)
        return dict(sorted(shown.items()))

    def _body(self, body: bytes) -> Any:
        if len(body) > _MOST_CHARACTERS:
            return f"<{len(body) // 1000 * 1000} bytes or more>"
        try:
            document = json.loads(body, parse_constant=_no_constant)
        except ValueError:
            return self.text(body.decode("utf-8", "backslashreplace"))
        return self._value(document)

    def _items(self, body: bytes) -> Any:
        """Return the items of such a list whose ids this test has named."""
        try:
            items = json.loads(body)
        except ValueError:
            return self._body(body)
        if not isinstance(items, list):
            return self._value(items)
        own = [item for item in items if isinstance(item, dict) and ("id", str(item.get("id"))) in self._names]
        return {"of this test": [self._value(item) for item in own]}

    def _value(self, value: Any, key: str = "") -> Any:
        if isinstance(value, Mapping):
            return {self.text(name): self._value(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if key in _IDS and isinstance(value, (int, str)) and not isinstance(value, bool):
            if str(value) == self._company_id:
                return "<company>"
            name = self._name("id", str(value))
            return name if isinstance(value, str) else {"number": name}
        return self.text(value) if isinstance(value, str) else value


def _no_constant(name: str) -> Any:
    """Raise ValueError: NaN is not JSON, and is not equal to itself."""
    raise ValueError(name)


def _form_of_time(match: re.Match[str]) -> str:
    """Return a date without its digits; its fraction and the form of its offset stay visible."""
    offset = match[3] or ""
    return f"<date{match[1]}time>{'.f' if match[2] else ''}{offset if offset in ('', 'Z') else '+hh:mm'}"


class Recorder:
    """Writes one file for each test into a folder, which is created if it does not exist."""

    def __init__(self, folder: Path, url: str, company: str, secrets: Secrets) -> None:
        self._folder = folder
        self._made = (url, company)
        self._secrets = secrets
        self._kept: dict[str, Sequence[RecordedExchange]] = {}

    def keep(self, test: str, exchanges: Sequence[RecordedExchange]) -> None:
        """Keep the exchanges of a test until they are written."""
        if exchanges:
            self._kept[test] = list(exchanges)

    def write(self, mark: str) -> int:
        """Write the files and return their number. Raise OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        url, company = self._made
        for test, exchanges in self._kept.items():
            normaliser = Normaliser(url.rstrip("/"), company, mark, self._secrets)
            shown = [normaliser.exchange(one) for one in exchanges]
            shown.sort(key=lambda one: json.dumps(one) if "beside others" in one else "")
            text = json.dumps({"test": test, "exchanges": shown}, indent=1, ensure_ascii=True)
            write_whole(self._folder / file_name(test), f"{text}\n")
        return len(self._kept)


def file_name(test: str) -> str:
    """Return a readable, short and unique file name for a test."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", test.partition("contracts/")[2] or test).strip("-")
    return f"{words[:100]}-{sha256(test.encode()).hexdigest()[:8]}.json"
