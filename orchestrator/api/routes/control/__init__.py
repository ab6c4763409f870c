"""Runs done again, many at once, and held back."""
