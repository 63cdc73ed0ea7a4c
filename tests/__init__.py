"""A package of its own: some installed distributions also ship a top-level `tests`."""
