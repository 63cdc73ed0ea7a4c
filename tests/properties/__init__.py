"""Stateful runs of the whole suite in process, compared with an exact model after every step."""
