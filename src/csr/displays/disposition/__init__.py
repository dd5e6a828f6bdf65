"""Disposition, baseline and exposure (14.1)."""
