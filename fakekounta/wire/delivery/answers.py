"""The parser of receivers' responses: bytes in, a status out."""

from __future__ import annotations

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from fakekounta.wire.delivery.posting import Undelivered

ANSWER_BYTES = 65_536
"""How much of a response's body is read, and how long its head may be."""


class AnswerReader:
    """Reads one response until its status is certain. The `on_` methods are callbacks of the parser."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_headers=True, lenient_optional_cr_before_lf=True)
        self._has_head = False
        self._is_framed = False
        self._bytes = 0
        self._has_more = False
        self._keeps_alive = False
        self.status: int | None = None
        """None until the response is complete, or ANSWER_BYTES of it were read."""

    @property
    def has_begun(self) -> bool:
        """Whether any byte has arrived."""
        return self._bytes > 0

    @property
    def keeps_connection(self) -> bool:
        """Whether the connection can be used again."""
        return self._keeps_alive and not self._has_more

    def feed(self, data: bytes) -> None:
        """Parse the next bytes; none mean that the receiver has closed. Raise Undelivered for what is not HTTP."""
        if not data:
            self._closed()
            return
        self._bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            if self.status is None:
                raise Undelivered(f"the receiver's answer is no HTTP: {error}") from error
            self._has_more = True
        if self.status is None and self._bytes >= ANSWER_BYTES:
            self._stop()

    def _stop(self) -> None:
        """Read no further: the status is known, or cannot be."""
        if not self._has_head:
            raise Undelivered(f"the head of the receiver's answer is longer than {ANSWER_BYTES} bytes")
        self._has_more = True
        self.status = self._parser.get_status_code()

    def _closed(self) -> None:
        """End a body without a length at the end of the connection.

        Raise Undelivered where that cuts a response short.
        """
        if not self._has_head or self._is_framed:
            when = "in the middle of its" if self.has_begun else "without an"
            raise Undelivered(f"the receiver closed the connection {when} answer")
        self._has_more = True
        self.status = self._parser.get_status_code()

    def on_message_begin(self) -> None:
        """Note a second response after the first, which belongs to no request."""
        self._has_more = self.status is not None

    def on_header(self, name: bytes, _: bytes) -> None:
        """Remember whether the headers say where the body ends."""
        if name.lower() in (b"content-length", b"transfer-encoding"):
            self._is_framed = True

    def on_headers_complete(self) -> None:
        """Note the head of a response; interim responses (100 to 199) do not count."""
        self._has_head = self._parser.get_status_code() >= 200

    def on_message_complete(self) -> None:
        """Note the end of a response, also of one without a body."""
        if self._has_head and self.status is None:
            self.status = self._parser.get_status_code()
            self._keeps_alive = self._parser.should_keep_alive()  # the parser does not know it afterwards
