"""What containers printed, read from Docker."""
