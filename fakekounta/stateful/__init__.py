"""Hypothesis state machines to run against any server that claims to be Kounta, also through your own client.

Needs the extra `hypothesis`.

Where to look when a run fails:

- Hypothesis prints the steps of the run as `state.RULE(...)`. The last step is the rule that fired, a method of that
  name: about customers in `customers.py`, about webhooks in `machine.py`, probes in `probes.py`, and those of the
  machine of orders in `orders.py`.
- A step with `probes=["GET", ...]` makes several requests. The table at the end of its module names the method of each.
- The message begins with the quirk that is contradicted. The last frame of the traceback is the check: of a response's
  form in `api.py`, of a record in `comparing.py`, of a list or a refusal in `checking.py`; of orders in
  `order_comparing.py` and `order_checking.py`.
- "doing" names the operation, a method of `operations.py` or `order_operations.py`, which a client may have replaced.
"""

try:
    import hypothesis  # noqa: F401 - imported here, for a clear message if it is missing
except ModuleNotFoundError as _error:  # pragma: no cover - a test runs it in another process
    raise ImportError(f"this needs {_error.name}: pip install 'fakekounta[hypothesis]'", name=_error.name) from _error

from fakekounta.stateful.contradiction import Contradiction, Refused
from fakekounta.stateful.machine import KountaMachine
from fakekounta.stateful.orders import OrderMachine

__all__ = ["Contradiction", "KountaMachine", "OrderMachine", "Refused"]
