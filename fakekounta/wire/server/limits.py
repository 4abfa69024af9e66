"""How much a client may send, how long it may take, and how many clients there may be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the server bears from its clients before it refuses or cuts them.

    `head_bytes` is for the request line and the headers together, `target_bytes` for the request target alone,
    `body_bytes` for the body of one request. The application may grant single requests `large_body_bytes` instead.
    All bodies that have not been answered yet may have `unfinished_bytes` together, those that were granted more
    another `large_body_bytes`; the first 64 KiB of each body do not count. The headers of a request count with the
    bodies from the 201st on.

    A kept-alive connection that says nothing for `idle_seconds` is closed silently; a request that is not complete
    `request_seconds` after its first byte is answered 408, and an answer that the client does not take for
    `request_seconds` is cut. So many `connections` are served at a time, and `reserved_connections` more for
    requests that the application reserves them for; `waiting_connections` may wait for their turn.
    """

    body_bytes: int = 1_048_576
    large_body_bytes: int = 268_435_456
    unfinished_bytes: int = 67_108_864
    head_bytes: int = 65_536
    target_bytes: int = 8_192
    idle_seconds: float = 75.0
    request_seconds: float = 30.0
    connections: int = 1_000
    reserved_connections: int = 32
    waiting_connections: int = 1_000
