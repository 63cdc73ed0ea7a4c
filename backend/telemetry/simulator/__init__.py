"""Machines that do not exist, told as real ones would tell them: the same records, chains and signatures.

What happens is computed from a seed alone and in order; only `publisher` knows a broker and the time of day.
"""
