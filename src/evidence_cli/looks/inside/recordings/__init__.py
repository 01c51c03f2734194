"""Recordings: pictures that move, and sound."""
