"""What is known about the real API: statements, and the choices that we made where nothing is known."""
