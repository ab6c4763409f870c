"""The host's end of the channel: one user and two streams for each container, and checked frames."""
