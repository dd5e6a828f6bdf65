"""SDTM → ADaM: one file per dataset, and the decisions people took applied to it."""
