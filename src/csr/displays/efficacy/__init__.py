"""Response and time to event (14.2)."""
