"""Make packages: what goes in, how it is written and read back, and what happens to the one that stood there."""
