"""What replicas ask the one that delivers to deliver, by changes of the log, and what it answered."""

from __future__ import annotations

from threading import Condition


class Asks:
    """The questions that are in the log and not answered there yet, by position; all replicas have the same."""

    def __init__(self) -> None:
        self.open: dict[int, str] = {}
        """The name of the namespace whose deliveries are asked for, by position."""
        self._awaited: dict[int, int | None] = {}
        self._answered = Condition()

    def await_answer(self, position: int) -> None:
        """Keep the answer to this question for `answer`, even if it comes before."""
        self._awaited.setdefault(position, None)

    def close(self, position: int, attempts: int) -> None:
        """Note that a question was answered."""
        self.open.pop(position, None)
        with self._answered:
            if position in self._awaited:
                self._awaited[position] = attempts
                self._answered.notify_all()

    def answer(self, position: int, seconds: float) -> int:
        """Wait for the answer to a question, and return the number of attempts; 0 if there is none in time."""
        with self._answered:
            self._answered.wait_for(lambda: self._awaited[position] is not None, seconds)
            return self._awaited.pop(position) or 0
