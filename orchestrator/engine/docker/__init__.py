"""The Docker engine: everything that knows Docker is in this folder."""
