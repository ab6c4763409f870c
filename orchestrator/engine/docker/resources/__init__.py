"""What containers use, and what all of them may use together."""
