"""Laboratory, vital signs, electrocardiogram and performance status (14.3.4, 14.3.5)."""
