"""Long-term follow-up (14.5)."""
