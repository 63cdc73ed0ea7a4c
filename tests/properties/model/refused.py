"""What the model raises where the contracts revert."""


class Refused(Exception):
    """A contract's custom error, by name and with its values in order (integers; addresses and hashes too)."""

    def __init__(self, name: str, *values: int) -> None:
        super().__init__(name, *values)
        self.name = name
        self.values = values


def require(condition: object, name: str, *values: int) -> None:
    if not condition:
        raise Refused(name, *values)
