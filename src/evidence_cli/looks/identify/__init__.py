"""What a file is, by its bytes: signatures, containers, and libmagic for the rest."""
