"""What is done with text: encodings, markup, and what it tells of a document."""
