"""The limits of a server: sizes, times, and the number of clients."""

from fakekounta.process.dataclass import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What clients may send before the server refuses or cuts them.

    `head_bytes` is for the request line and the headers together, `target_bytes` for the request target alone,
    `body_bytes` for the body of one request. The application may allow `large_body_bytes` for single requests. All
    bodies of unanswered requests may have `unfinished_bytes` together, those allowed more another `large_body_bytes`;
    the first 64 KiB of each body do not count. From the 201st on, the headers of a request count with the bodies.

    A kept-alive connection that is silent for `idle_seconds` is closed. A request that is not complete
    `request_seconds` after its first byte is answered 408. A response that the client does not read for
    `request_seconds` is cut. `connections` are served at a time, and `reserved_connections` more for requests that the
    application reserves them for; `waiting_connections` may wait for their turn. A tunnel to another host in which
    nothing moves for `tunnel_idle_seconds` is closed.
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
    tunnel_idle_seconds: float = 300.0
