"""Merchants: from business records to figures, probability of default and limit. Pure: no I/O, no clock."""
