"""Scores become signed reports: a leader proposes, three signers recompute, a relay submits what a quorum signed.

The parts meet in the database and over HTTP on loopback; what they vouch for is on the chain. Killing any of them at
any point loses nothing: what was proposed is proposed again, and the contract counts a round once.
"""
