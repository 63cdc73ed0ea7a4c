"""The projection of chain events into SQL. It may be dropped and rebuilt from the chain at any time."""
