"""The fake's own surface under `/_fakekounta/`, which the real API cannot have."""

PREFIX = "/_fakekounta"
NAMESPACES = f"{PREFIX}/ns/"
"""What the paths of a namespace begin with, before its name."""
NAMESPACE = "fakekounta.namespace"
"""Key of the environ: the namespace that a request is meant for."""
