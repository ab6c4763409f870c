"""A container as values: what it is made of, how it ended, and what it used."""
