"""How much a client may send, how long it may take, and how many clients there may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server bears from its clients before it refuses or cuts them.

    `head_bytes` is for the request line and the headers together, `target_bytes` for the request
    target alone; below the path `large_bodies_below` a body may have `large_body_bytes`. A kept-alive
    connection that says nothing for `idle_seconds` is closed silently; a request that is not complete
    `request_seconds` after its first byte is answered 408, and an answer that the client does not
    take for `request_seconds` is cut.
    """

    body_bytes: int = 1_048_576
    large_bodies_below: str | None = None
    large_body_bytes: int = 268_435_456
    head_bytes: int = 65_536
    target_bytes: int = 8_192
    idle_seconds: float = 75.0
    request_seconds: float = 30.0
    connections: int = 1_000

    def body_bytes_below(self, path: str) -> int:
        """How large the body of a request to this path may be."""
        is_large = self.large_bodies_below is not None and path.startswith(self.large_bodies_below)
        return self.large_body_bytes if is_large else self.body_bytes
