"""The user's code: what starts it, how it is loaded, and one task of it run."""
