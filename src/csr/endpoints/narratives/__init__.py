"""Narratives and patient profiles (14.3.3)."""
