"""What browsers need: the page's files, and a session in place of the key."""
