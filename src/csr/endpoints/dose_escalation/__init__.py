"""Dose-limiting toxicity and the dose (14.3.0)."""
