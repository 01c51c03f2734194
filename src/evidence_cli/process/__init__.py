"""From records to where each question stands, what is due, and what may be decided. Nothing here reads a file."""
