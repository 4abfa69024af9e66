"""The contract suite: tests that hold for the real service and for the fake, against any target."""

import pytest

pytest.register_assert_rewrite("contracts.lists", "contracts.receiver", "contracts.target", "contracts.webhooks")
