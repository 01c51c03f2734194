"""Plain text and web pages."""
