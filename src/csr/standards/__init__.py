"""Standards as data files: codelists, CTCAE, ASTCT, RECIST, ICH E3 sections."""
