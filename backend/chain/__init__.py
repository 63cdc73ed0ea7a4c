"""Everything that speaks with the chain: calls, transactions, logs, keys."""
