"""Fleet snapshots after ISO 15143-3 ("AEMP 2.0"), as makers of machines serve them for mixed fleets.

What stands in a file is taken over or reported as an oddity, never completed. Nobody signs these files: their readings
have trust level 0, so they inform, and meter no rent and gate no payout.
"""

from backend.telemetry.aemp.errors import FleetInvalid, FleetTooLarge
from backend.telemetry.aemp.machine import Machine, Position, Reading
from backend.telemetry.aemp.oddities import Oddity
from backend.telemetry.aemp.snapshot import TRUST, Snapshot, parse

__all__ = ["TRUST", "FleetInvalid", "FleetTooLarge", "Machine", "Oddity", "Position", "Reading", "Snapshot", "parse"]
