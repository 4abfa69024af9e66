"""The machine: all the rules together."""

from __future__ import annotations

from fakekounta.stateful.webhooks import WebhookRules


class KountaMachine(WebhookRules):
    """Makes, reads, looks up, lists, changes and deletes customers in any order, and compares with a model of one dict.

    It does the same with webhooks where `proves_server` holds.

    Subclass it: name a target by class attributes, put your client between the machine and the server by replacing
    operations, and hand `TestCase` to pytest or unittest. See `fakekounta.stateful.operations.Operations`.
    """
