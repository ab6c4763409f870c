"""What a repo whose start command runs Node needs of its image."""
