"""The fake on a server elsewhere, with the names that the fake itself has."""
