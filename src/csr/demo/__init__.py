"""A simulated CAR-T study, written as real SDTM files.

`write.write_demo` writes it; `simulate` makes the truth, `state` what was known of it on a date.
"""
