"""The reader of requests: bytes of a connection in, requests or a refusal out."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from fakekounta.wire.clients.call import HEADERS
from fakekounta.wire.server.bodies import (
    FREE_HEADERS,
    HEADER_BYTES,
    BodyUnwanted,
    Intake,
    RequestBody,
    RequestRefused,
    RequestShare,
    body_too_large,
)
from fakekounta.wire.server.head import (
    NO_PROXY,
    check_version,
    expects_continue,
    head_too_large,
    head_without_upgrade,
    is_chunked,
    refusal_of,
)
from fakekounta.wire.server.limits import Limits
from fakekounta.wire.server.message import Request, RequestRefusal, environ_key
from fakekounta.wire.server.target import split_target

# The smallest chunk has one byte of content in six; more overhead is abuse.
CHUNK_OVERHEAD = 8
# How much is parsed before completed requests are answered: a parsed head takes forty times its bytes.
PIECE_BYTES = 2_048


class RequestReader:
    """Turns the bytes of one client into requests.

    `feed` returns requests that became complete, in the order of their arrival. `more` returns further ones in the same
    bytes, until it returns none; `refused` then says why nothing more can be read. `tunnel` is the target of a CONNECT,
    after which no request is read. The `on_` methods are callbacks of the parser.
    """

    def __init__(self, base: dict[str, Any], limits: Limits, intake: Intake | None = None) -> None:
        self._base = {**base, "SERVER_PROTOCOL": "HTTP/1.1"}
        self._limits = limits
        self._max_head_bytes = limits.head_bytes
        self._intake = intake or Intake(limits)
        self._parser = HttpRequestParser(self)
        self._requests: list[Request] = []
        self._unread = b""
        self._rest = b""
        self._fed_bytes = self._fed_by_body = self._body_length = 0
        self._in_body = False
        self._upgrading = False
        self._keep_alive = True
        self._environ = self._base
        self._headers: list[tuple[bytes, bytes]] = []
        self._target = b""
        self._head_bytes = 0
        self._host_repeated = False
        self._head: RequestShare | None = None
        self._body: RequestBody | None = None
        self._is_head = False
        self.in_message: bool = False
        self.awaits_continue: bool = False
        self.refused: RequestRefusal | None = None
        self.tunnel: str | None = None

    def set_scheme(self, scheme: str) -> None:
        """Set the scheme of the requests to come: that of the first byte is "http"."""
        self._base["wsgi.url_scheme"] = scheme

    def close(self) -> None:
        """Read no more, and break the reference cycle of parser and reader."""
        self._drop()
        self._parser = self._environ = self._base = None  # type: ignore[assignment]  # nothing is read from now on
        self._requests = []
        self._unread = b""

    @property
    def is_head(self) -> bool:
        """Whether the request being read is a HEAD request, whose response has no body."""
        return self._is_head or (bool(self._target) and self._parser.get_method() == b"HEAD")

    @property
    def head_environ(self) -> dict[str, Any] | None:
        """The environ of the request that is being read, once its head is complete."""
        return self._environ if self._in_body else None

    def feed(self, data: bytes) -> list[Request]:
        """Read until a request is complete, or all bytes are read; `more` continues from there."""
        requests: list[Request] = []
        data = self._unread + data
        at = 0
        while at < len(data) and not requests and self.refused is None:
            piece = data[at : at + (PIECE_BYTES if self._body is None else self._piece_bytes(self._body))]
            at += len(piece)
            self._feed_piece(piece, requests)
        self._unread = data[at:]
        return requests

    def after_connect(self) -> bytes:
        """Return what was sent after the head of a CONNECT."""
        return self._rest + self._unread

    def more(self) -> list[Request]:
        """Continue with the bytes not read yet."""
        return self.feed(b"") if self._unread else []

    def _piece_bytes(self, body: RequestBody) -> int:
        """Return how many bytes to parse next within a body: all that is left of it."""
        return max(PIECE_BYTES, self._body_length - body.size)

    def _feed_piece(self, data: bytes, requests: list[Request]) -> None:
        self._requests = requests
        self._fed_bytes += len(data)
        try:
            self._parse(data)
            if self.in_message:
                self._check_size()
        except HttpParserError as error:
            self.refused = refusal_of(error, data)
        except RequestRefused as refused:
            self.refused = RequestRefusal(refused.status, refused.description)
        if self.refused is not None:
            self._drop()
            self._environ = self._base
        self._requests = []

    def _parse(self, data: bytes) -> None:
        while data:
            try:
                self._parser.feed_data(data)
                break
            except HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                if self.refused is not None:
                    self._rest = data
                    break
                self._ignore_upgrade()

    def _drop(self) -> None:
        """Drop the parts of the request that is being read."""
        for part in (self._head, self._body):
            if part is not None:
                part.release()
        self._head = self._body = None

    def _ignore_upgrade(self) -> None:
        """Go on after an Upgrade, with a new parser if there is a body.

        The old parser would take the body for another protocol. The new one gets a head made here, which the callbacks
        ignore because `_in_body` is set.
        """
        if not self._upgrading:
            return
        self._upgrading = False
        self._parser = HttpRequestParser(self)
        self._parser.feed_data(head_without_upgrade(self._environ, keep_alive=self._keep_alive))

    def _check_size(self) -> None:
        """Limit what the parser itself buffers, such as the name of a header or trailer without an end."""
        if not self._in_body:
            if self._fed_bytes > self._max_head_bytes:
                raise head_too_large()
        elif self._body is not None and self._fed_bytes > min(
            self._fed_by_body + self._max_head_bytes, self._max_head_bytes + CHUNK_OVERHEAD * self._body.limit
        ):
            raise body_too_large()

    def on_message_begin(self) -> None:
        """Begin a request, unless this is the head made for a body after an Upgrade."""
        if not self._in_body:
            self.in_message = True
            self._environ = self._base.copy()
            self._environ[HEADERS] = self._headers = []
            self._target = b""
            self._head_bytes = 0
            self._host_repeated = False
            self._is_head = False

    def on_url(self, piece: bytes) -> None:
        """Collect the request target."""
        if self._in_body:
            return
        self._target += piece
        if len(self._target) > self._limits.target_bytes:
            raise RequestRefused(414, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Add a header to the environ; drop trailers, which come after the body."""
        if self._in_body:
            return
        self._head_bytes += len(name) + len(value) + 4
        if self._head_bytes > self._max_head_bytes:
            raise head_too_large()
        self._headers.append((name, value))
        if len(self._headers) > FREE_HEADERS:
            self._count_header(name)
        key = environ_key(name)
        if key in self._environ:
            self._repeat(key, value)
        elif key:
            self._environ[key] = value.strip().decode("latin-1")

    def _count_header(self, name: bytes) -> None:
        if self._head is None:
            self._head = RequestShare(self._intake.usual)
        self._head.take(HEADER_BYTES + 2 * len(name))

    def _repeat(self, key: str, value: bytes) -> None:
        if key == "HTTP_HOST":
            self._host_repeated = True
        glue = "; " if key == "HTTP_COOKIE" else ", "
        self._environ[key] += glue + value.strip().decode("latin-1")

    def on_headers_complete(self) -> None:
        """Check the head: refuse it, or complete the environ of the request."""
        self._fed_by_body = self._fed_bytes
        if self._in_body:
            return
        self._in_body = True
        environ = self._environ
        parser = self._parser
        version = parser.get_http_version()
        environ["REQUEST_METHOD"] = method = parser.get_method().decode("latin-1")
        self._is_head = method == "HEAD"
        self._keep_alive = parser.should_keep_alive()
        if version != "1.1" or "HTTP_HOST" not in environ or self._host_repeated:
            check_version(environ, version, is_host_repeated=self._host_repeated)
        if method == "CONNECT":
            self._ask_for_tunnel()
            return
        environ["REQUEST_URI"] = target = self._target.decode("latin-1")
        environ["PATH_INFO"], environ["QUERY_STRING"], authority = split_target(target)
        if authority is not None:
            environ["HTTP_HOST"] = authority
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ or "HTTP_EXPECT" in environ:
            self._prepare_body(version)

    def _ask_for_tunnel(self) -> None:
        """Read no more requests; the parser ends here, too, and tells where."""
        self._upgrading = True
        self.tunnel = self._target.decode("latin-1")
        self.refused = RequestRefusal(405, NO_PROXY)

    def _prepare_body(self, version: str) -> None:
        length = int(self._environ.get("CONTENT_LENGTH", "0"))
        if is_chunked(self._environ, version) or length:
            self._expect_body(length)
        self.awaits_continue = expects_continue(self._environ, version)

    def _expect_body(self, length: int) -> None:
        try:
            self._body = self._intake.body(self._environ)
        except BodyUnwanted:
            self._keep_alive = False
            self._environ["CONTENT_LENGTH"] = "0"
            self._hand_over()
            raise
        if length > self._body.limit:
            raise body_too_large()
        self._body_length = length
        self._upgrading = self._parser.should_upgrade()

    def on_body(self, piece: bytes) -> None:
        """Collect the body, up to its limit."""
        self.awaits_continue = False
        self._fed_by_body = self._fed_bytes
        if self._body is not None:
            self._body.add(piece)

    def on_message_complete(self) -> None:
        """Complete the request, unless it asks for an Upgrade: then its body follows."""
        if not self._upgrading:
            self._hand_over()

    def _hand_over(self) -> None:
        environ, body = self._environ, self._body
        if body is not None and body.size:
            environ["wsgi.input"] = body.file()
            environ["CONTENT_LENGTH"] = str(body.size)
        else:
            environ["wsgi.input"] = BytesIO()
        environ["wsgi.errors"] = sys.stderr
        request = Request(environ, body, self._head)
        request.keep_alive = self._keep_alive
        self._requests.append(request)
        self._head = self._body = None
        self._environ = self._base  # Keep nothing of the last request on an idle connection.
        self.in_message = self._in_body = self.awaits_continue = False
        self._fed_bytes = 0
