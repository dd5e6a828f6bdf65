"""A display in each format, and a report from its displays."""
