"""Pure statistics on arrays: no ADaM, no params, no files."""
