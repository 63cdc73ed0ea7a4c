"""Private facts: what is never derivable from the chain. Only hashes, scores and flags of them leave the backend."""
