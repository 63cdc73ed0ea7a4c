"""Heqi backend: the oracle, the read model and the API around the contracts."""
