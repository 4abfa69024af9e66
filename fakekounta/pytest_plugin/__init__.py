"""The pytest plugin, and its two reports, quirk coverage and the sweep, which are imported only if an option asks."""
