"""Adverse events, deaths and serious events (14.3.1, 14.3.2)."""
