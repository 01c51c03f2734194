"""The jobs: each plans, then does. They do not import each other; the commands compose them."""
