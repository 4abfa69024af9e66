"""The fault rules of a world: which of them a request matches, and how often each has fired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from threading import Lock

from fakekounta.core.faults import METHODS, Asker, Fault, Hit, chance, fires
from fakekounta.core.paths import path_test
from fakekounta.process.forks import free_in_children

MOST_RULES = 10_000
_REMEMBERED = 1_000
_REMEMBERED_CHARACTERS = 256


class FaultRule:
    """A fault in a world: its `id`, how many requests it `matched` and how often it `fired`.

    As a context manager it removes itself at the end of the block.
    """

    __slots__ = ("_book", "fault", "fired", "id", "matched")

    def __init__(self, book: FaultBook, number: int, fault: Fault, *, matched: int = 0, fired: int = 0) -> None:
        self._book = book
        self.id: int = number
        self.fault: Fault = fault
        self.matched: int = matched
        self.fired: int = fired

    def remove(self) -> None:
        """Remove this rule; removing it twice is fine."""
        self._book.remove(self.id)

    def __enter__(self) -> FaultRule:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<fault {self.id}: {self.fault!r}, matched {self.matched}, fired {self.fired}>"


class FaultBook:
    """The rules of a world, in the order in which they were added.

    `early` are the rules to check as soon as there is a request, `late` those that need its application; None without
    any. `handshake` checks those about handshakes. Nothing here reads a clock or waits.
    """

    def __init__(self) -> None:
        self._lock = free_in_children(Lock())
        self._rules: tuple[FaultRule, ...] = ()
        self._last_id = 0
        self.early: Rules | None = None
        self.late: Rules | None = None
        self._of_handshakes: Sequence[FaultRule] = ()

    @property
    def has_handshakes(self) -> bool:
        """Whether there is a rule about handshakes."""
        return bool(self._of_handshakes)

    def handshake(self, now: datetime) -> str | None:
        """Return where the TLS handshake that begins is cut: "before", "in" or "after" it; None if it is not."""
        rules = self._of_handshakes
        hit = Rules((), self._lock).strike(rules, now) if rules else None
        return None if hit is None or hit.fault is None else hit.fault.handshake

    def add(self, faults: Iterable[Fault], now: datetime) -> list[FaultRule]:
        """Add a rule for each fault, all or none, and return the rules.

        Raise ValueError if a window ends beyond the calendar, and for more than MOST_RULES.
        """
        resolved = [fault.at(now) for fault in faults]
        with self._lock:
            if len(self._rules) + len(resolved) > MOST_RULES:
                raise ValueError(f"fault: there can be {MOST_RULES:,} rules at most; remove some first")
            first = self._last_id + 1
            added = [FaultRule(self, number, fault) for number, fault in enumerate(resolved, first)]
            self._keep((*self._rules, *added))
        return added

    def change(self, number: int, changed: Callable[[Fault], Fault], now: datetime) -> FaultRule | None:
        """Replace the fault of a rule by `changed(fault)`; keep its place and counts. Return None for an unknown id.

        Raise ValueError if a window ends beyond the calendar, and whatever `changed` raises.
        """
        with self._lock:
            found = next((rule for rule in self._rules if rule.id == number), None)
            if found is not None:
                found.fault = changed(found.fault).at(now)
                self._keep(self._rules)
        return found

    def restore(self, fault: Fault, number: int, *, matched: int, fired: int) -> None:
        """Add a rule with the id and the counts it had in another fault book."""
        with self._lock:
            self._keep((*self._rules, FaultRule(self, number, fault, matched=matched, fired=fired)))

    @property
    def next_id(self) -> int:
        """The id of the next new rule, higher than all before."""
        return self._last_id + 1

    def keep_ids_from(self, next_id: int) -> None:
        """Give new rules no id below this one."""
        with self._lock:
            self._last_id = max(self._last_id, next_id - 1)

    def all(self) -> list[FaultRule]:
        """Return all rules, in the order in which they are checked."""
        return list(self._rules)

    def remove(self, number: int) -> bool:
        """Remove a rule; return False if none has this id."""
        with self._lock:
            kept = tuple(rule for rule in self._rules if rule.id != number)
            found = len(kept) < len(self._rules)
            self._keep(kept)
        return found

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._keep(())

    def _keep(self, rules: tuple[FaultRule, ...]) -> None:
        self._rules = rules
        self._last_id = max(self._last_id, *(rule.id for rule in rules), 0)
        enabled = [rule for rule in rules if not rule.fault.disabled]
        self._of_handshakes = tuple(rule for rule in enabled if rule.fault.handshake is not None)
        requests = [rule for rule in enabled if rule.fault.handshake is None]
        early = [rule for rule in requests if not rule.fault.needs_application]
        late = [rule for rule in requests if rule.fault.needs_application]
        self.early = Rules(early, self._lock) if early else None
        self.late = Rules(late, self._lock) if late else None


class Rules:
    """Some rules, found by method and path without checking each of them.

    The rules of a path are cached for the paths requested last.
    """

    def __init__(self, rules: Sequence[FaultRule], lock: Lock) -> None:
        self._lock = lock
        self._any = _by_path([rule for rule in rules if not rule.fault.methods])
        self._by_method = {
            method: _by_path([rule for rule in rules if method in (rule.fault.methods or METHODS)])
            for method in METHODS
        }
        self._found: dict[tuple[str, str], Sequence[FaultRule]] = {}

    def about(self, method: str, path: str) -> Sequence[FaultRule]:
        """Return the rules for requests of this method and path, in their order."""
        found = self._found.get((method, path))
        return self._looked_up(method, path) if found is None else found

    def _looked_up(self, method: str, path: str) -> Sequence[FaultRule]:
        found: list[FaultRule] = []
        for test, rules in self._by_method.get(method, self._any):
            if test is None or test(path):
                found += rules
        found.sort(key=_place)
        if len(path) <= _REMEMBERED_CHARACTERS and method in self._by_method:
            if len(self._found) >= _REMEMBERED:
                self._found = {}
            self._found[method, path] = found
        return found

    def strike(
        self, rules: Iterable[FaultRule], now: datetime, asker: Asker | None = None, hit: Hit | None = None
    ) -> Hit | None:
        """Check rules one after the other, and count matches. Stop after the first that fires and does more than delay.

        Return `hit`, or a new one, with the effects of the rules that fired. Return None if no rule fired and `hit` is
        None.
        """
        for rule in rules:
            fault = rule.fault
            if not (fault.is_on(now) and (asker is None or _is_by(fault, asker))):
                continue
            with self._lock:
                rule.matched += 1
                if not fires(fault, rule.matched, rule.fired):
                    continue
                rule.fired += 1
                number = rule.fired
            hit = hit or Hit()
            _add(hit, rule, number)
            if hit.fault is not None:
                break
        return hit


_Test = Callable[[str], bool]


def _by_path(rules: Iterable[FaultRule]) -> list[tuple[_Test | None, list[FaultRule]]]:
    """Return the rules grouped by path pattern, each group with its test of a path; None matches any path."""
    groups: dict[str | None, list[FaultRule]] = {}
    for rule in rules:
        groups.setdefault(rule.fault.path, []).append(rule)
    return [(None if pattern is None else path_test(pattern), group) for pattern, group in groups.items()]


def _place(rule: FaultRule) -> int:
    return rule.id


def _is_by(fault: Fault, asker: Asker) -> bool:
    return (
        fault.client_id in (None, asker.client_id)
        and fault.company_id in (None, asker.company_id)
        and not (fault.token_expired and asker.scheme != "oauth")
    )


def _add(hit: Hit, rule: FaultRule, number: int) -> None:
    """Add the effect of a rule to the hit; `number` counts the firings of the rule."""
    fault, texts = rule.fault, []
    if fault.latency_seconds is not None:
        least, most = fault.latency_seconds
        seconds = least + (most - least) * chance(fault.seed, -number)
        if fault.clock:
            hit.clock_seconds += seconds
        else:
            hit.delay_seconds += seconds
        texts.append(f"{seconds:.3g} s late{' on the clock' if fault.clock else ''}")
    if not fault.is_only_late:
        hit.fault = fault
        texts.append(fault.summary)
    hit.texts.append(f"#{rule.id} {', '.join(texts)}")
