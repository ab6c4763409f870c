"""A run, what can happen to it, and what follows."""
