"""The rules over machines' reports: pure functions, no I/O. `evaluate` is the door, `rules-1.json` the parameters."""
