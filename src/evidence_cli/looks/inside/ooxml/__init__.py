"""Office Open XML (ECMA-376)."""
