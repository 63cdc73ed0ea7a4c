"""What people at their desks see: how the bank's business stands, what needs them now, and what happened to them.

Everything here is a pure function of rows that others read.
"""
