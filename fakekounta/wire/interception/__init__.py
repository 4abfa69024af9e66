"""Connections of this process to the real service: the guard refuses them, interception leads them to a fake."""
