"""What a pytest session ends with: the quirks that its tests missed, and what they depend on. Loaded if asked for."""
