"""Archives: listed and checked, never unpacked to disk."""
