"""Manifest, DSMB and CSR packages, redaction, signing."""
