"""An image's tasks, learned by running it once."""
