"""Source files → frames, checked against what each dataset must hold.

Text columns hold "" where missing, numbers NaN, dates NaT."""
