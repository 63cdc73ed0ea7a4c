"""Machines' own reports: from the broker's messages to metered hours and alarms. No chain and no web server in here."""
