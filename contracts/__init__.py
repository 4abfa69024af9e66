"""What is true of the real service and of the fake: one suite, any target."""

import pytest

pytest.register_assert_rewrite("contracts.lists", "contracts.receiver", "contracts.target", "contracts.webhooks")
