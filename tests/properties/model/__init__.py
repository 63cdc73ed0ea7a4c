"""An exact model of the suite: the contracts' names, money and states in plain Python, one class a contract.

A method has the contract function's name and takes its caller and arguments (addresses and hashes as integers). It
returns what the function returns, or raises `Refused` with the error and its values, and then has changed nothing.
"""

from tests.properties.model.factoring import Factoring
from tests.properties.model.gate import Gate
from tests.properties.model.line import Conditions, CreditLine
from tests.properties.model.model import Model
from tests.properties.model.oracle import Oracle, Report
from tests.properties.model.participants import Participants
from tests.properties.model.policy import Policy, Terms
from tests.properties.model.receivables import Confirmation, Receivables, Registration
from tests.properties.model.refused import Refused
from tests.properties.model.treasury import Treasury

__all__ = [
    "Conditions",
    "Confirmation",
    "CreditLine",
    "Factoring",
    "Gate",
    "Model",
    "Oracle",
    "Participants",
    "Policy",
    "Receivables",
    "Refused",
    "Registration",
    "Report",
    "Terms",
    "Treasury",
]
