"""What a repo is, read from its files without running any of them."""
