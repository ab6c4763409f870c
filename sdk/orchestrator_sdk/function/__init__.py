"""A task's function: its signature, what it is given, what it returns, and how it is registered."""
