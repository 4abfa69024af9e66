"""The control surface: the fake's own HTTP interface under `/_fakekounta/`. The real API has no such paths."""

PREFIX = "/_fakekounta"
NAMESPACES = f"{PREFIX}/ns/"
"""The beginning of the paths of a namespace; the name of the namespace follows."""
NAMESPACE = "fakekounta.namespace"
"""Key of the WSGI environ that holds the namespace of the request."""
