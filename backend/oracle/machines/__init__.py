"""What machines report becomes signed readings and alarms on chain: the device desk of the oracle.

Two lanes, each with rounds of its own: an alarm never waits for readings. A leader proposes, signers recompute from
their own telemetry, the relay submits what a quorum signed; what counts is on the chain.
"""
