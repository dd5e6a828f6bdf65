"""The trial's questions, declared: ADaM → rows and results."""
