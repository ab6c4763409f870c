"""What keeps an instance safe, and its host clean."""
