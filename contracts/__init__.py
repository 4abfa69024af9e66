"""What is true of the real service and of the fake: one suite, any target."""
