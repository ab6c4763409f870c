"""Images, built by Docker."""
