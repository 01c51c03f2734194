"""The workspace: where it is, what its folders are called, which folder is which question's."""
