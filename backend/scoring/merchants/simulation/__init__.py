"""The moving limit over the weeks of real suppliers, beside a limit that is set once: `python -m` this package.

The panel is a sample of one retailer's sales in one year: its levels are scaled, its movements are real. What it does
not know is assumed: no stock records, one probability of default for all, a year's turnover at the pace of the weeks
seen. Whole numbers throughout, so that every machine computes the same figures.
"""
