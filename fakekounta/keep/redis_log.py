"""A log in a stream of Redis or Valkey, which replicas on several machines write and read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import count
from secrets import token_hex
from threading import Lock
from typing import Any, TypeVar

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as NotConnected
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as TookTooLong
from redis.retry import Retry

from fakekounta.keep.log import Change, KeepError, Moved, NoRoom, Snapshot, Uncertain, Unreachable
from fakekounta.process.unpatched import monotonic, sleep

FORMAT = b"1"
"""The version of the keys. A database with another one is refused."""
LEASE_SECONDS = 3.0
_RENEWAL_SECONDS = 1.0
_TRY_SECONDS = 0.7  # of one command, which is sent twice
_APPEND_SECONDS = 1.5  # until the last try begins; the client has its 503 within five seconds
_PAUSE_SECONDS = 0.05
_ONCE_SECONDS = 60  # how long a change is recognized that is sent once more
_STALE_SECONDS = 3_600  # after which a snapshot that was never completed is gone
_PAGE = 500
_KEEPS_ALL = "noeviction"
_UNREACHABLE = (NotConnected, TookTooLong, OSError)

_APPEND = """
local made = redis.call('GET', KEYS[3])
if made then return tonumber(made) end
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
if ARGV[1] ~= '' and tonumber(ARGV[1]) ~= last then return -1 end
local position = last + 1
redis.call('XADD', KEYS[1], position .. '-0', 'kind', ARGV[2], 'moment', ARGV[3], 'entropy', ARGV[4], 'head', ARGV[5],
           'body', ARGV[6], 'results', ARGV[7])
redis.call('SET', KEYS[2], position)
redis.call('SET', KEYS[3], position, 'EX', ARGV[8])
if ARGV[2] == 'start' then redis.call('SADD', KEYS[4], position) end
return position
"""
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_LET_GO = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"

_T = TypeVar("_T")


class RedisLog:
    """The log of several replicas in one database. Scripts in it decide about the order, so each is made at once.

    Methods raise KeepError for a database that is damaged or of another program, and Unreachable without a connection.
    """

    def __init__(self, url: str) -> None:
        """Open the database at this URL, such as redis://127.0.0.1:6379/0. Raise KeepError."""
        self.path: str = _without_password(url)
        """The URL, for messages."""
        try:
            self._redis: Any = Redis.from_url(url, **_PATIENCE)  # its types are those of all its modes
            self._waiting: Any = Redis.from_url(url, **_PATIENCE)
        except ValueError as error:
            raise KeepError(f"{self.path}: is no URL of a Redis database: {error}") from None
        # Each read asks for the end, one at a time: by a connection of its own that costs a fifth
        asking: Any = self._redis.connection_pool.make_connection()
        self._asking = asking
        self._question = asking.pack_command("GET", _END)
        self._name = token_hex(8)
        self._append = self._redis.register_script(_APPEND)
        self._hold = self._redis.register_script(_HOLD)
        self._held: dict[str, float] = {}
        self._ends = _SharedLook(self._look)
        try:
            self._check()
        except Unreachable as error:
            raise KeepError(str(error)) from None

    def _check(self) -> None:
        """Raise KeepError if the database has no log that this version can read."""
        stamp, is_used = self._of(lambda: (self._redis.get(_key("format")), self._redis.dbsize()))
        memory = self._of(lambda: self._redis.info("memory"))
        if stamp is None and is_used:
            raise KeepError(f"{self.path}: has keys of another program; give the log a database of its own")
        if stamp not in (None, FORMAT):
            raise KeepError(f"{self.path}: was written by a newer fakekounta")
        policy = memory.get("maxmemory_policy", _KEEPS_ALL)
        if memory.get("maxmemory") and policy != _KEEPS_ALL:
            raise KeepError(f"{self.path}: drops keys when it is full: set maxmemory-policy to {_KEEPS_ALL}")

    @property
    def is_empty(self) -> bool:
        """Whether there is no log yet."""
        return self.end() == 0

    def begin_to_write(self) -> None:
        """Begin to write; until then the database is not touched."""
        self._of(lambda: self._redis.set(_key("format"), FORMAT))

    def close(self) -> None:
        """Let another replica deliver, and close the connections."""
        with suppress(RedisError, OSError):
            for name in [*self._held]:
                self._redis.eval(_LET_GO, 1, _key(name), self._name)
        self._redis.close()
        self._asking.disconnect()
        self._waiting.close()

    # --- reading -------------------------------------------------------------------------------------------------

    def end(self) -> int:
        """Return the position of the last change; 0 without any."""
        return self._ends.now()

    def _look(self) -> int:
        retry: Any = self._asking.retry
        end = self._of(lambda: retry.call_with_retry(self._ask_for_end, lambda _: self._asking.disconnect()))
        return int(end or 0)

    def _ask_for_end(self) -> Any:
        self._asking.send_packed_command(self._question)
        return self._asking.read_response()

    def since(self, position: int) -> Iterator[tuple[int, Change]]:
        """Yield the changes after a position, each with its own. Raise KeepError if one is missing."""
        while True:
            page = self._entries(position + 1)
            for name, fields in page:
                position += 1
                if name != f"{position}-0".encode():
                    raise self._damaged(position)
                yield position, self._change(position, fields)
            if len(page) < _PAGE:
                return

    def start(self, position: int | None = None) -> tuple[int, Change]:
        """Return the last start up to a position, with its own. Raise KeepError without one."""
        last = self.end() if position is None else position
        starts = [int(one) for one in self._of(lambda: self._redis.smembers(_key("starts")))]
        found = max((one for one in starts if one <= last), default=0)
        kept = self._of(lambda: self._redis.hgetall(_key(f"start:{found}")))
        for _, fields in [(b"", kept)] if kept else self._entries(found, 1):
            return found, self._change(found, fields)
        raise self._damaged(found or 1)

    def first(self) -> int:
        """Return the position of the oldest snapshot; 0 without any."""
        return self._snapshot_at(self._of(lambda: self._redis.zrange(_key("snapshots"), 0, 0)))

    def newest(self, at: int | None = None) -> int:
        """Return the position of the newest snapshot, or of the newest up to a position; 0 without any."""
        most = "+inf" if at is None else at
        return self._snapshot_at(
            self._of(lambda: self._redis.zrevrangebyscore(_key("snapshots"), most, 0, start=0, num=1))
        )

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """Return the newest snapshot, or the newest up to a position; None if there is none."""
        position = self.newest(at)
        if not position:
            return None
        parts = self._of(lambda: self._redis.hgetall(_key(f"snapshot:{position}")))
        try:
            content = b"".join(parts[b"%d" % number] for number in range(1, len(parts) + 1))
            return Snapshot(position, json.loads(content))
        except (KeyError, ValueError):
            raise self._damaged(position) from None

    def wait(self, seconds: float) -> None:
        """Wait until another replica has perhaps added a change, at most so long."""
        try:
            last = self._waiting.get(_key("end")) or b"0"
            self._waiting.xread({_key("changes"): last + b"-0"}, count=1, block=max(1, int(seconds * 1_000)))
        except (RedisError, OSError):
            sleep(seconds)

    def _entries(self, first: int, most: int = _PAGE) -> list[tuple[bytes, dict[bytes, bytes]]]:
        entries: Any = self._of(lambda: self._redis.xrange(_key("changes"), f"{first}-0", count=most))
        return list(entries)

    def _change(self, position: int, fields: dict[bytes, bytes]) -> Change:
        try:
            told = [(one, status) for one, status in json.loads(fields[b"results"])]
            kind, moment = fields[b"kind"].decode(), datetime.fromisoformat(fields[b"moment"].decode())
            return Change(kind, moment, fields[b"entropy"], json.loads(fields[b"head"]), fields[b"body"], told)
        except (KeyError, ValueError):
            raise self._damaged(position) from None

    @staticmethod
    def _snapshot_at(found: list[bytes]) -> int:
        return int(found[0]) if found else 0

    # --- writing -------------------------------------------------------------------------------------------------

    def append(self, change: Change, after: int | None = None) -> int:
        """Add a change once, and return its position; it is in the memory of the database when this returns.

        A change whose answer was lost is sent again, for some seconds; the database recognizes it.

        Raises:
            Moved: It would not be next to `after`.
            NoRoom: The database takes no change.
            Uncertain: The database was not reached in time, and may have taken the change.
        """
        once = _key(f"once:{token_hex(16)}")
        keys = [_key("changes"), _key("end"), once, _key("starts")]
        values = ["" if after is None else after, *_fields_of(change).values(), _ONCE_SECONDS]
        position = self._tried(lambda: self._append(keys=keys, args=values))
        if position < 0:
            raise Moved
        return int(position)

    def _tried(self, command: Callable[[], Any]) -> Any:
        """Return the result of a command that may be repeated. Raise NoRoom, Uncertain."""
        deadline = monotonic() + _APPEND_SECONDS
        while True:
            try:
                return command()
            except _UNREACHABLE as error:
                if monotonic() > deadline:
                    raise Uncertain(f"{self.path}: {_why(error)}") from None
                sleep(_PAUSE_SECONDS)
            except RedisError as error:
                raise NoRoom(f"{self.path}: {_why(error)}") from None

    def keep_part(self, position: int, part: int, parts: int, content: bytes) -> None:
        """Keep a part of a snapshot; `parts` is the number of parts for the last one, 0 before. Raise NoRoom."""
        name = _key(f"snapshot:{position}")
        try:
            with self._redis.pipeline() as commands:
                commands.hset(name, str(part), content)
                if parts:
                    commands.persist(name)
                    commands.zadd(_key("snapshots"), {str(position): position})
                else:
                    commands.expire(name, _STALE_SECONDS)
                commands.execute()
            if parts:
                self._give_up_old(position)
        except (RedisError, OSError) as error:
            raise NoRoom(f"{self.path}: {_why(error)}") from None
        except (Unreachable, KeepError) as error:
            raise NoRoom(str(error)) from None

    def _give_up_old(self, newest: int) -> None:
        """Delete what is older than the snapshot before the newest, but not the start whose settings it has."""
        oldest = self.newest(newest - 1)
        if not oldest:
            return
        start, change = self.start(oldest)
        older = [int(one) for one in self._redis.zrangebyscore(_key("snapshots"), 0, oldest - 1)]
        starts = [int(one) for one in self._redis.smembers(_key("starts")) if int(one) < start]
        with self._redis.pipeline() as commands:
            commands.hset(_key(f"start:{start}"), mapping=_fields_of(change._replace(results=())))
            for one in older:
                commands.zrem(_key("snapshots"), str(one))
                commands.delete(_key(f"snapshot:{one}"))
            for one in starts:
                commands.srem(_key("starts"), str(one))
                commands.delete(_key(f"start:{one}"))
            commands.xtrim(_key("changes"), minid=f"{oldest + 1}-0", approximate=False)
            commands.execute()

    # --- what one replica has at a time --------------------------------------------------------------------------

    def lease(self) -> bool:
        """Return whether this replica is the one that delivers; it is for some seconds from then on."""
        return self.holds("leader", self._name)

    def holds(self, name: str, value: str) -> bool:
        """Return whether a key has this value, and keep it so for some seconds, unless it has another one."""
        now = monotonic()
        until = self._held.get(name, 0.0)
        if now < until - LEASE_SECONDS + _RENEWAL_SECONDS:
            return True
        try:
            is_held = self._hold(keys=[_key(name)], args=[value, int(LEASE_SECONDS * 1_000)])
        except (RedisError, OSError):
            return now < until
        if is_held:
            self._held[name] = now + LEASE_SECONDS
        else:
            self._held.pop(name, None)
        return bool(is_held)

    # --- errors --------------------------------------------------------------------------------------------------

    def _of(self, command: Callable[[], _T]) -> Any:
        """Return the result of commands. Raise Unreachable, KeepError."""
        try:
            return command()
        except _UNREACHABLE as error:
            raise Unreachable(f"{self.path}: {_why(error)}") from None
        except ResponseError as error:
            raise KeepError(f"{self.path}: {error}") from None

    def _damaged(self, position: int) -> KeepError:
        return KeepError(f"{self.path}: is damaged at change {position}")


def _fields_of(change: Change) -> dict[str, Any]:
    """Return a change as the fields of an entry, in the order in which the script takes them."""
    return {
        "kind": change.kind,
        "moment": change.moment.isoformat(),
        "entropy": change.entropy,
        "head": change.text or json.dumps(change.head),
        "body": change.body,
        "results": json.dumps(list(change.results)),
    }


_PATIENCE: dict[str, Any] = {
    "socket_timeout": _TRY_SECONDS,
    "socket_connect_timeout": _TRY_SECONDS,
    "retry": Retry(NoBackoff(), 1),  # a pooled connection may have ended
}


class _SharedLook:
    """A value that costs a round trip: all who wait at the same time share one that began after they asked."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._turn = Lock()
        self._tickets = count()
        self._began = -1
        self._value = 0

    def now(self) -> int:
        """Return the value at a moment after this call began."""
        ticket = next(self._tickets)
        with self._turn:
            if self._began < ticket:
                began = next(self._tickets)
                self._value = self._look()
                self._began = began
            return self._value


def _key(name: str) -> str:
    """Return a key; the braces put all of them on one node of a cluster."""
    return "{fakekounta}:" + name


_END = _key("end")


def _why(error: Exception) -> str:
    text = str(error).partition(" script:")[0].strip() or type(error).__name__
    return f"cannot be reached: {text}" if isinstance(error, _UNREACHABLE) else text


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"
