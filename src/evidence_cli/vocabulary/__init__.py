"""The words every other layer uses. Imports nothing of the project but itself."""
