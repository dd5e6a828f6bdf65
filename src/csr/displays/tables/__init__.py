"""Drawing that tables and listings share."""
