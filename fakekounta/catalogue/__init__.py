"""What is known about the real API: statements, and the choices where nobody says."""
