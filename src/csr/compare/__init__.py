"""Two builds beside each other: which numbers changed, and by what cause."""
