"""State that stays: a log of changes in a file, from which a fake makes its state again at its next start."""
