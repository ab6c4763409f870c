"""The composition root: settings, the data directory, and all parts made and run together."""
