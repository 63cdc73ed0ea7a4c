"""Benchmarks: `python -m benchmarks NAME [arguments]`."""
