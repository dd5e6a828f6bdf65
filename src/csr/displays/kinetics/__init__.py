"""Cellular kinetics (14.4)."""
