"""From a company's figures to a probability of default, a score and its reasons. No chain, no database, no network."""
