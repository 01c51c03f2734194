"""The shape of one question folder: the table's requirements as a pydantic schema."""
