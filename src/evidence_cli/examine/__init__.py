"""Reading a question or a package whole: the tree, the facts, and what the rules say of them."""
