"""The fake's own surface under `/_fakekounta/`, which the real API cannot have."""

PREFIX = "/_fakekounta"
