"""One file per table, listing or figure, named by content: results → display."""
