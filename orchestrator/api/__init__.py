"""The HTTP API: requests in, JSON out; it knows the store and the core, and nothing of containers."""
