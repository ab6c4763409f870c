"""The channel without a server between: each container has a socket of its own, and this process at its other end."""
