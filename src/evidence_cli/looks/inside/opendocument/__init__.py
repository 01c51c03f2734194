"""OpenDocument (ISO/IEC 26300)."""
