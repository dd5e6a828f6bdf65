"""A simulated CAR-T study, written as real SDTM files."""
