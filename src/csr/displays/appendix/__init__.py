"""Conventions, provenance and listings (16)."""
